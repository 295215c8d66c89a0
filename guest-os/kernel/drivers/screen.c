/* What characters do on the screen: control characters and the escape sequences of the VT102, as
 * far as Linux's console has them. Characters are those of code page 437. Not there: double width,
 * status lines, palettes, the bell's sound. See: console_codes(4). SPDX-License-Identifier: MIT */
#include "drivers/screen.h"

#include "drivers/keyboard.h"
#include "drivers/screen_state.h"
#include "drivers/tty.h"

#define UNDERLINED 0x0Fu /* a colour instead of a line, as on Linux */
#define FAINT      0x08u
#define ESCAPE     0x1B

enum state { PLAIN, AFTER_ESCAPE, SEQUENCE, CHARSET, HASH, TEXT, TEXT_ESCAPE };

struct screen screen;
static enum state state;

static uint8_t attribute(void)
{
    uint32_t result = screen.now.colour;

    if (screen.now.underlined) {
        result = (result & 0xF0) | UNDERLINED;
    } else if (screen.now.faint) {
        result = (result & 0xF0) | FAINT;
    }
    if (screen.now.reversed) {
        result = (result & 0x88) | (((result >> 4) | (result << 4)) & 0x77);
    }
    return (uint8_t)((result | (screen.now.bold ? SCREEN_BRIGHT : 0)) ^
                     (screen.now.blinking ? SCREEN_BLINKS : 0));
}

/* in: rows at the top that stay as they are */
static void reset(uint32_t kept)
{
    screen.now = (struct place){.row = kept, .colour = SCREEN_COLOUR};
    screen.saved = screen.now;
    screen.top = 0;
    screen.bottom = SCREEN_ROWS;
    screen.full = screen.inserts = screen.from_region = false;
    screen.newline_returns = screen.application_keys = false;
    screen.wraps = screen.visible = true;
    state = PLAIN;
    for (uint32_t i = 0; i < sizeof(screen.tabs) / sizeof(screen.tabs[0]); i++) {
        screen.tabs[i] = 0x01010101; /* every eighth column */
    }
    cells_initialise(kept, SCREEN_COLOUR);
}

/* ---- moving ---- */

void screen_go_to(int32_t row, int32_t column)
{
    int32_t least = screen.from_region ? (int32_t)screen.top : 0;
    int32_t end = screen.from_region ? (int32_t)screen.bottom : (int32_t)SCREEN_ROWS;

    row = row < least ? least : row >= end ? end - 1 : row;
    column = column < 0                          ? 0
             : column >= (int32_t)SCREEN_COLUMNS ? (int32_t)SCREEN_COLUMNS - 1
                                                 : column;
    screen.now.row = (uint32_t)row;
    screen.now.column = (uint32_t)column;
    screen.full = false;
}

void screen_go_to_numbered(uint32_t row, uint32_t column)
{
    screen_go_to((int32_t)(row + (screen.from_region ? screen.top : 0)) - 1, (int32_t)column - 1);
}

static void row_down(void)
{
    screen.full = false;
    if (screen.now.row + 1 == screen.bottom) {
        cells_scroll(screen.top, screen.bottom, 1, screen.now.colour);
    } else if (screen.now.row + 1 < SCREEN_ROWS) {
        screen.now.row++;
    }
}

static void row_up(void)
{
    screen.full = false;
    if (screen.now.row == screen.top) {
        cells_scroll(screen.top, screen.bottom, -1, screen.now.colour);
    } else if (screen.now.row > 0) {
        screen.now.row--;
    }
}

static void next_tab(void)
{
    do {
        screen.now.column += screen.now.column + 1 < SCREEN_COLUMNS;
    } while (screen.now.column + 1 < SCREEN_COLUMNS &&
             !(screen.tabs[screen.now.column / 32] >> screen.now.column % 32 & 1));
}

/* ---- characters ---- */

/* The VT100's lines and corners, from ` to ~, in code page 437. */
static uint8_t graphic(uint8_t c)
{
    static const uint8_t lines[] = {
        0x04, 0xB1, 0x09, 0x0C, 0x0D, 0x0A, 0xF8, 0xF1, 0x23, 0x0B, 0xD9,
        0xBF, 0xDA, 0xC0, 0xC5, 0x2D, 0x2D, 0xC4, 0x2D, 0x5F, 0xC3, 0xB4,
        0xC1, 0xC2, 0xB3, 0xF3, 0xF2, 0xE3, 0x23, 0x9C, 0xFA,
    };

    return screen.now.graphic && c >= '`' && c <= '~' ? lines[c - '`'] : c;
}

