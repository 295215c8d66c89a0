/* Commands that change the machine by hand, which are inputs and may cut off a recorded future;
 * and the watch list.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

/* ---- changes ---- */

/* One value into memory, as inputs byte by byte. */
static bool write_memory(struct session *session, const struct expression_value *to,
                         uint64_t number)
{
    for (uint32_t i = 0; i < to->bytes && i < 8; i++) {
        uint32_t physical = to->address + i;

        if ((to->place != PLACE_PHYSICAL &&
             !machine_translate(session->machine, to->address + i, &physical)) ||
            !machine_input_memory(session->machine, physical, (uint8_t)(number >> 8 * i))) {
            session_refuse(session, "no RAM can be written at 0x%08" PRIX32, to->address + i);
            return false;
        }
    }
    return true;
}

static void assign(struct session *session, const struct expression_value *to, uint64_t number)
{
    bool past = history_in_past(session->history);

    if ((to->place != PLACE_REGISTER || session->frame) &&
        ((to->place != PLACE_MEMORY && to->place != PLACE_PHYSICAL) || to->bit_size ||
         to->bytes == 0 || to->bytes > 8)) {
        session_refuse(session, "only a register of frame 0 or a number in memory can be set");
        return;
    }
    session_may_change(session, true);
    if (to->place == PLACE_REGISTER) {
        if (!session_set_register(session, to->address, number)) {
            session_refuse(session,
                           "this register can not be set to that; general registers, EIP and "
                           "flags can be set");
            return;
        }
    } else if (!write_memory(session, to, number)) {
        return;
    }
    session->previous = *machine_state(session->machine);
    session_refuse(session, "set; it is part of the input log now%s",
                   past ? ", and what was recorded after this moment is cut off" : "");
}

/* The '=' of an assignment, which is none of == != <= >=. */
static const char *find_equals(const char *text)
{
    for (const char *at = text; *at; at++) {
        if (*at == '=' && at != text && at[1] != '=' && !strchr("=!<>", at[-1])) {
            return at;
        }
    }
    return NULL;
}

void session_do_set(struct session *session, const char *argument)
{
    const char *equals = find_equals(argument);
    char left[EXPRESSION_TEXT_BYTES];
    struct expression_value to;
    struct expression_value value;

    if (!equals) {
        session_refuse(session, "set: '=' is missing: set eax = 5, set counter->value = 0");
        return;
    }
    snprintf(left, sizeof(left), "%.*s", (int)(equals - argument), argument);
    if (session_evaluate(session, left, &to) &&
        session_evaluate(session, equals + 1 + strspn(equals + 1, " "), &value)) {
        assign(session, &to, value.number);
    }
}

void session_do_write(struct session *session, const char *argument)
{
    struct expression expression;
    struct expression_error error;
    struct expression_value address;
    struct expression_value value;
    struct expression_provider provider = session_provider(session);
    uint32_t bytes = 4;
    size_t used;

    if (argument[0] == '/') {
        bytes = argument[1] == 'b' ? 1 : argument[1] == 'h' ? 2 : argument[1] == 'g' ? 8 : 4;
        argument += strcspn(argument, " ");
        argument += strspn(argument, " ");
    }
    if (!expression_parse_start(argument, &expression, &used, &error) ||
        !expression_evaluate(&expression, &provider, &address, &error)) {
        session_refuse(session, "write: column %" PRIu32 ": %s", error.column, error.message);
        return;
    }
    if (!session_evaluate(session, argument + used + strspn(argument + used, " "), &value)) {
        return;
    }
    assign(session,
           &(struct expression_value){.bytes = bytes,
                                      .place = address.is_physical ? PLACE_PHYSICAL : PLACE_MEMORY,
                                      .address = (uint32_t)address.number},
           value.number);
}

/* ---- the watch list ---- */

void session_show_watched(struct session *session)
{
    for (uint32_t i = 0; i < session->watched_count; i++) {
        char message[sizeof(session->message)];
        char text[1024];

        memcpy(message, session->message, sizeof(message));
        if (!session_print_value(session, session->watched[i], text, sizeof(text))) {
            snprintf(text, sizeof(text), "(%.300s)", session->message);
            memcpy(session->message, message, sizeof(message));
        }
        session_print(session, "%s%" PRIu32 ": %s = %s", session->answered ? "\n" : "", i + 1,
                      session->watched[i], text);
    }
}

void session_do_display(struct session *session, const char *argument)
{
    char text[1024];

    if (argument[0] == '\0') {
        session_show_watched(session);
        if (session->watched_count == 0) {
            session_say(session, "the watch list is empty: display EXPR adds to it");
        }
        return;
    }
    if (session->watched_count == SESSION_WATCHED_MAX) {
        session_refuse(session, "the watch list is full; undisplay N removes one");
    } else if (session_print_value(session, argument, text, sizeof(text))) {
        snprintf(session->watched[session->watched_count++], EXPRESSION_TEXT_BYTES, "%s", argument);
        session_print(session, "%" PRIu32 ": %s = %s", session->watched_count, argument, text);
    }
}

void session_do_undisplay(struct session *session, const char *argument)
{
    char *end;
    uint64_t number = strtoull(argument, &end, 10);

    if (argument[0] == '\0') {
        session->watched_count = 0;
        session_say(session, "the watch list is empty");
    } else if (*end || number < 1 || number > session->watched_count) {
        session_refuse(session, "%.20s: not in the watch list; display shows it", argument);
    } else {
        session->watched_count--;
        memmove(session->watched[number - 1], session->watched[number],
                (session->watched_count - number + 1) * sizeof(session->watched[0]));
        session_say(session, "removed from the watch list");
    }
}
