/* The text of an arrangement, and panels that come and go. Geometry: ui_shape_place.c.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_shape.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reader {
    const char *text; /* all of it */
    const char *at;
    struct err *err;
};

static bool wrong(struct reader *reader, const char *what)
{
    return err_set(reader->err, "column %u: %s", (uint32_t)(reader->at - reader->text) + 1, what);
}

static void skip_blanks(struct reader *reader)
{
    reader->at += strspn(reader->at, " \t");
}

static bool read_size(struct reader *reader, struct ui_size *size)
{
    bool share = *reader->at == '*';
    uint32_t number = 0;

    *size = (struct ui_size){0, 1};
    if (!share && *reader->at != '@') {
        return true;
    }
    reader->at++;
    if (!isdigit((unsigned char)*reader->at)) {
        return wrong(reader, "a number from 1 to 999 follows @ and *");
    }
    for (; isdigit((unsigned char)*reader->at) && number < 1000; reader->at++) {
        number = number * 10 + (uint32_t)(*reader->at - '0');
    }
    if (number < 1 || number > 999) {
        return wrong(reader, "a size is from 1 to 999");
    }
    size->cells = share ? 0 : (uint16_t)number;
    size->share = share ? (uint16_t)number : 1;
    return true;
}

static bool read_slot(struct reader *reader, const struct ui_shape *shape, struct ui_row *row)
{
    char word[32];
    size_t length = strspn(reader->at, "abcdefghijklmnopqrstuvwxyz_0123456789");
    struct ui_slot *slot = &row->slots[row->count];

    snprintf(word, sizeof word, "%.*s", (int)(length < 31 ? length : 31), reader->at);
    *slot = (struct ui_slot){.panel = panel_named(word)};
    if (length == 0 || slot->panel == PANEL_COUNT) {
        return wrong(reader, "a panel's word belongs here; panel lists them");
    }
    for (uint32_t index = 0; index < row->count; index++) {
        if (row->slots[index].panel == slot->panel) {
            return wrong(reader, "this panel is there already");
        }
    }
    if (shape_has(shape, slot->panel)) {
        return wrong(reader, "this panel is there already");
    }
    reader->at += length;
    if (!read_size(reader, &slot->width)) {
        return false;
    }
    for (; *reader->at == '~' || *reader->at == '-'; reader->at++) {
        slot->lends |= *reader->at == '~';
        slot->first |= *reader->at == '-';
    }
    row->count++;
    return true;
}

/* One panel, or several in brackets. */
static bool read_row(struct reader *reader, const struct ui_shape *shape, struct ui_row *row)
{
    memset(row, 0, sizeof *row);
    if (*reader->at != '[') {
        if (!read_slot(reader, shape, row)) {
            return false;
        }
        row->height = row->slots[0].width; /* alone in its row: its size is the height */
        row->slots[0].width = (struct ui_size){0, 1};
        return true;
    }
    reader->at++;
    for (skip_blanks(reader); *reader->at != ']'; skip_blanks(reader)) {
        if (row->count == SHAPE_SIDE_MAX) {
            return wrong(reader, "at most three panels beside each other");
        }
        if (!read_slot(reader, shape, row)) {
            return false;
        }
    }
    if (row->count == 0) {
        return wrong(reader, "brackets hold at least one panel");
    }
    reader->at++;
    return read_size(reader, &row->height);
}

static bool read_column(struct reader *reader, struct ui_shape *shape)
{
    struct ui_column *column = &shape->columns[shape->count];

    memset(column, 0, sizeof *column);
    shape->count++;
    skip_blanks(reader);
    if (!read_size(reader, &column->width)) {
        return false;
    }
    if (*reader->at == ':') {
        reader->at++;
    }
    for (skip_blanks(reader); *reader->at && *reader->at != '|'; skip_blanks(reader)) {
        if (column->count == SHAPE_ROWS_MAX) {
            return wrong(reader, "at most eight rows in a column");
        }
        struct ui_row row;
        if (!read_row(reader, shape, &row)) {
            return false;
        }
        column->rows[column->count++] = row;
    }
    return column->count > 0 || wrong(reader, "a column holds at least one panel");
}

bool shape_parse(struct ui_shape *shape, const char *text, struct err *err)
{
    struct reader reader = {text, text, err};
    struct ui_shape made = {0};

    for (;;) {
        if (made.count == SHAPE_COLUMNS_MAX) {
            return wrong(&reader, "at most four columns");
        }
        if (!read_column(&reader, &made)) {
            return false;
        }
        if (*reader.at != '|') {
            break;
        }
        reader.at++;
    }
    *shape = made;
    return true;
}

static size_t print_size(char *text, struct ui_size size)
{
    if (size.cells == 0 && size.share == 1) {
        return 0;
    }
    return (size_t)snprintf(text, 8, "%c%u", size.cells ? '@' : '*',
                            size.cells ? size.cells : size.share);
}

