/* Saving the place where a session stands, and bringing a fresh session to such a place.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/moment.h"
#include "emu/session_priv.h"

#define SLICE_CLOCKS 20000000u

/* ---- saving ---- */

static json_t *marks_json(const struct session *session, struct history_place here)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < SESSION_MARKS_MAX; i++) {
        const struct session_mark *mark = &session->marks[i];

        if (mark->name[0] && history_compare(mark->place, here) <= 0) {
            json_t *row = json_object();

            json_object_set_new(row, "name", json_string(mark->name));
            json_object_set_new(row, "clock", json_integer((json_int_t)mark->place.clock));
            json_object_set_new(row, "step", json_integer((json_int_t)mark->place.step));
            json_array_append_new(list, row);
        }
    }
    return list;
}

void session_do_save_moment(struct session *session, const char *argument)
{
    struct history_place here = history_present(session->history);
    struct err err = {0};
    json_t *root;
    char *text;

    if (argument[0] == '\0') {
        session_refuse(session, "save-moment: a file name is missing");
        return;
    }
    if (!machine_get_config(session->machine)->origin) {
        session_refuse(session, "save-moment: it is not known here what this machine was made of");
        return;
    }
    root = moment_object(session->machine, here, session->micro);
    json_object_set_new(root, "marks", marks_json(session, here));
    session_save_points(session, root);
    text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    json_decref(root);
    if (!text || !file_write(argument, text, strlen(text), &err)) {
        session_refuse(session, "%.400s", text ? err.message : "no memory");
    } else {
        session_say(session, "clock %" PRIu64 " is in %.400s; ringside replay opens it", here.clock,
                    argument);
    }
    free(text);
}

/* ---- opening ---- */

static void take_marks(struct session *session, const json_t *list)
{
    size_t count = json_array_size(list);

    for (size_t i = 0; i < count && i < SESSION_MARKS_MAX; i++) {
        const json_t *row = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(row, "name"));
        struct session_mark *mark = &session->marks[i];

        snprintf(mark->name, sizeof(mark->name), "%s", name ? name : "");
        mark->place.clock = (uint64_t)json_integer_value(json_object_get(row, "clock"));
        mark->place.step = (uint64_t)json_integer_value(json_object_get(row, "step"));
    }
}

/* Runs the machine to the place, telling nobody what it prints on the way. */
static void run_there(struct session *session, struct history_place place)
{
    struct machine_sink forward = session->forward;
    enum machine_stop stop = MACHINE_STOP_CLOCK;

    session->forward = (struct machine_sink){0};
    while (machine_clock(session->machine) < place.clock &&
           (stop == MACHINE_STOP_CLOCK || stop == MACHINE_STOP_REQUESTED)) {
        uint64_t next = machine_clock(session->machine) + SLICE_CLOCKS;

        stop = history_run(session->history, next < place.clock ? next : place.clock);
    }
    while (history_compare(history_present(session->history), place) < 0 &&
           history_step(session->history, NULL) == MACHINE_STOP_STEPPED) {}
    session->forward = forward;
}

bool session_open_moment(struct session *session, const struct moment *moment, struct err *err)
{
    run_there(session, moment->place);
    if (history_compare(history_present(session->history), moment->place) != 0 ||
        machine_hash(session->machine) != moment->hash) {
        return err_set(err, "the moment's clock %" PRIu64 " has been reached, but not its state",
                       moment->place.clock);
    }
    session_begin_move(session);
    take_marks(session, json_object_get(moment->root, "marks"));
    if (!session_load_points(session, moment->root)) {
        return err_set(err, "the moment's breakpoints: %.400s", session->message);
    }
    for (uint32_t i = 0; i < moment->micro; i++) {
        session_micro_step(session, SESSION_FORWARD);
        if (session->micro != i + 1) {
            return err_set(err, "the moment's next step has only %" PRIu32 " micro-steps", i);
        }
    }
    session->stop = MACHINE_STOP_STEPPED;
    session_say_place(session, "the moment");
    return true;
}
