/* Bench guest: memory. Quicksort, linked list chasing over 1 MiB, string instructions.
 * A string instruction with REP counts as one instruction.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "sortmem";
const u32 bench_default_n = 60;

#define NSORT 16384
#define NNODE 16384
#define NCOPY (64u << 10)

struct node {
    struct node *next;
    u32 key;
    u32 pad[14];
};

static u32 arr[NSORT];
static struct node nodes[NNODE];
static u32 order[NNODE];
static u8 src[NCOPY], dst[NCOPY];

static NOINLINE void quicksort(u32 *a, int lo, int hi)
{
    while (lo < hi) {
        u32 p = a[(lo + hi) >> 1];
        int i = lo, j = hi;
        while (i <= j) {
            while (a[i] < p)
                i++;
            while (a[j] > p)
                j--;
            if (i <= j) {
                u32 t = a[i];
                a[i] = a[j];
                a[j] = t;
                i++;
                j--;
            }
        }
        if (j - lo < hi - i) {
            quicksort(a, lo, j);
            lo = i;
        } else {
            quicksort(a, i, hi);
            hi = j;
        }
    }
}

static NOINLINE void shuffle_list(u32 seed)
{
    for (u32 i = 0; i < NNODE; i++)
        order[i] = i;
    for (u32 i = NNODE - 1; i > 0; i--) {
        u32 j = (rng(&seed) >> 8) % (i + 1), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (u32 i = 0; i < NNODE; i++) {
        nodes[order[i]].next = &nodes[order[(i + 1) % NNODE]];
        nodes[order[i]].key = i * 2654435761u;
    }
}

static NOINLINE u32 chase(u32 steps)
{
    struct node *p = nodes;
    u32 sum = 0;
    while (steps--) {
        sum = (sum << 1 | sum >> 31) ^ p->key;
        p = p->next;
    }
    return sum;
}

static u32 rep_ops, rep_elems;

static void movsl(void *d, const void *s, u32 n)
{
    rep_ops++, rep_elems += n;
    __asm__ volatile("rep movsl" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}
static void movsb(void *d, const void *s, u32 n)
{
    rep_ops++, rep_elems += n;
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}
static void stosl(void *d, u32 v, u32 n)
{
    rep_ops++, rep_elems += n;
    __asm__ volatile("rep stosl" : "+D"(d), "+c"(n) : "a"(v) : "memory");
}
static u32 scasb(const void *s, u8 v, u32 n)
{
    u32 left = n;
    const void *p = s;
    __asm__ volatile("repne scasb" : "+D"(p), "+c"(left) : "a"(v) : "memory", "cc");
    rep_ops++, rep_elems += n - left;
    return n - left;
}
static u32 cmpsl(const void *a, const void *b, u32 n)
{
    u32 left = n;
    __asm__ volatile("repe cmpsl" : "+D"(a), "+S"(b), "+c"(left) : : "memory", "cc");
    rep_ops++, rep_elems += n - left;
    return n - left;
}

static NOINLINE u32 strings(u32 seed)
{
    u32 h = 1;
    for (u32 i = 0; i < NCOPY / 4; i++)
        ((u32 *)src)[i] = rng(&seed) | 0x01010101u;
    src[NCOPY - 100] = 0;
    for (int k = 0; k < 4; k++) {
        movsl(dst, src, NCOPY / 4);             /* aligned copy */
        movsb(dst + 3, src + 1, 4093);          /* short unaligned copy */
        stosl(dst + 8192, seed + (u32)k, 4096); /* fill */
        h = mix(h, ((u32 *)dst)[(seed >> 20) & 0x3fff]);
        h = mix(h, cmpsl(src + 32768, dst + 32768, 8192));
    }
    h = mix(h, scasb(src, 0, NCOPY));
    for (u32 i = 0; i < 64; i++) /* many short ones */
        movsl(dst + i * 64, src + i * 128, 8 + (i & 7));
    for (u32 i = 0; i < 1024; i++)
        h = mix(h, ((u32 *)dst)[i]);
    return h;
}

u32 bench_run(u32 n)
{
    u32 h = 1;
    shuffle_list(7);
    for (u32 i = 0; i < n; i++) {
        u32 seed = i + 1;
        for (u32 k = 0; k < NSORT; k++)
            arr[k] = rng(&seed) >> 3;
        quicksort(arr, 0, NSORT - 1);
        for (u32 k = 1; k < NSORT; k++)
            if (arr[k - 1] > arr[k])
                die("not sorted");
        h = mix(h, arr[NSORT / 2]);
        h = mix(h, chase(4 * NNODE));
        h = mix(h, strings(i));
    }
    note("repops", rep_ops);
    note("repelems", rep_elems);
    return h;
}
