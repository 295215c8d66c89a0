/* nested: interrupts that arrive while the kernel works for a program. The frame then has three
 * doublewords, EFLAGS, CS and EIP: the stack stays the kernel's, so SS and ESP are not pushed.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/times.h>

#include "user/demo/show.h"

#define TICKS 5

static char buffer[65536];

/* Ticks of the timer that found this program in user mode, and in the kernel. */
static void ticks(uint32_t *user, uint32_t *kernel)
{
    struct tms times_now;

    times(&times_now);
    *user = (uint32_t)times_now.tms_utime;
    *kernel = (uint32_t)times_now.tms_stime;
}

int main(void)
{
    uint32_t user, kernel, user_before, kernel_before;
    volatile uint32_t rounds = 0;
    int fd;

    show_title(
        "nested", "B6", "the timer interrupts the kernel, too",
        "tables or ':until interrupt', then kernel stack: three doublewords instead of five");
    fd = open("/dev/zero", O_RDONLY);
    ticks(&user_before, &kernel_before);
    do {
        rounds++;
        ticks(&user, &kernel);
        for (uint32_t i = 0; i < 200000; i++) {
            __asm__ volatile("");
        }
    } while (user - user_before < TICKS);
    printf("  computing: %u ticks came in user mode, each pushed SS, ESP, EFLAGS, CS, EIP\n",
           user - user_before);
    ticks(&user_before, &kernel_before);
    do {
        read(fd, buffer, sizeof(buffer)); /* long: the timer comes in its middle */
        ticks(&user, &kernel);
    } while (kernel - kernel_before < TICKS);
    printf("  reading:   %u ticks came in the kernel, each pushed EFLAGS, CS, EIP only\n",
           kernel - kernel_before);
    show_check(kernel - kernel_before >= TICKS, "a system call is interrupted and goes on");
    show_check(user - user_before < TICKS,
               "while it reads, the program is hardly ever in user mode");
    show_check(read(fd, buffer, sizeof(buffer)) == (int)sizeof(buffer) && buffer[1] == 0,
               "and the program notices nothing of it");
    close(fd);
    return show_end("nested");
}
