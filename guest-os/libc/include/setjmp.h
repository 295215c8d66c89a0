/* Jumping out of functions. See: C11 7.13. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

typedef uint32_t jmp_buf[6]; /* EBX, ESI, EDI, EBP, ESP, EIP */

typedef struct {
    jmp_buf registers;
    uint64_t mask; /* blocked signals, if they were kept */
    int has_mask;  /* 0, 1 */
} sigjmp_buf[1];

int setjmp(jmp_buf buffer) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf buffer, int value);

/* For sigsetjmp; returns 0. */
int keep_signal_mask(sigjmp_buf buffer, int keep);
/* As setjmp, with the blocked signals if `keep` is not 0: for leaving a signal handler. */
#define sigsetjmp(buffer, keep) (keep_signal_mask(buffer, keep), setjmp((buffer)[0].registers))
_Noreturn void siglongjmp(sigjmp_buf buffer, int value);
