/* Random numbers for programs: getrandom, /dev/urandom and AT_RANDOM. A sequence that begins with
 * what the machine keeps for it, with the moments of asking mixed in: on a machine whose runs can
 * be repeated it can be, too, so it is no secret.
 * Interrupts are on. See: getrandom(2). SPDX-License-Identifier: MIT */
#include "calls/random.h"

#include "drivers/pit.h"
#include "drivers/rtc.h"
#include "heart/process.h"
#include "heart/system_call.h"

#define GRND_KNOWN  7u /* GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE: all the same here */
#define PIECE_BYTES 128

static uint32_t state = 0x9E3779B9u;
static uint32_t seeded; /* 0 or 1 */

/* xorshift, whitened by a multiplication */
static uint32_t next_word(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (state * 0x2545F491u) ^ (state >> 16);
}

void random_bytes(void *to, size_t bytes)
{
    uint8_t *at = to;

    if (!seeded) {
        seeded = 1;
        state ^= rtc_seed();
    }
    state ^= (uint32_t)pit_microseconds();
    state += state == 0;
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(next_word() >> 24);
    }
}

int32_t sys_getrandom(uint32_t to_user, uint32_t bytes, uint32_t flags)
{
    uint8_t piece[PIECE_BYTES];

    if (flags & ~GRND_KNOWN) {
        return -EINVAL;
    }
    bytes = bytes < INT32_MAX ? bytes : INT32_MAX;
    for (uint32_t done = 0, part; done < bytes; done += part) {
        part = bytes - done < PIECE_BYTES ? bytes - done : PIECE_BYTES;
        random_bytes(piece, part);
        if (copy_to_user(to_user + done, piece, part) != 0) {
            return done > 0 ? (int32_t)done : -EFAULT;
        }
    }
    return (int32_t)bytes;
}
