/* A small program of the guest to be debugged from outside, with nothing but the kernel below it.
 * gdb.py knows its lines by the comments at their ends. SPDX-License-Identifier: MIT */
#include <stdint.h>

#define CALL_EXIT  1
#define CALL_WRITE 4

struct account {
    int32_t balance;
    int32_t entries;
};

static struct account account;

static int32_t call(int32_t number, int32_t a, const void *b, int32_t c)
{
    int32_t result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

__attribute__((noinline)) static int32_t book(struct account *to, int32_t amount)
{
    to->balance += amount; /* booked */
    to->entries++;         /* counted */
    return to->balance;
}

__attribute__((noinline)) static int32_t work(int32_t rounds)
{
    int32_t total = 0; /* begins */

    for (int32_t i = 1; i <= rounds; i++) {
        total += book(&account, i * 10); /* books */
    }
    call(CALL_WRITE, 1, "done\n", 5); /* writes */
    return total;                     /* ends */
}

void _start(void)
{
    int32_t total = work(3);

    call(CALL_EXIT, total == 100 ? 7 : 1, 0, 0);
    for (;;) {}
}
