/* One behaviour test: a machine, some code that ends in HLT (or in a handler, which halts), and
 * assertions on the state and memory after it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "behaviours.h"
#include "cpu_fixture.h"

/* Run until the processor halts or shuts down: step by step, and again by cpu_run() with long,
 * short and no decoded blocks. All must agree; f->state and f->ram are the result. */
void run_to_halt(struct fixture *f);
/* One cpu_step() on the loaded processor (loads f->state on the first call); f->state: after. */
void step_once(struct fixture *f, struct cpu_step_info *info);

/* The handler of `vector` has run its HLT. */
#define assert_in_handler(f, vector)                                                               \
    do {                                                                                           \
        assert_int_equal((f)->state.eip, HANDLER(vector) + 1);                                     \
        assert_int_equal((f)->state.activity, ACTIVITY_HALTED);                                    \
    } while (0)
#define assert_halted_at(f, where)                                                                 \
    do {                                                                                           \
        assert_int_equal((f)->state.eip, (where) + 1);                                             \
        assert_int_equal((f)->state.activity, ACTIVITY_HALTED);                                    \
    } while (0)

/* BEHAVE(id, mode, code...) { edit f; run_to_halt(f); assert } */
#define BEHAVE(id, mode, ...)                                                                      \
    static void body_##id(struct fixture *f);                                                      \
    void test_##id(void **unused)                                                                  \
    {                                                                                              \
        static const uint8_t code[] = {__VA_ARGS__};                                               \
        struct fixture f;                                                                          \
        (void)unused;                                                                              \
        fixture_start(&f, mode, CPU_I486);                                                         \
        put_code(&f, CODE_AT, code, sizeof code);                                                  \
        body_##id(&f);                                                                             \
        fixture_end(&f);                                                                           \
    }                                                                                              \
    static void body_##id(struct fixture *f)

/* Words of a frame, counted from the top of the stack. */
#define FRAME32(f, slot) get32(f, (f)->state.gpr[REG_ESP] + 4 * (slot))
