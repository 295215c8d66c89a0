/* cli: tries to turn interrupts off, which only the kernel may. The CPU raises exception 13,
 * general protection, and the kernel makes SIGSEGV of it. SPDX-License-Identifier: MIT */
#include <stdio.h>

int main(void)
{
    puts("cli: turning interrupts off");
    fflush(stdout);
    __asm__ volatile("cli");
    puts("cli: they are off");
    return 1; /* not reached */
}
