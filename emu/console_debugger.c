/* The debugger without a window.
 * SPDX-License-Identifier: MIT */
#include "emu/console_debugger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/file.h"
#include "emu/session.h"
#include "emu/ui_prompt.h"
#include "emu/view_text.h"

#define HISTORY_DEFAULT (256ull << 20)
#define SCRIPT_LIMIT    (1u << 20)
#define STATUS_TROUBLE  2
#define QUIZ_QUESTIONS  10u

struct console_debugger {
    struct session *session;
    const struct options *options;
    struct console_debugger_host host;
    FILE *out;
    uint32_t script;       /* of options->scripts: the next one */
    uint32_t prompts;      /* 1: commands come from the terminal */
    uint32_t free_running; /* 1: no command has begun what goes on */
    uint32_t questions;    /* of --quiz, asked so far */
    uint32_t asking;       /* 1: the last one waits for its answer */
    uint32_t refused;      /* 1: a command of a script could not be done */
    uint32_t has_left;     /* 1: the terminal's end of file */
};

bool console_debugger_wanted(const struct options *options)
{
    return options->script_count > 0 || options->break_count > 0 || options->moment ||
           options->moment_file || options->quiz;
}

bool console_debugger_reads_stdin(const struct options *options)
{
    if (options->quiz) {
        return true;
    }
    for (uint32_t i = 0; i < options->script_count; i++) {
        if (strcmp(options->scripts[i], "-") == 0) {
            return true;
        }
    }
    return false;
}

static void print(struct console_debugger *debugger, const char *text)
{
    debugger->host.before_print(debugger->host.context);
    fprintf(debugger->out, "%s\n", text);
    fflush(debugger->out);
}

static void hear(void *context, const char *text, bool refused)
{
    struct console_debugger *debugger = context;

    if (!refused) {
        print(debugger, text);
        return;
    }
    debugger->host.before_print(debugger->host.context);
    fprintf(stderr, "ringside: %s\n", text);
    debugger->refused = 1;
}

static bool set_breaks(struct console_debugger *debugger, struct err *err)
{
    const struct options *options = debugger->options;

    for (uint32_t i = 0; i < options->break_count; i++) {
        char line[300];

        snprintf(line, sizeof(line), "break %.250s", options->breaks[i]);
        session_command(debugger->session, line);
        if (session_refused(debugger->session)) {
            return err_set(err, "--break %.200s", session_answer(debugger->session));
        }
    }
    return true;
}

/* All of standard input, when it is no terminal. */
static char *read_stdin(void)
{
    char *text = malloc(SCRIPT_LIMIT + 1);
    size_t length = text ? fread(text, 1, SCRIPT_LIMIT, stdin) : 0;

    if (text) {
        text[length] = '\0';
    }
    return text;
}

static bool start_script(struct console_debugger *debugger, const char *path, struct err *err)
{
    uint8_t *bytes;
    size_t size;
    bool good;

    if (strcmp(path, "-") == 0 && isatty(STDIN_FILENO)) {
        debugger->prompts = 1;
        return true;
    }
    if (strcmp(path, "-") == 0) {
        path = "stdin";
        bytes = (uint8_t *)read_stdin();
        size = bytes ? strlen((const char *)bytes) : 0;
    } else if (!file_read(path, SCRIPT_LIMIT, &bytes, &size, err)) {
        return false;
    }
    good = bytes && !memchr(bytes, 0, size)
               ? session_start_script(debugger->session, path, (const char *)bytes)
               : err_set(err, "%s: not a text", path);
    free(bytes);
    return good;
}

struct console_debugger *console_debugger_open(struct machine *machine,
                                               const struct options *options,
                                               const struct elf_symbols *symbols,
                                               const struct console_debugger_host *host,
                                               struct err *err)
{
    uint64_t history =
        options->history_bytes == UINT64_MAX ? HISTORY_DEFAULT : options->history_bytes;
    struct console_debugger *debugger = calloc(1, sizeof(*debugger));

    if (!debugger) {
        err_set(err, "no memory");
        return NULL;
    }
    debugger->options = options;
    debugger->host = *host;
    debugger->out = options->exec ? stderr : stdout;
    debugger->session = session_create(machine, symbols, history, err);
    if (debugger->session) {
        session_set_sink(debugger->session, &debugger->host.sink);
        session_set_listener(debugger->session, hear, debugger);
        session_set_painter(debugger->session,
                            &(struct session_painter){view_text, (void *)(uintptr_t)symbols});
        if ((!options->moment || session_open_moment(debugger->session, options->moment, err)) &&
            set_breaks(debugger, err) &&
            (options->script_count == 0 || start_script(debugger, options->scripts[0], err))) {
            debugger->script = 1;
            return debugger;
        }
    }
    console_debugger_close(debugger);
    return NULL;
}

void console_debugger_close(struct console_debugger *debugger)
{
    if (debugger) {
        ui_prompt_close();
        session_destroy(debugger->session);
        free(debugger);
    }
}

