/* One trap test: a machine, an instruction, and what has to come of it. The instruction runs by
 * cpu_step() with a journal, and again by cpu_run() with long, short and no decoded blocks and
 * with instructions before it; all have to end in the same state.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "cpu_fixture.h"

/* The path each row of trap_paths.def ends in. */
enum trap_case {
#define TRAP_PATH(id, vector, error, message) CASE_##id = PATH_##id,
#define TRAP_CASE(id, path)                   CASE_##id = PATH_##path,
#include "cpu/trap_paths.def"
#undef TRAP_PATH
#undef TRAP_CASE
    CASE_COUNT
};

#define TRAP_PATH(id, vector, error, message) void test_trap_##id(void **unused);
#define TRAP_CASE(id, path)                   void test_trap_##id(void **unused);
#include "cpu/trap_paths.def"
#undef TRAP_PATH
#undef TRAP_CASE

enum fixture_cpu { AS_I486, AS_I386, AS_I586, AS_I686 };

typedef void arrange_function(struct fixture *f);
typedef void adjust_function(struct cpu_state *want);

struct expected {
    uint32_t path;           /* enum trap_path */
    uint32_t vector;         /* of the handler that runs */
    enum fixture_mode mode;  /* the machine */
    enum fixture_cpu cpu;    /* its processor */
    uint8_t code[24];        /* the instruction, put at CODE_AT */
    size_t code_bytes;       /* its length */
    uint32_t error;          /* code in the frame, for the vectors that have one */
    uint32_t cr2;            /* page faults: address in CR2 */
    uint32_t eip;            /* saved EIP; 0: CODE_AT */
    uint32_t clocks;         /* above the published figure of the delivery */
    uint32_t alone;          /* 1: no instructions before it, start exactly there */
    adjust_function *adjust; /* what else the instruction may have changed, NULL: nothing */
};

void check_trap(const struct expected *expected, arrange_function *arrange);

#define CODE(...) .code = {__VA_ARGS__}, .code_bytes = sizeof((uint8_t[]){__VA_ARGS__})

/* TRAP_TEST(id, vector, fields...) { arrange f } */
#define TRAP_TEST(id_, vector_, ...)                                                               \
    static void arrange_##id_(struct fixture *f);                                                  \
    void test_trap_##id_(void **unused)                                                            \
    {                                                                                              \
        static const struct expected expected = {                                                  \
            .path = CASE_##id_, .vector = (vector_), __VA_ARGS__};                                 \
        (void)unused;                                                                              \
        check_trap(&expected, arrange_##id_);                                                      \
    }                                                                                              \
    static void arrange_##id_(struct fixture *f)

/* The same with nothing to arrange. */
#define TRAP_PLAIN(id_, vector_, ...)                                                              \
    void test_trap_##id_(void **unused)                                                            \
    {                                                                                              \
        static const struct expected expected = {                                                  \
            .path = CASE_##id_, .vector = (vector_), __VA_ARGS__};                                 \
        (void)unused;                                                                              \
        check_trap(&expected, NULL);                                                               \
    }
