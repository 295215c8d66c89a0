/* The command language: one table makes dispatch and help.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/boot_stages.h"
#include "emu/session_priv.h"

#define REPEAT_MAX 10000u /* more would keep the window waiting */

#define LOOKS 1u /* changes nothing that undo could bring back */
#define QUIET 2u /* a script does not print its answer */

struct command {
    const char *name;  /* word and arguments, for help */
    const char *brief; /* a shorter word, "": none */
    uint32_t flags;
    const char *key; /* keys of the window that do the same; Shift = backwards */
    const char *text;
    void (*run)(struct session *session, const char *argument);
};

/* ---- arguments ---- */

/* A number of repetitions, 1 if there is none; 0 after a message if it is none. */
static uint32_t repetitions(struct session *session, const char *argument)
{
    char *end;
    uint64_t count;

    if (argument[0] == '\0') {
        return 1;
    }
    count = strtoull(argument, &end, 0);
    if (*end != '\0' || count < 1 || count > REPEAT_MAX || argument[0] == '-') {
        session_refuse(session, "%.40s: must be a number from 1 to %u", argument, REPEAT_MAX);
        return 0;
    }
    return (uint32_t)count;
}

bool session_address(const struct session *session, const char *text, uint32_t *linear)
{
    char *end;
    uint64_t value;

    if (elf_symbols_lookup(session->symbols, text, linear)) {
        return true;
    }
    if (!isxdigit((unsigned char)text[0])) {
        return false;
    }
    value = strtoull(text, &end, 16);
    if (*end == ':' && value <= UINT16_MAX && isxdigit((unsigned char)end[1])) {
        uint64_t offset = strtoull(end + 1, &end, 16);

        value = offset <= UINT16_MAX ? value * 16 + offset : UINT64_MAX;
    }
    if ((*end == 'h' || *end == 'H') && end[1] == '\0') {
        end++;
    }
    if (*end != '\0' || value > UINT32_MAX) {
        return false;
    }
    *linear = (uint32_t)value;
    return true;
}

static bool event_of(struct session *session, const char *argument, enum session_event *event)
{
    static const struct {
        const char *word;
        enum session_event event;
    } words[] = {
        {"interrupt", SESSION_EVENT_INTERRUPT},   {"exception", SESSION_EVENT_EXCEPTION},
        {"syscall", SESSION_EVENT_SYSCALL},       {"switch", SESSION_EVENT_MODE_SWITCH},
        {"breakpoint", SESSION_EVENT_BREAKPOINT}, {"irq", SESSION_EVENT_INTERRUPT},
        {"mode", SESSION_EVENT_MODE_SWITCH},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argument, words[i].word) == 0) {
            *event = words[i].event;
            return true;
        }
    }
    session_refuse(session, "%.40s: must be interrupt, exception, syscall, switch or breakpoint",
                   argument[0] ? argument : "until what");
    return false;
}

/* ---- commands ---- */

static void repeat(struct session *session, const char *argument, enum session_direction direction,
                   void (*move)(struct session *, enum session_direction))
{
    uint32_t count = repetitions(session, argument);

    for (uint32_t i = 0; i < count; i++) {
        move(session, direction);
        if (session->stop != MACHINE_STOP_STEPPED) {
            break;
        }
    }
}

static void run_step(struct session *session, const char *argument)
{
    repeat(session, argument, SESSION_FORWARD, session_step);
}

static void run_back(struct session *session, const char *argument)
{
    repeat(session, argument, SESSION_BACK, session_step);
}

static void run_micro(struct session *session, const char *argument)
{
    repeat(session, argument, SESSION_FORWARD, session_micro_step);
}

static void run_micro_back(struct session *session, const char *argument)
{
    repeat(session, argument, SESSION_BACK, session_micro_step);
}

static void run_over(struct session *session, const char *argument)
{
    (void)argument;
    session_step_over(session, SESSION_FORWARD);
}

static void run_over_back(struct session *session, const char *argument)
{
    (void)argument;
    session_step_over(session, SESSION_BACK);
}

