/* The journal of the next step says what the step then does, and looking changes nothing.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 4096u

struct look {
    struct support_guest guest;
    struct machine *machine;
    uint8_t *shadow; /* RAM as the journals say it should be */
    struct journal journal;
    struct machine_state before;
    struct machine_state after;
};

static void look_open(struct look *look, const char *kernel, const char *initrd, const char *line,
                      uint64_t start, const struct machine_config *config)
{
    support_guest_open(&look->guest, kernel, initrd, line, config->ram_bytes);
    look->machine = support_guest_machine(&look->guest, config);
    machine_run(look->machine, start);
    look->shadow = malloc(config->ram_bytes);
    assert_non_null(look->shadow);
    memcpy(look->shadow, machine_ram(look->machine), config->ram_bytes);
}

static void look_close(struct look *look)
{
    machine_destroy(look->machine);
    support_guest_close(&look->guest);
    free(look->shadow);
}

static uint32_t register_of(const struct cpu_state *cpu, uint32_t which)
{
    switch (which) {
    case JREG_EIP:
        return cpu->eip;
    case JREG_EFLAGS:
        return cpu->eflags;
    case JREG_CPL:
        return cpu->cpl;
    case JREG_LDTR:
        return cpu->ldtr.selector;
    case JREG_TR:
        return cpu->tr.selector;
    case JREG_GDTR_BASE:
        return cpu->gdtr.base;
    case JREG_GDTR_LIMIT:
        return cpu->gdtr.limit;
    case JREG_IDTR_BASE:
        return cpu->idtr.base;
    case JREG_IDTR_LIMIT:
        return cpu->idtr.limit;
    case JREG_CR0:
        return cpu->cr0;
    case JREG_CR2:
        return cpu->cr2;
    case JREG_CR3:
        return cpu->cr3;
    case JREG_CR4:
        return cpu->cr4;
    default:
        if (which >= JREG_FPU_CONTROL) {
            return journal_fpu_register(&cpu->fpu, which);
        }
        return which <= JREG_EDI ? cpu->gpr[which] : cpu->segments[which - JREG_ES].selector;
    }
}

/* Each register: its value before, then as the entries say, is its value after. */
static void assert_registers_explained(const struct look *look)
{
    for (uint32_t which = 0; which < JREG_COUNT; which++) {
        uint32_t value = register_of(&look->before.cpu, which);

        for (uint32_t i = 0; i < look->journal.count; i++) {
            const struct journal_entry *entry = &look->journal.entries[i];

            if (entry->kind == JOURNAL_REGISTER && entry->detail == which) {
                value = entry->value;
            }
        }
        if (which == JREG_EFLAGS) {
            value &= ~EFLAGS_MODE;
        }
        if (value != register_of(&look->after.cpu, which)) {
            fail_msg("register %u is %08x, the journal says %08x (eip %08x)", which,
                     register_of(&look->after.cpu, which), value, look->before.cpu.eip);
        }
    }
}

static void shadow_write(struct look *look)
{
    uint32_t ram = (uint32_t)machine_get_config(look->machine)->ram_bytes;

    for (uint32_t i = 0; i < look->journal.count; i++) {
        const struct journal_entry *entry = &look->journal.entries[i];

        if ((entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_WALK_WRITE) &&
            entry->physical < ram) {
            uint32_t previous = 0;

            memcpy(&previous, look->shadow + entry->physical, entry->size);
            if (entry->physical < 0xA0000 || entry->physical >= 0xC0000) {
                assert_int_equal(previous, entry->previous);
                memcpy(look->shadow + entry->physical, &entry->value, entry->size);
            }
        }
    }
}

static void assert_memory_explained(struct look *look)
{
    const uint8_t *written = machine_pages_written(look->machine);

    for (uint32_t page = 0; page < machine_pages(look->machine); page++) {
        if (written[page]) {
            assert_memory_equal(machine_ram(look->machine) + (size_t)page * PAGE_SIZE,
                                look->shadow + (size_t)page * PAGE_SIZE, PAGE_SIZE);
        }
    }
}

