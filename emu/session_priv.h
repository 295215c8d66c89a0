/* Inside a session: shared by session.c, session_search.c and session_commands.c only.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/expression.h"
#include "emu/guest_os.h"
#include "emu/history.h"
#include "emu/machine_observe.h"
#include "emu/session.h"
#include "emu/session_events.h"

#define SESSION_STREAM_BYTES (1u << 18) /* of each channel that are kept */

#define SESSION_FILES_MAX    257u /* of elf_symbols, by number from 1 */
#define SESSION_ANSWER_BYTES 65536u
#define SESSION_WATCHED_MAX  32u /* expressions shown at each stop */

/* The last bytes that have left on a channel. */
struct session_stream {
    uint64_t count;   /* bytes ever; the newest is number count - 1 */
    char *bytes;      /* ring of SESSION_STREAM_BYTES */
    uint64_t *clocks; /* when each left */
};

/* Debug information of the files of elf_symbols, read when first asked for. */
struct session_files {
    struct dwarf_info *infos[SESSION_FILES_MAX];
    uint8_t tried[SESSION_FILES_MAX]; /* 1: opened, or found to have none */
};

enum session_task {
    TASK_NONE,
    TASK_RUN,
    TASK_GO,
    TASK_TRAVEL, /* to a place inside recorded history */
    TASK_UNTIL,
    TASK_OVER,
    TASK_OVER_BACK,
    TASK_POINTS_BACK
};

/* Where TASK_OVER wants to be. */
struct session_goal {
    uint32_t linear; /* of the instruction to stop before */
    uint32_t esp;    /* at least */
    uint32_t cpl;
    uint32_t cr3;
};

#define SESSION_POINTS_MAX  64u
#define POINT_ADDRESSES_MAX 8u
#define EVENTS_NOTED_MAX    8u /* of one instruction */

enum point_kind {
    POINT_PLACE,   /* about to execute at one of the addresses */
    POINT_MEMORY,  /* an access to first..last */
    POINT_PORT,    /* an access to first..last */
    POINT_VECTOR,  /* a delivery of vector first..last and of one of the kinds */
    POINT_SYSCALL, /* first: number, UINT32_MAX any */
    POINT_MODE,
    POINT_CR3, /* first: value, UINT32_MAX any */
    POINT_RETURN,
    POINT_HALT,
    POINT_CONSOLE, /* `console` has been printed on COM1 */
    POINT_CLOCK    /* the clock has reached `clock` */
};

/* An event to stop at, or to log. */
struct session_point {
    uint32_t number; /* as the user calls it, from 1; 0: not in use */
    enum point_kind kind;
    uint32_t first;
    uint32_t last;
    uint32_t physical;  /* 1: MEMORY: first and last are physical addresses */
    uint32_t reads;     /* 0 or 1: MEMORY, PORT */
    uint32_t writes;    /* 0 or 1: MEMORY, PORT */
    uint32_t changed;   /* 1: MEMORY: only if the value becomes another */
    uint32_t has_value; /* 1: MEMORY, PORT: only this value */
    uint32_t value;
    uint32_t has_line;                       /* 1: VECTOR: only of this interrupt line */
    uint32_t line;                           /* 0..15 */
    uint32_t deliveries;                     /* VECTOR: bits 1 << enum delivery_kind */
    uint32_t addresses[POINT_ADDRESSES_MAX]; /* PLACE: linear */
    uint32_t address_count;
    uint64_t clock;       /* CLOCK */
    char console[64];     /* CONSOLE */
    uint32_t disabled;    /* 0 or 1 */
    uint32_t once;        /* 1: gone after the first stop */
    uint32_t only_user;   /* 1: only from user mode */
    uint32_t only_kernel; /* 1: only from kernel mode */
    uint32_t is_trace;    /* 1: says so and goes on */
    uint64_t ignore;      /* hits to pass over before the first stop */
    uint64_t hits;        /* so far */
    uint32_t has_condition;
    struct expression condition;
    char log[160];  /* what to say, with {EXPR}; "": what the event is */
    char text[200]; /* as it was typed */
};

#define SESSION_MARKS_MAX    64u
#define SESSION_SCRIPTS_MAX  8u
#define SESSION_LAYOUT_BYTES 1024u

/* A place with a name. */
struct session_mark {
    char name[32]; /* "": not in use */
    struct history_place place;
};

/* A script that is being done. */
struct session_script {
    char *text;     /* all of it */
    char *at;       /* the next line */
    char name[200]; /* for messages */
    uint32_t line;  /* number of the last line done */
};

#define SESSION_QUIZ_MAX 64u

struct session_quiz_row {
    char question[160];
    char answer[64];   /* as it was typed */
    uint64_t clock;    /* CPU clocks, before the step */
    uint32_t expected; /* value */
    uint32_t right;    /* 0 or 1 */
};