/* The five words of session_start_until(), which stops before the event; NULL: anything else. */
static bool is_plain_event(const char *argument)
{
    static const char *const words[] = {"interrupt",  "exception", "syscall", "switch",
                                        "breakpoint", "irq",       "mode",    ""};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argument, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void run_to(struct session *session, const char *argument, enum session_direction direction)
{
    struct session_point *point;
    enum session_event event;

    if (is_plain_event(argument)) {
        if (event_of(session, argument, &event)) {
            if (event == SESSION_EVENT_BREAKPOINT && session->breakpoint_count == 0) {
                session->refused = 1;
            }
            session_start_until(session, event, direction);
        }
        return;
    }
    point = calloc(1, sizeof(*point));
    if (point && session_parse_point(session, argument, point)) {
        session_start_point(session, point, direction);
    }
    free(point);
}

static void run_until(struct session *session, const char *argument)
{
    run_to(session, argument, SESSION_FORWARD);
}

static void run_last(struct session *session, const char *argument)
{
    run_to(session, argument, SESSION_BACK);
}

static void run_who(struct session *session, const char *argument)
{
    char text[256];

    snprintf(text, sizeof(text), "write %.240s", argument);
    if (argument[0]) {
        run_to(session, text, SESSION_BACK);
    } else {
        session_refuse(session, "who: an address or a variable is missing");
    }
}

static void run_run(struct session *session, const char *argument)
{
    (void)argument;
    session_start_run(session);
}

static void run_pause(struct session *session, const char *argument)
{
    (void)argument;
    session_pause(session);
}

static void run_go(struct session *session, const char *argument)
{
    struct history_place place;
    char *end;
    uint64_t clock = strtoull(argument, &end, 0);

    if (session_find_mark(session, argument, &place)) {
        if (!session_travel(session, place)) {
            session_refuse(session, "%.40s: is no longer in the recorded history", argument);
        }
        return;
    }
    if (argument[0] < '0' || argument[0] > '9' || *end != '\0') {
        session_refuse(session, "%.40s: must be a clock, as the status line shows it, or a mark",
                       argument);
        return;
    }
    session->refused = !session_go_to(session, clock);
}

static void run_boot(struct session *session, const char *argument)
{
    const struct machine *machine = session->machine;
    const struct boot_state *boot = &machine_state(session->machine)->boot;
    const struct boot_stage_state *last = &boot->stages[boot->count ? boot->count - 1 : 0];
    const char *name = machine_get_config(machine)->own_guest ? boot_stage_name(last->code) : NULL;

    (void)argument;
    if (boot->count == 0) {
        session_say(session, "boot: no POST code has been written yet");
        return;
    }
    session_say(session,
                "boot: %" PRIu32 " stages, the last at clock %" PRIu64 ": %02" PRIX32 "%s%s",
                boot->count, last->clock, last->code, name ? " " : "", name ? name : "");
}

static void run_type(struct session *session, const char *argument)
{
    for (const char *at = argument;; at++) {
        uint8_t byte = *at ? (uint8_t)*at : '\r';

        if (!session_input_serial(session, byte, false)) {
            session->refused = 1;
            if (!history_in_past(session->history)) {
                session_refuse(session, "the serial port takes no more bytes now; run on first");
            }
            return;
        }
        if (!*at) {
            session_say(session, "typed on the serial line");
            return;
        }
    }
}

static void run_help(struct session *session, const char *argument);

static const struct command commands[] = {
    {"step [N]", "s", 0, "F11 s", "one instruction or one delivery of an interrupt", run_step},
    {"micro [N]", "", 0, "F8 i", "step inside: one micro-step", run_micro},
    {"over", "n", 0, "F10 n", "one instruction, calls and system calls as a whole", run_over},
    {"back [N]", "", 0, "Shift+F11 S", "one instruction or delivery back", run_back},
    {"unmicro [N]", "", 0, "Shift+F8 I", "one micro-step back", run_micro_back},
    {"unover", "", 0, "Shift+F10 N", "back over a call", run_over_back},
    {"until EVENT", "", 0, "F2 t, F3 e, F4 c, F7 m",
     "run to the event (help events); a bare interrupt, exception, syscall or switch stops just "
     "before it",
     run_until},
    {"run-until EVENT", "", 0, "", "the same as until", run_until},
    {"wait-for EVENT", "", 0, "", "the same; for scripts: wait-for console \"login:\"", run_until},
    {"last EVENT", "", 0, "Shift+F2 T, Shift+F3 E, Shift+F4 C, Shift+F7 M", "run back to the event",
     run_last},
    {"back-until EVENT", "", 0, "", "the same as last", run_last},
    {"who EXPR", "", 0, "", "who wrote this last: back to before the instruction that did",
     run_who},
    {"run", "r", 0, "F5 r", "run; again: pause", run_run},
    {"continue", "c", 0, "", "the same as run", run_run},
    {"pause", "", LOOKS, "F6 p", "stop running", run_pause},
    {"go CLOCK|MARK", "", 0, "", "to this clock or mark, forwards or back", run_go},
    {"break EVENT", "b", 0, "F9 b",
     "stop there each time; a place alone: breakpoint on or off. if EXPR, ignore N, hits N, user, "
     "kernel, once, log \"TEXT {EXPR}\" may follow",
     session_do_break},
    {"trace EVENT", "", 0, "", "say so each time, and go on", session_do_trace},
    {"delete [N]", "d", 0, "", "remove breakpoint N, or all", session_do_delete},
    {"enable [N]", "", 0, "", "breakpoint N, or all, on again", session_do_enable},
    {"disable [N]", "", 0, "", "breakpoint N, or all, off for now", session_do_disable},
    {"print [/F] EXPR", "p", LOOKS, "",
     "a value: C over registers, variables, memory; F: x d u o t c a s", session_do_print},
    {"x [/NFS] ADDRESS", "", LOOKS, "", "memory: N items, format F as for print, size S b h w g",
     session_do_examine},
    {"info WHAT", "", LOOKS, "",
     "registers, breakpoints, line, locals, history, processes or symbol EXPR", session_do_info},
    {"list [PLACE]", "l", LOOKS, "", "source lines around here or there", session_do_list},
    {"backtrace", "bt", LOOKS, "", "who called whom, across the trap into the kernel",
     session_do_backtrace},
    {"frame [N]", "", LOOKS, "", "look from the caller number N of backtrace", session_do_frame},
    {"display [[/F] EXPR]", "", 0, "", "put it on the watch list; alone: show the list",
     session_do_display},
    {"undisplay [N]", "", 0, "", "take number N, or all, off the watch list", session_do_undisplay},
    {"set PLACE = EXPR", "", 0, "",
     "change a register or variable: becomes part of the input log and, in the past, cuts off the "
     "recorded future",
     session_do_set},
    {"write [/S] ADDRESS EXPR", "", 0, "", "the same for memory; S: size b h w g",
     session_do_write},
    {"process [PID]", "", LOOKS, "",
     "which process its panel shows, and the map of memory; alone: the one that runs",
     session_do_process},
    {"memory [EXPR]", "", LOOKS, "", "what the memory panel shows; alone: where ESP is",
     session_do_memory},
    {"log [on|off]", "", LOOKS, "",
     "keep events for the panels calls, timeline and counters (they begin it when first shown)",
     session_do_log},
    {"timeline [WHAT]", "", LOOKS, "",
     "in, out: zoom; left, right: scroll; N: clocks of a column; alone: back to the present",
     session_do_timeline},
    {"mark NAME", "", LOOKS, "", "give this moment a name", session_do_mark},
    {"marks", "", LOOKS, "", "all marks", session_do_marks},
    {"undo", "", LOOKS, "", "what the last command did: move, breakpoints, watch list",
     session_do_undo},
    {"source FILE", "", LOOKS, "", "do the commands of a file", session_do_source},
    {"save [FILE]", "", LOOKS, "", "breakpoints and watch list into a file, KERNEL.ringside",
     session_do_save},
    {"load [FILE]", "", 0, "", "breakpoints and watch list from such a file", session_do_load},
    {"show PANEL [COLUMNS [ROWS]]", "", LOOKS, "", "a panel as text, where there is no window",
     session_do_show},
    {"mmu [ADDRESS]", "", LOOKS, "",
     "how this address becomes a place in memory, in the panel mmu; alone: the access that comes "
     "next again",
     session_do_mmu},
    {"explain [WORD]", "", LOOKS, "",
     "what a flag, register, bit, exception, micro-step or device register means; alone: all words",
     session_do_explain},
    {"set-syntax intel|att", "", LOOKS, "", "how the disassembly is written", session_do_syntax},
    {"save-moment FILE", "", LOOKS, "",
     "this exact place into a small file, which `ringside replay FILE` opens elsewhere",
     session_do_save_moment},
    {"get GUEST HOST", "", LOOKS, "",
     "copy a file of the guest's disk to the host, as it is on the disk now (sync writes it)",
     session_do_get},
    {"put HOST GUEST", "", 0, "",
     "type a file of at most 64 KiB into the guest's shell that waits on the serial console",
     session_do_put},
    {"quiz [result [FILE]]", "", LOOKS, "",
     "ask what the next micro-steps will push or change, by --seed; the score, as JSON",
     session_do_quiz},
    {"answer EXPR", "", LOOKS, "", "answer it: a number, or a register and the like, before it",
     session_do_answer},
    {"boot", "", LOOKS, "", "how far the boot has got; in the window, the panel of its stages",
     run_boot},
    {"type TEXT", "", QUIET, "", "type a line on the serial console", run_type},
    {"quit [STATUS]", "q", LOOKS | QUIET, "q", "leave, with this exit status", session_do_quit},
    {"help [COMMAND]", "", LOOKS, "F1 ?", "this list; help events, help COMMAND", run_help},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static size_t word_length(const char *text)
{
    return strcspn(text, " ");
}

static bool is_word(const struct command *command, const char *word, size_t length)
{
    return word_length(command->name) == length && strncmp(command->name, word, length) == 0;
}

/* The command whose name begins with the word; exact names first; NULL if none or several. */
static const struct command *command_find(const char *word, size_t length)
{
    const struct command *found = NULL;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (is_word(&commands[i], word, length) ||
            (strlen(commands[i].brief) == length && length &&
             strncmp(commands[i].brief, word, length) == 0)) {
            return &commands[i];
        }
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i].name, word, length) == 0) {
            if (found) {
                return NULL;
            }
            found = &commands[i];
        }
    }
    return found;
}

