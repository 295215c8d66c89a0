/* loses: event: exception 13 user if $error == 0x50
 * SPDX-License-Identifier: MIT */

/* Error codes. Each function is to fault once, in a child, with the error code that its name says.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define KERNEL_ADDRESS 0xC0100000u /* the kernel's, mapped in every process */

static void read_absent(void) /* page fault, error code 4: user, read, no page */
{
    (void)*(volatile int *)0x40;
}

static void write_absent(void) /* page fault, error code 6 */
{
    *(volatile int *)0x40 = 1;
}

static void read_forbidden(void) /* page fault, error code 5: the page is there */
{
    (void)*(volatile int *)KERNEL_ADDRESS;
}

static void write_forbidden(void) /* page fault, error code 7 */
{
    *(volatile int *)KERNEL_ADDRESS = 1;
}

static void bad_selector(void) /* general protection, error code 50h: the selector */
{
    __asm__ volatile("cli");
}

static void privileged(void) /* general protection, error code 0 */
{
    __asm__ volatile("cli");
}

int main(void)
{
    void (*const faults[])(void) = {read_absent,     write_absent, read_forbidden,
                                    write_forbidden, bad_selector, privileged};

    for (int i = 0; i < 6; i++) {
        int status = 0, pid = fork();

        if (pid == 0) {
            faults[i]();
            _exit(0);
        }
        waitpid(pid, &status, 0);
        printf("%d: signal %d\n", i, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    return 0;
}
