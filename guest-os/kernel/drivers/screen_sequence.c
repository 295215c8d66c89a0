/* ESC [ parameters letter: moving, erasing, inserting, colours, modes, questions.
 * See: console_codes(4), "ECMA-48 CSI sequences". SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/screen_state.h"
#include "drivers/tty.h"

#define PARAMETERS     16u
#define PARAMETER_MOST 999u

static uint32_t parameters[PARAMETERS], parameter_count;
static char mark; /* ?, > and the like after ESC [ */

static const uint8_t colours[8] = {0, 4, 2, 6, 1, 5, 3, 7}; /* the VGA begins with blue */

/* A parameter, or what stands for it if it is missing or 0. */
static uint32_t parameter(uint32_t index, uint32_t otherwise)
{
    return index < parameter_count && parameters[index] != 0 ? parameters[index] : otherwise;
}

static void move(int32_t rows, int32_t columns)
{
    screen_go_to((int32_t)screen.now.row + rows, (int32_t)screen.now.column + columns);
}

static void erase_in_screen(uint32_t what)
{
    uint32_t first = what == 0 ? screen.now.row + 1 : 0,
             end = what == 1 ? screen.now.row : SCREEN_ROWS;

    for (uint32_t row = first; row < end; row++) {
        cells_blank(row, 0, SCREEN_COLUMNS, screen.now.colour);
    }
    if (what == 0) {
        cells_blank(screen.now.row, screen.now.column, SCREEN_COLUMNS, screen.now.colour);
    } else if (what == 1) {
        cells_blank(screen.now.row, 0, screen.now.column + 1, screen.now.colour);
    }
    screen.full = false;
}

static void erase_in_row(uint32_t what)
{
    uint32_t first = what == 0 ? screen.now.column : 0;

    cells_blank(screen.now.row, first, what == 1 ? screen.now.column + 1 : SCREEN_COLUMNS,
                screen.now.colour);
    screen.full = false;
}

/* ESC [ n L and M: the rows from the cursor's to the end of the region, as Linux has it even where
 * the cursor is above the region. */
static void shift_rows(int32_t count)
{
    if (screen.now.row < screen.bottom) {
        cells_scroll(screen.now.row, screen.bottom, count, screen.now.colour);
    }
    screen.full = false;
}

static void shift_cells(int32_t count)
{
    cells_shift(screen.now.row, screen.now.column, count, screen.now.colour);
    screen.full = false;
}

static void set_region(void)
{
    uint32_t first = parameter(0, 1), last = parameter(1, SCREEN_ROWS);

    if (first < last && last <= SCREEN_ROWS) {
        screen.top = first - 1;
        screen.bottom = last;
        screen_go_to_numbered(1, 1);
    }
}

static void set_mode(bool on)
{
    for (uint32_t i = 0; i < parameter_count; i++) {
        switch (parameters[i] | (mark == '?' ? 0x10000u : 0)) {
        case 4:
            screen.inserts = on;
            break;
        case 20:
            screen.newline_returns = on;
            break;
        case 0x10001:
            screen.application_keys = on;
            break;
        case 0x10006:
            screen.from_region = on;
            screen_go_to_numbered(1, 1);
            break;
        case 0x10007:
            screen.wraps = on;
            break;
        case 0x10019:
            screen.visible = on;
            break;
        default:
            break;
        }
    }
}

/* 38;5;n and 48;5;n, of which the first sixteen; how many parameters it took. */
static uint32_t set_extended_colour(uint32_t index, uint32_t shift)
{
    uint32_t number = parameter(index + 2, 0);

    if (parameter(index + 1, 0) != 5) {
        return 4;
    }
    if (number < 16) {
        uint32_t colour = colours[number % 8] | (number & 8);

        screen.now.colour = (uint8_t)((screen.now.colour & ~(0x0Fu << shift)) | colour << shift);
    }
    return 2;
}

static void set_colours(uint32_t number)
{
    uint32_t kind = number / 10, which = number % 10;

    if (which == 9 && kind == 3) {
        screen.now.colour = (uint8_t)((screen.now.colour & 0xF0) | (SCREEN_COLOUR & 0x0F));
        screen.now.underlined = false;
    } else if (which == 9 && kind == 4) {
        screen.now.colour &= 0x0F;
    } else if (which < 8 && (kind == 3 || kind == 9)) {
        screen.now.colour = (uint8_t)((screen.now.colour & 0xF0) | colours[which] |
                                      (kind == 9 ? SCREEN_BRIGHT : 0));
    } else if (which < 8 && (kind == 4 || kind == 10)) {
        screen.now.colour = (uint8_t)((screen.now.colour & 0x0F) | colours[which] << 4 |
                                      (kind == 10 ? SCREEN_BLINKS : 0));
    }
}