static void show(uint8_t c)
{
    if (screen.full && screen.wraps) {
        screen.now.column = 0;
        row_down();
    }
    if (screen.inserts) {
        cells_shift(screen.now.row, screen.now.column, 1, screen.now.colour);
    }
    cells_set(screen.now.row, screen.now.column, graphic(c), attribute());
    screen.full = screen.now.column + 1 == SCREEN_COLUMNS;
    screen.now.column += !screen.full;
}

/* Control characters work in the middle of a sequence, too. False: it is none. */
static bool take_control(uint8_t c)
{
    switch (c) {
    case '\b':
        screen.now.column -= screen.now.column > 0 && !screen.full;
        screen.full = false;
        return true;
    case '\t':
        next_tab();
        return true;
    case '\n':
    case '\v':
    case '\f':
        screen.now.column = screen.newline_returns ? 0 : screen.now.column;
        row_down();
        return true;
    case '\r':
        screen.now.column = 0;
        screen.full = false;
        return true;
    case 0x0E:
    case 0x0F:
        screen.now.graphic = c == 0x0E;
        return true;
    case 0x18: /* CAN, SUB: the sequence is given up */
    case 0x1A:
        state = PLAIN;
        return true;
    case ESCAPE:
        state = AFTER_ESCAPE;
        return true;
    default:
        return c < ' ' || c == 0x7F; /* the bell among them */
    }
}

/* ---- ESC and one character ---- */

static void take_escape(uint8_t c)
{
    state = PLAIN;
    switch (c) {
    case '[':
        state = SEQUENCE;
        sequence_begin();
        break;
    case ']':
    case 'P':
    case '^':
    case '_':
        state = TEXT;
        break;
    case '(':
    case ')':
        state = CHARSET;
        break;
    case '%':
    case '#':
        state = HASH;
        break;
    case '7':
        screen.saved = screen.now;
        break;
    case '8':
        screen.now = screen.saved;
        screen.full = false;
        break;
    case 'D':
        row_down();
        break;
    case 'E':
        screen.now.column = 0;
        row_down();
        break;
    case 'M':
        row_up();
        break;
    case 'H':
        screen.tabs[screen.now.column / 32] |= 1u << screen.now.column % 32;
        break;
    case 'c':
        reset(0);
        break;
    default:
        break;
    }
}

/* Text for others, a title perhaps: up to a bell or ESC \. */
static bool take_in_text(uint8_t c)
{
    if (state == TEXT_ESCAPE || c == '\a' || c == 0x18 || c == 0x1A) {
        state = PLAIN;
        return true;
    }
    if (state == TEXT) {
        state = c == ESCAPE ? TEXT_ESCAPE : TEXT;
        return true;
    }
    return false;
}

void screen_put(uint8_t c)
{
    if ((state == TEXT || state == TEXT_ESCAPE) && take_in_text(c)) {
        return;
    }
    if (take_control(c)) {
        return;
    }
    switch (state) {
    case AFTER_ESCAPE:
        take_escape(c);
        break;
    case SEQUENCE:
        state = sequence_take(c) ? PLAIN : SEQUENCE;
        break;
    case CHARSET:
        screen.now.graphic = c == '0';
        state = PLAIN;
        break;
    case HASH:
        state = PLAIN;
        break;
    default:
        show(c);
        break;
    }
}

void screen_initialise(void)
{
    reset(cells_used_before());
    screen_show_cursor();
}

void screen_show_cursor(void)
{
    cells_cursor(screen.now.row, screen.now.column, screen.visible);
}

bool screen_keys_are_application(void)
{
    return screen.application_keys;
}

/* ---- as a terminal: what is written is shown at once ---- */

static void start(struct tty *tty)
{
    int32_t c;

    while ((c = tty_next_output(tty)) >= 0) {
        screen_put((uint8_t)c);
    }
    screen_show_cursor();
    tty_sent(tty);
}

static bool is_busy(struct tty *tty)
{
    (void)tty;
    return false;
}

const struct tty_driver screen_tty_driver = {
    .start = start, .busy = is_busy, .drain = start, .gather = keyboard_gather};
