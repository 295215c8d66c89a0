/* Random port traffic and damaged states: whatever a guest or a file does, the checks hold, the
 * state does not depend on when events run or who looks, and nothing breaks.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

static const uint16_t TARGETS[] = {
    0x4D0, 0x4D1, 0x22,  0x23,  0x20,  0x21,  0xA0,  0xA1,  0x40,  0x41,  0x42,  0x43,
    0x60,  0x61,  0x64,  0x70,  0x71,  0x92,  0x80,  0xE9,  0xF4,  0x3F8, 0x3F9, 0x3FA,
    0x3FB, 0x3FC, 0x3FD, 0x3FE, 0x3FF, 0x2F8, 0x2F9, 0x2FA, 0x2FC, 0x3C0, 0x3C1, 0x3C4,
    0x3C5, 0x3C7, 0x3C8, 0x3C9, 0x3CE, 0x3D4, 0x3D5, 0x3DA, 0x604, 0x40,  0x43,  0x42,
    0x61,  0x70,  0x71,  0x1F0, 0x1F2, 0x1F6, 0x1F7, 0x3F6, 0x170, 0x172, 0x177, 0x376,
};

/* Commands of disks that a random byte would seldom hit. */
static const uint8_t COMMANDS[] = {0x20, 0x30, 0xC4, 0xC5, 0xC6, 0xEC, 0x40,
                                   0x70, 0x10, 0x91, 0x90, 0xEF, 0xE7};

/* Marsaglia's xorshift; the seed is the test's. */
static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 32);
}

/* A command to a near sector, and most of a block moved. */
static void act_on_disk(struct fixture *f, uint64_t *seed, uint64_t now)
{
    uint16_t base = next_random(seed) % 4 ? 0x1F0 : 0x170;

    switch (next_random(seed) % 4) {
    case 0:
        pc_port_write(f->pc, base + 2, 4, next_random(seed) % 10, now);
        pc_port_write(f->pc, base + 3, 1, next_random(seed) % 48, now);
        pc_port_write(f->pc, base + 6, 1, (next_random(seed) & 0x50) | 0xA0, now);
        pc_port_write(f->pc, base + 7, 1, COMMANDS[next_random(seed) % sizeof(COMMANDS)], now);
        break;
    case 1:
        for (uint32_t i = next_random(seed) % 600; i > 0; i--) {
            pc_port_read(f->pc, base, 2, now);
        }
        break;
    case 2:
        for (uint32_t i = next_random(seed) % 600; i > 0; i--) {
            pc_port_write(f->pc, base, 4, i, now);
        }
        break;
    default:
        pc_port_read(f->pc, base + 7, 1, now);
        break;
    }
}

/* A register of one of the APICs, mostly with a value that means something there. */
static void act_on_apics(struct fixture *f, uint64_t *seed, uint64_t now)
{
    static const uint16_t registers[] = {0x080, 0x0B0, 0x0D0, 0x0E0, 0x0F0, 0x280, 0x300, 0x310,
                                         0x320, 0x350, 0x360, 0x370, 0x380, 0x390, 0x3E0, 0x330};
    uint32_t at = 0xFEE00000u + registers[next_random(seed) % 16];
    uint32_t value = next_random(seed) >> next_random(seed) % 32;

    switch (next_random(seed) % 8) {
    case 0:
        pc_memory_read(f->pc, at, 4, now);
        break;
    case 1:
        pc_memory_write(f->pc, 0xFEC00000u, 4, value & 0x3F, now);
        break;
    case 2:
        pc_memory_write(f->pc, 0xFEC00010u, 4, value & ~0x10000u, now);
        break;
    case 3:
        pc_memory_write(f->pc, 0xFEE000F0u, 4, 0x1FF, now);
        break;
    case 4:
        pc_set_apic_base(f->pc, 0xFEE00100u | (value & 7 ? 0x800u : 0), now);
        break;
    default:
        pc_memory_write(f->pc, at, 4, value, now);
        break;
    }
}

/* One random thing that a guest or a user may do at `now`. */
static void act(struct fixture *f, uint64_t *seed, uint64_t now)
{
    uint16_t port = TARGETS[next_random(seed) % (sizeof(TARGETS) / sizeof(TARGETS[0]))];
    uint32_t size = 1u << (next_random(seed) % 8 == 0 ? next_random(seed) % 3 : 0);
    uint32_t value = next_random(seed);

    if (next_random(seed) % 4 == 0) {
        act_on_disk(f, seed, now);
        return;
    }
    if (next_random(seed) % 4 == 0) {
        act_on_apics(f, seed, now);
        return;
    }
    switch (next_random(seed) % 8) {
    case 0:
        pc_key(f->pc, value & 0xFF, now);
        break;
    case 1:
        pc_serial_receive(f->pc, value & 1, (uint8_t)(value >> 8), now);
        break;
    case 2: /* INTR as it is at this clock */
        pc_run_events(f->pc, now);
        if (pc_interrupt_line(f->pc)) {
            pc_interrupt_acknowledge(f->pc, now);
        }
        break;
    case 3:
    case 4:
        pc_port_read(f->pc, port, size, now);
        break;
    default:
        pc_port_write(f->pc, port, size, value, now);
        break;
    }
}

