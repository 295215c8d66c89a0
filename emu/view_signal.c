/* Signal frames on a program's stack, found by the code that they return to.
 * See: sigreturn(2); struct sigcontext of Linux on i386.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "emu/view_context.h"

#define BELOW_BYTES   1024u /* that are looked at under the stack pointer, for a popped frame */
#define ABOVE_BYTES   4096u
#define CHUNK_BYTES   256u
#define CONTEXT_WORDS 22u
#define PLAIN_CONTEXT 8u   /* offset of the saved registers in handler(signal)'s frame */
#define INFO_SIGINFO  16u  /* in handler(signal, &info, &context)'s: of siginfo */
#define INFO_CONTEXT  164u /* 16 + 128 of siginfo + 20 of ucontext in front of the registers */

static const char *const context_words[CONTEXT_WORDS] = {
    "saved GS",  "saved FS",     "saved ES",  "saved DS",  "saved EDI",    "saved ESI",
    "saved EBP", "saved ESP",    "saved EBX", "saved EDX", "saved ECX",    "saved EAX",
    "exception", "error code",   "saved EIP", "saved CS",  "saved EFLAGS", "ESP at the signal",
    "saved SS",  "x87 state at", "old mask",  "CR2",
};

/* 0: no such code; 1: sigreturn; 2: rt_sigreturn. */
static uint32_t returns_from_signal(const struct view_context *context, uint32_t code)
{
    static const uint8_t plain[8] = {0x58, 0xB8, 119, 0, 0, 0, 0xCD, 0x80}; /* POP EAX first */
    static const uint8_t info[7] = {0xB8, 173, 0, 0, 0, 0xCD, 0x80};
    uint8_t bytes[8];

    if (code <= UINT16_MAX || !context->read(context->read_context, code, bytes, sizeof(bytes))) {
        return 0;
    }
    return memcmp(bytes, plain, sizeof(plain)) == 0 ? 1
           : memcmp(bytes, info, sizeof(info)) == 0 ? 2
                                                    : 0;
}

static bool frame_at(const struct view_context *context, uint32_t linear, uint32_t code,
                     struct view_signal_frame *frame)
{
    uint32_t kind = returns_from_signal(context, code);
    uint32_t signal = 0;

    if (kind == 0 || !view_read32(context, linear + 4, &signal) || signal < 1 || signal > 64) {
        return false;
    }
    *frame = (struct view_signal_frame){.at = linear, .has_info = kind == 2, .signal = signal};
    frame->end = linear + (kind == 2 ? INFO_CONTEXT : PLAIN_CONTEXT) + 4 * CONTEXT_WORDS;
    return true;
}

bool view_find_signal_frame(const struct view_context *context, const struct view_stack *user,
                            struct view_signal_frame *frame)
{
    uint32_t esp = user->base + user->esp;
    uint32_t at = (esp & ~3u) - BELOW_BYTES;
    uint32_t words[CHUNK_BYTES / 4];
    bool found = false;

    if (!user->known || user->width != 4 || !context->read) {
        return false;
    }
    for (uint32_t end = esp + ABOVE_BYTES; at < end; at += CHUNK_BYTES) {
        bool whole = context->read(context->read_context, at, words, sizeof(words));

        for (uint32_t i = 0; i < CHUNK_BYTES / 4; i++) {
            struct view_signal_frame candidate;
            bool there = whole || view_read32(context, at + 4 * i, &words[i]); /* the stack's end */

            if (!there || !frame_at(context, at + 4 * i, words[i], &candidate)) {
                continue;
            }
            *frame = candidate; /* of those below the pointer the highest, else the lowest */
            found = true;
            if (at + 4 * i + 4 >= esp) {
                return true;
            }
        }
    }
    return found;
}

bool view_signal_slot(const struct view_signal_frame *frame, uint32_t linear, char *text,
                      size_t bytes)
{
    static const char *const heads[4] = {"signal frame: back to", "signal", "at siginfo",
                                         "at ucontext"};
    static const char *const info[3] = {"siginfo: signal", "siginfo: errno", "siginfo: code"};
    uint32_t offset = linear - frame->at;
    uint32_t context = frame->has_info ? INFO_CONTEXT : PLAIN_CONTEXT;

    if (linear < frame->at || linear >= frame->end || offset % 4 != 0) {
        return false;
    }
    if (offset >= context) {
        snprintf(text, bytes, "%s", context_words[(offset - context) / 4]);
    } else if (offset < (frame->has_info ? INFO_SIGINFO : PLAIN_CONTEXT)) {
        snprintf(text, bytes, "%s", heads[offset / 4]);
    } else if (offset < INFO_SIGINFO + sizeof(info) / sizeof(info[0]) * 4) {
        snprintf(text, bytes, "%s", info[(offset - INFO_SIGINFO) / 4]);
    } else {
        snprintf(text, bytes, offset < INFO_SIGINFO + 128 ? "siginfo" : "ucontext");
    }
    return true;
}