static void set_attributes(void)
{
    uint32_t count = parameter_count == 0 ? 1 : parameter_count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = parameters[i];

        switch (number) {
        case 0:
            screen.now = (struct place){.row = screen.now.row,
                                        .column = screen.now.column,
                                        .colour = SCREEN_COLOUR,
                                        .graphic = screen.now.graphic};
            break;
        case 1:
            screen.now.bold = true;
            screen.now.faint = false;
            break;
        case 2:
            screen.now.faint = true;
            screen.now.bold = false;
            break;
        case 4:
        case 21:
        case 24:
            screen.now.underlined = number != 24;
            break;
        case 5:
        case 25:
            screen.now.blinking = number == 5;
            break;
        case 7:
        case 27:
            screen.now.reversed = number == 7;
            break;
        case 22:
            screen.now.bold = screen.now.faint = false;
            break;
        case 38:
        case 48:
            i += set_extended_colour(i, number == 48 ? 4 : 0);
            break;
        default:
            set_colours(number);
            break;
        }
    }
}

static void answer(const char *text)
{
    tty_arrive_text(TTY_SCREEN, text);
    tty_arrived(TTY_SCREEN);
}

static void report(uint32_t what)
{
    char text[24];

    if (what == 5) {
        answer("\033[0n");
    } else if (what == 6) {
        snprintf(text, sizeof(text), "\033[%u;%uR",
                 screen.now.row + 1 - (screen.from_region ? screen.top : 0), screen.now.column + 1);
        answer(text);
    }
}

static void erase_or_edit(uint8_t c, int32_t count)
{
    switch (c) {
    case 'J':
        erase_in_screen(parameters[0]);
        break;
    case 'K':
        erase_in_row(parameters[0]);
        break;
    case 'L':
        shift_rows(-count);
        break;
    case 'M':
        shift_rows(count);
        break;
    case '@':
        shift_cells(count);
        break;
    case 'P':
        shift_cells(-count);
        break;
    case 'X':
        count = count < (int32_t)(SCREEN_COLUMNS - screen.now.column)
                    ? count
                    : (int32_t)(SCREEN_COLUMNS - screen.now.column);
        cells_blank(screen.now.row, screen.now.column, screen.now.column + (uint32_t)count,
                    screen.now.colour);
        break;
    case 'm':
        set_attributes();
        break;
    case 'r':
        set_region();
        break;
    case 'c':
        answer("\033[?6c");
        break;
    case 'n':
        report(parameters[0]);
        break;
    case 'g':
        if (parameters[0] == 3) {
            memset(screen.tabs, 0, sizeof(screen.tabs));
        } else {
            screen.tabs[screen.now.column / 32] &= ~(1u << screen.now.column % 32);
        }
        break;
    default:
        break;
    }
}

static void take_final(uint8_t c)
{
    int32_t count = (int32_t)parameter(0, 1);

    if (c == 'h' || c == 'l') {
        set_mode(c == 'h');
        return;
    }
    if (mark != 0) {
        return;
    }
    switch (c) {
    case 'A':
        move(-count, 0);
        break;
    case 'B':
    case 'e':
        move(count, 0);
        break;
    case 'C':
    case 'a':
        move(0, count);
        break;
    case 'D':
        move(0, -count);
        break;
    case 'E':
        move(count, -(int32_t)screen.now.column);
        break;
    case 'F':
        move(-count, -(int32_t)screen.now.column);
        break;
    case 'G':
    case '`':
        screen_go_to((int32_t)screen.now.row, count - 1);
        break;
    case 'd':
        screen_go_to_numbered((uint32_t)count, screen.now.column + 1);
        break;
    case 'H':
    case 'f':
        screen_go_to_numbered((uint32_t)count, parameter(1, 1));
        break;
    case 's':
        screen.saved = screen.now;
        break;
    case 'u':
        screen.now = screen.saved;
        screen.full = false;
        break;
    default:
        erase_or_edit(c, count);
        break;
    }
}

void sequence_begin(void)
{
    mark = 0;
    parameter_count = 0;
    memset(parameters, 0, sizeof(parameters));
}

bool sequence_take(uint8_t c)
{
    uint32_t *last = &parameters[parameter_count == 0 ? 0 : parameter_count - 1];

    if (c >= '0' && c <= '9') {
        parameter_count += parameter_count == 0;
        *last = *last * 10 + (uint32_t)(c - '0');
        *last = *last < PARAMETER_MOST ? *last : PARAMETER_MOST;
    } else if (c == ';' || c == ':') {
        parameter_count += parameter_count == 0;
        parameter_count += parameter_count < PARAMETERS;
    } else if (c >= '<' && c <= '?') {
        mark = (char)c;
    } else if (c >= '@' && c <= '~') {
        take_final(c);
        return true;
    } else {
        mark = '!'; /* characters before the last one: nothing that is known here has them */
    }
    return false;
}