static void assert_clocks_rise(const struct look *look)
{
    uint64_t clock = look->before.cpu.clock;

    for (uint32_t i = 0; i < look->journal.count; i++) {
        const struct journal_entry *entry = &look->journal.entries[i];

        if (entry->clock < clock) {
            fail_msg("entry %u (kind %u, detail %u) has clock %llu after %llu, eip %08x", i,
                     entry->kind, entry->detail, (unsigned long long)entry->clock,
                     (unsigned long long)clock, look->before.cpu.eip);
        }
        clock = entry->clock;
    }
    assert_true(look->journal.count == 0 || clock <= look->after.cpu.clock);
}

static void look_and_step(struct look *look, uint32_t i)
{
    struct cpu_step_info foreseen = {0};
    struct cpu_step_info info = {0};
    uint64_t hash = i % 16 == 0 ? machine_hash(look->machine) : 0;

    look->before = *machine_state(look->machine);
    machine_journal_next(look->machine, &look->journal, &foreseen, &look->after);
    assert_states_equal(&look->before, machine_state(look->machine));
    assert_true(i % 16 != 0 || machine_hash(look->machine) == hash);

    machine_watch_pages(look->machine);
    machine_step_iteration(look->machine, &info);
    assert_states_equal(&look->after, machine_state(look->machine));
    assert_memory_equal(&info, &foreseen, sizeof(info));
    assert_int_equal(look->journal.dropped, 0);
    assert_registers_explained(look);
    shadow_write(look);
    assert_memory_explained(look);
    assert_clocks_rise(look);
}

static void test_journal_explains_storm_of_interrupts(void **unused)
{
    struct machine_config config = support_config();
    static struct look look;

    (void)unused;
    look_open(&look, TEST_GUESTS "/storm.elf", NULL, "", 100000, &config);
    for (uint32_t i = 0; i < 30000; i++) {
        look_and_step(&look, i);
    }
    look_close(&look);
}

static void test_journal_explains_kernel_with_paging(void **unused)
{
    struct machine_config config = support_config();
    static struct look look;

    (void)unused;
    config.ram_bytes = 16u << 20;
    look_open(&look, GUEST_OS "/kernel.elf", GUEST_OS "/ramdisk.img", "", 6000000, &config);
    for (uint32_t i = 0; i < 10000; i++) {
        look_and_step(&look, i);
    }
    look_close(&look);
}

static void test_journal_of_a_long_rep_is_undone_in_unit_timing(void **unused)
{
    /* std; mov edi, 110FFFh; mov ecx, 4000h; rep stosb */
    static const uint8_t code[] = {0xFD, 0xBF, 0xFF, 0x0F, 0x11, 0x00, 0xB9,
                                   0x00, 0x40, 0x00, 0x00, 0xF3, 0xAA};
    struct machine_config config = support_config();
    struct machine *machine;
    static struct journal journal;
    uint64_t hash;

    (void)unused;
    config.timing = TIMING_UNIT;
    machine = support_machine_with_code(&config, code, sizeof(code));
    for (uint32_t i = 0; i < 3; i++) {
        machine_step(machine, NULL);
    }
    hash = machine_hash(machine);

    machine_journal_next(machine, &journal, NULL, NULL);

    assert_true(machine_hash(machine) == hash);
    machine_destroy(machine);
}

static void test_journal_lets_no_output_out(void **unused)
{
    /* mov dx, 3F8h; mov al, 'A'; out dx, al */
    static const uint8_t code[] = {0x66, 0xBA, 0xF8, 0x03, 0xB0, 'A', 0xEE, 0xF4};
    struct machine_config config = support_config();
    struct machine *machine = support_machine_with_code(&config, code, sizeof(code));
    static struct journal journal;
    static struct machine_state after;

    (void)unused;
    machine_step(machine, NULL);
    machine_step(machine, NULL);

    machine_journal_next(machine, &journal, NULL, &after);

    assert_int_equal(after.progress.bytes_out[CHANNEL_COM1] +
                         machine_state(machine)->progress.bytes_out[CHANNEL_COM1],
                     after.progress.bytes_out[CHANNEL_COM1]);
    machine_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal_explains_storm_of_interrupts),
        cmocka_unit_test(test_journal_explains_kernel_with_paging),
        cmocka_unit_test(test_journal_of_a_long_rep_is_undone_in_unit_timing),
        cmocka_unit_test(test_journal_lets_no_output_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