static void help_events(struct session *session)
{
    session_print(
        session, "PLACE: NAME, FILE:LINE, SEG:OFF, hexadecimal, *EXPR\n"
                 "write|read|access|changed EXPR[, BYTES] [== VALUE]   memory; phys:X physical\n"
                 "port N[..M] [read|write] [== VALUE]\n"
                 "vector N[..M], exception [N], interrupt, irq [N], software, iret\n"
                 "syscall [NAME|N]\n"
                 "mode (or switch), cr3 [VALUE], halt\n"
                 "process created|switched|ended, signal raised|delivered|returned\n"
                 "console \"TEXT\", clock N\n"
                 "then any of: if EXPR, ignore N, hits N, user, kernel, once, log \"TEXT {EXPR}\"\n"
                 "in EXPR: $vector $error $port $value $old $address $writer of the event");
}

static void run_help(struct session *session, const char *argument)
{
    const struct command *command = argument[0] ? command_find(argument, strlen(argument)) : NULL;
    size_t used = 0;

    if (strcmp(argument, "events") == 0) {
        help_events(session);
        return;
    }
    if (argument[0] && !command) {
        session_refuse(session, "%.40s: no such command; help lists them", argument);
        return;
    }
    if (command) {
        session_say(session, "%s: %s%s%s%s%s", command->name, command->text,
                    command->brief[0] ? "; short " : "", command->brief,
                    command->key[0] ? "; key " : "", command->key);
        return;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        session_print(session, "%s%-24s %s", i ? "\n" : "", commands[i].name, commands[i].text);
    }
    for (size_t i = 0; i < COMMAND_COUNT && used < sizeof(session->message); i++) {
        used += (size_t)snprintf(session->message + used, sizeof(session->message) - used, "%s%.*s",
                                 i ? ", " : "commands: ", (int)word_length(commands[i].name),
                                 commands[i].name);
    }
}

