/* Cells on a terminal: colours where it has them, and always bold, underlined or reversed besides,
 * so that nothing is said by colour alone.
 * SPDX-License-Identifier: MIT */
#include "emu/tui_priv.h"

#include <string.h>
#include <wchar.h>

/* Besides the colour. */
static const attr_t emphasis[ROLE_VGA_FIRST] = {
    [ROLE_DIM] = A_DIM,          [ROLE_CHANGED] = A_BOLD, [ROLE_CURRENT] = A_BOLD,
    [ROLE_KERNEL] = A_UNDERLINE, [ROLE_WARNING] = A_BOLD, [ROLE_KEY] = A_BOLD,
};

/* Without any colour. */
static const attr_t plain_emphasis[ROLE_VGA_FIRST] = {
    [ROLE_DIM] = A_DIM,         [ROLE_TITLE] = A_BOLD, [ROLE_CHANGED] = A_BOLD,
    [ROLE_CURRENT] = A_REVERSE, [ROLE_USER] = A_BOLD,  [ROLE_KERNEL] = A_BOLD | A_UNDERLINE,
    [ROLE_WARNING] = A_BOLD,    [ROLE_KEY] = A_BOLD,
};

/* The eight colours of every colour terminal, on black and on white paper. */
static const short basic_dark[ROLE_VGA_FIRST] = {
    [ROLE_TEXT] = COLOR_WHITE,  [ROLE_DIM] = COLOR_WHITE,      [ROLE_TITLE] = COLOR_CYAN,
    [ROLE_LABEL] = COLOR_WHITE, [ROLE_CHANGED] = COLOR_YELLOW, [ROLE_CURRENT] = COLOR_WHITE,
    [ROLE_USER] = COLOR_GREEN,  [ROLE_KERNEL] = COLOR_RED,     [ROLE_WARNING] = COLOR_YELLOW,
    [ROLE_KEY] = COLOR_CYAN,
};
static const short basic_light[ROLE_VGA_FIRST] = {
    [ROLE_TEXT] = COLOR_BLACK,  [ROLE_DIM] = COLOR_BLACK,   [ROLE_TITLE] = COLOR_BLUE,
    [ROLE_LABEL] = COLOR_BLACK, [ROLE_CHANGED] = COLOR_RED, [ROLE_CURRENT] = COLOR_WHITE,
    [ROLE_USER] = COLOR_BLUE,   [ROLE_KERNEL] = COLOR_RED,  [ROLE_WARNING] = COLOR_MAGENTA,
    [ROLE_KEY] = COLOR_BLUE,
};

/* A VGA colour (blue is bit 0) as a terminal's (red is bit 0). */
static short vga_colour(uint32_t colour)
{
    return (short)((colour & 2u) | (colour & 1u) << 2 | (colour >> 2 & 1u));
}

static uint32_t distance(uint32_t one, uint32_t other)
{
    uint32_t sum = 0;

    for (uint32_t shift = 0; shift < 24; shift += 8) {
        int32_t apart = (int32_t)(one >> shift & 255u) - (int32_t)(other >> shift & 255u);
        sum += (uint32_t)(apart * apart);
    }
    return sum;
}

/* The nearest of xterm's 256 colours: a cube of 6 x 6 x 6 from 16, 24 greys from 232. */
static short nearest(uint32_t colour)
{
    static const uint32_t levels[6] = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};
    uint32_t best = UINT32_MAX;
    uint32_t found = 0;

    for (uint32_t index = 16; index < 256; index++) {
        uint32_t cube = index - 16;
        uint32_t grey = 8 + (index - 232) * 10;
        uint32_t here =
            index >= 232 ? grey << 16 | grey << 8 | grey
                         : levels[cube / 36] << 16 | levels[cube / 6 % 6] << 8 | levels[cube % 6];
        if (distance(here, colour) < best) {
            best = distance(here, colour);
            found = index;
        }
    }
    return (short)found;
}

static void pair_of_role(struct tui *tui, const struct paint_palette *palette, uint32_t role)
{
    bool light = (palette->paper[ROLE_TEXT] & 0xFFu) > 0x80u;
    short ink;
    short paper;

    if (tui->colours == TUI_MANY) {
        ink = nearest(palette->ink[role]);
        paper = nearest(palette->paper[role]);
    } else if (role >= ROLE_VGA_FIRST) {
        uint32_t attribute = role - ROLE_VGA_FIRST;
        ink = vga_colour(attribute & 7u);
        paper = vga_colour(attribute >> 4 & 7u);
    } else {
        ink = light ? basic_light[role] : basic_dark[role];
        paper = role == ROLE_CURRENT ? COLOR_BLUE : light ? COLOR_WHITE : COLOR_BLACK;
    }
    tui->pairs[role] = (short)alloc_pair(ink, paper);
    if (tui->pairs[role] < 0) { /* all in use */
        tui->pairs[role] = 0;
    }
}

void tui_use_theme(struct tui *tui)
{
    static struct paint_palette palette;

    memset(tui->pairs, 0, sizeof tui->pairs);
    if (tui->colours == TUI_MONOCHROME) {
        return;
    }
    paint_palette(&palette, tui->ui.look.theme);
    reset_color_pairs();
    for (uint32_t role = 0; role < ROLE_COUNT; role++) {
        pair_of_role(tui, &palette, role);
    }
    bkgd((chtype)COLOR_PAIR(tui->pairs[ROLE_TEXT]) | ' ');
}

