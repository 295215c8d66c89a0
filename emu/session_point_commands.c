/* Commands about points: break, trace, delete, enable, disable, info breakpoints; and the plain
 * breakpoints that a key or a click sets.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

static struct session_point *free_point(struct session *session)
{
    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        if (!session->points[i].number) {
            return &session->points[i];
        }
    }
    session_refuse(session, "there are %u breakpoints already; remove one first",
                   SESSION_POINTS_MAX);
    return NULL;
}

static bool room_for(struct session *session, const struct session_point *point)
{
    uint32_t places = point->address_count;
    uint32_t watches = point->kind == POINT_MEMORY;

    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        if (session->points[i].number) {
            places += session->points[i].address_count;
            watches += session->points[i].kind == POINT_MEMORY;
        }
    }
    if (places > 63 || watches > WATCHES_MAX - 1) {
        session_refuse(session, "there are %u breakpoints already; remove one first",
                       SESSION_POINTS_MAX);
        return false;
    }
    return true;
}

static struct session_point *add_point(struct session *session, const struct session_point *point)
{
    struct session_point *to = free_point(session);

    if (!to || !room_for(session, point)) {
        return NULL;
    }
    *to = *point;
    to->number = ++session->next_number;
    session_arm(session);
    return to;
}

static void add_command(struct session *session, const char *argument, bool trace)
{
    struct session_point *point = calloc(1, sizeof(*point));
    const struct session_point *added = NULL;

    if (!point) {
        session_refuse(session, "no memory");
        return;
    }
    if (session_parse_point(session, argument, point)) {
        point->is_trace |= trace;
        added = add_point(session, point);
    }
    if (added) {
        session_say(session, "%s %" PRIu32 ": %s", added->is_trace ? "trace" : "breakpoint",
                    added->number, argument);
    }
    free(point);
}

/* A place alone goes on and off, as a click does it. */
void session_do_break(struct session *session, const char *argument)
{
    uint32_t linear;

    if (argument[0] && session_address(session, argument, &linear)) {
        session_toggle_breakpoint(session, linear);
    } else {
        add_command(session, argument, false);
    }
}

void session_do_trace(struct session *session, const char *argument)
{
    add_command(session, argument, true);
}

static bool is_plain(const struct session_point *point, uint32_t linear)
{
    return point->number && point->kind == POINT_PLACE && point->address_count == 1 &&
           point->addresses[0] == linear && !point->has_condition && !point->is_trace;
}

bool session_toggle_breakpoint(struct session *session, uint32_t linear)
{
    struct session_point *point;
    uint32_t offset = 0;
    const char *symbol = elf_symbols_find(session->symbols, linear, &offset);

    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        if (is_plain(&session->points[i], linear)) {
            session->points[i].number = 0;
            session_arm(session);
            session_say(session, "breakpoint at %08" PRIX32 " removed", linear);
            return true;
        }
    }
    point = calloc(1, sizeof(*point));
    if (!point) {
        return false;
    }
    point->addresses[0] = linear;
    point->address_count = 1;
    if (symbol && offset == 0) {
        snprintf(point->text, sizeof(point->text), "%s", symbol);
    } else {
        snprintf(point->text, sizeof(point->text), "%08" PRIX32, linear);
    }
    bool good = add_point(session, point) != NULL;

    free(point);
    if (good) {
        session_say(session, "breakpoint at %08" PRIX32, linear);
    }
    return good;
}

void session_list_points(struct session *session)
{
    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        const struct session_point *point = &session->points[i];

        if (!point->number) {
            continue;
        }
        session_print(session, "%s%-3" PRIu32 " %s%s %s", session->answered ? "\n" : "",
                      point->number, point->is_trace ? "trace" : "break",
                      point->disabled ? " (off)" : "", point->text);
        for (uint32_t k = 0; k < point->address_count; k++) {
            session_print(session, "%s%08" PRIX32, k ? " " : " at ", point->addresses[k]);
        }
        if (point->hits) {
            session_print(session, ", %" PRIu64 " hit%s", point->hits, point->hits == 1 ? "" : "s");
        }
    }
    if (!session->answered) {
        session_say(session, "there are no breakpoints");
    }
}

enum change { CHANGE_DELETE, CHANGE_ENABLE, CHANGE_DISABLE };

/* Numbers, or all of them if none is given. */
static void change_points(struct session *session, const char *argument, enum change change)
{
    static const char *const done[] = {"removed", "on again", "off"};
    char *end;
    uint64_t number = strtoull(argument, &end, 10);
    uint32_t count = 0;

    if (argument[0] && (*end || end == argument)) {
        session_refuse(session,
                       "%.20s: must be the number of a breakpoint; info breakpoints lists "
                       "them",
                       argument);
        return;
    }
    for (uint32_t i = 0; i < SESSION_POINTS_MAX; i++) {
        struct session_point *point = &session->points[i];

        if (point->number && (!argument[0] || point->number == number)) {
            count++;
            if (change == CHANGE_DELETE) {
                point->number = 0;
            } else {
                point->disabled = change == CHANGE_DISABLE;
            }
        }
    }
    session_arm(session);
    if (count == 0) {
        session_refuse(session, "%.20s: there is no such breakpoint",
                       argument[0] ? argument : "all");
    } else {
        session_say(session, "%" PRIu32 " breakpoint%s %s", count, count == 1 ? "" : "s",
                    done[change]);
    }
}

void session_do_delete(struct session *session, const char *argument)
{
    change_points(session, argument, CHANGE_DELETE);
}

void session_do_enable(struct session *session, const char *argument)
{
    change_points(session, argument, CHANGE_ENABLE);
}

void session_do_disable(struct session *session, const char *argument)
{
    change_points(session, argument, CHANGE_DISABLE);
}
