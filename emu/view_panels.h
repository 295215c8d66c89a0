/* The views: each draws one panel into a rectangle of a grid, title included. The rows of
 * view_panels.def make the enumeration, the drawing, `panel WORD` and its help.
 *
 * scroll: rows from where the panel shows what matters, in the direction that suits it: towards
 * higher addresses, further in a list, or back in what has been printed. A view without rows to
 * scroll leaves it alone. What the links of its cells stand for is said beside each view.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/view_context.h"

#define VIEW_SOURCE_LINE 0x1000u /* links of source lines begin above it */

enum ui_panel {
#define PANEL(NAME, word, title, view) PANEL_##NAME,
#include "emu/view_panels.def"
#undef PANEL
    PANEL_COUNT
};

typedef void view_function(struct grid *grid, struct rect area, const struct view_context *context,
                           bool focused, int32_t scroll);

#define PANEL(NAME, word, title, view) view_function view;
#include "emu/view_panels.def"
#undef PANEL

struct panel_info {
    const char *word;    /* how commands name it */
    const char *title;   /* UTF-8 */
    view_function *draw; /* links: disassembly: linear addresses; vectors: vector + 1;
                            micro-steps: number + 1; others: panel_command() */
};

/* SESSION_VIEW_*: the parts of a session's copy that the panel draws from. */
uint32_t panel_wants(enum ui_panel panel);
/* The debugger's command that a click, or Enter, on a cell with this link stands for, into `text`;
 * false: none, or one of the window's own. */
bool panel_command(enum ui_panel panel, uint32_t link, const struct view_context *context,
                   char *text, size_t bytes);
/* The clock from which the timeline counts the columns of its links. */
uint64_t view_timeline_base(const struct session_log *log);
/* What explains the thing with this link, a topic of explain.def; TOPIC_COUNT: nothing does. */
uint32_t panel_topic(enum ui_panel panel, uint32_t link, const struct view_context *context);
/* NULL from PANEL_COUNT on. */
const struct panel_info *panel_info(enum ui_panel panel);
/* The panel that a word, or the beginning of one and only one, names; PANEL_COUNT: none. */
enum ui_panel panel_named(const char *word);
/* The title line of a panel; returns the area below it. */
struct rect panel_title(struct grid *grid, struct rect area, bool focused, enum ui_panel panel);

/* Two rows: the way of a system call in six numbered arrows, and where it is now. */
void view_call_path(struct grid *grid, struct rect area, const struct view_context *context);
/* One row: mode, clock, position, and where the keys go; guest_line: by which way to the GUEST
 * ("keyboard"), NULL: to the DEBUGGER. */
void view_status(struct grid *grid, struct rect area, const struct view_context *context,
                 const char *guest_line);
