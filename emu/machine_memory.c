/* A machine looked at from outside: state, memory, pages, hash, input log.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "devices/platform_map.h"
#include "emu/machine.h"
#include "emu/machine_priv.h"

const struct machine_config *machine_get_config(const struct machine *machine)
{
    return &machine->config;
}

void machine_set_sink(struct machine *machine, const struct machine_sink *sink)
{
    machine->sink = *sink;
}

uint64_t machine_clock(const struct machine *machine)
{
    return cpu_clock(machine->cpu);
}

uint64_t machine_steps(struct machine *machine)
{
    const struct cpu_state *cpu = cpu_save(machine->cpu);

    return cpu->instructions + cpu->deliveries;
}

uint64_t machine_instructions(struct machine *machine)
{
    return cpu_save(machine->cpu)->instructions;
}

bool machine_is_halted(struct machine *machine)
{
    return cpu_save(machine->cpu)->activity == ACTIVITY_HALTED;
}

bool machine_in_repetition(struct machine *machine)
{
    return cpu_save(machine->cpu)->rep_resumed != 0;
}

const struct machine_state *machine_state(struct machine *machine)
{
    machine->state.cpu = *cpu_save(machine->cpu);
    return &machine->state;
}

uint8_t *machine_ram(struct machine *machine)
{
    return machine->ram;
}

uint32_t machine_pages(const struct machine *machine)
{
    return machine->pages;
}

const uint8_t *machine_pages_written(const struct machine *machine)
{
    return machine->page_written;
}

static void note_touched(struct machine *machine)
{
    for (uint32_t page = 0; page < machine->pages; page++) {
        machine->page_touched[page] |= machine->page_written[page];
    }
}

void machine_watch_pages(struct machine *machine)
{
    note_touched(machine);
    memset(machine->page_written, 0, machine->pages);
    cpu_watch_writes(machine->cpu);
}

void machine_drop_caches(struct machine *machine)
{
    cpu_drop_caches(machine->cpu);
}

const uint8_t *machine_pages_touched(struct machine *machine)
{
    note_touched(machine);
    return machine->page_touched;
}

static bool page_is_zero(const uint8_t *bytes)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, MACHINE_PAGE_BYTES - 1) == 0;
}

uint64_t machine_hash(struct machine *machine)
{
    XXH3_state_t hash;

    note_touched(machine);
    XXH3_64bits_reset(&hash);
    XXH3_64bits_update(&hash, machine_state(machine), sizeof(machine->state));
    for (uint32_t page = 0; page < machine->pages; page++) {
        const uint8_t *bytes = machine->ram + (size_t)page * MACHINE_PAGE_BYTES;

        if (machine->page_touched[page] && !page_is_zero(bytes)) {
            XXH3_64bits_update(&hash, &page, sizeof(page));
            XXH3_64bits_update(&hash, bytes, MACHINE_PAGE_BYTES);
        }
    }
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        uint64_t written =
            machine->overlays.disks[i] ? disk_overlay_hash(machine->overlays.disks[i]) : 0;

        XXH3_64bits_update(&hash, &written, sizeof(written));
    }
    return XXH3_64bits_digest(&hash);
}

/* ---- loading ---- */

/* ---- the way from reset to the first program ---- */

void machine_note_stage(struct boot_state *boot, enum byte_channel channel, uint8_t byte,
                        uint64_t clock)
{
    uint32_t last = boot->count ? boot->stages[boot->count - 1].code : UINT32_MAX;
    uint32_t code = channel == CHANNEL_POST ? byte : BOOT_PROGRAM;

    if (channel != CHANNEL_POST && (channel != CHANNEL_COM1 || last != POST_PROGRAM)) {
        return;
    }
    if (code != last && boot->count < BOOT_STAGES_MAX) {
        boot->stages[boot->count++] = (struct boot_stage_state){.clock = clock, .code = code};
    }
}

static const char *boot_check(const struct boot_state *boot)
{
    uint64_t clock = boot->reset_clock;

    if (boot->count > BOOT_STAGES_MAX || boot->reserved) {
        return "boot: count out of range";
    }
    for (uint32_t i = 0; i < BOOT_STAGES_MAX; i++) {
        const struct boot_stage_state *stage = &boot->stages[i];

        if (stage->reserved || stage->code > BOOT_PROGRAM ||
            (i < boot->count ? stage->clock < clock : stage->clock || stage->code)) {
            return "boot: impossible stage";
        }
        clock = stage->clock;
    }
    return NULL;
}

bool machine_check_state(const struct machine *machine, const struct machine_state *state,
                         struct err *err)
{
    const char *wrong = cpu_check(&state->cpu);

    if (!wrong) {
        wrong = pc_check(&state->pc);
    }
    if (!wrong && state->pc.apics.local.present != machine->config.apics) {
        wrong = "APICs: there or not, unlike the machine";
    }
    if (!wrong && (state->pc.jitter.random != 0) != machine->config.jitter) {
        wrong = "timer jitter: there or not, unlike the machine";
    }
    if (!wrong && state->cpu.time_stamp != machine_time_stamp(&machine->config)) {
        wrong = "time stamp counter: of another --seed";
    }
    if (!wrong) {
        wrong = boot_check(&state->boot);
    }
    if (!wrong && state->progress.ending != 0 &&
        (state->progress.ending < MACHINE_STOP_EXIT ||
         state->progress.ending > MACHINE_STOP_SHUTDOWN)) {
        wrong = "impossible way of ending";
    }
    return wrong ? err_set(err, "impossible machine state: %s", wrong) : true;
}

