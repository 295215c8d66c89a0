/* The built-in font. Most letters are drawn (font_art.def); accents, fractions, mirrored and
 * inverted forms, lines and blocks are put together by rules.
 * SPDX-License-Identifier: MIT */
#include "emu/font_builtin.h"

#include <string.h>

#include "emu/font_art.def"

#define ART_ROWS  13u
#define ART_TOP   2u /* pixel row of the first row of a drawing */
#define BAND      8u /* glyphs side by side */
#define ROWS      FONT_BUILTIN_HEIGHT
#define LIGHT_ROW 7u

static void read_art(const char *const *art, uint32_t index, uint8_t rows[ROWS])
{
    for (uint32_t row = 0; row < ART_ROWS; row++) {
        const char *line = art[index / BAND * ART_ROWS + row] + index % BAND * 8;
        for (uint32_t column = 0; column < 8; column++) {
            if (line[column] == '#') {
                rows[ART_TOP + row] |= (uint8_t)(0x80u >> column);
            }
        }
    }
}

/* A glyph that is drawn; false if it is not. */
static bool drawn_glyph(uint32_t glyph, uint8_t rows[ROWS])
{
    memset(rows, 0, ROWS);
    if (glyph >= 0x20 && glyph < 0x7F) {
        read_art(ascii_art, glyph - 0x20, rows);
        return true;
    }
    for (uint32_t index = 0; index < sizeof other_codes / sizeof other_codes[0]; index++) {
        if (glyph != 0 && other_codes[index] == glyph) {
            read_art(other_art, index, rows);
            return true;
        }
    }
    return false;
}

enum rule {
    RULE_SAME,    /* as base */
    RULE_ACCENT,  /* base with accent `other` above (or below) */
    RULE_TURN,    /* base turned by half a circle */
    RULE_MIRROR,  /* left and right exchanged */
    RULE_FLIP,    /* top and bottom exchanged */
    RULE_INVERT,  /* ink and paper exchanged */
    RULE_OVER,    /* base and other over each other */
    RULE_RAISED,  /* base at half size, at the top */
    RULE_FRACTION /* base at half size at the top, other at the bottom */
};

enum accent { GRAVE, ACUTE, CIRCUMFLEX, TILDE, DIAERESIS, RING, CEDILLA, MACRON };

/* Three rows each, leftmost pixel bit 7. */
static const uint8_t accents[8][3] = {
    [GRAVE] = {0x30, 0x18, 0x00},      [ACUTE] = {0x0C, 0x18, 0x00},
    [CIRCUMFLEX] = {0x18, 0x24, 0x00}, [TILDE] = {0x32, 0x4C, 0x00},
    [DIAERESIS] = {0x66, 0x66, 0x00},  [RING] = {0x38, 0x44, 0x38},
    [CEDILLA] = {0x18, 0x0C, 0x38},    [MACRON] = {0x7C, 0x00, 0x00},
};