bool session_command_help(size_t index, const char **name, const char **key, const char **text)
{
    if (index >= COMMAND_COUNT) {
        return false;
    }
    *name = commands[index].name;
    *key = commands[index].key;
    *text = commands[index].text;
    return true;
}

const char *session_complete(const char *word, size_t index)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(commands[i].name, word, strlen(word)) == 0 && index-- == 0) {
            return commands[i].name;
        }
    }
    return NULL;
}

/* Of a long answer the message shows the first line. */
static void shorten(struct session *session)
{
    size_t length = strcspn(session->answer, "\n");

    if (session->answered) {
        session_say(session, "%.*s%s", (int)(length < 480 ? length : 480), session->answer,
                    session->answer[length] ? " ..." : "");
    }
}

static void do_command(struct session *session, const struct command *command, const char *line)
{
    char argument[256];
    size_t length = strlen(line);

    while (length > 0 && line[length - 1] == ' ') {
        length--;
    }
    if (length >= sizeof(argument)) {
        session_refuse(session, "longer than %zu characters", sizeof(argument) - 1);
        return;
    }
    snprintf(argument, sizeof(argument), "%.*s", (int)length, line);
    if (!(command->flags & LOOKS)) {
        session_keep_undo(session);
    }
    session->argument = argument;
    session->speaks = !(command->flags & QUIET);
    command->run(session, argument);
    session->argument = NULL;
}

void session_command(struct session *session, const char *line)
{
    const char *start = line;
    const struct command *command;
    size_t length;

    session->answered = 0;
    session->answer[0] = '\0';
    session->refused = 0;
    session->refused_column = 0;
    line += strspn(line, " \t");
    length = word_length(line);
    if (length == 0) {
        session_say(session, "help lists the commands");
        return;
    }
    if (line[0] == 'x' && line[1] == '/') { /* as in gdb: no space between */
        length = 1;
    } else if (memchr(line, '/', length)) {
        length = strcspn(line, "/");
    }
    command = command_find(line, length);
    if (!command && session->front_take && session->front_take(session->front_context, line)) {
        session->front_pending = 1;
        session->speaks = 0;
        return;
    }
    if (!command) {
        session_refuse(session, "%.*s: no such command; help lists them",
                       (int)(length < 60 ? length : 60), line);
        return;
    }
    line += length;
    line += strspn(line, " ");
    session->argument_column = (uint32_t)(line - start);
    do_command(session, command, line);
    if (session->task == TASK_NONE && command->run != run_help) {
        shorten(session);
    }
}
