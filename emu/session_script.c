/* Scripts, marks, undo of the debugger's own commands, and the file beside the kernel that keeps
 * breakpoints and watch list.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/session_priv.h"

#define SCRIPT_LIMIT (1u << 20)

/* ---- scripts ---- */

void session_set_listener(struct session *session,
                          void (*listen)(void *context, const char *text, bool refused),
                          void *context)
{
    session->listen = listen;
    session->listener = context;
}

bool session_start_script(struct session *session, const char *name, const char *text)
{
    struct session_script *script;

    if (session->script_count == SESSION_SCRIPTS_MAX) {
        return session_refuse(session, "%.100s: more than %u scripts inside each other", name,
                              SESSION_SCRIPTS_MAX);
    }
    script = &session->scripts[session->script_count];
    script->text = strdup(text);
    if (!script->text) {
        return session_refuse(session, "no memory");
    }
    script->at = script->text;
    script->line = 0;
    snprintf(script->name, sizeof(script->name), "%s", name);
    session->script_count++;
    return true;
}

bool session_in_script(const struct session *session)
{
    return session->script_count > 0;
}

bool session_is_replaying(const struct session *session)
{
    return session->task == TASK_TRAVEL;
}

bool session_is_moving(const struct session *session)
{
    return session->task != TASK_NONE;
}

enum machine_stop session_last_stop(const struct session *session)
{
    return session->stop;
}

bool session_refused(const struct session *session)
{
    return session->refused != 0;
}

static void script_drop(struct session *session)
{
    free(session->scripts[--session->script_count].text);
}

void session_script_stop(struct session *session)
{
    while (session->script_count) {
        script_drop(session);
    }
}

static void tell(struct session *session, const char *text, bool refused)
{
    if (session->listen && text[0]) {
        session->listen(session->listener, text, refused);
    }
}

void session_tell_log(struct session *session)
{
    if (session->listen && session->answered) {
        tell(session, session->answer, false);
        session->answered = 0;
        session->answer[0] = '\0';
    }
}

void session_tell_move(struct session *session)
{
    if (session->answered) {
        session_show_watched(session);
        tell(session, session->answer, false);
        tell(session, session->message, false);
    } else {
        tell(session, session->message, false);
        session_show_watched(session);
        tell(session, session->answered ? session->answer : "", false);
    }
    session->answered = 0;
    session->answer[0] = '\0';
}

static void script_refused(struct session *session, const struct session_script *script)
{
    char text[sizeof(session->message) + 300];

    snprintf(text, sizeof(text), "%s:%" PRIu32 ":%" PRIu32 ": %s", script->name, script->line,
             session->refused_column ? session->refused_column : 1, session->message);
    session_script_stop(session);
    snprintf(session->message, sizeof(session->message), "%.500s", text);
    tell(session, text, true);
}

void session_set_front(struct session *session, bool (*take)(void *context, const char *line),
                       void *context)
{
    session->front_take = take;
    session->front_context = context;
}

void session_front_done(struct session *session)
{
    session->front_pending = 0;
}

bool session_waits_for_front(const struct session *session)
{
    return session->front_pending != 0;
}

int session_script_step(struct session *session)
{
    struct session_script *script;
    char *line;
    size_t length;

    if (session->script_count == 0) {
        return 0;
    }
    if (session->front_pending) {
        return 1;
    }
    script = &session->scripts[session->script_count - 1];
    if (session->moved_in_script) {
        session->moved_in_script = 0;
        session_tell_move(session);
    }
    if (*script->at == '\0' || session->quit) {
        script_drop(session);
        return session->script_count > 0 && !session->quit;
    }
    line = script->at;
    length = strcspn(line, "\n");
    script->at += length + (line[length] == '\n');
    line[length > 0 && line[length - 1] == '\r' ? length - 1 : length] = '\0';
    script->line++;
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#') {
        return 1;
    }
    session_command(session, line);
    if (session->refused) {
        script_refused(session, script);
        return 0;
    }
    session->moved_in_script = session->task != TASK_NONE;
    if (!session->moved_in_script && session->speaks) {
        tell(session, session_answer(session), false);
    }
    return 1;
}

