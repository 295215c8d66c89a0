/* Panels as text against golden files, and the small machine, see view_world.h.
 * SPDX-License-Identifier: MIT */
#include "tests/view/view_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool regenerate;

static char *read_golden(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        return NULL;
    }
    char *text = calloc(1, 1 << 18);
    assert_non_null(text);
    size_t bytes = fread(text, 1, (1 << 18) - 1, file);
    text[bytes] = '\0';
    fclose(file);
    return text;
}

static void check_golden(const char *text, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.txt", GOLDEN_FOLDER, name);
    if (regenerate) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
        return;
    }
    char *expected = read_golden(path);
    if (!expected) {
        fail_msg("%s is missing; write it with --regenerate", path);
    } else if (strcmp(expected, text) != 0) {
        print_error("%s differs. Now:\n%s", path, text);
        fail();
    }
    free(expected);
}

/* A panel as text; the caller's to free. */
static char *draw(const struct view_context *context, enum ui_panel panel, uint32_t columns,
                  uint32_t rows, int32_t scroll)
{
    struct grid grid = {columns, rows, calloc((size_t)columns * rows, sizeof(struct cell))};
    char *text = NULL;
    size_t bytes = 0;

    assert_non_null(grid.cells);
    panel_info(panel)->draw(&grid, grid_whole(&grid), context, false, scroll);
    FILE *file = open_memstream(&text, &bytes);
    assert_non_null(file);
    assert_true(grid_dump_text(&grid, file));
    fclose(file);
    free(grid.cells);
    return text;
}

void check_panel(const struct view_context *context, enum ui_panel panel, uint32_t columns,
                 uint32_t rows, int32_t scroll, const char *name)
{
    char *text = draw(context, panel, columns, rows, scroll);

    check_golden(text, name);
    free(text);
}

void golden_arguments(int count, char **arguments)
{
    regenerate = count > 1 && strcmp(arguments[1], "--regenerate") == 0;
}

struct scene *new_scene(void)
{
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    return scene;
}

static bool world_physical(void *context, uint32_t physical, void *bytes, uint32_t size)
{
    const struct world *world = context;

    if (physical >= WORLD_RAM || size > WORLD_RAM - physical) {
        return false;
    }
    memcpy(bytes, world->ram + physical, size);
    return true;
}

static bool world_linear(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct world *world = context;
    struct view_context views = world_context(world);

    for (uint32_t index = 0; index < size; index++) {
        uint32_t physical = linear + index;
        if (world->view.state.cpu.cr0 & CR0_PG) {
            struct page_walk walk = view_walk(&views, linear + index);
            if (!walk.mapped) {
                return false;
            }
            physical = walk.physical;
        }
        if (!world_physical(context, physical, (uint8_t *)bytes + index, 1)) {
            return false;
        }
    }
    return true;
}

struct view_context world_context(const struct world *world)
{
    return (struct view_context){.view = &world->view,
                                 .read = world_linear,
                                 .read_physical = world_physical,
                                 .read_context = (void *)(uintptr_t)world};
}

void poke32(struct world *world, uint32_t physical, uint32_t value)
{
    for (uint32_t byte = 0; byte < 4; byte++) {
        world->ram[physical + byte] = (uint8_t)(value >> byte * 8);
    }
}

struct world *new_world(void)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    struct cpu_state *cpu = &world->view.state.cpu;
    poke32(world, WORLD_DIRECTORY + 0x20 * 4, WORLD_TABLE | 0x27);
    poke32(world, WORLD_TABLE + 0x48 * 4, 0x7000 | 0x25);
    poke32(world, WORLD_TABLE + 0x49 * 4, 0x5000 | 0x25);
    poke32(world, WORLD_TABLE + 0x4A * 4, 0x9000 | 0x67);
    poke32(world, WORLD_DIRECTORY + 0x300 * 4, 0x3000 | 0x23);
    poke32(world, 0x3000 + 1 * 4, WORLD_DIRECTORY | 0x63);
    poke32(world, 0x3000 + 0xB8 * 4, 0xB8000 | 0x63);
    poke32(world, 0x3000 + 0xB9 * 4, 0xB9000 | 0x63);
    cpu->cpl = 3;
    cpu->cr0 = CR0_PE | CR0_PG | CR0_WP;
    cpu->cr3 = WORLD_DIRECTORY;
    cpu->cr4 = CR4_PSE;
    cpu->a20_mask = 0xFFFFFFFFu;
    cpu->eip = 0x08049010;
    cpu->gpr[REG_ESP] = 0x0804AFF0;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        cpu->segments[segment] = (struct segment_state){0, 0xFFFFFFFFu, 0x23, 0xC0F3, 1};
    }
    cpu->segments[SEG_CS] = (struct segment_state){0, 0xFFFFFFFFu, 0x1B, 0xC0FB, 1};
    return world;
}
