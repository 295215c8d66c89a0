/* For tests of the views: a panel as text compared with a file in golden/, and a small machine of
 * memory and state in which linear addresses go through the page tables.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/view_mmu.h"
#include "emu/view_panels.h"
#include "tests/view/view_scene.h"

#define WORLD_RAM       0x20000u
#define WORLD_DIRECTORY 0x1000u
#define WORLD_TABLE     0x2000u

struct world {
    struct session_view view;
    uint8_t ram[WORLD_RAM];
};

/* Paging on; a program of user mode at 08048000h in frames that are not in order, a page of the
 * kernel's, the screen. Offset 8049010h is next. To be freed. */
struct world *new_world(void);
struct view_context world_context(const struct world *world);
void poke32(struct world *world, uint32_t physical, uint32_t value);
/* A scene with nothing in it; to be freed. */
struct scene *new_scene(void);

/* --regenerate writes the files anew. */
void golden_arguments(int count, char **arguments);
/* Draw a panel and compare. */
void check_panel(const struct view_context *context, enum ui_panel panel, uint32_t columns,
                 uint32_t rows, int32_t scroll, const char *name);
