/* loses: output is "result 42 after 1 fault\n"
 * SPDX-License-Identifier: MIT */

/* An upcall's frame: a handler that repairs what it was called for.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int faults;
unsigned fault_address;

static void handler(int number, siginfo_t *info, void *context)
{
    ucontext_t *saved = context;

    (void)number;
    faults++;
    fault_address = info->si_addr;
    saved->uc_mcontext.eip += 5;
    saved->uc_mcontext.ebx = 42;
}

int main(void)
{
    struct sigaction action;
    int result = 0;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);

    /* movl 0x40, %eax is five bytes long: A1 40 00 00 00 */
    __asm__ volatile(".byte 0xA1, 0x40, 0, 0, 0" : "=a"(result));
    printf("result %d after %d fault\n", result, faults);
    return 0;
}
