/* The machine in the window or on a terminal.
 * SPDX-License-Identifier: MIT */
#include "emu/window_host.h"

#include <stdio.h>
#include <string.h>

#include "emu/input_log.h"
#include "emu/result.h"
#include "emu/session.h"
#include "emu/tui_terminal.h"
#include "emu/ui_font_face.h"
#include "emu/ui_window.h"

#define HISTORY_DEFAULT (256ull << 20)

static bool set_breakpoints(struct session *session, const struct options *options, struct err *err)
{
    for (uint32_t i = 0; i < options->break_count; i++) {
        char line[300];

        snprintf(line, sizeof(line), "break %.250s", options->breaks[i]);
        session_command(session, line);
        if (session_refused(session)) {
            return err_set(err, "--break %s", session_answer(session));
        }
    }
    return true;
}

/* Scripts are begun in reverse: the first one is done first. */
static bool start_scripts(struct session *session, const struct options *options, struct err *err)
{
    for (uint32_t i = options->script_count; i-- > 0;) {
        char line[300];

        snprintf(line, sizeof(line), "source %.250s", options->scripts[i]);
        session_command(session, line);
        if (session_refused(session)) {
            return err_set(err, "%s", session_answer(session));
        }
    }
    return true;
}

/* What --json and --record ask for, after the window has closed. */
static bool write_results(struct machine *machine, const struct options *options, struct err *err)
{
    struct result result = {.reason = "left"};
    uint32_t ending = machine_state(machine)->progress.ending;

    if (ending) {
        result.exit_status = machine_exit_status(machine);
        result.reason = "ended";
        machine_explain_stop(machine, ending, result.text, sizeof(result.text));
    }
    return (!options->record || input_log_save(machine_log(machine), options->record, err)) &&
           (!options->json || result_write(&result, machine, options->json, err));
}

/* What --moment asks for. */
static bool save_moment(struct session *session, const struct options *options, struct err *err)
{
    char line[300];

    if (!options->moment_file) {
        return true;
    }
    snprintf(line, sizeof(line), "save-moment %.250s", options->moment_file);
    session_command(session, line);
    return !session_refused(session) || err_set(err, "--moment %.400s", session_answer(session));
}

static int show(struct session *session, const struct options *options,
                const struct elf_symbols *symbols, struct err *err)
{
    struct ui_options ui = {
        .pace_real = options->pace != PACE_MAX,
        .settings = true,
        .preset = options->preset,
        .theme = options->theme,
        .font = options->font,
        .font_scale = options->font_pixels ? options->font_pixels * 100 / FONT_PIXELS + 1 : 0,
        .symbols = symbols,
    };

    if ((options->moment && !session_open_moment(session, options->moment, err)) ||
        !set_breakpoints(session, options, err) || !start_scripts(session, options, err) ||
        (options->quiz && !session_start_script(session, "--quiz", "until mode\nquiz\n"))) {
        return 2;
    }
    int status = options->tui ? tui_run(session, &ui, err) : ui_window_run(session, &ui, err);
    int asked = 0;

    if (!save_moment(session, options, err)) {
        return 2;
    }
    return status == 0 && session_wants_quit(session, &asked) ? asked : status;
}

static int run(struct machine *machine, const struct options *options,
               const struct elf_symbols *symbols)
{
    struct err err = {0};
    uint64_t history =
        options->history_bytes == UINT64_MAX ? HISTORY_DEFAULT : options->history_bytes;
    struct session *session = session_create(machine, symbols, history, &err);
    int status = session ? show(session, options, symbols, &err) : 2;

    session_destroy(session);
    if (!err.message[0] && !write_results(machine, options, &err)) {
        status = 2;
    }
    if (err.message[0]) {
        fprintf(stderr, "ringside: %s\n", err.message);
    }
    return status;
}

window_runner *window_host_runner(char **arguments, struct err *err)
{
    (void)arguments;
    (void)err;
    return run;
}
