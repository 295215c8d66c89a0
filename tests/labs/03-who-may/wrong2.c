/* loses: event: exception 13 user if $error == 0x10A
 * SPDX-License-Identifier: MIT */

/* Who may? For each instruction: what happens when a program executes it?
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum fate { GOES_ON, IS_ENDED, NO_EFFECT };

/* Your predictions: */
enum fate predicted_cli = IS_ENDED;   /* turn interrupts off */
enum fate predicted_in = IS_ENDED;    /* read port 60h, the keyboard's */
enum fate predicted_cr0 = IS_ENDED;   /* read a control register */
enum fate predicted_popf = NO_EFFECT; /* clear the interrupt flag by POPF */
enum fate predicted_smsw = GOES_ON;   /* read CR0's low word by SMSW */
enum fate predicted_int21 = IS_ENDED; /* INT 21h, a vector that the kernel does not offer */

static void do_cli(void)
{
    __asm__ volatile("cli");
}

static void do_in(void)
{
    __asm__ volatile("inb $0x60, %%al" : : : "eax");
}

static void do_cr0(void)
{
    __asm__ volatile("movl %%cr0, %%eax" : : : "eax");
}

static void do_popf(void)
{
    __asm__ volatile("pushfl; andl $~0x200, (%%esp); popfl" : : : "memory", "cc");
}

static void do_smsw(void)
{
    __asm__ volatile("smsw %%ax" : : : "eax");
}

static void do_int21(void)
{
    __asm__ volatile("int $0x21");
}

int main(void)
{
    void (*const tries[])(void) = {do_cli, do_in, do_cr0, do_popf, do_smsw, do_int21};

    for (int i = 0; i < 6; i++) {
        int status = 0, pid = fork();

        if (pid == 0) {
            if (i < 5) {
                tries[i]();
            }
            _exit(0);
        }
        waitpid(pid, &status, 0);
        printf("%d: %s\n", i, WIFSIGNALED(status) ? "ended" : "goes on");
    }
    return 0;
}
