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

struct command {
    const char *name; /* word and arguments, for help */
    const char *key;  /* keys of the window that do the same; Shift = backwards */
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
        session_say(session, "%.40s: must be a number from 1 to %u", argument, REPEAT_MAX);
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

static bool address_of(struct session *session, const char *argument, uint32_t *linear)
{
    if (!session_address(session, argument, linear)) {
        session_say(session, "%.80s: neither a symbol nor an address (hexadecimal, or SEG:OFF)",
                    argument);
        return false;
    }
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
    session_say(session, "%.40s: must be interrupt, exception, syscall, switch or breakpoint",
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

static void run_until(struct session *session, const char *argument)
{
    enum session_event event;

    if (event_of(session, argument, &event)) {
        session_start_until(session, event, SESSION_FORWARD);
    }
}

static void run_last(struct session *session, const char *argument)
{
    enum session_event event;

    if (event_of(session, argument, &event)) {
        session_start_until(session, event, SESSION_BACK);
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
    char *end;
    uint64_t clock = strtoull(argument, &end, 0);

    if (argument[0] < '0' || argument[0] > '9' || *end != '\0') {
        session_say(session, "%.40s: must be a clock, as the status line shows it", argument);
        return;
    }
    session_go_to(session, clock);
}

static void run_break(struct session *session, const char *argument)
{
    uint32_t linear;

    if (address_of(session, argument, &linear)) {
        session_toggle_breakpoint(session, linear);
    }
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
            if (!history_in_past(session->history)) {
                session_say(session, "the serial port takes no more bytes now; run on first");
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
    {"step [N]", "F7 s", "one instruction or one delivery of an interrupt", run_step},
    {"micro [N]", "F8 m", "step inside: one micro-step", run_micro},
    {"over", "F6 o", "one instruction, calls and system calls as a whole", run_over},
    {"back [N]", "Shift+F7 S", "one instruction or delivery back", run_back},
    {"unmicro [N]", "Shift+F8 M", "one micro-step back", run_micro_back},
    {"unover", "Shift+F6 O", "back over a call", run_over_back},
    {"until EVENT", "F9 i, e, y, u",
     "run to the next interrupt, exception, syscall, switch or "
     "breakpoint",
     run_until},
    {"last EVENT", "Shift+F9 I, E, Y, U", "run back to the last one", run_last},
    {"run", "F5 r", "run; again: pause", run_run},
    {"pause", "F5 r", "stop running", run_pause},
    {"go CLOCK", "", "to this clock, forwards or back", run_go},
    {"break PLACE", "F4 b", "set or remove a breakpoint: symbol, hexadecimal address, or SEG:OFF",
     run_break},
    {"boot", "", "how far the boot has got; in the window, the panel of its stages", run_boot},
    {"type TEXT", "", "type a line on the serial console", run_type},
    {"help [COMMAND]", "F1 ?", "this list", run_help},
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
        if (is_word(&commands[i], word, length)) {
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

static void run_help(struct session *session, const char *argument)
{
    const struct command *command = argument[0] ? command_find(argument, strlen(argument)) : NULL;
    size_t used = 0;

    if (command) {
        session_say(session, "%s: %s%s%s", command->name, command->text,
                    command->key[0] ? "; key " : "", command->key);
        return;
    }
    for (size_t i = 0; i < COMMAND_COUNT && used < sizeof(session->message); i++) {
        used += (size_t)snprintf(session->message + used, sizeof(session->message) - used, "%s%s",
                                 i ? ", " : "commands: ", commands[i].name);
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

void session_command(struct session *session, const char *line)
{
    const struct command *command;
    size_t length;
    char argument[256];

    line += strspn(line, " \t");
    length = word_length(line);
    if (length == 0) {
        session_say(session, "help lists the commands");
        return;
    }
    command = command_find(line, length);
    if (!command) {
        session_say(session, "%.*s: no such command; help lists them", (int)(length & 63), line);
        return;
    }
    line += length;
    line += strspn(line, " ");
    snprintf(argument, sizeof(argument), "%s", line);
    command->run(session, argument);
}
