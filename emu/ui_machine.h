/* The machine's thread: runs the session in short slices and hands it over, between slices, to
 * whoever wants to look at it or move it. Types into it as it has room.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/session.h"

struct ui_machine;

/* `changed` is called from the machine's thread, at most 60 times a second and when it stops. */
struct ui_machine *ui_machine_start(struct session *session, bool pace_real,
                                    void (*changed)(void *context), void *context, struct err *err);
/* Ends the thread; the session stays. */
void ui_machine_stop(struct ui_machine *machine);

/* Take the session; the caller gets it at the end of the present slice. */
struct session *ui_machine_lock(struct ui_machine *machine);
/* Give it back. */
void ui_machine_unlock(struct ui_machine *machine);
/* With the lock held, after a move or command that may have started something: let it run. */
void ui_machine_go(struct ui_machine *machine);

enum ui_line { UI_LINE_KEYBOARD, UI_LINE_SERIAL };
/* Queue bytes for the guest, with the lock held. They go in at once, or later as there is room. */
void ui_machine_type(struct ui_machine *machine, enum ui_line line, const uint8_t *bytes,
                     size_t count);
/* With the lock held: the guest refuses what was typed because this is the past. */
bool ui_machine_asks_branch(const struct ui_machine *machine);
/* Answer: true types it and cuts the recorded future, false forgets it. With the lock held. */
void ui_machine_answer_branch(struct ui_machine *machine, bool branch);
