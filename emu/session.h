/* The debugger's core: one machine with its history, a position in it down to the micro-step,
 * and everything a key or a command can do. No window, no terminal: front ends call this
 * and paint the views. Called from one thread at a time (the front end owns a lock).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/elf_image.h"
#include "emu/machine.h"
#include "emu/session_shown.h"

struct history;
struct moment;
struct session;

/* What "run to the next ..." and "back to the last ..." look for. */
enum session_event {
    SESSION_EVENT_INTERRUPT,   /* an external interrupt is about to be delivered */
    SESSION_EVENT_EXCEPTION,   /* an instruction is about to raise an exception */
    SESSION_EVENT_SYSCALL,     /* about to execute a software interrupt */
    SESSION_EVENT_MODE_SWITCH, /* USER to KERNEL or back in the next step */
    SESSION_EVENT_BREAKPOINT,  /* at a breakpoint */
    SESSION_EVENT_COUNT
};

enum session_direction { SESSION_FORWARD, SESSION_BACK };

/* Where we are: always an instruction boundary, plus a cursor into the next step's journal. */
struct session_position {
    uint64_t clock;       /* CPU clocks */
    uint64_t step;        /* instructions + deliveries since the start of the machine */
    uint32_t micro;       /* 0 = at the boundary; k = after k journal entries of the next step */
    uint32_t micro_count; /* entries of the next step's journal; 0 if not asked for yet */
    uint32_t in_past;     /* 1: recorded history lies ahead */
    uint32_t final;       /* 1: the machine has ended; stop says how */
    enum machine_stop stop;
};

#define SESSION_VIEW_MARKS 64u

/* A moment with a name. */
struct session_view_mark {
    char name[32];
    uint64_t clock; /* CPU clocks */
};

/* A copy of everything the views draw from, taken between steps. */
struct session_view {
    struct session_position position;
    struct machine_state state;    /* at the position, micro-steps applied */
    struct machine_state previous; /* before the last move, to show what it changed */
    uint32_t wanted;               /* SESSION_VIEW_*: which parts have been filled */
    struct journal journal;        /* of the next step (valid if position.micro_count > 0) */
    struct cpu_step_info next;     /* what the next step will turn out to be */
    uint64_t history_first;        /* earliest clock that can be gone back to */
    uint64_t history_last;         /* latest clock reached */
    uint64_t history_bytes;        /* memory in use by checkpoints */
    uint64_t clock_hz;             /* CPU clocks per second */
    uint32_t own_guest;            /* 1: the bundled guest */
    uint32_t mmu_chosen;           /* 1: the MMU view shows mmu_address, 0: what comes next */
    uint32_t mmu_address;          /* linear */
    uint32_t map_directory;        /* physical, of the process chosen; 0: the map follows CR3 */
    int32_t map_pid;               /* whose that is */
    uint32_t explained;            /* topic of explain.def + 1; 0: none asked for */
    uint32_t att_syntax;           /* 1: disassembly as AT&T writes it, 0: as Intel */
    uint32_t running;              /* 1: moving, 0: stopped */
    uint32_t breakpoint_count;     /* 0..64 */
    uint32_t breakpoints[64];      /* linear addresses, ascending */
    uint32_t mark_count;           /* 0..SESSION_VIEW_MARKS */
    struct session_view_mark marks[SESSION_VIEW_MARKS];
    char message[512];                  /* the last answer: why it stopped, or what was wrong */
    struct session_processes processes; /* SESSION_VIEW_PROCESSES */
    struct session_source source;       /* SESSION_VIEW_SOURCE */
    struct session_watch watch;         /* SESSION_VIEW_WATCH */
    struct session_log log;             /* SESSION_VIEW_LOG; until the session moves */
};

struct session *session_create(struct machine *machine, const struct elf_symbols *symbols,
                               uint64_t history_bytes, struct err *err);
void session_destroy(struct session *session);
struct machine *session_machine(struct session *session);
/* For front ends that move the machine by themselves (gdb's stub). */
struct history *session_history(struct session *session);

/* Moves. Each stops at an exact place and leaves one line in view.message. */
void session_step(struct session *session, enum session_direction direction);
void session_micro_step(struct session *session, enum session_direction direction);
/* Over a CALL, INT or REP: to the instruction after it, in the same stack depth. A long call is
 * not waited for: session_advance() goes on. */
void session_step_over(struct session *session, enum session_direction direction);
/* To the event, at most `limit` clocks away. In slices: call session_advance() until it is 0. */
void session_start_until(struct session *session, enum session_event event,
                         enum session_direction direction);