/* Questions about the step ahead, and how they were answered. */
struct session_quiz {
    uint64_t seed;    /* of the machine */
    uint64_t random;  /* state; 0: not begun */
    uint32_t count;   /* 0..SESSION_QUIZ_MAX answered */
    uint32_t right;   /* of them */
    uint32_t pending; /* 1: a question waits for its answer */
    uint32_t index;   /* of its micro-step, from 0 */
    uint32_t size;    /* bytes */
    uint32_t expected;
    struct history_place place;
    char question[160];
    struct session_quiz_row rows[SESSION_QUIZ_MAX];
};

/* What the last command has changed. */
struct session_undo {
    uint32_t valid; /* 1: there is something */
    struct history_place place;
    struct session_point points[SESSION_POINTS_MAX];
    uint32_t watched_count;
    char watched[SESSION_WATCHED_MAX][EXPRESSION_TEXT_BYTES];
};

struct session {
    struct machine *machine;
    const struct elf_symbols *symbols; /* may be NULL */
    struct history *history;
    struct session_stream streams[CHANNEL_COUNT];
    struct machine_sink forward; /* who else wants the bytes; byte_out NULL: nobody */

    /* the step ahead, known if looked_ahead */
    uint32_t looked_ahead;
    uint32_t micro; /* cursor: entries of the journal that have happened, 0..journal.count - 1 */
    struct journal journal;
    struct cpu_step_info next;
    struct machine_state after; /* the step ahead */

    struct machine_state previous; /* shown before the last move */
    enum machine_stop stop;        /* of the last move */
    char message[512];

    enum session_task task;
    enum session_event event;         /* TASK_UNTIL */
    enum session_direction direction; /* TASK_UNTIL */
    struct history_place search_end;  /* backwards: hits lie before this */
    struct session_goal goal;         /* TASK_OVER */
    uint64_t go_clock;                /* TASK_GO */
    struct history_place travel;      /* TASK_TRAVEL; step 0: the clock alone counts */
    uint64_t travel_from;             /* TASK_TRAVEL: clock that the replay began at */

    uint32_t breakpoint_count; /* 0..64 */
    uint32_t breakpoints[64];  /* ascending */

    struct session_point points[SESSION_POINTS_MAX];
    struct session_point wanted; /* of until and last; number 0: none */
    uint32_t next_number;        /* of the next point */
    uint32_t
        watch_points[WATCHES_MAX]; /* which point a watch belongs to; SESSION_POINTS_MAX: wanted */
    uint32_t noted;                /* events of the instruction just done, 0..EVENTS_NOTED_MAX */
    struct machine_event events[EVENTS_NOTED_MAX];
    const struct machine_event *event_now; /* that a condition or log is about; NULL: none */
    uint32_t console_seen;                 /* 1: a point's text has just been printed */

    uint32_t refused;         /* 1: the last command could not be done */
    uint32_t refused_column;  /* where in its line, from 1; 0: not known */
    const char *argument;     /* of the command that is being done */
    uint32_t argument_column; /* where it begins in the line, from 0 */
    struct session_mark marks[SESSION_MARKS_MAX];
    char layout[SESSION_LAYOUT_BYTES]; /* of a front end's panels; "": none */
    struct session_undo *undo;
    struct session_quiz quiz;
    uint32_t script_count; /* scripts inside each other */
    struct session_script scripts[SESSION_SCRIPTS_MAX];
    void (*listen)(void *context, const char *text, bool refused);
    void *listener;
    struct session_painter painter;                      /* .paint NULL: nobody draws */
    bool (*front_take)(void *context, const char *line); /* NULL: no front end */
    void *front_context;
    uint32_t front_pending;   /* 1: it has not done the last one yet */
    uint32_t moved_in_script; /* 1: the last line of the script has begun a move */
    uint32_t speaks;          /* 1: the last command's answer is worth printing */
    uint32_t quit;            /* 1: quit has been asked for */
    int quit_status;

    struct session_files files;
    struct guest_os *os;  /* reads the kernel's list of processes; NULL: none */
    uint32_t os_tried;    /* 1: looked for */
    char os_error[200];   /* what is wrong with the description of the kernel, "": nothing */
    uint32_t frame;       /* of the call stack that expressions are about; 0: where EIP is */
    char *answer;         /* of SESSION_ANSWER_BYTES */
    size_t answered;      /* bytes of it */
    uint32_t mmu_chosen;  /* 1: the user chose mmu_address for the MMU view */
    uint32_t mmu_address; /* linear */
    uint32_t explained;   /* topic + 1 of the last `explain`; 0: none */
    uint32_t att_syntax;  /* 1: disassembly in AT&T's syntax */
    uint32_t watched_count;
    char watched[SESSION_WATCHED_MAX][EXPRESSION_TEXT_BYTES]; /* "/x EXPR" or "EXPR" */

