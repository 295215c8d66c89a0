/* What the guest's operating system has done lately, kept for the panels of calls, time and
 * counters: a bounded ring of os_events.h's events, filled while the machine runs. Nothing is
 * listened to until the first of these panels is shown, or `log on`.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/session_shown.h"

struct session;
struct session_events;

/* Listens to nothing yet. NULL: no memory. */
struct session_events *session_events_open(struct session *session);
void session_events_close(struct session_events *events);
/* Begin, with an empty ring, or leave off; whether it listens then. What it was is left alone. */
bool session_events_listen(struct session_events *events, bool on);
/* Begin, if that is to be done, and tell the ring as it is now; valid until the session moves. A
 * future that has been cut off is gone. */
void session_events_fill(struct session_events *events, struct session_log *log);
