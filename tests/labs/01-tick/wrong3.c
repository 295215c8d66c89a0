/* loses: state: saved_cs == 0x1B
 * SPDX-License-Identifier: MIT */

/* Anatomy of a tick. Fill in what you predict, and let the timer interrupt the program.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

/* Pushed by the processor when the tick comes while this program computes: */
int words_pushed = 5;      /* 32-bit words on the kernel's stack */
unsigned saved_cs = 0x08;  /* the selector among them that says user mode */
int error_code_pushed = 0; /* 1: there is an error code, too */
int stack_switched = 1;    /* 1: they are on another stack than the program's */

int main(void)
{
    volatile unsigned long sum = 0;

    /* Long enough for three ticks (one each 1000000 clocks at 100 Hz), without a system call. */
    for (unsigned long i = 0; i < 3000000; i++) {
        sum += i;
    }
    puts("done");
    return 0;
}
