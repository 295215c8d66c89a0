/* Passwords are kept as a salted hash that takes long to compute: SHA-256, 5000 times, mixed with
 * the password and the salt. Same results as other systems' "$5$". See: FIPS 180-4, 5.3.3 and 6.2;
 * U. Drepper, "Unix crypt using SHA-256 and SHA-512". SPDX-License-Identifier: MIT */
#include "libc/include/crypt.h"

#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"

#define BLOCK_BYTES    64
#define DIGEST_BYTES   32
#define KEY_MOST       128 /* bytes of a password that count */
#define SALT_MOST      16
#define ROUNDS_DEFAULT 5000
#define ROUNDS_LEAST   1000
#define ROUNDS_MOST    999999

struct sha256 {
    uint32_t state[8];
    uint8_t block[BLOCK_BYTES];
    uint32_t length; /* bytes so far */
};

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, uint32_t count)
{
    return value >> count | value << (32 - count);
}

/* One step; the eight variables begin at v[first % 8]. */
static inline void mix(uint32_t v[8], uint32_t first, uint32_t input)
{
    uint32_t a = v[first % 8], b = v[(first + 1) % 8], c = v[(first + 2) % 8];
    uint32_t e = v[(first + 4) % 8], f = v[(first + 5) % 8], g = v[(first + 6) % 8];
    uint32_t *last = &v[(first + 7) % 8]; /* the first one of the next step */

    input += *last + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g)));
    v[(first + 3) % 8] += input;
    *last = input + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));
}

static void take_block(struct sha256 *sha)
{
    uint32_t words[64], v[8];

    for (uint32_t i = 0; i < 16; i++) {
        const uint8_t *bytes = &sha->block[4 * i];

        words[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                   bytes[3];
    }
    for (uint32_t i = 16; i < 64; i++) {
        uint32_t a = words[i - 15], b = words[i - 2];

        words[i] = words[i - 16] + words[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    memcpy(v, sha->state, sizeof(v));
    for (uint32_t i = 0; i < 64; i += 8) { /* instead of moving them, the eight take turns */
        for (uint32_t j = 0; j < 8; j++) {
            mix(v, 8 - j, constants[i + j] + words[i + j]);
        }
    }
    for (uint32_t i = 0; i < 8; i++) {
        sha->state[i] += v[i];
    }
}

static void begin(struct sha256 *sha)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memcpy(sha->state, start, sizeof(start));
    sha->length = 0;
}

static void add(struct sha256 *sha, const void *from, size_t bytes)
{
    const uint8_t *at = from;

    while (bytes > 0) {
        size_t place = sha->length % BLOCK_BYTES;
        size_t part = bytes < BLOCK_BYTES - place ? bytes : BLOCK_BYTES - place;

        memcpy(sha->block + place, at, part);
        at += part;
        bytes -= part;
        sha->length += (uint32_t)part;
        if (place + part == BLOCK_BYTES) {
            take_block(sha);
        }
    }
}

static void finish(struct sha256 *sha, uint8_t digest[DIGEST_BYTES])
{
    static const uint8_t padding[BLOCK_BYTES] = {0x80};
    uint32_t bits = sha->length * 8;
    uint8_t length[8] = {0,
                         0,
                         0,
                         0,
                         (uint8_t)(bits >> 24),
                         (uint8_t)(bits >> 16),
                         (uint8_t)(bits >> 8),
                         (uint8_t)bits};

    add(sha, padding, 1 + (119 - sha->length % BLOCK_BYTES) % BLOCK_BYTES);
    add(sha, length, sizeof(length));
    for (uint32_t i = 0; i < DIGEST_BYTES; i++) {
        digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - i % 4 * 8));
    }
}

/* ---- the password ---- */

struct recipe {
    const char *key;
    size_t key_bytes;
    const char *salt;
    size_t salt_bytes;
    uint32_t rounds;
    bool rounds_are_given;
};

static bool read_setting(struct recipe *recipe, const char *setting)
{
    static const char rounds[] = "rounds=";

    if (strncmp(setting, "$5$", 3) != 0) {
        return false;
    }
    setting += 3;
    recipe->rounds = ROUNDS_DEFAULT;
    if (strncmp(setting, rounds, sizeof(rounds) - 1) == 0) {
        int number = atoi(setting + sizeof(rounds) - 1);

        recipe->rounds_are_given = true;
        recipe->rounds = number < ROUNDS_LEAST  ? ROUNDS_LEAST
                         : number > ROUNDS_MOST ? ROUNDS_MOST
                                                : (uint32_t)number;
        setting += strcspn(setting, "$");
        setting += *setting == '$';
    }
    recipe->salt = setting;
    recipe->salt_bytes = strcspn(setting, "$");
    recipe->salt_bytes = recipe->salt_bytes < SALT_MOST ? recipe->salt_bytes : SALT_MOST;
    return true;
}

