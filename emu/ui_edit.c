/* Editing one line.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_edit.h"

#include <stdio.h>
#include <string.h>

static void set_text(struct ui_edit *edit, const char *text)
{
    snprintf(edit->text, sizeof edit->text, "%s", text);
    edit->length = (uint32_t)strlen(edit->text);
    edit->cursor = edit->length;
}

void edit_begin(struct ui_edit *edit, const char *text)
{
    edit->history_at = edit->history_count;
    set_text(edit, text);
}

void edit_insert(struct ui_edit *edit, const char *text)
{
    size_t bytes = strlen(text);

    if (edit->length + bytes >= sizeof edit->text) {
        return;
    }
    memmove(edit->text + edit->cursor + bytes, edit->text + edit->cursor,
            edit->length - edit->cursor + 1);
    memcpy(edit->text + edit->cursor, text, bytes);
    edit->cursor += (uint32_t)bytes;
    edit->length += (uint32_t)bytes;
}

/* Byte offset of the character before or after the cursor. */
static uint32_t neighbour(const struct ui_edit *edit, bool after)
{
    uint32_t at = edit->cursor;

    do {
        if (after ? at >= edit->length : at == 0) {
            break;
        }
        at = after ? at + 1 : at - 1;
    } while (((unsigned char)edit->text[at] & 0xC0u) == 0x80u);
    return at;
}

static void erase(struct ui_edit *edit, uint32_t from, uint32_t to)
{
    memmove(edit->text + from, edit->text + to, edit->length - to + 1);
    edit->length -= to - from;
    edit->cursor = from;
}

void edit_remember(struct ui_edit *edit)
{
    bool again =
        edit->history_count > 0 && strcmp(edit->history[edit->history_count - 1], edit->text) == 0;

    if (edit->length == 0 || again) {
        return;
    }
    if (edit->history_count == UI_HISTORY_LINES) {
        memmove(edit->history[0], edit->history[1], sizeof edit->history - sizeof edit->history[0]);
        edit->history_count--;
    }
    memcpy(edit->history[edit->history_count++], edit->text, sizeof edit->text);
}

static void recall(struct ui_edit *edit, bool older)
{
    if (older ? edit->history_at == 0 : edit->history_at >= edit->history_count) {
        return;
    }
    edit->history_at = older ? edit->history_at - 1 : edit->history_at + 1;
    set_text(edit, edit->history_at < edit->history_count ? edit->history[edit->history_at] : "");
}

void edit_key(struct ui_edit *edit, enum ui_special_key key)
{
    switch (key) {
    case UI_KEY_BACKSPACE:
        erase(edit, neighbour(edit, false), edit->cursor);
        break;
    case UI_KEY_DELETE:
        erase(edit, edit->cursor, neighbour(edit, true));
        break;
    case UI_KEY_LEFT:
        edit->cursor = neighbour(edit, false);
        break;
    case UI_KEY_RIGHT:
        edit->cursor = neighbour(edit, true);
        break;
    case UI_KEY_HOME:
        edit->cursor = 0;
        break;
    case UI_KEY_END:
        edit->cursor = edit->length;
        break;
    case UI_KEY_UP:
        recall(edit, true);
        break;
    case UI_KEY_DOWN:
        recall(edit, false);
        break;
    default:
        break;
    }
}
