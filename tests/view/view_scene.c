/* Hand-made situations: a user program at 08049000h, a kernel at C0100000h, a GDT, an IDT, a TSS.
 * Symbols come from a table here in place of an ELF file.
 * SPDX-License-Identifier: MIT */
#include "tests/view/view_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_CODE    0x08049000u
#define USER_STACK   0xBFFFF000u
#define KERNEL_CODE  0xC0100000u
#define KERNEL_STACK 0xC0200000u
#define TABLES       0xC0300000u /* IDT at +0, GDT at +800h, TSS at +900h */
#define ESP0         (KERNEL_STACK + 0x1000u)
#define USER_ESP     (USER_STACK + 0xF80u)
#define START_CLOCK  12345600u

struct elf_symbols {
    int unused;
};

static const struct {
    uint32_t address;
    uint32_t bytes;
    const char *name;
} symbols[] = {
    {USER_CODE, 0x20, "main"},
    {USER_CODE + 0x20, 0x40, "count_primes"},
    {KERNEL_CODE, 0x40, "trap_timer"},
    {KERNEL_CODE + 0x40, 0x40, "trap_page_fault"},
    {KERNEL_CODE + 0x80, 0x40, "trap_system_call"},
    {KERNEL_CODE + 0xC0, 0x40, "schedule"},
};

const char *elf_symbols_find_in(const struct elf_symbols *table, uint32_t file, uint32_t address,
                                uint32_t *offset)
{
    (void)table;
    (void)file;
    for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
        if (address - symbols[index].address < symbols[index].bytes) {
            *offset = address - symbols[index].address;
            return symbols[index].name;
        }
    }
    return NULL;
}

static uint8_t *memory_at(struct scene *scene, uint32_t linear)
{
    for (uint32_t index = 0; index < SCENE_PAGES; index++) {
        if (scene->pages[index].linear == 0) {
            scene->pages[index].linear = linear & ~0xFFFu;
        }
        if (scene->pages[index].linear == (linear & ~0xFFFu)) {
            return &scene->pages[index].bytes[linear & 0xFFFu];
        }
    }
    abort();
}

static void put32(struct scene *scene, uint32_t linear, uint32_t value)
{
    uint8_t *at = memory_at(scene, linear);

    for (uint32_t byte = 0; byte < 4; byte++) {
        at[byte] = (uint8_t)(value >> byte * 8);
    }
}

