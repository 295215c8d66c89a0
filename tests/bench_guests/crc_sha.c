/* Bench guest: CRC-32 by table and SHA-256, in 64 KiB pieces of a 1 MiB buffer.
 * The checksum mixes both results, so a wrong bit anywhere shows.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "crc_sha";
const u32 bench_default_n = 64; /* pieces: 16 make one pass of the buffer */

#define BUF   (1u << 20)
#define PIECE (64u << 10)
static u32 buf32[BUF / 4];
static u32 crctab[256];

static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 ror(u32 x, int k)
{
    return (x >> k) | (x << (32 - k));
}

static NOINLINE void sha_block(u32 s[8], const u32 *p)
{
    u32 w[64];
    u32 a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (int i = 0; i < 16; i++)
        w[i] = __builtin_bswap32(p[i]);
    for (int i = 16; i < 64; i++) {
        u32 x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (ror(x, 7) ^ ror(x, 18) ^ (x >> 3)) + w[i - 7] +
               (ror(y, 17) ^ ror(y, 19) ^ (y >> 10));
    }
    for (int i = 0; i < 64; i++) {
        u32 t1 = h + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
        u32 t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    s[0] += a;
    s[1] += b;
    s[2] += c;
    s[3] += d;
    s[4] += e;
    s[5] += f;
    s[6] += g;
    s[7] += h;
}

static NOINLINE u32 crc(u32 c, const u8 *p, u32 len)
{
    while (len--)
        c = crctab[(c ^ *p++) & 255] ^ (c >> 8);
    return c;
}

u32 bench_run(u32 n)
{
    u32 seed = 12345, c = 0xffffffffu, h = 1;
    u32 s[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    for (u32 i = 0; i < 256; i++) {
        u32 v = i;
        for (int k = 0; k < 8; k++)
            v = (v & 1) ? (v >> 1) ^ 0xedb88320u : v >> 1;
        crctab[i] = v;
    }
    for (u32 i = 0; i < BUF / 4; i++)
        buf32[i] = rng(&seed);
    for (u32 i = 0; i < n; i++) {
        const u32 *p = buf32 + (i % (BUF / PIECE)) * (PIECE / 4);
        /* the CRC goes over the piece four times, so that it weighs as the hash does */
        for (int k = 0; k < 4; k++)
            c = crc(c, (const u8 *)p, PIECE);
        for (u32 b = 0; b < PIECE / 64; b++)
            sha_block(s, p + b * 16);
    }
    h = mix(h, ~c);
    for (int i = 0; i < 8; i++)
        h = mix(h, s[i]);
    return h;
}
