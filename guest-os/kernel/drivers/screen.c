/* What characters do on the screen: control characters and the escape sequences of the VT102, as
 * far as Linux's console has them. Characters are those of code page 437. Not there: double width,
 * status lines, palettes, the bell's sound. See: console_codes(4). SPDX-License-Identifier: MIT */
#include "drivers/screen.h"

#include "common/text.h"
#include "drivers/keyboard.h"
#include "drivers/screen_cells.h"
#include "drivers/tty.h"

#define PARAMETERS     16u
#define PARAMETER_MOST 999u
#define COLOUR         0x07u /* light grey on black */
#define UNDERLINED     0x0Fu /* a colour instead of a line, as on Linux */
#define FAINT          0x08u
#define BRIGHT         0x08u
#define BLINKS         0x80u
#define ESCAPE         0x1B

enum state { PLAIN, AFTER_ESCAPE, SEQUENCE, CHARSET, HASH, TEXT, TEXT_ESCAPE };

/* What ESC 7 saves. */
struct place {
    uint32_t row, column;
    uint8_t colour; /* background << 4 | foreground */
    bool bold, faint, underlined, blinking, reversed;
    bool graphic; /* letters are lines and corners */
};

static struct place now, saved;
static bool full;            /* the last column is written; the next character begins a new row */
static uint32_t top, bottom; /* scroll region: rows top..bottom-1 */
static bool wraps, inserts, from_region, newline_returns, visible, application_keys;
static uint32_t tabs[(SCREEN_COLUMNS + 31) / 32]; /* bit: a tab stop */
static enum state state;
static uint32_t parameters[PARAMETERS], parameter_count;
static char mark; /* ?, > and the like after ESC [ */

static uint8_t attribute(void)
{
    uint32_t result = now.colour;

    if (now.underlined) {
        result = (result & 0xF0) | UNDERLINED;
    } else if (now.faint) {
        result = (result & 0xF0) | FAINT;
    }
    if (now.reversed) {
        result = (result & 0x88) | (((result >> 4) | (result << 4)) & 0x77);
    }
    return (uint8_t)((result | (now.bold ? BRIGHT : 0)) ^ (now.blinking ? BLINKS : 0));
}

static void reset(void)
{
    now = (struct place){.colour = COLOUR};
    saved = now;
    top = 0;
    bottom = SCREEN_ROWS;
    full = inserts = from_region = newline_returns = application_keys = false;
    wraps = visible = true;
    state = PLAIN;
    for (uint32_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++) {
        tabs[i] = 0x01010101; /* every eighth column */
    }
    cells_initialise(COLOUR);
}

/* ---- moving ---- */

static void go_to(int32_t row, int32_t column)
{
    int32_t least = from_region ? (int32_t)top : 0;
    int32_t end = from_region ? (int32_t)bottom : (int32_t)SCREEN_ROWS;

    row = row < least ? least : row >= end ? end - 1 : row;
    column = column < 0                          ? 0
             : column >= (int32_t)SCREEN_COLUMNS ? (int32_t)SCREEN_COLUMNS - 1
                                                 : column;
    now.row = (uint32_t)row;
    now.column = (uint32_t)column;
    full = false;
}

static void move(int32_t rows, int32_t columns)
{
    go_to((int32_t)now.row + rows, (int32_t)now.column + columns);
}

/* Rows and columns count from 1; with ESC [ ? 6 h from the top of the region. */
static void go_to_numbered(uint32_t row, uint32_t column)
{
    go_to((int32_t)(row + (from_region ? top : 0)) - 1, (int32_t)column - 1);
}

static void row_down(void)
{
    full = false;
    if (now.row + 1 == bottom) {
        cells_scroll(top, bottom, 1, now.colour);
    } else if (now.row + 1 < SCREEN_ROWS) {
        now.row++;
    }
}

static void row_up(void)
{
    full = false;
    if (now.row == top) {
        cells_scroll(top, bottom, -1, now.colour);
    } else if (now.row > 0) {
        now.row--;
    }
}