static bool scene_read(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct scene *scene = context;

    for (uint32_t byte = 0; byte < size; byte++) {
        uint32_t at = linear + byte;
        bool found = false;
        for (uint32_t index = 0; index < SCENE_PAGES; index++) {
            if (scene->pages[index].linear != 0 && scene->pages[index].linear == (at & ~0xFFFu)) {
                ((uint8_t *)bytes)[byte] = scene->pages[index].bytes[at & 0xFFFu];
                found = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static void put_gate(struct scene *scene, uint32_t vector, uint32_t handler, uint32_t access)
{
    put32(scene, TABLES + vector * 8, 0x00080000u | (handler & 0xFFFFu));
    put32(scene, TABLES + vector * 8 + 4, (handler & 0xFFFF0000u) | access << 8);
}

static void put_tables(struct scene *scene)
{
    for (uint32_t vector = 0; vector < 20; vector++) {
        put_gate(scene, vector, KERNEL_CODE + 0xC0 + vector, 0x8E);
    }
    put_gate(scene, 0x0E, KERNEL_CODE + 0x40, 0x8E);
    put_gate(scene, 0x20, KERNEL_CODE, 0x8E);
    put_gate(scene, 0x21, KERNEL_CODE + 0xD0, 0x8E);
    put_gate(scene, 0x80, KERNEL_CODE + 0x80, 0xEF);
    for (uint32_t index = 1; index < 5; index++) { /* flat segments: 08h code .. 20h data */
        put32(scene, TABLES + 0x800 + index * 8, 0x0000FFFFu);
        put32(scene, TABLES + 0x800 + index * 8 + 4, 0x00CF9200u);
    }
    put32(scene, TABLES + 0x904, ESP0);
    put32(scene, TABLES + 0x908, 0x10);
}

static void put_code(struct scene *scene)
{
    static const uint8_t user[] = {0x31, 0xC0, 0x89, 0xE5, 0xE8, 0x17,
                                   0x00, 0x00, 0x00, 0xEB, 0xF9};
    static const uint8_t primes[] = {0x55, 0x89, 0xE5, 0xB9, 0x10, 0x27, 0x00, 0x00,
                                     0x01, 0xC8, 0x49, 0x75, 0xFB, 0x5D, 0xC3};
    static const uint8_t timer[] = {0x6A, 0x00, 0x60, 0xB0, 0x20, 0xE6, 0x20, 0xE8, 0xB4,
                                    0x00, 0x00, 0x00, 0x61, 0x83, 0xC4, 0x04, 0xCF};

    memset(memory_at(scene, USER_CODE), 0x90, 0x60);
    memcpy(memory_at(scene, USER_CODE), user, sizeof user);
    memcpy(memory_at(scene, USER_CODE + 0x20), primes, sizeof primes);
    memset(memory_at(scene, KERNEL_CODE), 0x90, 0x100);
    memcpy(memory_at(scene, KERNEL_CODE), timer, sizeof timer);
    put32(scene, USER_ESP, USER_STACK + 0xF98);
    put32(scene, USER_ESP + 4, USER_CODE + 9);
    put32(scene, USER_ESP + 8, 1);
    put32(scene, USER_ESP + 12, USER_STACK + 0xFF0);
    put32(scene, USER_ESP - 4, 0x1F);
    put32(scene, USER_ESP - 8, USER_CODE + 0x20);
    put32(scene, KERNEL_STACK, 0);
}

static void flat_segment(struct cpu_state *cpu, uint32_t segment, uint32_t selector, bool code)
{
    cpu->segments[segment] = (struct segment_state){
        .base = 0,
        .limit = 0xFFFFFFFFu,
        .selector = (uint16_t)selector,
        .attributes = (uint16_t)(code ? 0xC09Bu : 0xC093u),
        .usable = 1,
    };
}

static void set_user(struct cpu_state *cpu)
{
    cpu->cpl = 3;
    flat_segment(cpu, SEG_CS, 0x1B, true);
    flat_segment(cpu, SEG_SS, 0x23, false);
    cpu->gpr[REG_ESP] = USER_ESP;
    cpu->eip = USER_CODE + 0x2A;
    cpu->eflags = EFLAGS_ONE | EFLAGS_IF | EFLAGS_PF;
}

static void set_kernel(struct cpu_state *cpu)
{
    cpu->cpl = 0;
    flat_segment(cpu, SEG_CS, 0x08, true);
    flat_segment(cpu, SEG_SS, 0x10, false);
    cpu->gpr[REG_ESP] = ESP0 - 20;
    cpu->eip = KERNEL_CODE;
    cpu->eflags = EFLAGS_ONE | EFLAGS_PF;
}

static void scene_common(struct scene *scene)
{
    struct cpu_state *cpu = &scene->view.state.cpu;
    uint8_t *vga = scene->view.state.pc.vga.memory;

    memset(scene, 0, sizeof *scene);
    put_tables(scene);
    put_code(scene);
    set_user(cpu);
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        if (segment != SEG_CS && segment != SEG_SS && segment < SEG_FS) {
            flat_segment(cpu, segment, 0x23, false);
        }
    }
    cpu->gpr[REG_EAX] = 0x20;
    cpu->gpr[REG_ECX] = 0x26F0;
    cpu->gpr[REG_EBP] = USER_ESP;
    cpu->cr0 = CR0_PE | CR0_PG;
    cpu->cr3 = 0x00101000;
    cpu->idtr = (struct table_state){TABLES, 0x7FF};
    cpu->gdtr = (struct table_state){TABLES + 0x800, 0x2F};
    cpu->tr = (struct segment_state){TABLES + 0x900, 0x67, 0x28, 0x008B, 1};
    cpu->mode_in_eflags = 1;
    cpu->clock = START_CLOCK;
    cpu->instructions = 4567890;
    scene->view.state.pc.pic.master.icw2 = 0x20;
    scene->view.state.pc.pic.slave.icw2 = 0x28;
    static const char hello[] = "init: two programs started";
    struct vga screen;
    vga_init(&screen, &scene->view.state.pc.vga, 100000000);
    vga_reset(&screen);
    for (uint32_t index = 0; index + 1 < sizeof hello; index++) {
        vga[index * 2] = (uint8_t)hello[index];
        vga[index * 2 + 1] = 0x1F;
    }
    scene->view.state.pc.vga.crtc[0x0F] = sizeof hello - 1;
    snprintf(scene->console, sizeof scene->console,
             "Ringside kernel\r\ninit: two programs started\r\nA 1\r\nB 1\r\n");
    scene->view.previous = scene->view.state;
    scene->view.position.clock = START_CLOCK;
    scene->view.position.step = 4567999;
    scene->view.history_last = START_CLOCK;
}

static struct journal_entry *add(struct scene *scene, enum journal_kind kind, uint32_t clock)
{
    struct journal *journal = &scene->view.journal;
    struct journal_entry *entry = &journal->entries[journal->count++];

    *entry = (struct journal_entry){.kind = kind, .clock = START_CLOCK + clock, .size = 4};
    return entry;
}

static void add_unit(struct scene *scene, uint32_t step, uint32_t clock)
{
    add(scene, JOURNAL_DELIVERY_STEP, clock)->detail = step;
}

static void add_access(struct scene *scene, enum journal_kind kind, uint32_t clock,
                       uint32_t address, uint32_t value)
{
    struct journal_entry *entry = add(scene, kind, clock);

    entry->address = address;
    entry->value = value;
    entry->system = kind == JOURNAL_MEMORY_READ;
}

static void add_register(struct scene *scene, uint32_t clock, uint32_t name, uint32_t value,
                         uint32_t previous)
{
    struct journal_entry *entry = add(scene, JOURNAL_REGISTER, clock);

    entry->detail = name;
    entry->value = value;
    entry->previous = previous;
}

/* i486, protected mode, inner level: 71 clocks as published. */
static void add_delivery(struct scene *scene)
{
    static const uint32_t frame[5] = {0x23, USER_ESP, 0x80000206u, 0x1B, USER_CODE + 0x2A};

    add_unit(scene, 1, 4);
    add_unit(scene, 2, 7);
    add_access(scene, JOURNAL_MEMORY_READ, 7, TABLES + 0x100, 0x00080000u);
    add_access(scene, JOURNAL_MEMORY_READ, 7, TABLES + 0x104, 0xC0108E00u);
    add_unit(scene, 3, 15);
    add_access(scene, JOURNAL_MEMORY_READ, 15, TABLES + 0x808, 0x0000FFFFu);
    add_unit(scene, 4, 26);
    add_unit(scene, 5, 28);
    add_access(scene, JOURNAL_MEMORY_READ, 28, TABLES + 0x904, ESP0);
    add_unit(scene, 6, 33);
    add_unit(scene, 7, 45);
    add_register(scene, 45, JREG_CPL, 0, 3);
    add_register(scene, 45, JREG_SS, 0x10, 0x23);
    add_register(scene, 45, JREG_ESP, ESP0 - 20, USER_ESP);
    add_unit(scene, 8, 53);
    for (uint32_t index = 0; index < 5; index++) {
        add_access(scene, JOURNAL_MEMORY_WRITE, 53, ESP0 - 4 - index * 4, frame[index]);
    }
    add_unit(scene, 9, 62);
    add_register(scene, 62, JREG_EFLAGS, 0x6, 0x206);
    add_unit(scene, 12, 64);
    add_register(scene, 64, JREG_CS, 0x08, 0x1B);
    add_register(scene, 64, JREG_EIP, KERNEL_CODE, USER_CODE + 0x2A);
    add_unit(scene, 13, 71);
}

/* Show the first `micro` entries as done: memory and the registers that the views look at. */
static void take(struct scene *scene, uint32_t micro)
{
    struct session_view *view = &scene->view;
    struct cpu_state *cpu = &view->state.cpu;

    for (uint32_t index = 0; index < micro; index++) {
        const struct journal_entry *entry = &view->journal.entries[index];
        if (entry->kind == JOURNAL_MEMORY_WRITE) {
            put32(scene, entry->address, entry->value);
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_CPL) {
            cpu->cpl = entry->value;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_ESP) {
            cpu->gpr[REG_ESP] = entry->value;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail >= JREG_ES &&
                   entry->detail <= JREG_GS) {
            cpu->segments[entry->detail - JREG_ES].selector = (uint16_t)entry->value;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EFLAGS) {
            cpu->eflags = entry->value;
        } else if (entry->kind == JOURNAL_REGISTER && entry->detail == JREG_EIP) {
            cpu->eip = entry->value;
        }
    }
    view->position.micro = micro;
    view->position.micro_count = view->journal.count;
}

void scene_timer_interrupt(struct scene *scene, uint32_t micro)
{
    scene_common(scene);
    scene->view.previous.cpu.gpr[REG_EAX] = 0x1F;
    scene->view.previous.cpu.eip = USER_CODE + 0x28;
    scene->view.previous.cpu.eflags |= EFLAGS_CF;
    add_delivery(scene);
    scene->view.next = (struct cpu_step_info){STEP_DELIVERY, 0x20, 0, DELIVERY_INTR};
    snprintf(scene->view.message, sizeof scene->view.message,
             "stopped: the timer interrupt (vector 20) comes next");
    take(scene, micro);
}

void scene_in_handler(struct scene *scene)
{
    scene_common(scene);
    add_delivery(scene);
    take(scene, scene->view.journal.count);
    memset(&scene->view.journal, 0, sizeof scene->view.journal);
    scene->view.position.micro = 0;
    scene->view.position.micro_count = 0;
    set_kernel(&scene->view.state.cpu);
    scene->view.state.cpu.deliveries = 1;
    scene->view.state.cpu.clock += 71;
    scene->view.position.clock += 71;
}

void scene_iret(struct scene *scene, uint32_t micro)
{
    scene_in_handler(scene);
    scene->view.state.cpu.eip = KERNEL_CODE + 0x10;
    scene->view.previous = scene->view.state;
    scene->view.previous.cpu.gpr[REG_ESP] -= 4;
    scene->view.previous.cpu.eip -= 3;
    add(scene, JOURNAL_FETCH, 1)->address = KERNEL_CODE + 0x10;
    scene->view.journal.entries[0].value = 0xCF;
    scene->view.journal.entries[0].size = 1;
    add_access(scene, JOURNAL_MEMORY_READ, 12, ESP0 - 20, USER_CODE + 0x2A);
    add_access(scene, JOURNAL_MEMORY_READ, 14, ESP0 - 16, 0x1B);
    add_access(scene, JOURNAL_MEMORY_READ, 16, ESP0 - 12, 0x80000206u);
    add(scene, JOURNAL_IRET_STEP, 16)->detail = 1;
    add_register(scene, 36, JREG_ESP, USER_ESP, ESP0 - 20);
    add_register(scene, 36, JREG_SS, 0x23, 0x10);
    add_register(scene, 36, JREG_CPL, 3, 0);
    scene->view.position.clock = START_CLOCK;
    take(scene, micro);
}

void scene_nested(struct scene *scene)
{
    scene_in_handler(scene);
    struct cpu_state *cpu = &scene->view.state.cpu;

    scene->view.previous = scene->view.state;
    put32(scene, ESP0 - 24, 0x00000202u);
    put32(scene, ESP0 - 28, 0x08);
    put32(scene, ESP0 - 32, KERNEL_CODE + 0xC4);
    cpu->gpr[REG_ESP] = ESP0 - 32;
    cpu->deliveries = 2;
}

void scene_reset(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    struct cpu_state *cpu = &scene->view.state.cpu;

    cpu->eip = 0xFFF0;
    cpu->eflags = EFLAGS_ONE;
    for (uint32_t segment = 0; segment < SEG_COUNT; segment++) {
        cpu->segments[segment] = (struct segment_state){0, 0xFFFF, 0, 0x93, 1};
    }
    cpu->segments[SEG_CS] = (struct segment_state){0xFFFF0000u, 0xFFFF, 0xF000, 0x9B, 1};
    cpu->idtr.limit = 0x3FF;
    static const uint8_t code[] = {0xEA, 0x5B, 0xE0, 0x00, 0xF0};
    memset(memory_at(scene, 0xFFFFF000u), 0xFF, 4096);
    memcpy(memory_at(scene, 0xFFFFFFF0u), code, sizeof code);
    scene->view.previous = scene->view.state;
}

struct view_context scene_context(const struct scene *scene)
{
    static const struct elf_symbols table;
    struct view_context context = {
        .view = &scene->view,
        .read = scene_read,
        .read_context = (void *)(uintptr_t)scene,
        .symbols = &table,
        .console = scene->console,
        .console_bytes = strlen(scene->console),
        .boundary_clock = scene->view.position.clock,
    };

    return context;
}

/* ---- the operating system ---- */

static struct session_process *add_process(struct session_processes *processes, int32_t pid,
                                           int32_t parent, const char *name, const char *state)
{
    struct session_process *process = &processes->list[processes->count++];
    struct guest_process *guest = &process->guest;

    guest->pid = pid;
    guest->parent = parent;
    guest->program = pid;
    guest->group = pid;
    guest->stack_top = ESP0;
    guest->numbers_known = (1u << GUEST_NUMBER_COUNT) - 1;
    guest->numbers[GUEST_CALL] = UINT32_MAX;
    guest->numbers[GUEST_OWNER] = 1000;
    guest->numbers[GUEST_EFFECTIVE] = 1000;
    guest->numbers[GUEST_OWNER_GROUP] = 1000;
    guest->numbers[GUEST_NICE] = 5;
    guest->numbers[GUEST_SLICE] = 3;
    guest->numbers[GUEST_USER_TICKS] = 12;
    guest->numbers[GUEST_SYSTEM_TICKS] = 4;
    guest->numbers[GUEST_START] = 7;
    snprintf(guest->name, sizeof guest->name, "%s", name);
    snprintf(guest->state, sizeof guest->state, "%s", state);
    return process;
}

static void put_detail(struct session_process_detail *detail)
{
    detail->guest.region_count = detail->guest.regions_all = 2;
    detail->guest.regions[0] = (struct guest_region){0x00010000, 0x00012000, 0, 1};
    detail->guest.regions[1] = (struct guest_region){0xBFFEF000, 0xC0000000, 3, 0};
    snprintf(detail->region_words[0], sizeof detail->region_words[0], "file");
    snprintf(detail->region_words[1], sizeof detail->region_words[1], "write grows");
    detail->region_pages[0] = 1;
    detail->region_pages[1] = 3;
    detail->region_shared[1] = 2;
    detail->guest.file_count = detail->guest.files_all = 2;
    detail->guest.files[0] = (struct guest_file){.users = 2, .flags = 2, .terminal = "ttyS0"};
    detail->guest.files[1] = (struct guest_file){.number = 3, .users = 1, .node = 21, .offset = 99};
    snprintf(detail->kinds[0], sizeof detail->kinds[0], "terminal");
    snprintf(detail->kinds[1], sizeof detail->kinds[1], "file");
    detail->frame_count = 2;
    detail->frames[0] = (struct session_frame_line){.text = "schedule at scheduler.c:130"};
    detail->frames[0].is_trap = 1;
    detail->frames[1] = (struct session_frame_line){.is_user = 1, .text = "the program"};
    detail->kernel_first = ESP0 - 24;
    detail->kernel_count = 6;
    snprintf(detail->kernel_notes[0], sizeof detail->kernel_notes[0], "saved edi");
    snprintf(detail->kernel_notes[1], sizeof detail->kernel_notes[1], "back to schedule");
    snprintf(detail->kernel_notes[5], sizeof detail->kernel_notes[5], "user ss");
    detail->kernel_words[5] = 0x23;
    detail->user_first = USER_ESP;
    detail->user_count = 2;
    detail->user_words[1] = USER_CODE + 9;
    snprintf(detail->user_notes[1], sizeof detail->user_notes[1], "main+9");
    snprintf(detail->user_at, sizeof detail->user_at, "read+1A");
    snprintf(detail->members, sizeof detail->members, "pid = 5\nstate = PROCESS_WAITING (3)");
}

static void put_processes(struct scene *scene)
{
    struct session_processes *processes = &scene->view.processes;
    struct session_process *process;

    processes->known = 1;
    processes->hz = 100;
    processes->ticks = 57;
    process = add_process(processes, 1, -1, "init", "waiting");
    process->is_parked = 1;
    snprintf(process->waits, sizeof process->waits, "the end of a child (wait)");
    process = add_process(processes, 2, -1, "flush", "waiting");
    process->guest.numbers[GUEST_KERNEL_THREAD] = 1;
    snprintf(process->waits, sizeof process->waits, "time to pass");
    process = add_process(processes, 4, 1, "sh", "running");
    process->guest.is_current = 1;
    process = add_process(processes, 5, 4, "cat", "waiting");
    process->guest.numbers[GUEST_TERMINAL] = 0x440;
    process->guest.numbers[GUEST_BLOCKED] = 0x10002;
    process->guest.user_known = (1u << GUEST_USER_COUNT) - 1;
    process->guest.user[GUEST_USER_EIP] = USER_CODE + 9;
    process->guest.known = 0x1FF;
    process->guest.directory = 0x312000;
    snprintf(process->waits, sizeof process->waits, "a terminal");
    snprintf(process->call, sizeof process->call, "read");
    process = add_process(processes, 6, 4, "true", "zombie");
    process = add_process(processes, 7, 4, "sh", "ready");
    process->is_fresh = 1;
    process->guest.user_known = 1;
    process = add_process(processes, 0, -1, "idle", "ready");
    process->guest.is_also = 1;
    processes->selected = 3;
    put_detail(&processes->detail);
}

void scene_processes(struct scene *scene)
{
    scene_timer_interrupt(scene, 0);
    put_processes(scene);
}

/* ---- the program ---- */

static void put_source(struct session_source *source)
{
    static const char *const lines[] = {
        "int32_t sys_write(struct trap_frame *frame)",  "{", "    uint32_t fd = frame->ebx;", "",
        "    return move(fd, frame->ecx, frame->edx);", "}"};

    source->known = 1;
    source->line = 32;
    source->first = 28;
    source->frame = 1;
    snprintf(source->file, sizeof source->file, "kernel/calls/transfer.c");
    for (uint32_t index = 0; index < sizeof lines / sizeof lines[0]; index++) {
        snprintf(source->lines[source->count++], SESSION_LINE_BYTES, "%s", lines[index]);
    }
    source->frame_count = 4;
    snprintf(source->frames[0].text, SESSION_LINE_BYTES, "move at transfer.c:12");
    snprintf(source->frames[1].text, SESSION_LINE_BYTES, "sys_write at transfer.c:32");
    source->frames[1].is_trap = 1;
    snprintf(source->frames[2].text, SESSION_LINE_BYTES, "write at system_calls.c:40");
    snprintf(source->frames[3].text, SESSION_LINE_BYTES, "main at hello.c:5");
    source->frames[2].is_user = 1;
    source->frames[3].is_user = 1;
    source->local_count = 2;
    source->locals[0].is_parameter = 1;
    snprintf(source->locals[0].name, sizeof source->locals[0].name, "frame");
    snprintf(source->locals[0].value, SESSION_LINE_BYTES, "0xC0200FB4");
    snprintf(source->locals[1].name, sizeof source->locals[1].name, "fd");
    snprintf(source->locals[1].value, SESSION_LINE_BYTES, "1");
}

void scene_program(struct scene *scene)
{
    struct session_watch *watch = &scene->view.watch;

    scene_in_handler(scene);
    put_source(&scene->view.source);
    watch->known = 1;
    watch->count = 3;
    snprintf(watch->rows[0].text, sizeof watch->rows[0].text, "ticks");
    snprintf(watch->rows[0].value, SESSION_LINE_BYTES, "61 (0x3D)");
    watch->rows[0].changed = 1;
    snprintf(watch->rows[1].text, sizeof watch->rows[1].text, "current->name");
    snprintf(watch->rows[1].value, SESSION_LINE_BYTES, "\"hello\"");
    snprintf(watch->rows[2].text, sizeof watch->rows[2].text, "nosuch");
    snprintf(watch->rows[2].value, SESSION_LINE_BYTES, "no such variable");
    watch->rows[2].bad = 1;
    snprintf(watch->memory_text, sizeof watch->memory_text, "current->name");
    watch->memory_address = USER_CODE + 0x12;
    watch->memory_first = USER_CODE + 0x10 - SESSION_MEMORY_ABOVE;
    for (uint32_t index = 0; index < 64; index++) {
        watch->memory[SESSION_MEMORY_ABOVE + index] = (uint8_t)(index * 37);
    }
    for (uint32_t row = 0; row < 3; row++) {
        watch->memory_there[SESSION_MEMORY_ABOVE / 16 + row] = 1;
    }
    watch->memory_changed[SESSION_MEMORY_ABOVE + 3] = 1;
}

/* ---- the log of events ---- */

static struct os_event *add_happening(struct scene *scene, uint32_t clock, enum os_event_kind kind,
                                      int32_t pid, const char *name, const char *text)
{
    struct session_log *log = &scene->view.log;
    struct os_event *event = &scene->events[log->count];

    *event = (struct os_event){.clock = START_CLOCK + clock, .kind = kind, .pid = pid, .other = -1};
    snprintf(event->name, sizeof event->name, "%s", name);
    snprintf(event->text, sizeof event->text, "%s", text);
    scene->latencies[log->count++] = kind == OS_EVENT_IRQ ? 90 : UINT32_MAX;
    return event;
}

static void add_call(struct scene *scene, uint32_t clock, int32_t pid, const char *name,
                     uint32_t number, const char *text)
{
    struct os_event *event = add_happening(scene, clock, OS_EVENT_CALL, pid, name, text);

    event->number = number;
    event->cpl = 3;
}

static void add_result(struct scene *scene, uint32_t clock, uint32_t since, int32_t pid,
                       const char *name, uint32_t number, const char *text)
{
    struct os_event *event = add_happening(scene, clock, OS_EVENT_RESULT, pid, name, text);

    event->number = number;
    event->since = START_CLOCK + since;
    add_happening(scene, clock, OS_EVENT_USER, pid, name, "")->number = OS_WAY_RESUME;
}

void scene_events(struct scene *scene)
{
    struct session_log *log = &scene->view.log;
    struct os_event *event;

    scene_timer_interrupt(scene, 0);
    *log = (struct session_log){.known = 1, .capacity = SCENE_EVENTS, .since = START_CLOCK};
    log->dropped = 3;
    log->unit = 1000;
    log->ring = scene->events;
    log->latencies = scene->latencies;
    add_call(scene, 2000, 4, "sh", 2, "");
    add_happening(scene, 3000, OS_EVENT_CREATED, 4, "sh", "")->other = 5;
    add_result(scene, 4000, 2000, 4, "sh", 2, "5");
    add_call(scene, 6000, 4, "sh", 114, "-1, 0xbffffe00, 0, NULL");
    event =
        add_happening(scene, 8000, OS_EVENT_SWITCHED, 5, "sh", "waits: the end of a child (wait4)");
    event->other = 4;
    add_happening(scene, 9000, OS_EVENT_USER, 5, "hello", "")->number = OS_WAY_NEW;
    add_call(scene, 14000, 5, "hello", 4, "1, \"hello\", 5");
    add_result(scene, 18000, 14000, 5, "hello", 4, "5");
    event = add_happening(scene, 24000, OS_EVENT_IRQ, 5, "hello", "");
    event->number = 0x20;
    event->cpl = 3;
    event = add_happening(scene, 25000, OS_EVENT_RAISED, 5, "hello", "");
    event->other = 5;
    event->number = 14;
    add_happening(scene, 26000, OS_EVENT_USER, 5, "hello", "")->number = OS_WAY_UPCALL;
    add_call(scene, 34000, 5, "hello", 1, "0");
    add_happening(scene, 35000, OS_EVENT_ENDED, 5, "hello", "");
    scene->view.position.clock = START_CLOCK + 30000;
    scene->view.history_last = START_CLOCK + 36000;
}

/* Linux's struct sigcontext behind the return address and the number, and the code it returns to.
 */
static void put_signal_frame(struct scene *scene)
{
    static const uint8_t code[8] = {0x58, 0xB8, 119, 0, 0, 0, 0xCD, 0x80};

    memcpy(memory_at(scene, USER_CODE + 0x50), code, sizeof code);
    put32(scene, USER_ESP, USER_CODE + 0x50);
    put32(scene, USER_ESP + 4, 14);
    for (uint32_t word = 0; word < 22; word++) {
        put32(scene, USER_ESP + 8 + 4 * word, 0x100 + word);
    }
    put32(scene, USER_ESP + 8 + 4 * 14, USER_CODE + 0x2A);
}

void scene_signal(struct scene *scene)
{
    struct session_process *process = &scene->view.processes.list[3];

    scene_events(scene);
    memset(&scene->view.journal, 0, sizeof scene->view.journal);
    scene->view.next = (struct cpu_step_info){STEP_INSTRUCTION, 0, 0, 0};
    put_processes(scene);
    put_signal_frame(scene);
    process->guest.is_current = 1;
    process->guest.numbers[GUEST_BLOCKED] = 1u << 13;
    scene->view.processes.detail.handlers_known = 1;
    scene->view.processes.detail.handlers[14] = USER_CODE + 0x20;
}

void scene_further(struct scene *scene)
{
    uint32_t at = ESP0 - 20;

    scene_in_handler(scene);
    scene->view.own_guest = 1;
    scene->view.previous = scene->view.state;
    for (uint32_t word = 1; word <= 14; word++) { /* error code, vector, DS ... EDI */
        put32(scene, at - 4 * word, word == 2 ? 0x80 : 0x200 + word);
    }
    at -= 4 * 14 + 8;
    put32(scene, at + 4, KERNEL_CODE + 0x90); /* return addresses */
    put32(scene, at, 0x11111111);
    put32(scene, at - 4, 0x00000202u); /* EFLAGS, CS, EIP */
    put32(scene, at - 8, 0x08);
    put32(scene, at - 12, KERNEL_CODE + 0xC4);
    put32(scene, at - 16, 0);
    put32(scene, at - 20, 0x20);
    scene->view.state.cpu.gpr[REG_ESP] = at - 20;
}
