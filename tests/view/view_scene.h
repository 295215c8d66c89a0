/* Hand-made situations for the view tests: a session_view and a few pages of guest memory.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/ui_layout.h"

#define SCENE_PAGES  8u
#define SCENE_EVENTS 16u

struct scene {
    struct session_view view;
    struct {
        uint32_t linear; /* page aligned; 0 = free */
        uint8_t bytes[4096];
    } pages[SCENE_PAGES];
    char console[256];
    struct os_event events[SCENE_EVENTS];
    uint32_t latencies[SCENE_EVENTS];
};

/* A user program computes, the timer interrupt comes next; journal of its delivery present,
 * `micro` of its entries taken. */
void scene_timer_interrupt(struct scene *scene, uint32_t micro);
/* After that delivery: first instruction of the handler, whole step taken. */
void scene_in_handler(struct scene *scene);
/* About to execute IRET, journal present, `micro` taken. */
void scene_iret(struct scene *scene, uint32_t micro);
/* Power-on in real mode. */
void scene_reset(struct scene *scene);
/* A timer interrupt has just been delivered while the kernel ran (frame of three). */
void scene_nested(struct scene *scene);

/* The context that draws a scene. */
struct view_context scene_context(const struct scene *scene);
/* The kernel's processes beside it: idle, init that waits, a shell's child that is fresh from fork,
 * a reader asleep in read, a zombie, a kernel thread. The reader, pid 5, is the chosen one. */
void scene_processes(struct scene *scene);
/* In the kernel, called by a program: source text, variables, call stack, watch list, memory. */
void scene_program(struct scene *scene);
/* A shell runs a child and waits, the child prints, a signal comes for it, the timer rings; the
 * machine has then been taken back to before the child's end. */
void scene_events(struct scene *scene);
/* The same, and the child is in its handler now, with the frame of SIGALRM on its stack. */
void scene_signal(struct scene *scene);
/* The bundled kernel deep in a call, within which an interrupt has been taken a while ago: two
 * frames up the stack, with what its entry keeps. */
void scene_further(struct scene *scene);