bool console_debugger_save(struct console_debugger *debugger, struct err *err)
{
    char line[300];

    if (!debugger || !debugger->options->moment_file) {
        return true;
    }
    snprintf(line, sizeof(line), "save-moment %.250s", debugger->options->moment_file);
    session_command(debugger->session, line);
    return !session_refused(debugger->session) ||
           err_set(err, "--moment %.400s", session_answer(debugger->session));
}

bool console_debugger_left(const struct console_debugger *debugger, int *status)
{
    if (debugger->refused) {
        *status = STATUS_TROUBLE;
        return true;
    }
    return session_wants_quit(debugger->session, status) || debugger->has_left;
}

/* A line of the terminal. */
static void prompt(struct console_debugger *debugger)
{
    char line[512];

    debugger->host.before_print(debugger->host.context);
    if (!ui_prompt_line(line, sizeof(line))) {
        debugger->has_left = 1;
        return;
    }
    if (line[0] == '\0') {
        return;
    }
    session_command(debugger->session, line);
    print(debugger, session_answer(debugger->session));
}

/* ---- --quiz ---- */

static bool tell_command(struct console_debugger *debugger, const char *line)
{
    session_command(debugger->session, line);
    if (!session_is_moving(debugger->session)) {
        print(debugger, session_answer(debugger->session));
    }
    return !session_refused(debugger->session);
}

/* The next line of standard input without its end; false: there is none. */
static bool read_answer(struct console_debugger *debugger, char *line, size_t bytes)
{
    if (isatty(STDIN_FILENO)) {
        debugger->host.before_print(debugger->host.context);
        return ui_prompt_line(line, bytes);
    }
    if (!fgets(line, (int)bytes, stdin)) {
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static void end_quiz(struct console_debugger *debugger)
{
    char line[300];

    snprintf(line, sizeof(line), "quiz result %.250s",
             debugger->options->json ? debugger->options->json : "");
    debugger->refused = !tell_command(debugger, line);
    debugger->has_left = 1;
}

/* One thing at a time: to the next event, the question, its answer. */
static void quiz_turn(struct console_debugger *debugger)
{
    static const char *const events[] = {"until mode", "until syscall", "until mode",
                                         "until interrupt"};
    char answer[200];
    char line[256];

    if (debugger->asking == 2) {
        if (!read_answer(debugger, answer, sizeof(answer))) {
            end_quiz(debugger);
            return;
        }
        snprintf(line, sizeof(line), "answer %s", answer);
        if (tell_command(debugger, line)) {
            debugger->asking = 0;
            debugger->questions++;
        }
    } else if (debugger->asking == 1) {
        debugger->asking = tell_command(debugger, "quiz") ? 2 : 0;
    } else if (debugger->questions == QUIZ_QUESTIONS) {
        end_quiz(debugger);
    } else {
        session_command(debugger->session, "step");
        session_command(debugger->session, events[debugger->questions % 4]);
        debugger->asking = 1;
    }
}

/* What goes on when no command and no move is left: the next script, the terminal, or the machine.
 * false: nothing more can. */
static bool begin_next(struct console_debugger *debugger, enum machine_stop stop)
{
    struct err err = {0};

    debugger->free_running = 0;
    if (debugger->script < debugger->options->script_count) {
        if (!start_script(debugger, debugger->options->scripts[debugger->script++], &err)) {
            fprintf(stderr, "ringside: %s\n", err.message);
            debugger->refused = 1;
        }
        return true;
    }
    if (debugger->prompts) {
        prompt(debugger);
        return true;
    }
    if (debugger->options->quiz &&
        !machine_state(session_machine(debugger->session))->progress.ending) {
        quiz_turn(debugger);
        return true;
    }
    if (stop >= MACHINE_STOP_EXIT && stop != MACHINE_STOP_OBSERVER) {
        return false;
    }
    session_start_run(debugger->session);
    debugger->free_running = 1;
    return true;
}

enum machine_stop console_debugger_run(struct console_debugger *debugger, uint64_t until)
{
    struct machine *machine = session_machine(debugger->session);
    uint64_t now = machine_clock(machine);
    bool more;

    if (ui_prompt_interrupted()) {
        session_pause(debugger->session);
        print(debugger, session_answer(debugger->session));
    }
    if (!session_is_moving(debugger->session) && !session_in_script(debugger->session)) {
        enum machine_stop stop = session_last_stop(debugger->session);

        if (machine_state(machine)->progress.ending) {
            stop = machine_state(machine)->progress.ending;
        }
        if (!begin_next(debugger, stop)) {
            return stop;
        }
    }
    more = session_advance(debugger->session, until > now ? until - now : 1) != 0;
    if (!more && (debugger->free_running || debugger->prompts) &&
        !session_wants_quit(debugger->session, &(int){0}) &&
        session_last_stop(debugger->session) != MACHINE_STOP_STEPPED) {
        session_tell_move(debugger->session);
    }
    return MACHINE_STOP_CLOCK;
}
