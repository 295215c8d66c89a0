/* A grid as a PNG file (libpng).
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "emu/paint_cells.h"

static bool write_png(const char *path, const struct paint_target *target, struct err *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = target->width,
                       .height = target->height,
                       .format = PNG_FORMAT_RGB};
    size_t count = (size_t)target->width * target->height;
    uint8_t *bytes = malloc(count * 3);

    if (!bytes) {
        return err_set(err, "no memory for a picture of %u by %u", target->width, target->height);
    }
    for (size_t index = 0; index < count; index++) {
        bytes[index * 3] = (uint8_t)(target->pixels[index] >> 16);
        bytes[index * 3 + 1] = (uint8_t)(target->pixels[index] >> 8);
        bytes[index * 3 + 2] = (uint8_t)target->pixels[index];
    }
    int done = png_image_write_to_file(&image, path, 0, bytes, 0, NULL);
    free(bytes);
    if (!done) {
        return err_set(err, "%s can not be written: %s", path, image.message);
    }
    return true;
}

bool paint_png(const char *path, const struct grid *grid, const struct paint_palette *palette,
               struct font_face *face, struct err *err)
{
    struct paint_target target = {
        .width = grid->columns * font_face_width(face),
        .height = grid->rows * font_face_height(face),
    };
    uint32_t first;
    uint32_t end;

    target.pixels = calloc((size_t)target.width * target.height, sizeof target.pixels[0]);
    if (!target.pixels) {
        return err_set(err, "no memory for a picture of %u by %u", target.width, target.height);
    }
    paint_grid(&target, grid, NULL, palette, face, &first, &end);
    bool done = write_png(path, &target, err);
    free(target.pixels);
    return done;
}
