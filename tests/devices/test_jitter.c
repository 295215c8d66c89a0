/* --jitter and --seed at the devices: how late ticks come, that none is lost and nothing drifts,
 * and what else of a PC the seed decides. One clock is 10 ns.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

#include "devices/seeded.h"

#define PERIOD 5000u /* clocks of the APIC's timer between two expiries */
#define TICKS  400u

struct jitter_pc {
    struct fixture f;
    uint64_t ticks[TICKS]; /* clocks at which the interrupt was there */
};

static void start(struct jitter_pc *pc, uint32_t jitter, uint64_t seed)
{
    struct pc_config config = {.clock_hz = FIXTURE_HZ,
                               .ram_bytes = 64u << 20,
                               .rtc_epoch = FIXTURE_EPOCH,
                               .apics = 1,
                               .jitter = jitter,
                               .seed = seed};
    struct pc_host host = {.context = &pc->f,
                           .interrupt_line = fixture_interrupt_line,
                           .next_event_changed = fixture_next_event};

    memset(pc, 0, sizeof(*pc));
    pc->f.pc = pc_init(malloc(pc_bytes()), &pc->f.state, &config, &host);
    pc_reset(pc->f.pc, 0);
}

/* Each interrupt is taken at once. */
static void collect(struct jitter_pc *pc, uint32_t apic)
{
    uint64_t now = 0;

    for (uint32_t i = 0; i < TICKS;) {
        now = pc->f.next_event;
        assert_true(now != CLOCK_NEVER);
        pc_run_events(pc->f.pc, now);
        if (pc->f.interrupt_line) {
            pc->ticks[i++] = now;
            pc_interrupt_acknowledge(pc->f.pc, now);
            if (apic) {
                pc_memory_write(pc->f.pc, 0xFEE000B0, 4, 0, now);
            } else {
                out8(&pc->f, 0x20, 0x20, now);
            }
            assert_null(pc_check(&pc->f.state));
            assert_null(pc_check_clock(&pc->f.state, now));
        }
    }
    free(pc->f.pc);
}

/* Channel 0 in mode 2, about 1000 Hz. */
static void run_pit(struct jitter_pc *pc, uint32_t jitter, uint64_t seed)
{
    start(pc, jitter, seed);
    open_interrupts(&pc->f);
    out8(&pc->f, 0x43, 0x34, 0);
    out8(&pc->f, 0x40, 1193 & 0xFF, 0);
    out8(&pc->f, 0x40, 1193 >> 8, 0);
    collect(pc, 0);
}

static void run_apic(struct jitter_pc *pc, uint32_t jitter, uint64_t seed)
{
    start(pc, jitter, seed);
    pc_memory_write(pc->f.pc, 0xFEE000F0, 4, 0x1FF, 0);
    pc_memory_write(pc->f.pc, 0xFEE003E0, 4, 0xB, 0);
    pc_memory_write(pc->f.pc, 0xFEE00320, 4, 0x20031, 0);
    pc_memory_write(pc->f.pc, 0xFEE00380, 4, PERIOD, 0);
    collect(pc, 1);
}

/* Every tick 0 to 63 clocks late, spread over all of that; none missing, the last one no later
 * than any other. */
static void assert_late(const struct jitter_pc *exact, const struct jitter_pc *late)
{
    uint32_t seen[64] = {0};
    uint32_t different = 0;

    for (uint32_t i = 0; i < TICKS; i++) {
        uint64_t by = late->ticks[i] - exact->ticks[i];

        assert_in_range(by, 0, 63);
        different += !seen[by];
        seen[by] = 1;
    }
    assert_in_range(different, 56, 64);
}

static struct jitter_pc exact, first, again, other;

static void test_jitter_pit_ticks_are_late_and_never_lost(void **context)
{
    (void)context;
    run_pit(&exact, 0, 1);
    run_pit(&first, 1, 1);
    run_pit(&again, 1, 1);
    run_pit(&other, 1, 2);

    assert_int_equal(exact.ticks[0], 100069);     /* 1194 ticks of the 8254 */
    assert_int_equal(exact.ticks[399], 39993983); /* 399 * 1193 more, rounded up */
    assert_late(&exact, &first);
    assert_late(&exact, &other);
    assert_memory_equal(first.ticks, again.ticks, sizeof(first.ticks));
    assert_memory_equal(&first.f.state, &again.f.state, sizeof(first.f.state));
    assert_memory_not_equal(first.ticks, other.ticks, sizeof(first.ticks));
}

static void test_jitter_apic_timer_is_late_and_never_lost(void **context)
{
    (void)context;
    run_apic(&exact, 0, 1);
    run_apic(&first, 1, 1);
    run_apic(&again, 1, 1);

    assert_int_equal(exact.ticks[0], PERIOD);
    assert_int_equal(exact.ticks[399], 400 * PERIOD);
    assert_late(&exact, &first);
    assert_memory_equal(first.ticks, again.ticks, sizeof(first.ticks));
}