/* clang-format off */
static const struct {
    uint16_t code;
    uint8_t rule;   /* enum rule */
    uint16_t base;  /* code point */
    uint16_t other; /* code point or enum accent */
} rules[] = {
    {0x00A0, RULE_SAME, ' ', 0},        {0x00A1, RULE_TURN, '!', 0},
    {0x00A2, RULE_OVER, 'c', '|'},      {0x00A5, RULE_OVER, 'Y', '='},
    {0x00A6, RULE_SAME, '|', 0},        {0x00A8, RULE_ACCENT, ' ', DIAERESIS},
    {0x00AA, RULE_RAISED, 'a', 0},      {0x00AD, RULE_SAME, '-', 0},
    {0x00AF, RULE_ACCENT, ' ', MACRON}, {0x00B1, RULE_OVER, '+', '_'},
    {0x00B2, RULE_RAISED, '2', 0},      {0x00B3, RULE_RAISED, '3', 0},
    {0x00B4, RULE_ACCENT, ' ', ACUTE},  {0x00B8, RULE_ACCENT, ' ', CEDILLA},
    {0x00B9, RULE_RAISED, '1', 0},      {0x00BA, RULE_RAISED, 'o', 0},
    {0x00BB, RULE_MIRROR, 0xAB, 0},     {0x00BC, RULE_FRACTION, '1', '4'},
    {0x00BD, RULE_FRACTION, '1', '2'},  {0x00BE, RULE_FRACTION, '3', '4'},
    {0x00BF, RULE_TURN, '?', 0},        {0x00D0, RULE_OVER, 'D', '-'},
    {0x00D8, RULE_OVER, 'O', '/'},      {0x00F8, RULE_OVER, 'o', '/'},
    {0x00FE, RULE_OVER, 'b', 'p'},      {0x00C7, RULE_ACCENT, 'C', CEDILLA},
    {0x00E7, RULE_ACCENT, 'c', CEDILLA},
    {0x03B2, RULE_SAME, 0xDF, 0},       {0x03BC, RULE_SAME, 0xB5, 0},
    {0x03C6, RULE_OVER, 'o', '|'},      {0x25D8, RULE_INVERT, 0x2022, 0},
    {0x25D9, RULE_INVERT, 0x25CB, 0},   {0x263B, RULE_INVERT, 0x263A, 0},
    {0x25C4, RULE_MIRROR, 0x25BA, 0},   {0x2190, RULE_MIRROR, 0x2192, 0},
    {0x2193, RULE_FLIP, 0x2191, 0},     {0x25BC, RULE_FLIP, 0x25B2, 0},
    {0x21A8, RULE_OVER, 0x2195, '_'},   {0x2310, RULE_MIRROR, 0xAC, 0},
    {0x20A7, RULE_FRACTION, 'P', 't'},  {0x2264, RULE_MIRROR, 0x2265, 0},
    {0x2321, RULE_TURN, 0x2320, 0},     {0x2219, RULE_SAME, 0xB7, 0},
    {0x207F, RULE_RAISED, 'n', 0},
};

/* Accented letters of Latin-1 in groups that follow one pattern. */
static const struct {
    uint16_t first; /* code point of the capital; the small letter is 20h higher */
    char base;      /* capital letter */
    uint8_t accents[6];
    uint8_t count;
} accented[] = {
    {0xC0, 'A', {GRAVE, ACUTE, CIRCUMFLEX, TILDE, DIAERESIS, RING}, 6},
    {0xC8, 'E', {GRAVE, ACUTE, CIRCUMFLEX, DIAERESIS}, 4},
    {0xCC, 'I', {GRAVE, ACUTE, CIRCUMFLEX, DIAERESIS}, 4},
    {0xD1, 'N', {TILDE}, 1},
    {0xD2, 'O', {GRAVE, ACUTE, CIRCUMFLEX, TILDE, DIAERESIS}, 5},
    {0xD9, 'U', {GRAVE, ACUTE, CIRCUMFLEX, DIAERESIS}, 4},
    {0xDD, 'Y', {ACUTE}, 1},
    {0xDF, 'Y', {DIAERESIS}, 1}, /* only the small one: FFh */
};
/* clang-format on */

static uint8_t mirrored(uint8_t row)
{
    uint32_t result = 0;

    for (uint32_t bit = 0; bit < 8; bit++) {
        result = result << 1 | ((uint32_t)row >> bit & 1u);
    }
    return (uint8_t)result;
}

/* A drawing at half size, ink if one of four pixels has ink, from pixel row `top` on. */
static void add_half(uint32_t glyph, uint32_t left, uint32_t top, uint8_t rows[ROWS])
{
    uint8_t full[ROWS];

    drawn_glyph(glyph, full);
    for (uint32_t row = 0; row < 6; row++) {
        uint32_t ink = (uint32_t)full[ART_TOP + row * 2] | (uint32_t)full[ART_TOP + row * 2 + 1];
        for (uint32_t column = 0; column < 4; column++) {
            if (ink & (0xC0u >> column * 2)) {
                rows[top + row] |= (uint8_t)(0x80u >> (left + column));
            }
        }
    }
}

static void add_accent(uint32_t base, enum accent accent, uint8_t rows[ROWS])
{
    bool capital = base >= 'A' && base <= 'Z';
    uint32_t top = accent == CEDILLA ? 12 : capital ? 0 : 2;

    drawn_glyph(base, rows);
    if (capital && accent != CEDILLA) { /* two rows lower at the top, to make room */
        memmove(rows + 4, rows + 2, 5);
        rows[2] = 0;
        rows[3] = 0;
        memmove(rows + 3, rows + 4, 5);
    }
    if (base == 'i' || base == 'j') { /* the accent takes the place of the dot */
        memset(rows, 0, 5);
    }
    for (uint32_t row = 0; row < 3; row++) {
        rows[top + row] |= accents[accent][row];
    }
}