void session_start_run(struct session *session);
/* Go on for up to `clocks`; returns 1 while there is more to do. */
int session_advance(struct session *session, uint64_t clocks);
void session_pause(struct session *session);
/* To an absolute clock inside the history, or forward: far ahead, session_advance() goes on. */
bool session_go_to(struct session *session, uint64_t clock);

/* Typing in the past would cut the recorded future: returns false and says so in the message
 * unless `confirm_branch`. */
bool session_input_key(struct session *session, uint8_t scancode, bool confirm_branch);
bool session_input_serial(struct session *session, uint8_t byte, bool confirm_branch);

bool session_toggle_breakpoint(struct session *session, uint32_t linear);
/* The linear address that `text` names: a symbol, hexadecimal digits (an h may follow), or a real
 * mode SEGMENT:OFFSET. false: none of these. */
bool session_address(const struct session *session, const char *text, uint32_t *linear);
/* One line of the command language ("step", "back", "until interrupt", "break main", "help",
 * ...); the answer is in view.message. The table of commands also makes `help`. */
void session_command(struct session *session, const char *line);
/* The whole answer of the last command: lines, the last one without its end. */
const char *session_answer(const struct session *session);
/* Bring a fresh session of a machine that fits (moment_fits()) and has the moment's input log to
 * that place, with its breakpoints, marks and watch list. false with *err filled. */
bool session_open_moment(struct session *session, const struct moment *moment, struct err *err);
/* Hand on the bytes that leave the machine, each once. */
void session_set_sink(struct session *session, const struct machine_sink *sink);
/* Who hears the answer to each command of a script, and each log line. */
void session_set_listener(struct session *session,
                          void (*listen)(void *context, const char *text, bool refused),
                          void *context);
/* Who draws panels as text for the command `show` (view_text.h): returns text to be freed, or NULL;
 * a name that is none: *known false and the names in the text. */
struct session_painter {
    char *(*paint)(void *context, struct session *session, const char *panel, uint32_t columns,
                   uint32_t rows, bool *known);
    void *context;
};
void session_set_painter(struct session *session, const struct session_painter *painter);
/* Commands from a text, done one after the other by session_advance(). A command that can not be
 * done ends it and is told with NAME:LINE:COLUMN. false: no memory, or too many inside each other.
 */
bool session_start_script(struct session *session, const char *name, const char *text);
/* Commands that only a front end knows: `take` keeps such a line and says whether it is one. A
 * script then waits until session_front_done(), so that its next line finds them done. */
void session_set_front(struct session *session, bool (*take)(void *context, const char *line),
                       void *context);
void session_front_done(struct session *session);
bool session_waits_for_front(const struct session *session);
/* 1 while a script has lines left. */
bool session_in_script(const struct session *session);
/* 1: a move goes on; session_advance() does it. */
bool session_is_moving(const struct session *session);
/* 1: what goes on is run once more: at no pace, whatever the speed. */
bool session_is_replaying(const struct session *session);
/* How the last move ended. */
enum machine_stop session_last_stop(const struct session *session);
/* Tell the listener how a move ended that session_advance() did outside a script. */
void session_tell_move(struct session *session);
/* Whether the last command could not be done. */
bool session_refused(const struct session *session);
/* 1: `quit` has been said; with which status. */
bool session_wants_quit(const struct session *session, int *status);
/* Names of commands that begin like `word`, for completion: index from 0; NULL after the last. */
const char *session_complete(const char *word, size_t index);
/* Commands and keys for help and for the `?` screen: index from 0; false after the last. */
bool session_command_help(size_t index, const char **name, const char **key, const char **text);

/* How a front end has its panels, as a text that only front ends understand: `save` writes it
 * beside the breakpoints, `load` brings it back. "": none. */
const char *session_layout(const struct session *session);
void session_set_layout(struct session *session, const char *text);

/* Fill the copy that views draw from; `wanted`: SESSION_VIEW_*, the parts that cost something. Of
 * the others only `known` is set, to 0. While the machine moves, those are left out that are about
 * one place only. */
void session_get_view(struct session *session, struct session_view *view, uint32_t wanted);
/* Memory as seen at the position (micro-step writes applied), by linear address. */
bool session_read(struct session *session, uint32_t linear, void *bytes, uint32_t size);
/* The same by physical address: RAM and text memory, nothing else. */
bool session_read_physical(struct session *session, uint32_t physical, void *bytes, uint32_t size);
/* What the serial line and the debug console have printed, last bytes first asked: copies up to
 * `bytes` of the end of the stream, returns their number. */
size_t session_console_tail(struct session *session, enum byte_channel channel, char *text,
                            size_t bytes);
