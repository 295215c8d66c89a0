/* The composition root: wires, the run loop, requests of the guest, inputs.
 * Memory access and hash are in machine_memory.c, the journal in machine_journal.c.
 * SPDX-License-Identifier: MIT */
#include "emu/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpu_observe.h"
#include "devices/platform_map.h"
#include "emu/machine_priv.h"

#define SLICE_CLOCKS 1000000u /* how often machine_run() looks at machine_request_stop() */
#define MEM_MINIMUM  (1ull << 20)
#define MEM_MAXIMUM  (3ull << 30)

/* ---- adapters: one line each ---- */

static uint32_t wire_read(void *context, uint32_t physical, uint32_t size, uint64_t now)
{
    return pc_memory_read(((struct machine *)context)->pc, physical, size, now);
}

static void wire_write(void *context, uint32_t physical, uint32_t size, uint32_t value,
                       uint64_t now)
{
    pc_memory_write(((struct machine *)context)->pc, physical, size, value, now);
}

static uint32_t wire_port_read(void *context, uint16_t port, uint32_t size, uint64_t now)
{
    return pc_port_read(((struct machine *)context)->pc, port, size, now);
}

static void wire_port_write(void *context, uint16_t port, uint32_t size, uint32_t value,
                            uint64_t now)
{
    pc_port_write(((struct machine *)context)->pc, port, size, value, now);
}

static uint8_t wire_acknowledge(void *context, uint64_t now)
{
    return pc_interrupt_acknowledge(((struct machine *)context)->pc, now);
}

static void wire_fpu_error(void *context, uint32_t level, uint64_t now)
{
    pc_fpu_error(((struct machine *)context)->pc, level, now);
}

static uint32_t wire_apic_base(void *context)
{
    return pc_apic_base(((struct machine *)context)->pc);
}

static uint32_t wire_set_apic_base(void *context, uint32_t value, uint64_t now)
{
    return pc_set_apic_base(((struct machine *)context)->pc, value, now);
}

static void host_nmi(void *context)
{
    cpu_raise_nmi(((struct machine *)context)->cpu);
}

static void host_byte_out(void *context, enum byte_channel channel, uint8_t byte, uint64_t now)
{
    struct machine *machine = context;
    uint64_t number = machine->state.progress.bytes_out[channel]++;

    machine_note_stage(&machine->state.boot, channel, byte, now);
    if (!machine->muted && number >= machine->emitted[channel]) {
        machine->emitted[channel] = number + 1;
        if (machine->sink.byte_out) {
            machine->sink.byte_out(machine->sink.context, channel, byte, now);
        }
    }
}

static void host_request(void *context, enum pc_request request, uint32_t value)
{
    struct machine *machine = context;

    machine->request = request;
    machine->request_value = value;
    cpu_request_stop(machine->cpu);
}

static void host_interrupt_line(void *context, uint32_t level)
{
    cpu_set_interrupt_line(((struct machine *)context)->cpu, level);
}

static void host_ignore_errors(void *context, uint32_t level)
{
    cpu_set_ignore_errors(((struct machine *)context)->cpu, level);
}

static void host_a20_gate(void *context, uint32_t enabled)
{
    cpu_set_a20(((struct machine *)context)->cpu, enabled);
}

static void host_next_event_changed(void *context, uint64_t clock)
{
    cpu_set_deadline(((struct machine *)context)->cpu, clock);
}

/* ---- making and unmaking ---- */

void machine_config_defaults(struct machine_config *config)
{
    *config = (struct machine_config){
        .level = CPU_I686,
        .timing = TIMING_I486,
        .ram_bytes = 64ull << 20,
        .clock_hz = 100000000,
        .rtc_epoch = 946684800, /* 2000-01-01 00:00:00 UTC */
        .block_limit = 64,
        .undecoded = 0,
        .reboot_on_reset = 1,
        .stop_on_halt = 1,
    };
}

static bool config_check(const struct machine_config *config, struct err *err)
{
    if (config->ram_bytes < MEM_MINIMUM || config->ram_bytes > MEM_MAXIMUM ||
        config->ram_bytes % MACHINE_PAGE_BYTES != 0) {
        return err_set(err, "memory size must be a multiple of 4096 from 1M to 3G");
    }
    if (config->block_limit < 1 || config->block_limit > 64) {
        return err_set(err, "block limit must be 1 to 64");
    }
    if (config->level > CPU_I686 || config->timing > TIMING_UNIT) {
        return err_set(err, "no such processor level or timing");
    }
    if (config->apics > 1 || (config->apics && config->level < CPU_I586)) {
        return err_set(err, "--apic on: needs --cpu i586 or i686");
    }
    if (config->jitter > 1) {
        return err_set(err, "--jitter is on or off");
    }
    if (config->clock_hz < 1000000 || config->clock_hz > 10000000000ull) {
        return err_set(err, "clock frequency must be 1 MHz to 10 GHz");
    }
    return true;
}