static void next_tab(void)
{
    do {
        now.column += now.column + 1 < SCREEN_COLUMNS;
    } while (now.column + 1 < SCREEN_COLUMNS && !(tabs[now.column / 32] >> now.column % 32 & 1));
}

static void set_tab(uint32_t column, bool stop)
{
    uint32_t bit = 1u << column % 32;

    tabs[column / 32] = (tabs[column / 32] & ~bit) | (stop ? bit : 0);
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

    return now.graphic && c >= '`' && c <= '~' ? lines[c - '`'] : c;
}

static void show(uint8_t c)
{
    if (full && wraps) {
        now.column = 0;
        row_down();
    }
    if (inserts) {
        cells_shift(now.row, now.column, 1, now.colour);
    }
    cells_set(now.row, now.column, graphic(c), attribute());
    full = now.column + 1 == SCREEN_COLUMNS;
    now.column += !full;
}

/* Control characters work in the middle of a sequence, too. False: it is none. */
static bool take_control(uint8_t c)
{
    switch (c) {
    case '\b':
        now.column -= now.column > 0 && !full;
        full = false;
        return true;
    case '\t':
        next_tab();
        return true;
    case '\n':
    case '\v':
    case '\f':
        now.column = newline_returns ? 0 : now.column;
        row_down();
        return true;
    case '\r':
        now.column = 0;
        full = false;
        return true;
    case 0x0E:
    case 0x0F:
        now.graphic = c == 0x0E;
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
        mark = 0;
        parameter_count = 0;
        memset(parameters, 0, sizeof(parameters));
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
        saved = now;
        break;
    case '8':
        now = saved;
        full = false;
        break;
    case 'D':
        row_down();
        break;
    case 'E':
        now.column = 0;
        row_down();
        break;
    case 'M':
        row_up();
        break;
    case 'H':
        set_tab(now.column, true);
        break;
    case 'c':
        reset();
        break;
    default:
        break;
    }
}

/* ---- ESC [ ... ---- */

/* A parameter, or what stands for it if it is missing or 0. */
static uint32_t parameter(uint32_t index, uint32_t otherwise)
{
    return index < parameter_count && parameters[index] != 0 ? parameters[index] : otherwise;
}

static void erase_in_screen(uint32_t what)
{
    uint32_t first = what == 0 ? now.row + 1 : 0, end = what == 1 ? now.row : SCREEN_ROWS;

    for (uint32_t row = first; row < end; row++) {
        cells_blank(row, 0, SCREEN_COLUMNS, now.colour);
    }
    if (what == 0) {
        cells_blank(now.row, now.column, SCREEN_COLUMNS, now.colour);
    } else if (what == 1) {
        cells_blank(now.row, 0, now.column + 1, now.colour);
    }
    full = false;
}

static void erase_in_row(uint32_t what)
{
    uint32_t first = what == 0 ? now.column : 0;

    cells_blank(now.row, first, what == 1 ? now.column + 1 : SCREEN_COLUMNS, now.colour);
    full = false;
}

/* ESC [ n L and M: the rows from the cursor's to the end of the region. */
static void shift_rows(int32_t count)
{
    uint32_t end = now.row < bottom ? bottom : SCREEN_ROWS;

    if (now.row >= top) {
        cells_scroll(now.row, end, count, now.colour);
    }
    full = false;
}

static void shift_cells(int32_t count)
{
    cells_shift(now.row, now.column, count, now.colour);
    full = false;
}

static void set_region(void)
{
    uint32_t first = parameter(0, 1), last = parameter(1, SCREEN_ROWS);

    if (first < last && last <= SCREEN_ROWS) {
        top = first - 1;
        bottom = last;
        go_to_numbered(1, 1);
    }
}

static void set_mode(bool on)
{
    for (uint32_t i = 0; i < parameter_count; i++) {
        switch (parameters[i] | (mark == '?' ? 0x10000u : 0)) {
        case 4:
            inserts = on;
            break;
        case 20:
            newline_returns = on;
            break;
        case 0x10001:
            application_keys = on;
            break;
        case 0x10006:
            from_region = on;
            go_to_numbered(1, 1);
            break;
        case 0x10007:
            wraps = on;
            break;
        case 0x10019:
            visible = on;
            break;
        default:
            break;
        }
    }
}

