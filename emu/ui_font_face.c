/* Font files by SDL2_ttf with a cache of coverage bitmaps; lines and blocks always come from the
 * built-in font, scaled, so that they meet at the edges of cells at any size.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_font_face.h"

#include <SDL_ttf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/font_builtin.h"

#define CACHE_SLOTS 2048u

struct slot {
    uint32_t key;      /* code point * 2 + bold, + 1 so that 0 is free */
    uint8_t *coverage; /* width * height bytes */
};

struct font_face {
    TTF_Font *font; /* NULL: built-in */
    TTF_Font *bold; /* may be NULL */
    uint32_t width;
    uint32_t height;
    uint32_t used;     /* slots */
    uint8_t *overflow; /* a glyph that has no slot any more */
    struct slot slots[CACHE_SLOTS];
};

static const char *const usual_folders[] = {
    "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/TTF",
    "/usr/share/fonts/dejavu",          "/usr/share/fonts/dejavu-sans-mono-fonts",
    "/usr/share/fonts/truetype",        "/usr/local/share/fonts",
};
static const char *const home_folders[] = {".local/share/fonts", ".fonts"};

static bool exists(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file) {
        fclose(file);
    }
    return file != NULL;
}

/* DejaVu Sans Mono in one of its usual places. */
static bool find_font(char *path, size_t bytes)
{
    const char *home = getenv("HOME");

    for (size_t index = 0; index < sizeof usual_folders / sizeof usual_folders[0]; index++) {
        snprintf(path, bytes, "%s/DejaVuSansMono.ttf", usual_folders[index]);
        if (exists(path)) {
            return true;
        }
    }
    for (size_t index = 0; home && index < sizeof home_folders / sizeof home_folders[0]; index++) {
        snprintf(path, bytes, "%s/%s/DejaVuSansMono.ttf", home, home_folders[index]);
        if (exists(path)) {
            return true;
        }
    }
    return false;
}

/* At some sizes the underscore lies a row below what the font calls its height. */
static uint32_t cell_height(TTF_Font *font)
{
    SDL_Color white = {255, 255, 255, 255};
    SDL_Surface *lowest = TTF_RenderGlyph32_Blended(font, '_', white);
    int height = TTF_FontHeight(font);

    if (lowest && lowest->h > height) {
        height = lowest->h;
    }
    SDL_FreeSurface(lowest);
    return (uint32_t)height;
}

static bool open_file(struct font_face *face, const char *path, uint32_t scale)
{
    int size = (int)((FONT_PIXELS * scale + 50) / 100);
    int advance = 0;
    char bold[1024];

    if (!TTF_WasInit() && TTF_Init() != 0) {
        return false;
    }
    face->font = TTF_OpenFont(path, size);
    if (!face->font) {
        return false;
    }
    TTF_SetFontHinting(face->font, TTF_HINTING_LIGHT);
    if (TTF_GlyphMetrics32(face->font, 'M', NULL, NULL, NULL, NULL, &advance) != 0 || advance < 2) {
        TTF_CloseFont(face->font);
        face->font = NULL;
        return false;
    }
    face->width = (uint32_t)advance;
    face->height = cell_height(face->font);
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, ".ttf") == 0) {
        snprintf(bold, sizeof bold, "%.*s-Bold.ttf", (int)(length - 4), path);
        face->bold = exists(bold) ? TTF_OpenFont(bold, size) : NULL;
    }
    return true;
}

struct font_face *font_face_open(const char *path, uint32_t scale, struct err *err)
{
    struct font_face *face = calloc(1, sizeof *face);
    char found[1024];

    if (!face) {
        err_set(err, "no memory for a font");
        return NULL;
    }
    scale = scale < FONT_SCALE_MIN ? FONT_SCALE_MIN : scale;
    scale = scale > FONT_SCALE_MAX ? FONT_SCALE_MAX : scale;
    bool builtin = path && strcmp(path, "builtin") == 0;
    if (path && !builtin) {
        if (!open_file(face, path, scale)) {
            err_set(err, "font file %s can not be used; name a monospaced .ttf file, or builtin",
                    path);
            free(face);
            return NULL;
        }
    } else if (builtin || !find_font(found, sizeof found) || !open_file(face, found, scale)) {
        uint32_t times = (scale + 50) / 100;
        face->width = FONT_BUILTIN_WIDTH * (times ? times : 1);
        face->height = FONT_BUILTIN_HEIGHT * (times ? times : 1);
    }
    return face;
}