/* Everything a view may ask for. */
static void look(struct fixture *f, uint64_t now)
{
    for (uint32_t i = 0; i < 3; i++) {
        pc_timer_out(f->pc, i, now);
        pc_timer_count(f->pc, i, now);
    }
    for (uint32_t i = 0; i < 0x40; i++) {
        pc_cmos_peek(f->pc, i, now);
    }
    vga_cell(&f->state.vga, 24, 79);
    pc_serial_room(f->pc, 0);
}

/* Two machines get the same traffic; one also runs its events and is looked at in between. */
static void run_pair(uint64_t seed, uint32_t actions)
{
    void *quiet = NULL;
    void *watched = NULL;
    struct fixture *a;
    struct fixture *b;
    uint64_t now = 0;

    fixture_setup_disks(&quiet);
    fixture_setup_disks(&watched);
    a = quiet;
    b = watched;
    for (uint32_t i = 0; i < actions; i++) {
        uint64_t step = next_random(&seed) % (next_random(&seed) % 64 == 0 ? 300000 : 3000);
        uint64_t same = seed;

        for (uint64_t t = now; t < now + step; t += step / 3 + 1) {
            pc_run_events(b->pc, t);
            look(b, t);
        }
        now += step;
        act(a, &seed, now);
        act(b, &same, now);
        pc_run_events(a->pc, now);
        pc_run_events(b->pc, now);
        if (memcmp(&a->state, &b->state, offsetof(struct pc_state, vga)) != 0 ||
            a->interrupt_line != b->interrupt_line || a->next_event != b->next_event) {
            fail_msg("states differ after action %u", i);
        }
        assert_null(pc_check(&a->state));
        assert_null(pc_check_clock(&a->state, now));
        assert_true(a->next_event == pc_next_event(a->pc));
        assert_true(a->interrupt_line == pc_interrupt_line(a->pc));
    }
    assert_memory_equal(&a->state, &b->state, sizeof(a->state));
    assert_memory_equal(a->disks, b->disks, sizeof(a->disks));
    assert_int_equal(a->byte_count, b->byte_count);
    fixture_teardown(&quiet);
    fixture_teardown(&watched);
}

static void test_state_is_a_function_of_accesses_and_clocks(void **context)
{
    (void)context;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        run_pair(seed * 0x9E3779B97F4A7C15u, 2000);
    }
}

/* What is in a disk's buffer is only content. */
static bool is_content(size_t at, uint32_t channel)
{
    size_t first = offsetof(struct pc_state, ata) + channel * sizeof(struct ata_state);

    return at >= first && at < first + ATA_BLOCK_BYTES;
}

/* Each byte of a busy state replaced: refused, or it runs. */
static void test_damaged_state_is_refused_or_runs(void **context)
{
    struct fixture *f = *context;
    struct pc_state *busy = malloc(sizeof(*busy));
    uint64_t seed = 0x123456789ABCDEFu;
    uint64_t now = 0;
    uint32_t refused = 0;

    for (uint32_t i = 0; i < 3000; i++) {
        now += next_random(&seed) % 3000;
        act(f, &seed, now);
        pc_run_events(f->pc, now);
    }
    *busy = f->state;
    for (size_t at = 0; at < sizeof(*busy); at++) {
        if (at >= offsetof(struct pc_state, vga) && at < offsetof(struct pc_state, vga.dac)) {
            continue; /* text is only text */
        }
        if (is_content(at, 0) || is_content(at, 1)) {
            continue;
        }
        f->state = *busy;
        ((uint8_t *)&f->state)[at] ^= (uint8_t)(1u << next_random(&seed) % 8);
        if (pc_check(&f->state) || pc_check_clock(&f->state, now)) {
            refused++;
            continue;
        }
        pc_reconnect(f->pc);
        look(f, now);
        for (uint32_t i = 0; i < 20; i++) {
            act(f, &seed, now + i * 1000);
        }
    }
    assert_true(refused > 300);
    free(busy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_state_is_a_function_of_accesses_and_clocks),
        cmocka_unit_test_setup_teardown(test_damaged_state_is_refused_or_runs, fixture_setup_disks,
                                        fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