uint32_t tui_ascii(uint32_t glyph)
{
    static const struct {
        uint32_t glyph;
        char ascii;
    } others[] = {
        {0x25BA, '>'}, {0x25C4, '<'}, {0x25B2, '^'}, {0x25BC, 'v'}, {0x2192, '>'}, {0x2190, '<'},
        {0x2191, '^'}, {0x2193, 'v'}, {0x25CF, '*'}, {0x2713, '+'}, {0x00B7, '.'}, {0x2022, '*'},
        {0x2026, '~'}, {0x2666, 'm'}, {0x2588, '#'}, {0x2591, '%'}, {0x2592, '%'}, {0x2593, '#'},
        {0x250A, ':'}, {0x2551, '|'}, {0x2550, '='}, {0x00A0, ' '}, {0x00D7, 'x'}, {0x2502, '|'},
        {0x2500, '-'}, {0x2584, '_'}, {0x2580, '"'}, {0x25A0, '#'}, {0x2261, '='}, {0x2264, '<'},
        {0x2265, '>'}, {0x258C, '|'}, {0x2590, '|'},
    };

    if (glyph < 0x7F) {
        return glyph;
    }
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        if (others[index].glyph == glyph) {
            return (unsigned char)others[index].ascii;
        }
    }
    return glyph >= 0x2500 && glyph < 0x2580 ? '+' : '?';
}

/* Lines that even old terminals draw by their second character set. */
static const cchar_t *line_of(uint32_t glyph)
{
    switch (glyph) {
    case 0x2500:
        return WACS_HLINE;
    case 0x2502:
        return WACS_VLINE;
    case 0x250C:
        return WACS_ULCORNER;
    case 0x2510:
        return WACS_URCORNER;
    case 0x2514:
        return WACS_LLCORNER;
    case 0x2518:
        return WACS_LRCORNER;
    case 0x251C:
    case 0x255E:
        return WACS_LTEE;
    case 0x2524:
        return WACS_RTEE;
    case 0x252C:
        return WACS_TTEE;
    case 0x2534:
        return WACS_BTEE;
    case 0x253C:
        return WACS_PLUS;
    default:
        return NULL;
    }
}

static attr_t attributes_of(const struct tui *tui, const struct cell *cell)
{
    bool vga = cell->role >= ROLE_VGA_FIRST;
    uint32_t attribute = vga ? cell->role - (uint32_t)ROLE_VGA_FIRST : 0;
    attr_t attributes = 0;

    attributes |= cell->attributes & CELL_BOLD ? A_BOLD : 0;
    attributes |= cell->attributes & CELL_UNDERLINE ? A_UNDERLINE : 0;
    attributes |= cell->attributes & CELL_REVERSE ? A_REVERSE : 0;
    if (!vga) {
        attributes |=
            tui->colours == TUI_MONOCHROME ? plain_emphasis[cell->role] : emphasis[cell->role];
    } else if (tui->colours != TUI_MANY) {
        attributes |= attribute & 8u ? A_BOLD : 0;
        attributes |= tui->colours == TUI_MONOCHROME && (attribute & 0x70u) ? A_REVERSE : 0;
    }
    if (tui->colours == TUI_MANY) {
        attributes &= ~A_DIM; /* the colour is dim enough */
    }
    return attributes;
}

static void put_cell(struct tui *tui, int row, int column, const struct cell *cell)
{
    uint32_t glyph = cell->glyph ? cell->glyph : ' ';
    attr_t attributes = attributes_of(tui, cell);
    short pair = tui->pairs[cell->role < ROLE_COUNT ? cell->role : ROLE_TEXT];
    wchar_t text[2] = {(wchar_t)glyph, 0};
    cchar_t shown;

    if (!tui->unicode) {
        const cchar_t *line = line_of(glyph);
        wchar_t symbol[CCHARW_MAX + 1];
        attr_t drawn;
        short unused;
        if (line && getcchar(line, symbol, &drawn, &unused, NULL) == OK) {
            setcchar(&shown, symbol, attributes | (drawn & A_ALTCHARSET), pair, NULL);
            mvadd_wch(row, column, &shown);
            return;
        }
        text[0] = (wchar_t)tui_ascii(glyph);
    } else if (wcwidth(text[0]) != 1) {
        text[0] = L'?';
    }
    setcchar(&shown, text, attributes, pair, NULL);
    mvadd_wch(row, column, &shown);
}

void tui_paint(struct tui *tui)
{
    const struct grid *grid = &tui->ui.picture.grid;

    for (uint32_t index = 0; index < grid->columns * grid->rows; index++) {
        const struct cell *cell = &grid->cells[index];
        struct cell *old = &tui->shown.cells[index];
        if (old->glyph != cell->glyph || old->role != cell->role ||
            old->attributes != cell->attributes) {
            put_cell(tui, (int)(index / grid->columns), (int)(index % grid->columns), cell);
            *old = *cell;
        }
    }
    refresh();
}