void session_do_source(struct session *session, const char *argument)
{
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    if (!file_read(argument, SCRIPT_LIMIT, &bytes, &size, &err)) {
        session_refuse(session, "%.400s", err.message);
        return;
    }
    if (memchr(bytes, 0, size)) {
        session_refuse(session, "%.200s: not a text", argument);
    } else if (session_start_script(session, argument, (const char *)bytes)) {
        session_say(session, "doing the commands of %.200s", argument);
    }
    free(bytes);
}

/* ---- leaving ---- */

void session_do_quit(struct session *session, const char *argument)
{
    struct expression_value value = {0};

    if (argument[0] && !session_evaluate(session, argument, &value)) {
        return;
    }
    session->quit = 1;
    session->quit_status = (int)(value.number & 255);
    session_say(session, "leaving");
}

bool session_wants_quit(const struct session *session, int *status)
{
    *status = session->quit_status;
    return session->quit != 0;
}

/* ---- marks ---- */

bool session_find_mark(const struct session *session, const char *name, struct history_place *place)
{
    for (uint32_t i = 0; i < SESSION_MARKS_MAX; i++) {
        if (session->marks[i].name[0] && strcmp(session->marks[i].name, name) == 0) {
            *place = session->marks[i].place;
            return true;
        }
    }
    return false;
}

void session_do_mark(struct session *session, const char *argument)
{
    struct session_mark *free_mark = NULL;

    if (argument[0] == '\0' || strlen(argument) >= sizeof(free_mark->name) ||
        strchr(argument, ' ') || (argument[0] >= '0' && argument[0] <= '9')) {
        session_refuse(session, "mark: a name of at most 31 letters is missing");
        return;
    }
    for (uint32_t i = SESSION_MARKS_MAX; i-- > 0;) {
        struct session_mark *mark = &session->marks[i];

        if (strcmp(mark->name, argument) == 0) {
            free_mark = mark;
            break;
        }
        free_mark = mark->name[0] ? free_mark : mark;
    }
    if (!free_mark) {
        session_refuse(session, "there are %u marks already", SESSION_MARKS_MAX);
        return;
    }
    snprintf(free_mark->name, sizeof(free_mark->name), "%s", argument);
    free_mark->place = history_present(session->history);
    session_say(session, "%s is clock %" PRIu64, argument, free_mark->place.clock);
}

void session_do_marks(struct session *session, const char *argument)
{
    (void)argument;
    for (uint32_t i = 0; i < SESSION_MARKS_MAX; i++) {
        if (session->marks[i].name[0]) {
            session_print(session, "%s%s: clock %" PRIu64 ", step %" PRIu64,
                          session->answered ? "\n" : "", session->marks[i].name,
                          session->marks[i].place.clock, session->marks[i].place.step);
        }
    }
    if (!session->answered) {
        session_say(session, "there are no marks; mark NAME makes one");
    }
}

/* ---- undo ---- */

void session_keep_undo(struct session *session)
{
    struct session_undo *undo = session->undo;

    undo->valid = 1;
    undo->place = history_present(session->history);
    memcpy(undo->points, session->points, sizeof(undo->points));
    undo->watched_count = session->watched_count;
    memcpy(undo->watched, session->watched, sizeof(undo->watched));
}

void session_do_undo(struct session *session, const char *argument)
{
    struct session_undo *undo = session->undo;

    (void)argument;
    if (!undo->valid) {
        session_refuse(session, "there is nothing to undo");
        return;
    }
    undo->valid = 0;
    memcpy(session->points, undo->points, sizeof(session->points));
    session->watched_count = undo->watched_count;
    memcpy(session->watched, undo->watched, sizeof(session->watched));
    session_begin_move(session);
    session_arm(session);
    history_go_to(session->history, undo->place);
    session->stop = MACHINE_STOP_STEPPED;
    session_say_place(session, "as before the last command,");
}

/* ---- the file beside the kernel ---- */