static void test_jitter_without_seed_is_a_run_of_its_own(void **context)
{
    (void)context;
    run_pit(&first, 1, 0);
    run_pit(&again, 1, 0);
    run_pit(&other, 1, 1);

    assert_memory_equal(first.ticks, again.ticks, sizeof(first.ticks));
    assert_memory_not_equal(first.ticks, other.ticks, sizeof(first.ticks));
}

static void test_jitter_counter_stays_exact(void **context)
{
    (void)context;
    for (uint32_t jitter = 0; jitter < 2; jitter++) {
        struct jitter_pc *pc = jitter ? &first : &exact;

        start(pc, jitter, 9);
        out8(&pc->f, 0x43, 0x34, 0);
        out8(&pc->f, 0x40, 100, 0);
        out8(&pc->f, 0x40, 0, 0);
        pc_run_events(pc->f.pc, 12345678);
        assert_int_equal(pc_timer_count(pc->f.pc, 0, 12345678), 95); /* tick 147306, loaded at 1 */
        free(pc->f.pc);
    }
}

static void test_jitter_masked_apic_timer_drops_a_late_expiry(void **context)
{
    (void)context;
    run_apic(&exact, 0, 1);
    start(&first, 1, 3);
    pc_memory_write(first.f.pc, 0xFEE000F0, 4, 0x1FF, 0);
    pc_memory_write(first.f.pc, 0xFEE003E0, 4, 0xB, 0);
    pc_memory_write(first.f.pc, 0xFEE00320, 4, 0x31, 0); /* one-shot */
    pc_memory_write(first.f.pc, 0xFEE00380, 4, PERIOD, 0);
    pc_run_events(first.f.pc, PERIOD);
    assert_int_equal(first.f.interrupt_line, 0); /* seed 3: this one is late */

    pc_memory_write(first.f.pc, 0xFEE00320, 4, 0x10031, PERIOD);
    pc_run_events(first.f.pc, 2 * PERIOD);

    assert_int_equal(first.f.interrupt_line, 0);
    assert_true(pc_next_event(first.f.pc) == CLOCK_NEVER);
    free(first.f.pc);
}

static void test_jitter_state_is_checked(void **context)
{
    (void)context;
    run_pit(&first, 1, 1);
    first.f.state.jitter.level = 2;
    assert_string_equal(pc_check(&first.f.state), "timer jitter: level out of range");

    run_pit(&first, 0, 1);
    events_post(&first.f.state.events, EVENT_PIT_LATE, 1ull << 40);
    assert_string_equal(pc_check(&first.f.state),
                        "event queue: a late tick that nothing made late");
}

static void test_seed_decides_battery_memory_and_phase_of_the_second(void **context)
{
    uint64_t turns[3];
    uint32_t sums[3] = {0, 0, 0};

    (void)context;
    for (uint64_t seed = 0; seed < 3; seed++) {
        uint8_t second;

        start(&first, 0, seed);
        for (uint32_t i = 0x70; i < 0x78; i++) {
            sums[seed] = sums[seed] * 31 + pc_cmos_peek(first.f.pc, i, 0);
        }
        second = pc_cmos_peek(first.f.pc, 0, 0);
        assert_int_equal(second, 0x06);
        for (turns[seed] = 0; pc_cmos_peek(first.f.pc, 0, turns[seed]) == second;) {
            turns[seed] += 1000;
        }
        assert_in_range(turns[seed], 1, SECOND);
        free(first.f.pc);
    }
    assert_int_equal(turns[0], SECOND); /* without a seed power-on is at a whole second */
    assert_int_equal(sums[0], 0);
    assert_true(turns[1] != turns[2] && turns[1] != SECOND);
    assert_int_not_equal(sums[1], sums[2]);
}

/* Literal results: a seed means the same in every version. */
static void test_seed_words(void **context)
{
    (void)context;
    assert_true(seeded_word(0, 0) == 0xE220A8397B1DCDAFu); /* SplitMix64 from 0 */
    assert_true(seeded_word(0, 1) == 0x6E789E6AA1B965F4u);
    assert_true(seeded_word(0, 2) == 0x06C45D188009454Fu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jitter_pit_ticks_are_late_and_never_lost),
        cmocka_unit_test(test_jitter_apic_timer_is_late_and_never_lost),
        cmocka_unit_test(test_jitter_without_seed_is_a_run_of_its_own),
        cmocka_unit_test(test_jitter_counter_stays_exact),
        cmocka_unit_test(test_jitter_masked_apic_timer_drops_a_late_expiry),
        cmocka_unit_test(test_jitter_state_is_checked),
        cmocka_unit_test(test_seed_decides_battery_memory_and_phase_of_the_second),
        cmocka_unit_test(test_seed_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
