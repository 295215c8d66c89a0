/* Between the 64-bit test and 32-bit code under test; copied to ORACLE_BASE, so every
 * address in here is absolute. GS is the flat segment that reaches the block; FS is left alone.
 * SPDX-License-Identifier: MIT */
#include "tests/oracle/host32.h"

    .section .rodata
    .globl host32_stub, host32_stub_exit32, host32_stub_exit64, host32_stub_enter32
    .globl host32_stub_end

    .code64
host32_stub:
    push    %rbx
    push    %rbp
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    mov     %rsp, ORACLE_BLOCK + BLOCK_SAVED_RSP
    ljmpl   *(ORACLE_BLOCK + BLOCK_ENTRY)

    .code32
host32_stub_enter32:
    movw    %cs:(ORACLE_BLOCK + BLOCK_FLAT_SEG), %ax
    movw    %ax, %gs
    movw    %ax, %ss
    movl    $(ORACLE_BLOCK + BLOCK_EFLAGS), %esp
    popfl
    movw    %cs:(ORACLE_BLOCK + BLOCK_DATA_SEG), %ax
    movw    %ax, %ds
    movw    %ax, %es
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 0), %eax
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 4), %ecx
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 8), %edx
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 12), %ebx
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 16), %esp
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 20), %ebp
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 24), %esi
    movl    %gs:(ORACLE_BLOCK + BLOCK_GPR + 28), %edi
    .byte   0xE9
    .long   ORACLE_CODE - (ORACLE_BASE + (1f - host32_stub))
1:

    .org    host32_stub + (ORACLE_EXIT32 - ORACLE_BASE)
host32_stub_exit32:
    movl    %eax, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 0)
    movl    %ecx, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 4)
    movl    %edx, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 8)
    movl    %ebx, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 12)
    movl    %esp, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 16)
    movl    %ebp, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 20)
    movl    %esi, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 24)
    movl    %edi, %gs:(ORACLE_BLOCK + BLOCK_OUT_GPR + 28)
    movl    $(ORACLE_BLOCK + BLOCK_OUT_EFLAGS + 4), %esp
    pushfl
    movw    %cs:(ORACLE_BLOCK + BLOCK_FLAT_SEG), %ax
    movw    %ax, %ds
    movw    %ax, %es
    ljmpl   *%cs:(ORACLE_BLOCK + BLOCK_EXIT)

    .code64
host32_stub_exit64:
    cld
    mov     ORACLE_BLOCK + BLOCK_SAVED_RSP, %rsp
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbp
    pop     %rbx
    ret
host32_stub_end:

    .section .note.GNU-stack, "", @progbits
