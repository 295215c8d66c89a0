/* Where a signal handler returns to (sa_restorer): back to the kernel, which restores the registers
 * from the frame on this stack. SPDX-License-Identifier: MIT */
        .text
        .globl  signal_return
        .type   signal_return, @function
signal_return:                          /* handlers with one argument */
        popl    %eax                    /* that argument */
        movl    $119, %eax              /* sigreturn */
        int     $0x80
        .size   signal_return, . - signal_return

        .globl  signal_return_info
        .type   signal_return_info, @function
        .type   signal_return_info, @function
signal_return_info:                     /* handlers with SA_SIGINFO */
        movl    $173, %eax              /* rt_sigreturn */
        int     $0x80
        .size   signal_return_info, . - signal_return_info
        .section .note.GNU-stack, "", @progbits