/* The hash of `bytes` bytes of `pattern` again and again. */
static void add_repeated(struct sha256 *sha, const uint8_t pattern[DIGEST_BYTES], size_t bytes)
{
    for (; bytes > DIGEST_BYTES; bytes -= DIGEST_BYTES) {
        add(sha, pattern, DIGEST_BYTES);
    }
    add(sha, pattern, bytes);
}

/* The first digest, of password and salt in several orders. */
static void first_digest(const struct recipe *recipe, uint8_t digest[DIGEST_BYTES])
{
    struct sha256 sha;
    uint8_t other[DIGEST_BYTES];

    begin(&sha);
    add(&sha, recipe->key, recipe->key_bytes);
    add(&sha, recipe->salt, recipe->salt_bytes);
    add(&sha, recipe->key, recipe->key_bytes);
    finish(&sha, other);
    begin(&sha);
    add(&sha, recipe->key, recipe->key_bytes);
    add(&sha, recipe->salt, recipe->salt_bytes);
    add_repeated(&sha, other, recipe->key_bytes);
    for (size_t bits = recipe->key_bytes; bits > 0; bits >>= 1) {
        if (bits & 1) {
            add(&sha, other, DIGEST_BYTES);
        } else {
            add(&sha, recipe->key, recipe->key_bytes);
        }
    }
    finish(&sha, digest);
}

/* to[0..bytes): the digest of `text`, hashed `times` times in a row, again and again. */
static void stretch(uint8_t *to, size_t bytes, const char *text, size_t text_bytes, uint32_t times)
{
    struct sha256 sha;
    uint8_t digest[DIGEST_BYTES];

    begin(&sha);
    for (uint32_t i = 0; i < times; i++) {
        add(&sha, text, text_bytes);
    }
    finish(&sha, digest);
    for (size_t i = 0; i < bytes; i++) {
        to[i] = digest[i % DIGEST_BYTES];
    }
}

static void compute(const struct recipe *recipe, uint8_t digest[DIGEST_BYTES])
{
    uint8_t key[KEY_MOST], salt[SALT_MOST];
    struct sha256 sha;

    first_digest(recipe, digest);
    stretch(key, recipe->key_bytes, recipe->key, recipe->key_bytes, (uint32_t)recipe->key_bytes);
    stretch(salt, recipe->salt_bytes, recipe->salt, recipe->salt_bytes, 16u + digest[0]);
    for (uint32_t i = 0; i < recipe->rounds; i++) {
        const void *first = i % 2 ? key : digest, *last = i % 2 ? digest : key;
        size_t first_bytes = i % 2 ? recipe->key_bytes : DIGEST_BYTES;

        begin(&sha);
        add(&sha, first, first_bytes);
        if (i % 3 != 0) {
            add(&sha, salt, recipe->salt_bytes);
        }
        if (i % 7 != 0) {
            add(&sha, key, recipe->key_bytes);
        }
        add(&sha, last, DIGEST_BYTES + recipe->key_bytes - first_bytes);
        finish(&sha, digest);
    }
}

/* Four characters for three bytes, the lowest six bits first. */
static char *put_characters(char *to, uint32_t value, uint32_t count)
{
    static const char characters[] =
        "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (; count > 0; count--) {
        *to++ = characters[value & 63];
        value >>= 6;
    }
    return to;
}

char *crypt(const char *key, const char *setting)
{
    static char result[96];
    struct recipe recipe = {.key = key, .key_bytes = strlen(key)};
    uint8_t digest[DIGEST_BYTES];
    uint32_t a = 0, b = 10, c = 20;
    char *to;

    if (recipe.key_bytes > KEY_MOST || !read_setting(&recipe, setting)) {
        return NULL;
    }
    compute(&recipe, digest);
    to = result + snprintf(result, sizeof(result), "$5$");
    if (recipe.rounds_are_given) {
        to += snprintf(to, 32, "rounds=%u$", recipe.rounds);
    }
    memcpy(to, recipe.salt, recipe.salt_bytes);
    to += recipe.salt_bytes;
    *to++ = '$';
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t next = a;

        to =
            put_characters(to, (uint32_t)digest[a] << 16 | (uint32_t)digest[b] << 8 | digest[c], 4);
        a = c + 1; /* the three places take turns */
        c = b + 1;
        b = next + 1;
    }
    to = put_characters(to, (uint32_t)digest[31] << 8 | digest[30], 3);
    *to = '\0';
    return result;
}
