/* The way of a system call in six steps: the program calls its stub, the stub traps, the entry
 * leads to the kernel's stub, that to the handler; its result goes back, and IRET back to the
 * program. Where the machine is now is the marked one. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/view_panels.h"

#define NAME_BYTES 40u

enum place { AT_PROGRAM, AT_STUB, AT_TRAP, AT_KERNEL_STUB, AT_HANDLER, AT_RETURN, PLACE_COUNT };

struct path {
    char names[PLACE_COUNT][NAME_BYTES];
    uint32_t now; /* enum place; PLACE_COUNT: in no call */
};

/* "write" of "write at system_calls.c:40". */
static void take_name(const struct session_frame_line *frame, char *name)
{
    size_t length = strcspn(frame->text, " +");

    snprintf(name, NAME_BYTES, "%.*s", (int)(length < 30 ? length : 30), frame->text);
}

static bool is_int80(const struct view_context *context, uint32_t linear)
{
    uint8_t bytes[2];

    return context->read && context->read(context->read_context, linear, bytes, sizeof bytes) &&
           bytes[0] == 0xCD && bytes[1] == 0x80;
}

/* In the program: in front of INT 80h, or behind it. */
static void find_in_program(const struct view_context *context, struct path *path)
{
    const struct session_source *source = &context->view->source;
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t linear = cpu->segments[SEG_CS].base + cpu->eip;
    const struct session_log *log = &context->view->log;
    uint32_t index = session_log_until(log, context->view->position.clock);
    const struct os_call *call = os_call(cpu->gpr[REG_EAX]);

    if (!is_int80(context, linear) && !is_int80(context, linear - 2)) {
        return;
    }
    path->now = is_int80(context, linear) ? AT_STUB : AT_RETURN;
    take_name(&source->frames[0], path->names[AT_STUB]);
    if (source->frame_count > 1) {
        take_name(&source->frames[1], path->names[AT_PROGRAM]);
    }
    while (path->now == AT_RETURN && index-- > 0) { /* EAX has the result: the log knows of what */
        if (session_log_at(log, index)->kind == OS_EVENT_RESULT) {
            call = os_call(session_log_at(log, index)->number);
            break;
        }
    }
    if (call) {
        snprintf(path->names[AT_HANDLER], NAME_BYTES, "sys_%.30s", call->name);
    }
}

/* In the kernel: by the functions that have not returned. */
static void find_in_kernel(const struct session_source *source, struct path *path)
{
    char name[NAME_BYTES];
    uint32_t user = 0;

    while (user < source->frame_count && !source->frames[user].is_user) {
        take_name(&source->frames[user], name);
        if (strncmp(name, "sys_", 4) == 0) {
            memcpy(path->names[AT_HANDLER], name, NAME_BYTES);
            path->now = AT_HANDLER;
        } else if (strcmp(name, "system_call") == 0 || strcmp(name, "run") == 0) {
            path->now = path->now == PLACE_COUNT ? AT_KERNEL_STUB : path->now;
        } else if (strcmp(name, "vector_system_call") == 0) {
            path->now = AT_TRAP;
        }
        user++;
    }
    if (user < source->frame_count) {
        take_name(&source->frames[user], path->names[AT_STUB]);
    }
    if (user + 1 < source->frame_count) {
        take_name(&source->frames[user + 1], path->names[AT_PROGRAM]);
    }
}

/* What the log says about the call: it has begun and not come back. */
static const struct os_event *open_call(const struct session_view *view)
{
    uint32_t index = session_log_until(&view->log, view->position.clock);

    while (index-- > 0) {
        const struct os_event *event = session_log_at(&view->log, index);

        if (event->kind == OS_EVENT_CALL) {
            return event;
        }
        if (event->kind == OS_EVENT_USER || event->kind == OS_EVENT_SWITCHED) {
            return NULL;
        }
    }
    return NULL;
}

static struct path find_path(const struct view_context *context)
{
    const struct session_view *view = context->view;
    struct path path = {.now = PLACE_COUNT};
    const struct os_event *call = view->log.known ? open_call(view) : NULL;
    const struct os_call *row = call ? os_call(call->number) : NULL;

    snprintf(path.names[AT_PROGRAM], NAME_BYTES, "program");
    snprintf(path.names[AT_STUB], NAME_BYTES, "user stub");
    snprintf(path.names[AT_TRAP], NAME_BYTES, "trap: INT 80h");
    snprintf(path.names[AT_KERNEL_STUB], NAME_BYTES, "kernel stub");
    snprintf(path.names[AT_HANDLER], NAME_BYTES, "handler");
    snprintf(path.names[AT_RETURN], NAME_BYTES, "IRET");
    if (!view->source.known || view->source.frame_count == 0) {
        return path;
    }
    if (view_is_user(&view->state.cpu)) {
        find_in_program(context, &path);
        return path;
    }
    find_in_kernel(&view->source, &path);
    if (call && row) {
        snprintf(path.names[AT_HANDLER], NAME_BYTES, "sys_%.30s", row->name);
        path.now =
            path.now == PLACE_COUNT ? AT_TRAP : path.now; /* in the entry, or on its way out */
    }
    return path;
}

static uint32_t show_place(struct grid *grid, struct rect area, uint32_t column, uint32_t row,
                           const struct path *path, enum place place, enum grid_role role)
{
    bool now = path->now == place;
    struct pen pen = {path->now == PLACE_COUNT ? ROLE_DIM
                      : now                    ? ROLE_CURRENT
                                               : role,
                      now ? CELL_BOLD : 0, LINK_TOPIC + TOPIC_SYSTEM_CALL_PATH};

    return grid_print(grid, area, column, row, pen, now ? "[%s]" : "%s", path->names[place]);
}

void view_call_path(struct grid *grid, struct rect area, const struct view_context *context)
{
    static const enum grid_role roles[PLACE_COUNT] = {ROLE_USER,   ROLE_USER,   ROLE_KERNEL,
                                                      ROLE_KERNEL, ROLE_KERNEL, ROLE_KERNEL};
    struct path path = find_path(context);
    struct pen arrow = {ROLE_LABEL, 0, LINK_TOPIC + TOPIC_SYSTEM_CALL_PATH};
    uint32_t column = 1;
    uint32_t handler;

    for (uint32_t place = AT_PROGRAM; place < AT_HANDLER; place++) {
        column = show_place(grid, area, column, 0, &path, (enum place)place, roles[place]);
        column = grid_print(grid, area, column, 0, arrow, " ─%u► ", (unsigned)place + 1);
    }
    handler = column;
    show_place(grid, area, column, 0, &path, AT_HANDLER, roles[AT_HANDLER]);
    column = grid_text(grid, area, 1, 1, arrow, "◄───6 ");
    column = show_place(grid, area, column, 1, &path, AT_RETURN, roles[AT_RETURN]);
    for (column++; column + 4 < handler; column++) {
        grid_put(grid, area, column, 1, arrow, 0x2500u);
    }
    grid_text(grid, area, column, 1, arrow, "◄─5 the result, in EAX");
}
