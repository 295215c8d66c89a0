/* The machine's thread: runs the session in short slices and hands it over, between slices, to
 * whoever wants to look at it or move it. Types into it as it has room.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/session.h"

struct ui_machine;

/* How fast it runs while somebody watches. The guest never learns of it: its clock counts what it
 * has done. */
struct ui_speed {
    enum { SPEED_MAX, SPEED_REAL, SPEED_INSTRUCTIONS, SPEED_CLOCKS } unit;
    uint32_t rate; /* a second, 1..1e9; INSTRUCTIONS and CLOCKS */
};

/* "real", "max", "10", "10k", "1M clocks"; false for anything else. */
bool ui_speed_parse(const char *text, struct ui_speed *speed);

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

/* With the lock held. */
void ui_machine_set_speed(struct ui_machine *machine, struct ui_speed speed);
/* To the next of a ladder of speeds, from one instruction a second to as fast as it goes. */
void ui_machine_change_speed(struct ui_machine *machine, bool faster);
/* In words; "" for the speed that it began with. */
void ui_machine_speed_words(const struct ui_machine *machine, char *text, size_t bytes);

enum ui_line { UI_LINE_KEYBOARD, UI_LINE_SERIAL };
/* Queue bytes for the guest, with the lock held. They go in at once, or later as there is room. */
void ui_machine_type(struct ui_machine *machine, enum ui_line line, const uint8_t *bytes,
                     size_t count);
/* With the lock held: the guest refuses what was typed because this is the past. */
bool ui_machine_asks_branch(const struct ui_machine *machine);
/* Answer: true types it and cuts the recorded future, false forgets it. With the lock held. */
void ui_machine_answer_branch(struct ui_machine *machine, bool branch);