void font_face_close(struct font_face *face)
{
    if (!face) {
        return;
    }
    for (uint32_t index = 0; index < CACHE_SLOTS; index++) {
        free(face->slots[index].coverage);
    }
    free(face->overflow);
    if (face->bold) {
        TTF_CloseFont(face->bold);
    }
    if (face->font) {
        TTF_CloseFont(face->font);
    }
    free(face);
}

uint32_t font_face_width(const struct font_face *face)
{
    return face->width;
}

uint32_t font_face_height(const struct font_face *face)
{
    return face->height;
}

/* The built-in drawing stretched to the cell. */
static void bake_builtin(const struct font_face *face, uint32_t glyph, bool bold, uint8_t *coverage)
{
    uint8_t rows[FONT_BUILTIN_HEIGHT];

    font_builtin_glyph(glyph, rows);
    for (uint32_t row = 0; row < face->height; row++) {
        uint32_t bits = rows[row * FONT_BUILTIN_HEIGHT / face->height];
        bits |= bold ? bits >> 1 : 0;
        for (uint32_t column = 0; column < face->width; column++) {
            uint32_t bit = 0x80u >> (column * FONT_BUILTIN_WIDTH / face->width);
            coverage[row * face->width + column] = bits & bit ? 255 : 0;
        }
    }
}

static bool bake_file(const struct font_face *face, uint32_t glyph, bool bold, uint8_t *coverage)
{
    TTF_Font *font = bold && face->bold ? face->bold : face->font;
    SDL_Color white = {255, 255, 255, 255};
    int left = 0;
    int top = 0;

    if (!font || !TTF_GlyphIsProvided32(font, glyph) ||
        TTF_GlyphMetrics32(font, glyph, &left, NULL, NULL, &top, NULL) != 0) {
        return false;
    }
    SDL_Surface *surface = TTF_RenderGlyph32_Blended(font, glyph, white);
    if (!surface) {
        return false;
    }
    /* the surface has the height of the font and begins at the left edge of the cell, or of the
     * ink if that lies further left */
    uint32_t skip = left < 0 ? (uint32_t)-left : 0;
    for (uint32_t row = 0; row < face->height && row < (uint32_t)surface->h; row++) {
        const uint32_t *line =
            (const uint32_t *)((const uint8_t *)surface->pixels + (uint32_t)surface->pitch * row);
        for (uint32_t column = 0; column < face->width && column + skip < (uint32_t)surface->w;
             column++) {
            coverage[row * face->width + column] = (uint8_t)(line[column + skip] >> 24);
        }
    }
    SDL_FreeSurface(surface);
    return true;
}

static void bake(const struct font_face *face, uint32_t glyph, bool bold, uint8_t *coverage)
{
    bool lines = glyph >= 0x2500 && glyph < 0x25A0;

    if (lines || !bake_file(face, glyph, bold, coverage)) {
        bake_builtin(face, glyph, bold && !lines, coverage);
    }
}

const uint8_t *font_face_glyph(struct font_face *face, uint32_t glyph, bool bold)
{
    uint32_t key = glyph * 2 + bold + 1;
    uint32_t at = key * 2654435761u >> 21; /* 11 bits: CACHE_SLOTS */

    while (face->slots[at].key != 0 && face->slots[at].key != key) {
        at = (at + 1) % CACHE_SLOTS;
    }
    struct slot *slot = &face->slots[at];
    if (slot->key == key) {
        return slot->coverage;
    }
    bool full = face->used >= CACHE_SLOTS / 2;
    uint8_t *coverage = calloc(face->width, face->height);
    if (!coverage) {
        return face->overflow;
    }
    bake(face, glyph, bold, coverage);
    if (full) {
        free(face->overflow);
        face->overflow = coverage;
        return coverage;
    }
    face->used++;
    slot->key = key;
    slot->coverage = coverage;
    return coverage;
}
