/* What a flat variant does when the mirror lacks a page: the mirror is filled and it runs again, or
 * the fault is raised at once. One machine runs freely, its twin goes step by step by the careful
 * variants; clocks, state and memory have to agree, walks have to be as many as the table of clocks
 * says, even where two pages of one instruction share a place in the TLB.
 * See: cpu/mem.c, missed_flat(); docs/timing.md, "Model, not manual".
 * SPDX-License-Identifier: MIT */
#include "cpu_fixture.h"

#define WALK 13u
/* Two linear pages with the same place in the TLB, see tlb_data_index(). */
#define PAGE_A  DATA_AT
#define PAGE_B  0x12F000u
#define FRAME_B 0x31000u

/* EAX: PAGE_A + 8, EBX: PAGE_B + 8, ESP in PAGE_B; ends with HLT. */
static void start(struct fixture *f, const uint8_t *code, size_t bytes)
{
    fixture_start(f, KERNEL_PAGED, CPU_I486);
    assert_int_equal(tlb_data_index(PAGE_A), tlb_data_index(PAGE_B));
    put32(f, TABLE_AT + (PAGE_B >> 12) * 4, FRAME_B | 0x67);
    put32(f, TABLE_AT + (PAGE_A >> 12) * 4, PAGE_A | 0x67);
    memset(f->ram + PAGE_A, 0x5A, 64);
    memset(f->ram + FRAME_B, 0xA5, 64);
    put_code(f, CODE_AT, code, bytes);
    put8(f, CODE_AT + (uint32_t)bytes, 0xF4);
    f->state.gpr[REG_EAX] = f->state.gpr[REG_ESI] = PAGE_A + 8;
    f->state.gpr[REG_EBX] = f->state.gpr[REG_EDI] = PAGE_B + 8;
    f->state.gpr[REG_ECX] = 5;
    f->state.gpr[REG_ESP] = PAGE_B + 0x80;
    fixture_load(f);
}

/* Runs it both ways, in slices of `slice` clocks; returns the clocks. */
static uint64_t both_ways(const uint8_t *code, size_t bytes, uint32_t slice)
{
    struct fixture free_running, stepped;
    struct cpu_step_info info;
    start(&free_running, code, bytes);
    start(&stepped, code, bytes);
    const uint64_t begin = free_running.state.clock;
    for (uint64_t at = begin; at < begin + 5000; at += slice) {
        cpu_run(free_running.cpu, at + slice);
    }
    while (cpu_save(stepped.cpu)->activity == ACTIVITY_RUNNING) {
        cpu_step(stepped.cpu, UINT64_MAX, &info);
    }
    const uint64_t clocks = cpu_clock(stepped.cpu) - begin;
    struct cpu_state one = *cpu_save(free_running.cpu);
    const struct cpu_state two = *cpu_save(stepped.cpu);
    assert_int_equal(one.activity, ACTIVITY_HALTED);
    one.clock = two.clock; /* time goes on while it is halted */
    assert_memory_equal(&one, &two, sizeof one);
    assert_memory_equal(free_running.ram, stepped.ram, RAM_BYTES);
    fixture_end(&free_running);
    fixture_end(&stepped);
    return clocks;
}

#define BOTH_WAYS(slice, ...)                                                                      \
    both_ways((const uint8_t[]){__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__}), slice)
/* HLT, and the walk of its fetch. */
#define END (4u + WALK)

static void test_a_page_that_is_missed_is_walked_for_once(void **state)
{
    (void)state;
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10), 1 + WALK + END);             /* mov edx, [eax] */
    assert_int_equal(BOTH_WAYS(5000, 0x89, 0x08), 1 + WALK + END);             /* mov [eax], ecx */
    assert_int_equal(BOTH_WAYS(5000, 0x01, 0x08), 3 + WALK + END);             /* add [eax], ecx */
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10, 0x8B, 0x10), 2 + WALK + END); /* twice */
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10, 0x8B, 0x13), 2 + 2 * WALK + END); /* A, B */
}