static bool settings_path(struct session *session, const char *argument, char *path, size_t bytes)
{
    const char *kernel = NULL;

    if (argument[0]) {
        snprintf(path, bytes, "%s", argument);
        return true;
    }
    for (uint32_t file = 1; elf_symbols_path(session->symbols, file); file++) {
        const char *name = elf_symbols_path(session->symbols, file);

        if (!kernel || strstr(name, "kernel")) {
            kernel = name;
        }
    }
    if (!kernel) {
        return session_refuse(session,
                              "a file name is missing: there is no kernel to put it beside");
    }
    return snprintf(path, bytes, "%s.ringside", kernel) < (int)bytes ||
           session_refuse(session, "%.100s: the name is too long", kernel);
}

void session_save_points(const struct session *session, json_t *root)
{
    json_t *points = json_array();
    json_t *watched = json_array();

    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        const struct session_point *point = &session->points[i];

        if (point->number) {
            json_t *row = json_object();

            json_object_set_new(row, "event", json_string(point->text));
            json_object_set_new(row, "trace", json_boolean(point->is_trace));
            json_object_set_new(row, "off", json_boolean(point->disabled));
            json_array_append_new(points, row);
        }
    }
    for (uint32_t i = 0; i < session->watched_count; i++) {
        json_array_append_new(watched, json_string(session->watched[i]));
    }
    json_object_set_new(root, "breakpoints", points);
    json_object_set_new(root, "display", watched);
    if (session->layout[0]) {
        json_object_set_new(root, "layout", json_string(session->layout));
    }
}

void session_do_save(struct session *session, const char *argument)
{
    json_t *root = json_object();
    struct err err = {0};
    char path[1024];
    char *text;

    json_object_set_new(root, "version", json_integer(1));
    session_save_points(session, root);
    text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    if (text && settings_path(session, argument, path, sizeof(path))) {
        if (file_write(path, text, strlen(text), &err)) {
            session_say(session, "breakpoints and watch list are in %.400s", path);
        } else {
            session_refuse(session, "%.400s", err.message);
        }
    }
    free(text);
}

static bool load_point(struct session *session, const json_t *row)
{
    const char *text = json_string_value(json_object_get(row, "event"));
    char message[sizeof(session->message)];
    bool trace = json_is_true(json_object_get(row, "trace"));

    if (!text || strlen(text) >= sizeof(session->points[0].text)) {
        return session_refuse(session, "a breakpoint has no event");
    }
    session->argument = NULL;
    snprintf(message, sizeof(message), "%s", text);
    if (trace) {
        session_do_trace(session, message);
    } else {
        session_do_break(session, message);
    }
    if (!session->refused && json_is_true(json_object_get(row, "off"))) {
        char number[16];

        snprintf(number, sizeof(number), "%" PRIu32, session->next_number);
        session_do_disable(session, number);
    }
    return !session->refused;
}

bool session_load_points(struct session *session, const json_t *root)
{
    const json_t *points = json_object_get(root, "breakpoints");
    const json_t *watched = json_object_get(root, "display");
    const char *layout = json_string_value(json_object_get(root, "layout"));
    size_t count = json_array_size(points);

    session->refused = 0;
    memset(session->points, 0, sizeof(session->points));
    session_arm(session);
    for (size_t i = 0; i < count && load_point(session, json_array_get(points, i)); i++) {}
    session->watched_count = 0;
    for (size_t i = 0; i < json_array_size(watched) && i < SESSION_WATCHED_MAX; i++) {
        const char *text = json_string_value(json_array_get(watched, i));

        snprintf(session->watched[session->watched_count++], EXPRESSION_TEXT_BYTES, "%s",
                 text ? text : "");
    }
    if (layout) {
        session_set_layout(session, layout);
    }
    return !session->refused;
}

void session_do_load(struct session *session, const char *argument)
{
    json_error_t wrong;
    char path[1024];
    json_t *root;
    size_t count;

    if (!settings_path(session, argument, path, sizeof(path))) {
        return;
    }
    root = json_load_file(path, 0, &wrong);
    if (!root || json_integer_value(json_object_get(root, "version")) != 1) {
        session_refuse(session, "%.300s: not a file of saved breakpoints: %.100s", path,
                       root ? "its version is not 1" : wrong.text);
        json_decref(root);
        return;
    }
    count = json_array_size(json_object_get(root, "breakpoints"));
    if (session_load_points(session, root)) {
        session_say(session, "%zu breakpoint%s from %.300s", count, count == 1 ? "" : "s", path);
    }
    json_decref(root);
}
