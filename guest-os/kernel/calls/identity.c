/* System calls about the process itself: what it is called, and what is only kept for it.
 * Interrupts are on. See: set_tid_address(2), prctl(2), personality(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/process.h"
#include "heart/system_call.h"

#define PR_GET_DUMPABLE     3u
#define PR_SET_DUMPABLE     4u
#define PR_SET_NAME         15u
#define PR_GET_NAME         16u
#define PERSONALITY_LINUX   0u
#define PERSONALITY_LINUX32 8u /* says i686, which it does anyway */
#define PERSONALITY_ASK     0xFFFFFFFFu

/* The word that is set to 0 when this thread ends. */
int32_t sys_set_tid_address(uint32_t word)
{
    current->clear_tid = word;
    return current->pid;
}

/* The name, and two questions with one answer. */
int32_t sys_prctl(uint32_t what, uint32_t argument, uint32_t b, uint32_t c, uint32_t d)
{
    char name[NAME_BYTES];
    int32_t result;

    (void)b, (void)c, (void)d;
    switch (what) {
    case PR_SET_NAME:
        result = copy_text_from_user(name, argument, sizeof(name));
        if (result < 0 && result != -E2BIG) {
            return result;
        }
        name[NAME_BYTES - 1] = '\0'; /* cut, as on Linux */
        memcpy(current->name, name, NAME_BYTES);
        return 0;
    case PR_GET_NAME:
        return copy_to_user(argument, current->name, NAME_BYTES);
    case PR_GET_DUMPABLE:
    case PR_SET_DUMPABLE:
        return 0; /* RLIMIT_CORE alone decides */
    default:
        return -EINVAL;
    }
}

int32_t sys_personality(uint32_t kind)
{
    uint32_t before = current->personality;

    if (kind == PERSONALITY_LINUX || kind == PERSONALITY_LINUX32) {
        current->personality = kind;
    } else if (kind != PERSONALITY_ASK) {
        return -EINVAL;
    }
    return (int32_t)before;
}