static void apply_rule(size_t index, uint8_t rows[ROWS])
{
    uint8_t base[ROWS];
    uint8_t other[ROWS];

    drawn_glyph(rules[index].base, base);
    drawn_glyph(rules[index].other, other);
    for (uint32_t row = 0; row < ROWS; row++) {
        uint32_t flipped = ART_TOP + 9 - row; /* about the middle of the capitals */
        uint8_t opposite = flipped < ROWS ? base[flipped] : 0;
        switch ((enum rule)rules[index].rule) {
        case RULE_OVER:
            rows[row] = base[row] | other[row];
            break;
        case RULE_MIRROR:
            rows[row] = mirrored(base[row]);
            break;
        case RULE_FLIP:
            rows[row] = opposite;
            break;
        case RULE_TURN:
            rows[row] = mirrored(opposite);
            break;
        case RULE_INVERT:
            rows[row] = (uint8_t)~base[row];
            break;
        default:
            rows[row] = base[row];
            break;
        }
    }
    if (rules[index].rule == RULE_ACCENT) {
        add_accent(rules[index].base, (enum accent)rules[index].other, rows);
    } else if (rules[index].rule >= RULE_RAISED) {
        memset(rows, 0, ROWS);
        add_half(rules[index].base, 0, 2, rows);
        if (rules[index].rule == RULE_FRACTION) {
            add_half(rules[index].other, 4, 8, rows);
        }
    }
}

static bool ruled_glyph(uint32_t glyph, uint8_t rows[ROWS])
{
    for (size_t index = 0; index < sizeof rules / sizeof rules[0]; index++) {
        if (rules[index].code == glyph) {
            apply_rule(index, rows);
            return true;
        }
    }
    for (size_t index = 0; index < sizeof accented / sizeof accented[0]; index++) {
        bool small = glyph >= 0xE0;
        uint32_t place = glyph - accented[index].first - (small ? 0x20u : 0);
        if (glyph >= 0xC0 && glyph <= 0xFF && glyph != 0xDF && place < accented[index].count) {
            add_accent((uint32_t)accented[index].base + (small ? 0x20u : 0),
                       (enum accent)accented[index].accents[place], rows);
            return true;
        }
    }
    return false;
}

/* Box drawing: for each arm 0 none, 1 light, 2 double; order up, right, down, left. */
struct arms {
    uint16_t code;
    char arms[5];
};

/* clang-format off */
static const struct arms boxes[] = {
    {0x2500, "0101"}, {0x2502, "1010"}, {0x250C, "0110"}, {0x2510, "0011"}, {0x2514, "1100"},
    {0x2518, "1001"}, {0x251C, "1110"}, {0x2524, "1011"}, {0x252C, "0111"}, {0x2534, "1101"},
    {0x253C, "1111"}, {0x2550, "0202"}, {0x2551, "2020"}, {0x2552, "0210"}, {0x2553, "0120"},
    {0x2554, "0220"}, {0x2555, "0012"}, {0x2556, "0021"}, {0x2557, "0022"}, {0x2558, "1200"},
    {0x2559, "2100"}, {0x255A, "2200"}, {0x255B, "1002"}, {0x255C, "2001"}, {0x255D, "2002"},
    {0x255E, "1210"}, {0x255F, "2120"}, {0x2560, "2220"}, {0x2561, "1012"}, {0x2562, "2021"},
    {0x2563, "2022"}, {0x2564, "0212"}, {0x2565, "0121"}, {0x2566, "0222"}, {0x2567, "1202"},
    {0x2568, "2101"}, {0x2569, "2202"}, {0x256A, "1212"}, {0x256B, "2121"}, {0x256C, "2222"},
};
/* clang-format on */

static void fill(uint8_t rows[ROWS], uint32_t top, uint32_t bottom, uint32_t left, uint32_t right)
{
    for (uint32_t row = top; row <= bottom && row < ROWS; row++) {
        for (uint32_t column = left; column <= right && column < 8; column++) {
            rows[row] |= (uint8_t)(0x80u >> column);
        }
    }
}

