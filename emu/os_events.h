/* What the guest's operating system does, told as it happens: system calls with their arguments and
 * results, processes made, switched and ended, signals, interrupts, and the ways into user mode.
 *
 * Made of what the machine's observer reports (machine_observe_log) and, for what the kernel does
 * inside, of the functions that do it (os_events.def): the machine never stops for it, and its
 * clocks and hash are the same with and without. Who it was is read from the kernel's own
 * structures (guest_os.h). The same run tells the same events; going back and forward again tells
 * none twice.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/guest_os.h"
#include "emu/machine_observe.h"
#include "emu/os_calls.h"

enum os_event_kind {
#define OS_EVENT(KIND, group, word, f1, f2, f3) OS_EVENT_##KIND,
#include "emu/os_events.def"
#undef OS_EVENT
    OS_EVENT_KINDS
};
#define OS_EVENTS_ALL ((1u << OS_EVENT_KINDS) - 1)

/* The ways from the kernel to a program. */
enum os_way {
    OS_WAY_BOOT,   /* the first program of all */
    OS_WAY_RESUME, /* goes on where it was interrupted or called */
    OS_WAY_NEW,    /* a new process, or a new program in it, begins */
    OS_WAY_SWITCH, /* as RESUME, after others had the processor */
    OS_WAY_UPCALL, /* into the handler of a signal */
    OS_WAYS
};

#define OS_EVENT_TEXT_BYTES 120u

/* Fields that a kind does not have are 0; processes that are not known are -1. */
struct os_event {
    uint64_t clock;                 /* CPU clocks */
    uint64_t step;                  /* machine_steps() before the instruction or delivery */
    uint32_t kind;                  /* enum os_event_kind */
    int32_t pid;                    /* who has the processor; SWITCHED: who gets it */
    int32_t other;                  /* CREATED: the child; SWITCHED: who had it; RAISED: whose */
    uint32_t cpl;                   /* 0..3, before */
    uint32_t linear;                /* of the instruction */
    uint32_t number;                /* CALL, RESULT: of the call; signals: theirs; IRQ, EXCEPTION:
                                       vector; USER: enum os_way */
    uint32_t value;                 /* RESULT: EAX; ENDED: wait status; EXCEPTION: error code */
    uint32_t interrupted;           /* RESULT: 1: a handler begins, EAX is not the result; 2: the
                                       call is made again */
    uint64_t since;                 /* RESULT: clock of its CALL, 0 if not known; USER: of the
                                       entry into the kernel */
    char name[GUEST_NAME_BYTES];    /* of process `pid` */
    char text[OS_EVENT_TEXT_BYTES]; /* CALL: arguments, RESULT: the result, both as strace has
                                       them; others: "" */
};

struct os_events;
typedef void os_listener(void *context, const struct os_event *event);

/* Listen to a machine from now on. `os` and `symbols` stay the caller's and must outlive the
 * result; os NULL: processes are not known; symbols NULL: nor what happens inside the kernel.
 * kinds: bits 1 << OS_EVENT_*. NULL: no memory. */
struct os_events *os_events_open(struct machine *machine, enum machine_listener which,
                                 const struct guest_os *os, const struct elf_symbols *symbols,
                                 uint32_t kinds, os_listener *listener, void *context);
void os_events_close(struct os_events *events);
/* The machine's own events, as they come, to the same who listens: `kinds` are bits 1 << EVENT_*.
 * NULL: nobody. */
void os_events_machine(struct os_events *events, uint32_t kinds,
                       void (*listener)(void *context, const struct machine_event *event),
                       void *context);
/* The recorded future has been cut off: what programs have behind them is as these events of the
 * past say, oldest first. */
void os_events_recall(struct os_events *events, const struct os_event *past, uint32_t count);
/* One line without its end: what happened, to whom; at most `bytes`. Returns text. */
const char *os_event_words(const struct os_event *event, char *text, size_t bytes);
/* "syscall", "called" and so on; "resume after a trap" of enum os_way. */
const char *os_event_group(uint32_t kind);
const char *os_event_word(uint32_t kind);
const char *os_way_words(uint32_t way);
/* Bits of all kinds of a group ("process"), or of one kind ("process created" as two words);
 * 0: no such group or word. word NULL: all. */
uint32_t os_event_kinds(const char *group, const char *word);
/* The functions of the kernel in which it happens, index 0..2; NULL behind the last. */
const char *os_event_function(uint32_t kind, uint32_t index);