/* At most 40 bytes a panel with all its marks; 4 * 8 * 3 of them are more than there are panels. */
void shape_print(const struct ui_shape *shape, char text[SHAPE_TEXT_BYTES])
{
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t c = 0; c < shape->count; c++) {
        const struct ui_column *column = &shape->columns[c];
        char size[8] = "";
        print_size(size, column->width);
        used += (size_t)snprintf(text + used, SHAPE_TEXT_BYTES - used, "%s%s%s", c ? " | " : "",
                                 size, size[0] ? ": " : "");
        for (uint32_t r = 0; r < column->count; r++) {
            const struct ui_row *row = &column->rows[r];
            char height[8] = "";
            print_size(height, row->height);
            for (uint32_t s = 0; s < row->count && used + 48 < SHAPE_TEXT_BYTES; s++) {
                const struct ui_slot *slot = &row->slots[s];
                char width[8] = "";
                print_size(width, slot->width);
                used +=
                    (size_t)snprintf(text + used, SHAPE_TEXT_BYTES - used, "%s%s%s%s%s%s",
                                     r || s ? " " : "", row->count > 1 && s == 0 ? "[" : "",
                                     panel_info(slot->panel)->word, row->count > 1 ? width : height,
                                     slot->lends ? "~" : "", slot->first ? "-" : "");
            }
            if (row->count > 1 && used + 48 < SHAPE_TEXT_BYTES) {
                used += (size_t)snprintf(text + used, SHAPE_TEXT_BYTES - used, "]%s", height);
            }
        }
    }
}

/* ---- panels that come and go ---- */

/* Where a panel is. */
struct place {
    uint32_t column;
    uint32_t row;
    uint32_t slot;
};

static bool find(const struct ui_shape *shape, enum ui_panel panel, struct place *place)
{
    for (uint32_t c = 0; c < shape->count; c++) {
        for (uint32_t r = 0; r < shape->columns[c].count; r++) {
            const struct ui_row *row = &shape->columns[c].rows[r];
            for (uint32_t s = 0; s < row->count; s++) {
                if (row->slots[s].panel == panel) {
                    *place = (struct place){c, r, s};
                    return true;
                }
            }
        }
    }
    return false;
}

bool shape_has(const struct ui_shape *shape, enum ui_panel panel)
{
    struct place place;

    return find(shape, panel, &place);
}

/* All panels in reading order. Returns their number. */
static uint32_t list(const struct ui_shape *shape, enum ui_panel panels[PANEL_COUNT])
{
    uint32_t count = 0;

    for (uint32_t c = 0; c < shape->count; c++) {
        for (uint32_t r = 0; r < shape->columns[c].count; r++) {
            const struct ui_row *row = &shape->columns[c].rows[r];
            for (uint32_t s = 0; s < row->count && count < PANEL_COUNT; s++) {
                panels[count++] = row->slots[s].panel;
            }
        }
    }
    return count;
}

enum ui_panel shape_next(const struct ui_shape *shape, enum ui_panel panel, bool backwards)
{
    enum ui_panel panels[PANEL_COUNT];
    uint32_t count = list(shape, panels);

    for (uint32_t index = 0; index < count; index++) {
        if (panels[index] == panel) {
            return panels[(index + (backwards ? count - 1 : 1)) % count];
        }
    }
    return count ? panels[0] : PANEL_COUNT;
}

bool shape_open(struct ui_shape *shape, enum ui_panel panel, enum ui_panel beside)
{
    struct place place;
    struct ui_size even = {0, 1};

    if (shape_has(shape, panel) || shape->count == 0) {
        return false;
    }
    if (!find(shape, beside, &place)) {
        place.column = shape->count - 1;
        place.row = shape->columns[place.column].count - 1;
    }
    struct ui_column *column = &shape->columns[place.column];
    if (column->count == SHAPE_ROWS_MAX) {
        return false;
    }
    for (uint32_t r = 0; r < column->count; r++) { /* as much as its largest neighbour has */
        if (column->rows[r].height.cells == 0 && column->rows[r].height.share > even.share) {
            even.share = column->rows[r].height.share;
        }
    }
    uint32_t at = place.row + 1;
    memmove(&column->rows[at + 1], &column->rows[at],
            (column->count - at) * sizeof column->rows[0]);
    column->rows[at] = (struct ui_row){.count = 1, .height = even};
    column->rows[at].slots[0] = (struct ui_slot){.panel = panel, .width = {0, 1}};
    column->count++;
    return true;
}

static void remove_row(struct ui_shape *shape, uint32_t c, uint32_t r)
{
    struct ui_column *column = &shape->columns[c];

    memmove(&column->rows[r], &column->rows[r + 1],
            (column->count - r - 1) * sizeof column->rows[0]);
    column->count--;
    if (column->count == 0) {
        memmove(column, column + 1, (shape->count - c - 1) * sizeof *column);
        shape->count--;
    }
}

bool shape_close(struct ui_shape *shape, enum ui_panel panel)
{
    enum ui_panel panels[PANEL_COUNT];
    struct place place;

    if (!find(shape, panel, &place) || list(shape, panels) == 1) {
        return false;
    }
    struct ui_row *row = &shape->columns[place.column].rows[place.row];
    if (row->count == 1) {
        remove_row(shape, place.column, place.row);
        return true;
    }
    memmove(&row->slots[place.slot], &row->slots[place.slot + 1],
            (row->count - place.slot - 1) * sizeof row->slots[0]);
    row->count--;
    return true;
}

void shape_replace(struct ui_shape *shape, enum ui_panel old, enum ui_panel panel)
{
    struct place place;

    if (find(shape, old, &place)) {
        shape->columns[place.column].rows[place.row].slots[place.slot].panel = panel;
    }
}

enum ui_panel shape_lender(const struct ui_shape *shape)
{
    enum ui_panel last = PANEL_COUNT;

    for (uint32_t c = 0; c < shape->count; c++) {
        for (uint32_t r = 0; r < shape->columns[c].count; r++) {
            const struct ui_row *row = &shape->columns[c].rows[r];
            for (uint32_t s = 0; s < row->count; s++) {
                if (row->slots[s].lends) {
                    return row->slots[s].panel;
                }
                last = row->slots[s].panel;
            }
        }
    }
    return last;
}
