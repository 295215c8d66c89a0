/* divzero: divides by zero. The CPU raises exception 0, the kernel makes SIGFPE of it, and nobody
 * handles that. SPDX-License-Identifier: MIT */
#include <stdio.h>

int main(void)
{
    volatile int one = 1, zero = 0; /* volatile: the compiler must not know better */

    puts("divzero: dividing by zero");
    fflush(stdout);
    printf("divzero: the result is %d\n", one / zero);
    return 1; /* not reached */
}