static void *zeroed_pages(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static void cpu_wire(struct machine *machine)
{
    struct cpu_config config = {
        .level = machine->config.level,
        .timing = machine->config.timing,
        .block_limit = machine->config.block_limit,
        .undecoded = machine->config.undecoded,
        .time_stamp = machine_time_stamp(&machine->config),
    };
    struct cpu_bus bus = {
        .context = machine,
        .ram = machine->ram,
        .ram_bytes = (uint32_t)machine->config.ram_bytes,
        .hole_first = VIDEO_HOLE_FIRST,
        .hole_end = VIDEO_HOLE_END,
        .page_written = machine->page_written,
        .read = wire_read,
        .write = wire_write,
        .port_read = wire_port_read,
        .port_write = wire_port_write,
        .acknowledge = wire_acknowledge,
        .fpu_error = wire_fpu_error,
        .apic_base = machine->config.apics ? wire_apic_base : NULL,
        .set_apic_base = machine->config.apics ? wire_set_apic_base : NULL,
    };

    machine->cpu = cpu_init(machine->cpu_memory, &config, &bus);
}

static void pc_wire(struct machine *machine)
{
    struct pc_config config = {
        .clock_hz = machine->config.clock_hz,
        .ram_bytes = machine->config.ram_bytes,
        .rtc_epoch = machine->config.rtc_epoch,
        .debugcon = 1,
        .power_on = machine->config.firmware != NULL,
        .apics = machine->config.apics,
        .jitter = machine->config.jitter,
        .seed = machine->config.seed,
        .rom = machine->config.firmware ? machine->config.firmware->bytes : NULL,
        .rom_bytes = machine->config.firmware ? machine->config.firmware->size : 0,
    };
    struct pc_host host = {
        .context = machine,
        .byte_out = host_byte_out,
        .request = host_request,
        .interrupt_line = host_interrupt_line,
        .nmi = host_nmi,
        .a20_gate = host_a20_gate,
        .ignore_errors = host_ignore_errors,
        .next_event_changed = host_next_event_changed,
        .disk_read = machine_disk_read,
        .disk_write = machine_disk_write,
        .disk_flush = machine_disk_flush,
    };

    machine_disks_describe(machine, config.disks);
    machine->pc = pc_init(machine->pc_memory, &machine->state.pc, &config, &host);
}

struct machine *machine_create(const struct machine_config *config, struct err *err)
{
    struct machine *machine;

    if (!config_check(config, err)) {
        return NULL;
    }
    machine = calloc(1, sizeof(*machine));
    if (!machine) {
        err_set(err, "no memory for a machine");
        return NULL;
    }
    machine->config = *config;
    machine->pages = (uint32_t)(config->ram_bytes / MACHINE_PAGE_BYTES);
    machine->cpu_memory_bytes = cpu_bytes((uint32_t)config->ram_bytes);
    machine->ram = zeroed_pages(config->ram_bytes);
    machine->cpu_memory = zeroed_pages(machine->cpu_memory_bytes);
    machine->pc_memory = calloc(1, pc_bytes());
    machine->page_written = calloc(1, machine->pages);
    machine->page_touched = calloc(1, machine->pages);
    input_log_init(&machine->log);
    if (!machine->ram || !machine->cpu_memory || !machine->pc_memory || !machine->page_written ||
        !machine->page_touched || !machine_disks_create(machine)) {
        err_set(err, "the host has no %llu MiB of memory for the machine; use a smaller --mem",
                (unsigned long long)(config->ram_bytes >> 20));
        machine_destroy(machine);
        return NULL;
    }
    cpu_wire(machine);
    pc_wire(machine);
    pc_reset(machine->pc, 0);
    machine_fill_shadow(machine);
    return machine;
}

void machine_destroy(struct machine *machine)
{
    if (!machine) {
        return;
    }
    if (machine->ram) {
        munmap(machine->ram, machine->config.ram_bytes);
    }
    if (machine->cpu_memory) {
        munmap(machine->cpu_memory, machine->cpu_memory_bytes);
    }
    free(machine->pc_memory);
    free(machine->page_written);
    free(machine->page_touched);
    input_log_free(&machine->log);
    machine_release_disks(&machine->overlays);
    free(machine);
}

bool machine_boot(struct machine *machine, const struct machine_boot *boot, struct err *err)
{
    machine->boot = *boot;
    return boot->load(boot->context, machine, err);
}

/* ---- what happens at a boundary ---- */

static void end_with(struct machine *machine, enum machine_stop stop)
{
    machine->state.progress.ending = stop;
}

static void reboot(struct machine *machine)
{
    machine->state.boot = (struct boot_state){.reset_clock = cpu_clock(machine->cpu)};
    cpu_reset(machine->cpu);
    pc_reset(machine->pc, cpu_clock(machine->cpu));
    machine_fill_shadow(machine);
    if (machine->boot.load && !machine->boot.load(machine->boot.context, machine, NULL)) {
        end_with(machine, MACHINE_STOP_RESET);
    }
}

static void act_on_request(struct machine *machine)
{
    uint32_t request = machine->request;

    machine->request = PC_REQUEST_NONE;
    switch (request) {
    case PC_REQUEST_EXIT:
        machine->state.progress.exit_value = machine->request_value;
        end_with(machine, MACHINE_STOP_EXIT);
        break;
    case PC_REQUEST_PANIC:
        end_with(machine, MACHINE_STOP_PANIC);
        break;
    case PC_REQUEST_POWER_OFF:
        end_with(machine, MACHINE_STOP_POWER_OFF);
        break;
    case PC_REQUEST_RESET:
        if (machine->muted) {
            break; /* looked at, not done: loading the images again could not be undone */
        }
        if (machine->config.reboot_on_reset) {
            reboot(machine);
        } else {
            end_with(machine, MACHINE_STOP_RESET);
        }
        break;
    default:
        break;
    }
}

void machine_settle(struct machine *machine)
{
    const struct input_entry *entry;

    pc_run_events(machine->pc, cpu_clock(machine->cpu));
    if (machine->request != PC_REQUEST_NONE) {
        act_on_request(machine);
    }
    entry = machine_input_ahead(machine);
    while (entry && entry->clock <= cpu_clock(machine->cpu) &&
           entry->step <= machine_steps(machine)) {
        machine_apply_input(machine, entry);
        machine->state.progress.inputs++;
        entry = machine_input_ahead(machine);
    }
}

/* Where the machine must rest next: device event or recorded input, at most `limit`. */
static uint64_t next_rest(const struct machine *machine, uint64_t limit)
{
    const struct input_entry *entry = machine_input_ahead(machine);
    uint64_t clock = pc_next_event(machine->pc);

    if (entry && entry->clock > cpu_clock(machine->cpu) && entry->clock < clock) {
        clock = entry->clock;
    }
    return clock < limit ? clock : limit;
}

bool machine_halted_for_good(struct machine *machine)
{
    const struct cpu_state *cpu = cpu_save(machine->cpu);

    if (cpu->activity != ACTIVITY_HALTED || cpu->nmi_pending) {
        return false;
    }
    if ((cpu->eflags & EFLAGS_IF) == 0) {
        return !pc_brings_nmi(machine->pc);
    }
    return !cpu->interrupt_line && pc_next_event(machine->pc) == CLOCK_NEVER &&
           !machine_input_ahead(machine);
}

/* ---- running ---- */

static bool at_breakpoint(struct machine *machine)
{
    const struct cpu_state *cpu = cpu_save(machine->cpu);
    uint32_t linear = cpu->segments[SEG_CS].base + cpu->eip;

    for (uint32_t i = 0; i < machine->breakpoint_count; i++) {
        if (machine->breakpoints[i] == linear) {
            return cpu->activity == ACTIVITY_RUNNING && !cpu->rep_resumed;
        }
    }
    return false;
}

enum machine_stop machine_step_once(struct machine *machine, uint64_t limit,
                                    struct cpu_step_info *info)
{
    struct cpu_step_info own;
    uint64_t deadline;
    enum cpu_stop stop;

    info = info ? info : &own;
    machine_settle(machine);
    if (machine->state.progress.ending) {
        return machine->state.progress.ending;
    }
    deadline = next_rest(machine, limit);
    if (deadline == CLOCK_NEVER && machine_halted_for_good(machine)) {
        return MACHINE_STOP_HALTED;
    }
    stop = cpu_step(machine->cpu, deadline, info);
    if (info->what == STEP_IDLE) {
        stop = cpu_run(machine->cpu, deadline); /* a halted processor jumps there */
    }
    if (stop == CPU_STOP_SHUTDOWN) {
        end_with(machine, MACHINE_STOP_SHUTDOWN);
    }
    machine_settle(machine);
    machine->stop_now = 0;
    (void)cpu_observer_stopped(machine->cpu);
    return machine->state.progress.ending ? machine->state.progress.ending : MACHINE_STOP_STEPPED;
}

enum machine_stop machine_step(struct machine *machine, struct cpu_step_info *info)
{
    struct cpu_step_info step = {0};
    enum machine_stop stop;

    do {
        stop = machine_step_once(machine, CLOCK_NEVER, &step);
    } while (stop == MACHINE_STOP_STEPPED && step.what == STEP_PARTIAL);
    if (info) {
        *info = step;
    }
    return stop;
}

enum machine_stop machine_step_iteration(struct machine *machine, struct cpu_step_info *info)
{
    bool halted = cpu_save(machine->cpu)->activity == ACTIVITY_HALTED;

    return machine_step_once(machine, halted ? CLOCK_NEVER : cpu_clock(machine->cpu) + 1, info);
}

/* Go on to `deadline` or whatever stops the processor before it. Where a recorded input waits
 * for a step at the present clock: a step only. */
static enum cpu_stop run_to(struct machine *machine, uint64_t deadline)
{
    const struct input_entry *entry = machine_input_ahead(machine);
    struct cpu_step_info info;

    if (entry && entry->clock <= cpu_clock(machine->cpu)) {
        return cpu_step(machine->cpu, deadline, &info);
    }
    return cpu_run(machine->cpu, deadline);
}

/* A reason to return from machine_run() now, or MACHINE_STOP_STEPPED for none. */
static enum machine_stop reason_to_return(struct machine *machine, uint64_t until)
{
    if (machine->state.progress.ending) {
        return machine->state.progress.ending;
    }
    if (atomic_exchange(&machine->stop_requested, 0) || machine->stop_now) {
        machine->stop_now = 0;
        return MACHINE_STOP_REQUESTED;
    }
    if (cpu_observer_stopped(machine->cpu)) {
        return MACHINE_STOP_OBSERVER;
    }
    if (cpu_clock(machine->cpu) >= until) {
        return MACHINE_STOP_CLOCK;
    }
    if ((machine->config.stop_on_halt || until == CLOCK_NEVER) &&
        machine_halted_for_good(machine)) {
        return MACHINE_STOP_HALTED;
    }
    return MACHINE_STOP_STEPPED;
}

enum machine_stop machine_run(struct machine *machine, uint64_t until)
{
    machine_settle(machine);
    for (;;) {
        enum machine_stop reason = reason_to_return(machine, until);
        uint64_t limit = cpu_clock(machine->cpu) + SLICE_CLOCKS;
        enum cpu_stop stop;

        if (reason != MACHINE_STOP_STEPPED) {
            return reason;
        }
        stop = run_to(machine, next_rest(machine, until < limit ? until : limit));
        if (stop == CPU_STOP_SHUTDOWN) {
            end_with(machine, MACHINE_STOP_SHUTDOWN);
        }
        machine_settle(machine);
        if (machine->breakpoint_count && !machine->breakpoints_paused &&
            !machine->state.progress.ending &&
            (stop == CPU_STOP_BREAKPOINT || at_breakpoint(machine))) {
            return MACHINE_STOP_BREAKPOINT;
        }
    }
}

void machine_request_stop(struct machine *machine)
{
    atomic_store(&machine->stop_requested, 1);
}

void machine_stop_after_instruction(struct machine *machine)
{
    machine->stop_now = 1;
    cpu_request_stop(machine->cpu);
}

void machine_set_breakpoints(struct machine *machine, const uint32_t *linear, uint32_t count)
{
    machine->breakpoint_count = count < 64 ? count : 64;
    if (count) {
        memcpy(machine->breakpoints, linear, machine->breakpoint_count * sizeof(*linear));
    }
    cpu_set_breakpoints(machine->cpu, machine->breakpoints, machine->breakpoint_count);
}

void machine_pause_breakpoints(struct machine *machine, bool pause)
{
    if (machine->breakpoint_count == 0) {
        return;
    }
    machine->breakpoints_paused = pause;
    cpu_set_breakpoints(machine->cpu, machine->breakpoints, pause ? 0 : machine->breakpoint_count);
}