/* 38;5;n and 48;5;n, of which the first sixteen; how many parameters it took. */
static uint32_t set_extended_colour(uint32_t index, uint32_t shift, const uint8_t *order)
{
    uint32_t number = parameter(index + 2, 0);

    if (parameter(index + 1, 0) != 5) {
        return 4;
    }
    if (number < 16) {
        uint32_t colour = order[number % 8] | (number & 8);

        now.colour = (uint8_t)((now.colour & ~(0x0Fu << shift)) | colour << shift);
    }
    return 2;
}

static void set_colours(uint32_t number)
{
    static const uint8_t order[8] = {0, 4, 2, 6, 1, 5, 3, 7}; /* the VGA begins with blue */
    uint32_t kind = number / 10, which = number % 10;

    if (which == 9 && kind == 3) {
        now.colour = (uint8_t)((now.colour & 0xF0) | (COLOUR & 0x0F));
        now.underlined = false;
    } else if (which == 9 && kind == 4) {
        now.colour &= 0x0F;
    } else if (which < 8 && (kind == 3 || kind == 9)) {
        now.colour = (uint8_t)((now.colour & 0xF0) | order[which] | (kind == 9 ? BRIGHT : 0));
    } else if (which < 8 && (kind == 4 || kind == 10)) {
        now.colour = (uint8_t)((now.colour & 0x0F) | order[which] << 4 | (kind == 10 ? BLINKS : 0));
    }
}

static void set_attributes(void)
{
    static const uint8_t order[8] = {0, 4, 2, 6, 1, 5, 3, 7};
    uint32_t count = parameter_count == 0 ? 1 : parameter_count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = parameters[i];

        switch (number) {
        case 0:
            now = (struct place){
                .row = now.row, .column = now.column, .colour = COLOUR, .graphic = now.graphic};
            break;
        case 1:
            now.bold = true;
            now.faint = false;
            break;
        case 2:
            now.faint = true;
            now.bold = false;
            break;
        case 4:
        case 21:
        case 24:
            now.underlined = number != 24;
            break;
        case 5:
        case 25:
            now.blinking = number == 5;
            break;
        case 7:
        case 27:
            now.reversed = number == 7;
            break;
        case 22:
            now.bold = now.faint = false;
            break;
        case 38:
        case 48:
            i += set_extended_colour(i, number == 48 ? 4 : 0, order);
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
        snprintf(text, sizeof(text), "\033[%u;%uR", now.row + 1 - (from_region ? top : 0),
                 now.column + 1);
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
        count = count < (int32_t)(SCREEN_COLUMNS - now.column)
                    ? count
                    : (int32_t)(SCREEN_COLUMNS - now.column);
        cells_blank(now.row, now.column, now.column + (uint32_t)count, now.colour);
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
            memset(tabs, 0, sizeof(tabs));
        } else {
            set_tab(now.column, false);
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
        move(count, -(int32_t)now.column);
        break;
    case 'F':
        move(-count, -(int32_t)now.column);
        break;
    case 'G':
    case '`':
        go_to((int32_t)now.row, count - 1);
        break;
    case 'd':
        go_to_numbered((uint32_t)count, now.column + 1);
        break;
    case 'H':
    case 'f':
        go_to_numbered((uint32_t)count, parameter(1, 1));
        break;
    case 's':
        saved = now;
        break;
    case 'u':
        now = saved;
        full = false;
        break;
    default:
        erase_or_edit(c, count);
        break;
    }
}

static void take_in_sequence(uint8_t c)
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
        state = PLAIN;
        take_final(c);
    } else {
        mark = '!'; /* characters before the last one: nothing that is known here has them */
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
        take_in_sequence(c);
        break;
    case CHARSET:
        now.graphic = c == '0';
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
    reset();
    screen_show_cursor();
}

void screen_show_cursor(void)
{
    cells_cursor(now.row, now.column, visible);
}

bool screen_keys_are_application(void)
{
    return application_keys;
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
