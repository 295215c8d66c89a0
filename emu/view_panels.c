/* The table of panels, from view_panels.def.
 * SPDX-License-Identifier: MIT */
#include "emu/view_panels.h"
#include "emu/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct panel_info panels[PANEL_COUNT] = {
#define PANEL(NAME, word, title, view) {word, title, view},
#include "emu/view_panels.def"
#undef PANEL
};

const struct panel_info *panel_info(enum ui_panel panel)
{
    return panel < PANEL_COUNT ? &panels[panel] : NULL;
}

enum ui_panel panel_named(const char *word)
{
    enum ui_panel found = PANEL_COUNT;
    uint32_t matches = 0;
    size_t length = strlen(word);

    for (uint32_t index = 0; index < PANEL_COUNT; index++) {
        if (strcmp(panels[index].word, word) == 0) {
            return (enum ui_panel)index;
        }
        if (length > 0 && strncmp(panels[index].word, word, length) == 0) {
            found = (enum ui_panel)index;
            matches++;
        }
    }
    return matches == 1 ? found : PANEL_COUNT;
}

struct rect panel_title(struct grid *grid, struct rect area, bool focused, enum ui_panel panel)
{
    return grid_title(grid, area, focused, panels[panel].title);
}

uint32_t panel_wants(enum ui_panel panel)
{
    switch (panel) {
    case PANEL_PROCESSES:
        return SESSION_VIEW_PROCESSES;
    case PANEL_SOURCE:
        return SESSION_VIEW_SOURCE;
    case PANEL_WATCH:
    case PANEL_MEMORY:
        return SESSION_VIEW_WATCH;
    case PANEL_CALLS:
        return SESSION_VIEW_LOG | SESSION_VIEW_SOURCE;
    case PANEL_TIMELINE:
    case PANEL_COUNTERS:
        return SESSION_VIEW_LOG;
    case PANEL_UPCALL:
        return SESSION_VIEW_LOG | SESSION_VIEW_PROCESSES;
    default:
        return 0;
    }
}

bool panel_command(enum ui_panel panel, uint32_t link, const struct view_context *context,
                   char *text, size_t bytes)
{
    if (link == 0) {
        return false;
    }
    if (panel != PANEL_DISASSEMBLY && link - LINK_TOPIC < TOPIC_COUNT) {
        snprintf(text, bytes, "explain %s", explanation(link - LINK_TOPIC)->key);
        return true;
    }
    switch (panel) {
    case PANEL_MMU: /* somewhere in the first page of a run */
        snprintf(text, bytes, "mmu %08" PRIX32, link & ~0xFFFu);
        return true;
    case PANEL_PROCESSES: /* pid + 1 */
        snprintf(text, bytes, "process %" PRIu32, link - 1);
        return true;
    case PANEL_CALLS: /* index of an event + 1 */
        if (link > context->view->log.count) {
            return false;
        }
        snprintf(text, bytes, "go %" PRIu64, session_log_at(&context->view->log, link - 1)->clock);
        return true;
    case PANEL_TIMELINE: /* column since the oldest event + 1 */
        snprintf(text, bytes, "go %" PRIu64,
                 view_timeline_base(&context->view->log) + (link - 1) * context->view->log.unit);
        return true;
    case PANEL_SOURCE: /* level of a frame + 1, or VIEW_SOURCE_LINE + line */
        if (link > VIEW_SOURCE_LINE) {
            snprintf(text, bytes, "break %s:%" PRIu32, context->view->source.file,
                     link - VIEW_SOURCE_LINE);
        } else {
            snprintf(text, bytes, "frame %" PRIu32, link - 1);
        }
        return true;
    default:
        return false;
    }
}