/* PUSH and POP with memory 4 and 5, MOVSD 7: each looks at both pages, each look is a walk. */
static void test_two_pages_that_evict_each_other_are_walked_for_once_each(void **state)
{
    (void)state;
    assert_int_equal(BOTH_WAYS(5000, 0xFF, 0x30), 4 + 2 * WALK + END);
    assert_int_equal(BOTH_WAYS(5000, 0xFF, 0x30, 0xFF, 0x30), 2 * (4 + 2 * WALK) + END);
    assert_int_equal(BOTH_WAYS(5000, 0xA5), 7 + 2 * WALK + END);
    assert_int_equal(BOTH_WAYS(5000, 0xA5, 0xA5, 0xA5), 3 * (7 + 2 * WALK) + END);
    /* mov edx, [eax]; push [eax]: the first is there already when the second evicts it */
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10, 0xFF, 0x30), 1 + WALK + 4 + WALK + END);
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10, 0xA5), 1 + WALK + 7 + WALK + END);
    assert_int_equal(BOTH_WAYS(5000, 0x8B, 0x10, 0xA7), 1 + WALK + 8 + WALK + END);
    /* push [eax]; mov edx, [ebx]; mov edx, [eax]: then the stack's page is still there */
    assert_int_equal(BOTH_WAYS(5000, 0xFF, 0x30, 0x8B, 0x13, 0x8B, 0x10),
                     4 + 2 * WALK + 1 + 1 + WALK + END);
}

/* In a loop the same micro-op misses again and again: push [eax]; mov edx, [eax]; mov [ebx], edx;
 * dec ecx; jnz. A slice ends with the first instruction that ends at or behind its end. */
static void test_loops_of_misses_are_the_same_in_slices_of_any_length(void **state)
{
    (void)state;
    static const uint8_t loop[] = {0xFF, 0x30, 0x8B, 0x10, 0x89, 0x13, 0x49, 0x75, 0xF7};
    struct fixture f;
    struct cpu_step_info info;
    uint64_t ends[40], end = 0;
    uint32_t count = 0;
    const uint64_t clocks = both_ways(loop, sizeof loop, 5000);
    /* per round 4 + 1 + 1 + 1 + 3; walks: A, stack, A, B; jnz not taken is 2 less */
    assert_int_equal(clocks, 5 * (10 + 4 * WALK) - 2 + END);
    start(&f, loop, sizeof loop);
    while (cpu_save(f.cpu)->activity == ACTIVITY_RUNNING) {
        cpu_step(f.cpu, UINT64_MAX, &info);
        ends[count++] = end = cpu_clock(f.cpu);
    }
    fixture_end(&f);
    assert_int_equal(count, 26);
    for (uint32_t slice = 1; slice < 300; slice++) {
        start(&f, loop, sizeof loop);
        for (uint32_t at = 0; cpu_clock(f.cpu) < ends[count - 2];) {
            const uint64_t next = cpu_clock(f.cpu) + slice;
            cpu_run(f.cpu, next < end ? next : end);
            while (ends[at] < next && ends[at] < end) {
                at++;
            }
            assert_int_equal(cpu_clock(f.cpu), ends[at]);
        }
        fixture_end(&f);
    }
}

/* The page is not there: #PF with nothing changed, CR2 and code as they should be. */
static void test_a_missing_page_faults_with_nothing_changed(void **state)
{
    (void)state;
    static const uint8_t push[] = {0xFF, 0x30};
    struct fixture f;
    struct cpu_state after;
    for (uint32_t missing = 0; missing < 2; missing++) {
        start(&f, push, sizeof push);
        put32(&f, TABLE_AT + (missing ? PAGE_B : PAGE_A) / 4096 * 4, 0);
        f.state.gpr[REG_ESP] = missing ? PAGE_B + 0x80 : STACK_TOP;
        f.state.tlb_data[tlb_data_index(PAGE_A)].linear = 0;
        fixture_load(&f);
        cpu_run(f.cpu, f.state.clock + 5000);
        after = *cpu_save(f.cpu);
        assert_int_equal(after.cr2, missing ? PAGE_B + 0x7C : PAGE_A + 8);
        if (!missing) {
            assert_int_equal(after.vectors[14], 1);
            assert_int_equal(get32(&f, STACK_TOP - 16), 0);       /* error code */
            assert_int_equal(get32(&f, STACK_TOP - 12), CODE_AT); /* EIP */
            assert_int_equal(after.gpr[REG_ESP], STACK_TOP - 16);
        } else { /* and its frame has no page either */
            assert_int_equal(after.activity, ACTIVITY_SHUTDOWN);
            assert_int_equal(after.gpr[REG_ESP], PAGE_B + 0x80);
        }
        fixture_end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_that_is_missed_is_walked_for_once),
        cmocka_unit_test(test_two_pages_that_evict_each_other_are_walked_for_once_each),
        cmocka_unit_test(test_loops_of_misses_are_the_same_in_slices_of_any_length),
        cmocka_unit_test(test_a_missing_page_faults_with_nothing_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
