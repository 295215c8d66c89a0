/* Bench guest: ALU and branches. Sieve, Collatz, gcd by division, bit counting.
 * One segment, no interrupts, about 1.9 million instructions for each n.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "intloop";
const u32 bench_default_n = 200;

#define SIEVE 32768
static u8 composite[SIEVE];

static NOINLINE u32 sieve(void)
{
    u32 count = 0;
    for (u32 i = 0; i < SIEVE; i++)
        composite[i] = 0;
    for (u32 i = 2; i < SIEVE; i++) {
        if (composite[i])
            continue;
        count++;
        for (u32 j = i + i; j < SIEVE; j += i)
            composite[j] = 1;
    }
    return count;
}

static NOINLINE u32 collatz(u32 from, u32 to)
{
    u32 steps = 0;
    for (u32 i = from; i < to; i++) {
        u32 x = i;
        while (x != 1) {
            x = (x & 1) ? 3 * x + 1 : x >> 1;
            steps++;
        }
    }
    return steps;
}

static NOINLINE u32 gcds(u32 seed, u32 rounds)
{
    u32 sum = 0;
    for (u32 i = 0; i < rounds; i++) {
        u32 a = rng(&seed) >> 4, b = (rng(&seed) >> 8) | 1;
        while (b) {
            u32 t = a % b;
            a = b;
            b = t;
        }
        sum += a;
    }
    return sum;
}

static NOINLINE u32 bits(u32 seed, u32 rounds)
{
    u32 sum = 0;
    for (u32 i = 0; i < rounds; i++) {
        u32 v = rng(&seed), c = 0;
        while (v) {
            v &= v - 1;
            c++;
        }
        sum = (sum << 1) + c + (sum >> 31);
    }
    return sum;
}

u32 bench_run(u32 n)
{
    u32 h = 1;
    for (u32 i = 0; i < n; i++) {
        h = mix(h, sieve());
        h = mix(h, collatz(i * 1000 + 1, i * 1000 + 1001));
        h = mix(h, gcds(i, 2000));
        h = mix(h, bits(i, 4000));
    }
    return h;
}