/* Light lines: columns 3-4, row 7. Double: columns 2 and 5, rows 6 and 8. */
static void draw_box(const char *arms, uint8_t rows[ROWS])
{
    uint32_t up = (uint32_t)arms[0] - '0';
    uint32_t right = (uint32_t)arms[1] - '0';
    uint32_t down = (uint32_t)arms[2] - '0';
    uint32_t left = (uint32_t)arms[3] - '0';
    bool upright_double = up == 2 || down == 2;
    bool level_double = left == 2 || right == 2;

    for (uint32_t line = 0; line < 2; line++) { /* upper and lower, left and right line */
        uint32_t row = line == 0 ? 6 : 8;
        uint32_t column = line == 0 ? 2 : 5;
        bool cut_level = line == 0 ? up == 2 : down == 2;
        bool cut_upright = line == 0 ? left == 2 : right == 2;
        uint32_t near = upright_double ? cut_level ? 5 : 2 : 3;
        if (right == 2) {
            fill(rows, row, row, near, 7);
        }
        near = upright_double ? cut_level ? 2 : 5 : 4;
        if (left == 2) {
            fill(rows, row, row, 0, near);
        }
        near = level_double ? cut_upright ? 8 : 6 : LIGHT_ROW;
        if (down == 2) {
            fill(rows, near, 15, column, column);
        }
        near = level_double ? cut_upright ? 6 : 8 : LIGHT_ROW;
        if (up == 2) {
            fill(rows, 0, near, column, column);
        }
    }
    bool through_upright = up == 2 && down == 2;
    bool through_level = left == 2 && right == 2;
    if (right == 1) {
        fill(rows, LIGHT_ROW, LIGHT_ROW, upright_double ? through_upright && !left ? 5 : 2 : 3, 7);
    }
    if (left == 1) {
        fill(rows, LIGHT_ROW, LIGHT_ROW, 0, upright_double ? through_upright && !right ? 2 : 5 : 4);
    }
    if (down == 1) {
        fill(rows, level_double ? through_level && !up ? 8 : 6 : LIGHT_ROW, 15, 3, 4);
    }
    if (up == 1) {
        fill(rows, 0, level_double ? through_level && !down ? 6 : 8 : LIGHT_ROW, 3, 4);
    }
}

static bool box_glyph(uint32_t glyph, uint8_t rows[ROWS])
{
    for (size_t index = 0; index < sizeof boxes / sizeof boxes[0]; index++) {
        if (boxes[index].code == glyph) {
            draw_box(boxes[index].arms, rows);
            return true;
        }
    }
    if (glyph == 0x250A) { /* broken vertical line */
        for (uint32_t row = 0; row < ROWS; row += 4) {
            fill(rows, row, row + 1, 3, 4);
        }
        return true;
    }
    return false;
}

static bool block_glyph(uint32_t glyph, uint8_t rows[ROWS])
{
    switch (glyph) {
    case 0x2580: /* upper half */
        fill(rows, 0, 7, 0, 7);
        return true;
    case 0x2584: /* lower half */
        fill(rows, 8, 15, 0, 7);
        return true;
    case 0x2588: /* full */
        fill(rows, 0, 15, 0, 7);
        return true;
    case 0x258C: /* left half */
        fill(rows, 0, 15, 0, 3);
        return true;
    case 0x2590: /* right half */
        fill(rows, 0, 15, 4, 7);
        return true;
    case 0x2591: /* shades */
    case 0x2592:
    case 0x2593:
        for (uint32_t row = 0; row < ROWS; row++) {
            uint32_t sparse = row & 1 ? 0x22u : 0x88u;
            uint32_t half = row & 1 ? 0x55u : 0xAAu;
            rows[row] = (uint8_t)(glyph == 0x2591 ? sparse : glyph == 0x2592 ? half : ~sparse);
        }
        return true;
    default:
        return false;
    }
}

bool font_builtin_glyph(uint32_t glyph, uint8_t rows[FONT_BUILTIN_HEIGHT])
{
    memset(rows, 0, ROWS);
    if (glyph == 0 || drawn_glyph(glyph, rows)) {
        return true;
    }
    memset(rows, 0, ROWS);
    if (ruled_glyph(glyph, rows) || box_glyph(glyph, rows) || block_glyph(glyph, rows)) {
        return true;
    }
    fill(rows, 2, 2, 1, 6);
    fill(rows, 11, 11, 1, 6);
    fill(rows, 2, 11, 1, 1);
    fill(rows, 2, 11, 6, 6);
    return false;
}