bool machine_load_state(struct machine *machine, const struct machine_state *state, struct err *err)
{
    if (!machine_check_state(machine, state, err)) {
        return false;
    }
    machine->request = PC_REQUEST_NONE;
    machine->observers.travels.loads++;
    machine->state = *state;
    cpu_load(machine->cpu, &state->cpu);
    pc_reconnect(machine->pc);
    return true;
}

void machine_put_page(struct machine *machine, uint32_t page, const uint8_t *bytes)
{
    uint8_t *to = machine->ram + (size_t)page * MACHINE_PAGE_BYTES;

    if (bytes) {
        memcpy(to, bytes, MACHINE_PAGE_BYTES);
    } else {
        memset(to, 0, MACHINE_PAGE_BYTES);
    }
    machine->page_written[page] = 1;
    cpu_ram_written(machine->cpu, page * MACHINE_PAGE_BYTES, MACHINE_PAGE_BYTES);
}

/* ---- reading and writing for people and loaders ---- */

static bool is_ram(const struct machine *machine, uint32_t physical, uint32_t size)
{
    uint64_t end = (uint64_t)physical + size;

    return end <= machine->config.ram_bytes &&
           (end <= VIDEO_HOLE_FIRST || physical >= VIDEO_HOLE_END);
}

static bool is_text_memory(uint32_t physical, uint32_t size)
{
    return physical >= VGA_TEXT_BASE &&
           (uint64_t)physical + size <= (uint64_t)VGA_TEXT_BASE + VGA_TEXT_BYTES;
}

bool machine_write_physical(struct machine *machine, uint32_t physical, const void *bytes,
                            uint32_t size)
{
    if (!is_ram(machine, physical, size)) {
        return false;
    }
    if (size == 0) {
        return true;
    }
    memcpy(machine->ram + physical, bytes, size);
    memset(machine->page_written + physical / MACHINE_PAGE_BYTES, 1,
           (physical + (size - 1)) / MACHINE_PAGE_BYTES - physical / MACHINE_PAGE_BYTES + 1);
    cpu_ram_written(machine->cpu, physical, size);
    return true;
}

void machine_fill_shadow(struct machine *machine)
{
    const struct rom *firmware = machine->config.firmware;
    const struct rom *option = machine->config.option_rom;

    if (firmware) {
        machine_write_physical(machine, FIRMWARE_END - firmware->size, firmware->bytes,
                               firmware->size);
    }
    if (option) { /* a firmware image of 256 KiB reaches down to the same place */
        machine_write_physical(machine, OPTION_ROM_FIRST, option->bytes, option->size);
    }
}

void machine_open_a20(struct machine *machine)
{
    pc_port_write(machine->pc, PORT_SYSTEM_CONTROL_A, 1, 2, cpu_clock(machine->cpu));
}

void machine_hand_over_apics(struct machine *machine)
{
    pc_apics_hand_over(machine->pc, cpu_clock(machine->cpu));
}

/* Part of a range that lies on one page. */
static bool read_piece(struct machine *machine, uint32_t physical, uint8_t *bytes, uint32_t size)
{
    if (is_ram(machine, physical, size)) {
        memcpy(bytes, machine->ram + physical, size);
        return true;
    }
    if (is_text_memory(physical, size)) {
        memcpy(bytes, machine->state.pc.vga.memory + (physical - VGA_TEXT_BASE), size);
        return true;
    }
    if (machine->config.firmware && physical >= 0 - machine->config.firmware->size) {
        memcpy(bytes, machine->config.firmware->bytes + (physical + machine->config.firmware->size),
               size);
        return true;
    }
    return false;
}

static uint32_t bytes_on_page(uint32_t address, uint32_t size)
{
    uint32_t room = MACHINE_PAGE_BYTES - address % MACHINE_PAGE_BYTES;

    return size < room ? size : room;
}

bool machine_read_physical(struct machine *machine, uint32_t physical, void *bytes, uint32_t size)
{
    uint8_t *to = bytes;

    while (size) {
        uint32_t piece = bytes_on_page(physical, size);

        if (!read_piece(machine, physical, to, piece)) {
            return false;
        }
        physical += piece;
        to += piece;
        size -= piece;
    }
    return true;
}

bool machine_translate(struct machine *machine, uint32_t linear, uint32_t *physical)
{
    return cpu_peek_linear(machine->cpu, linear, physical);
}

bool machine_read_linear(struct machine *machine, uint32_t linear, void *bytes, uint32_t size)
{
    uint8_t *to = bytes;

    while (size) {
        uint32_t piece = bytes_on_page(linear, size);
        uint32_t physical;

        if (!cpu_peek_linear(machine->cpu, linear, &physical) ||
            !read_piece(machine, physical, to, piece)) {
            return false;
        }
        linear += piece;
        to += piece;
        size -= piece;
    }
    return true;
}

/* ---- what came in ---- */

const struct input_log *machine_log(const struct machine *machine)
{
    return &machine->log;
}

void machine_set_log(struct machine *machine, struct input_log *log)
{
    input_log_free(&machine->log);
    machine->log = *log;
    input_log_init(log);
}

bool machine_inputs_ahead(const struct machine *machine)
{
    return machine->state.progress.inputs < input_log_end(&machine->log);
}

void machine_cut_future(struct machine *machine)
{
    if (machine->state.progress.inputs > input_log_end(&machine->log) ||
        machine->state.progress.inputs < machine->log.first) {
        input_log_restart(&machine->log, machine->state.progress.inputs);
    }
    input_log_cut(&machine->log, machine->state.progress.inputs);
    machine->observers.travels.cuts++;
    machine->observers.travels.cut_step = machine_steps(machine);
    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        machine->emitted[i] = machine->state.progress.bytes_out[i];
    }
    machine->disk_writes = machine->state.progress.disk_writes;
    machine->disk_flushes = machine->state.progress.disk_flushes;
}