    /* what panels are about, and what they have shown */
    uint32_t shows_process; /* 1: shown_pid is chosen, 0: the one that runs */
    int32_t shown_pid;
    char memory_text[EXPRESSION_TEXT_BYTES]; /* "": where the stack pointer is */
    struct session_shown *shown;             /* session_shown.c; NULL until it is needed */
    struct session_events *kept;             /* the log; NULL: nobody has asked for it */
    uint64_t timeline_unit;                  /* clocks of a column, 0: not chosen */
    int64_t timeline_shift;                  /* columns */
};

void session_say(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for what can not be done; returns false. */
bool session_refuse(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Say where we are, after "why". */
void session_say_place(struct session *session, const char *why);
/* Remember what is shown now, to compare with; forget the look ahead. */
void session_begin_move(struct session *session);
/* The machine has stopped as `stop` says: task over, message set. */
void session_end_task(struct session *session, enum machine_stop stop);
/* To a place inside recorded history, in slices if it is far; false: it is no longer kept. */
bool session_travel(struct session *session, struct history_place place);
/* One slice of the task; 1: more to do. session_search.c */
int session_search(struct session *session, uint64_t clocks);
void session_use_breakpoints(struct session *session);
uint32_t session_linear_eip(struct session *session);
/* Know the step ahead: journal, what it will turn out to be, state after it. session_view.c */
void session_look_ahead(struct session *session);
/* What is shown: the machine's state with the micro-steps up to the cursor done. */
void session_shown_state(struct session *session, struct machine_state *state);
const char *session_event_name(enum session_event event);
/* Whether something may change here: in the past only if `confirm_branch`, and then what lies
 * ahead is cut off. */
bool session_may_change(struct session *session, bool confirm_branch);

/* Add to the long answer of the command that is being done. */
void session_print(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Run to the point's event, or back to the last one. session_search.c */
void session_start_point(struct session *session, const struct session_point *point,
                         enum session_direction direction);

/* ---- session_provider.c: what expressions ask for ---- */

struct expression_provider session_provider(struct session *session);
/* Debug information that covers an address; NULL: none. */
const struct dwarf_info *session_info_at(struct session *session, uint32_t linear);
/* The same of file number `file` of elf_symbols. */
const struct dwarf_info *session_info_of(struct session *session, uint32_t file);
/* Registers at the chosen frame of the call stack; false with a message if there is none. */
bool session_frame(struct session *session, uint32_t level, struct dwarf_frame *frame);
/* One caller further up; *is_trap: it was interrupted or called the kernel, then *is_user: in user
 * mode. false: there is none. */
bool session_unwind(struct session *session, struct dwarf_frame *frame, bool *is_trap,
                    bool *is_user);
/* Parse and evaluate; false with a message that says what is wrong at which column. */
bool session_evaluate(struct session *session, const char *text, struct expression_value *value);
/* Assign to a register: number as in expression_value.address. */
bool session_set_register(struct session *session, uint32_t number, uint64_t value);
const char *session_symbol_at(struct session *session, uint32_t linear, uint32_t *offset);
void session_files_close(struct session *session);

/* The file among those that share addresses whose code is in memory. */
uint32_t session_present_file(struct session *session);

/* ---- session_process.c ---- */

/* What reads the kernel's list; NULL: nothing is known about its structures. */
const struct guest_os *session_os(struct session *session);
void session_fill_processes(struct session *session, struct session_processes *processes);
void session_do_process(struct session *session, const char *argument);

/* ---- session_shown.c: parts of the view ---- */

void session_fill_source(struct session *session, struct session_source *source);
void session_fill_log(struct session *session, struct session_log *log);
void session_do_log(struct session *session, const char *argument);
void session_do_timeline(struct session *session, const char *argument);
void session_fill_watch(struct session *session, struct session_watch *watch);
void session_shown_close(struct session *session);
void session_do_memory(struct session *session, const char *argument);
/* "function+offset at file:line" of an address. */
void session_place_text(struct session *session, uint32_t linear, bool is_caller, char *text,
                        size_t bytes);

/* The page directory of the process that `process PID` chose; 0: none is, or it has none. */
void session_chosen_directory(struct session *session, int32_t *pid, uint32_t *directory);
/* pid and process.NAME of the process that has the processor; false: not known. */
bool session_process_value(struct session *session, const char *name,
                           struct expression_value *value);
void session_list_processes(struct session *session);

/* ---- session_spec.c: what to stop at, in words ---- */

/* A place in the program: NAME, FILE:LINE, SEG:OFF, hexadecimal, or an expression; its first
 * address. false after a message. */
bool session_place(struct session *session, const char *text, uint32_t *address);
/* All of an event with its filters; false after a message. */
bool session_parse_point(struct session *session, const char *text, struct session_point *point);

/* ---- session_points.c: stopping there ---- */

/* The points have changed: tell the machine what to watch for. */
void session_arm(struct session *session);
/* The machine has stopped at a breakpoint or by the observer: the point that wants to stop here,
 * or NULL. Counts hits and logs, unless `searching`. */
struct session_point *session_hit(struct session *session, enum machine_stop stop, bool searching);
/* A byte has been printed on COM1. */
void session_console_byte(struct session *session);
/* The clock at which to look next, at most `until`, because of clocks and of text that is printed
 * again in a replay. */
uint64_t session_next_clock(struct session *session, uint64_t until);
/* The same backwards, before the present: 0 if there is none. */
uint64_t session_last_clock(struct session *session);
/* The point that wants to stop at the present clock. */
struct session_point *session_clock_hit(struct session *session, uint64_t before);
/* Say that and why it has stopped. */
void session_say_hit(struct session *session, const struct session_point *point);
void session_list_points(struct session *session);
/* $vector, $error, $port, $value, $old, $address of the event that is looked at. */
bool session_event_value(struct session *session, const char *name, struct expression_value *value);
void session_do_break(struct session *session, const char *argument);
void session_do_trace(struct session *session, const char *argument);
void session_do_delete(struct session *session, const char *argument);
void session_do_enable(struct session *session, const char *argument);
void session_do_disable(struct session *session, const char *argument);

/* ---- session_script.c: scripts, marks, undo, files ---- */

/* Do the next line of the script that runs, if one does; 1: there may be more. */
int session_script_step(struct session *session);
void session_script_stop(struct session *session);
/* What has been logged so far, if somebody listens. */
void session_tell_log(struct session *session);
void session_do_source(struct session *session, const char *argument);
void session_do_mark(struct session *session, const char *argument);
void session_do_marks(struct session *session, const char *argument);
/* The place of a mark; false if there is none of that name. */
bool session_find_mark(const struct session *session, const char *name,
                       struct history_place *place);
void session_do_undo(struct session *session, const char *argument);
/* Before a command: what undo will bring back. */
void session_keep_undo(struct session *session);
void session_do_quit(struct session *session, const char *argument);
void session_do_save(struct session *session, const char *argument);
void session_do_load(struct session *session, const char *argument);
/* Breakpoints, watch list and layout as members of a JSON object, and back; false after a message.
 */
struct json_t;
void session_save_points(const struct session *session, struct json_t *root);
bool session_load_points(struct session *session, const struct json_t *root);

/* ---- session_files.c, session_quiz.c ---- */

void session_do_get(struct session *session, const char *argument);
void session_do_put(struct session *session, const char *argument);
void session_do_quiz(struct session *session, const char *argument);
void session_do_answer(struct session *session, const char *argument);
/* Say the score; into a file as JSON, if `path` is not "". */
void session_quiz_result(struct session *session, const char *path);

/* ---- session_moment.c ---- */

void session_do_save_moment(struct session *session, const char *argument);

/* ---- session_inspect.c: commands that look or write ---- */

/* "[/F] EXPR" in words; false after a message. */
bool session_print_value(struct session *session, const char *argument, char *text, size_t bytes);
void session_do_print(struct session *session, const char *argument);
void session_do_examine(struct session *session, const char *argument);
void session_do_info(struct session *session, const char *argument);
void session_do_set(struct session *session, const char *argument);
void session_do_write(struct session *session, const char *argument);
void session_do_list(struct session *session, const char *argument);
void session_do_backtrace(struct session *session, const char *argument);
void session_do_frame(struct session *session, const char *argument);
void session_do_display(struct session *session, const char *argument);
void session_do_undisplay(struct session *session, const char *argument);
void session_do_show(struct session *session, const char *argument);
void session_do_mmu(struct session *session, const char *argument);
void session_do_explain(struct session *session, const char *argument);
void session_do_syntax(struct session *session, const char *argument);
/* The text of a source file that debug information of elf_symbols' number `file` names; to be
 * freed. false: it is not there. */
bool session_source_read(struct session *session, uint32_t file, const char *name, uint8_t **bytes,
                         size_t *size);
/* A variable's value in words, at a frame. */
void session_variable_text(struct session *session, const struct dwarf_info *info,
                           const struct dwarf_frame *frame, const struct dwarf_local *variable,
                           char *text, size_t bytes);
/* What the watch list shows now, added to the answer. */
void session_show_watched(struct session *session);
