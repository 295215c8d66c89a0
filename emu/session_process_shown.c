/* The guest's processes for the view: the list with its words, and the chosen one in full: memory
 * map, open files, call stack in the kernel, both stacks, every member of its structure.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/os_calls.h"
#include "emu/session_priv.h"

#define PAGE_BYTES    4096u
#define USER_WORDS    24u    /* of a program's stack */
#define PAGES_LOOKED  16384u /* of one process */
#define ENTRY_PRESENT 1u     /* 80386 PRM figure 5-10 */
#define ENTRY_WRITE   2u
#define ENTRY_ADDRESS 0xFFFFF000u

/* ---- the memory of a process that need not be the one that runs ---- */

struct other_memory {
    struct session *session;
    const struct guest_process *process;
    uint32_t base;  /* without paging: of its area */
    uint32_t bound; /* bytes of it, 0: paging */
};

/* Its page table entry; false: no table. */
static bool entry_of(struct session *session, uint32_t directory, uint32_t linear, uint32_t *entry)
{
    uint32_t table;

    return machine_read_physical(session->machine, (directory & ENTRY_ADDRESS) + (linear >> 22) * 4,
                                 &table, 4) &&
           (table & ENTRY_PRESENT) &&
           machine_read_physical(session->machine,
                                 (table & ENTRY_ADDRESS) + (linear >> 12 & 0x3FF) * 4, entry, 4) &&
           (*entry & ENTRY_PRESENT);
}

static bool read_other(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    const struct other_memory *memory = context;
    struct machine *machine = memory->session->machine;
    uint8_t *to = bytes;

    if (memory->process->is_current) {
        return session_read(memory->session, linear, bytes, size);
    }
    if (memory->bound) {
        return linear < memory->bound && size <= memory->bound - linear &&
               machine_read_physical(machine, memory->base + linear, bytes, size);
    }
    while (size) {
        uint32_t part = PAGE_BYTES - linear % PAGE_BYTES;
        uint32_t entry;

        part = part < size ? part : size;
        if (!memory->process->directory ||
            !entry_of(memory->session, memory->process->directory, linear, &entry) ||
            !machine_read_physical(machine, (entry & ENTRY_ADDRESS) + linear % PAGE_BYTES, to,
                                   part)) {
            return false;
        }
        to += part;
        linear += part;
        size -= part;
    }
    return true;
}

/* ---- the list ---- */

static const char *state_call(const struct guest_process *guest)
{
    const struct os_call *call =
        guest->numbers_known >> GUEST_CALL & 1 ? os_call(guest->numbers[GUEST_CALL]) : NULL;

    return call ? call->name : NULL;
}

static void tell_waiting(struct session *session, struct session_process *process)
{
    const struct guest_process *guest = &process->guest;
    uint32_t offset = 0;
    const char *symbol;

    if (guest->waiting_for == 0) {
        return;
    }
    if (guest->reason[0]) {
        snprintf(process->waits, sizeof(process->waits), "%s", guest->reason);
        return;
    }
    symbol = session_symbol_at(session, guest->waiting_for, &offset);
    if (symbol) {
        snprintf(process->waits, sizeof(process->waits), "%.50s", symbol);
    } else {
        snprintf(process->waits, sizeof(process->waits), "%08" PRIX32, guest->waiting_for);
    }
}

static void tell_process(struct session *session, struct session_process *process)
{
    const struct guest_process *guest = &process->guest;
    const char *call = state_call(guest);
    uint32_t offset = 0;
    const char *symbol = NULL;

    if (guest->known & 1u << DWARF_EIP) {
        symbol = session_symbol_at(session, guest->registers[DWARF_EIP], &offset);
    }
    process->is_fresh = symbol && offset == 0 && strcmp(symbol, "trap_return") == 0;
    process->is_parked = guest->waits_for_child;
    snprintf(process->call, sizeof(process->call), "%s", call ? call : "");
    tell_waiting(session, process);
}

/* ---- the chosen one ---- */

static void tell_regions(struct session *session, const struct guest_os *os,
                         const struct guest_process *guest, struct session_process_detail *detail)
{
    uint32_t looked = 0;

    for (uint32_t i = 0; i < detail->guest.region_count; i++) {
        const struct guest_region *region = &detail->guest.regions[i];
        char *words = detail->region_words[i];
        size_t bytes = sizeof(detail->region_words[i]);
        size_t used = (size_t)snprintf(words, bytes, "%s", region->is_file ? "file" : "");

        for (uint32_t bit = 0; guest_os_region_flag(os, bit); bit++) {
            if ((region->flags >> bit & 1) && used < bytes) {
                used += (size_t)snprintf(words + used, bytes - used, "%s%s", used ? " " : "",
                                         guest_os_region_flag(os, bit));
            }
        }
        if (!guest->directory || detail->guest.bound) {
            continue;
        }
        for (uint32_t at = region->start; at < region->end && looked < PAGES_LOOKED;
             at += PAGE_BYTES, looked++) {
            uint32_t entry;

            if (entry_of(session, guest->directory, at, &entry)) {
                detail->region_pages[i]++;
                detail->region_shared[i] += !(entry & ENTRY_WRITE) && (region->flags & 1);
            }
        }
    }
}

static void tell_files(struct session *session, struct session_process_detail *detail)
{
    static const char *const words[][2] = {{"read", "pipe, to read"},
                                           {"write", "pipe, to write"},
                                           {"both", "named pipe"},
                                           {"regular", "file"}};

    for (uint32_t i = 0; i < detail->guest.file_count; i++) {
        uint32_t offset = 0;
        const char *symbol = session_symbol_at(session, detail->guest.files[i].kind, &offset);
        char name[32] = "?";
        char *end;

        if (symbol && offset == 0) {
            snprintf(name, sizeof(name), "%.31s", symbol);
        }
        end = strstr(name, "_operations");
        if (end) {
            *end = '\0';
        }
        for (uint32_t row = 0; row < sizeof(words) / sizeof(words[0]); row++) {
            if (strcmp(name, words[row][0]) == 0) {
                snprintf(name, sizeof(name), "%s", words[row][1]);
            }
        }
        snprintf(detail->kinds[i], sizeof(detail->kinds[i]), "%s", name);
    }
}

/* Where it will go on, or is: the first frame of its call stack; false: nothing is known. */
static bool first_frame(struct session *session, const struct guest_process *guest,
                        struct dwarf_frame *frame)
{
    if (guest->is_current) {
        return session_frame(session, 0, frame);
    }
    session_frame(session, 0, frame); /* the way to read memory */
    memcpy(frame->registers, guest->registers, sizeof(frame->registers));
    frame->known = guest->known;
    frame->is_caller = 1;
    return (guest->known & 1u << DWARF_EIP) != 0;
}

static void tell_frames(struct session *session, const struct guest_process *guest,
                        struct session_process_detail *detail)
{
    struct dwarf_frame frame;
    bool is_user = guest->is_current && machine_state(session->machine)->cpu.cpl == 3;
    bool there = first_frame(session, guest, &frame);

    while (there && detail->frame_count < SESSION_FRAMES_MAX) {
        struct session_frame_line *line = &detail->frames[detail->frame_count++];
        bool is_trap;

        line->eip = frame.registers[DWARF_EIP];
        line->esp = frame.known & 1u << DWARF_ESP ? frame.registers[DWARF_ESP] : 0;
        line->is_user = is_user;
        if (is_user && !guest->is_current) { /* other memory: another program's addresses */
            snprintf(line->text, sizeof(line->text), "the program, in USER mode");
            return;
        }
        session_place_text(session, line->eip, frame.is_caller != 0, line->text,
                           sizeof(line->text));
        there = session_unwind(session, &frame, &is_trap, &is_user) &&
                (is_trap || frame.registers[DWARF_EIP] != 0);
        is_user = is_trap ? is_user : line->is_user != 0;
        line->is_trap = there && is_trap;
    }
}

/* Return addresses are where the call stack says: under the stack pointer that each caller has. */
static void note_returns(struct session_process_detail *detail)
{
    for (uint32_t i = 1; i < detail->frame_count; i++) {
        const struct session_frame_line frame = detail->frames[i]; /* apart from what is written */
        uint32_t index = (frame.esp - 4 - detail->kernel_first) / 4;

        if (frame.esp - 4 >= detail->kernel_first && index < detail->kernel_count &&
            detail->kernel_words[index] == frame.eip) {
            snprintf(detail->kernel_notes[index], sizeof(detail->kernel_notes[0]), "back to %.30s",
                     frame.text);
        }
    }
}

/* Names for the words of the saved user state, from its structure. */
static void note_frame(struct session *session, const struct guest_os *os,
                       const struct guest_process *guest, struct session_process_detail *detail)
{
    const char *structure;
    const struct dwarf_info *info;
    uint32_t at = guest_os_frame(os, session->machine, guest->address, &structure);
    char name[DWARF_NAME_BYTES + 8];
    struct dwarf_field field;
    uint64_t type;

    guest_os_structure(os, &info);
    snprintf(name, sizeof(name), "struct %s", structure);
    if (at == 0 || !dwarf_type_named(info, name, &type)) {
        return;
    }
    for (uint32_t i = 0; dwarf_field_number(info, type, i, &field); i++) {
        uint32_t index = (at + field.offset - detail->kernel_first) / 4;

        if (at + field.offset >= detail->kernel_first && index < detail->kernel_count) {
            snprintf(detail->kernel_notes[index], sizeof(detail->kernel_notes[0]), "user %.30s",
                     field.name);
        }
    }
}

/* Its kernel stack from the stack pointer to the top, lowest address first. */
static void tell_kernel_stack(struct session *session, const struct guest_os *os,
                              const struct guest_process *guest,
                              struct session_process_detail *detail)
{
    struct machine_state shown;
    uint32_t base = guest_os_base(session->machine);
    uint32_t saved = 0;
    uint32_t at;

    session_shown_state(session, &shown);
    while (guest_os_saved(os, saved)) {
        saved++;
    }
    at = guest->stack_top;
    if (guest->is_current && shown.cpu.cpl != 3) {
        at = shown.cpu.segments[SEG_SS].base + shown.cpu.gpr[REG_ESP] - base;
    } else if (!guest->is_current && (guest->known & 1u << DWARF_ESP)) {
        at = guest->registers[DWARF_ESP] - 4 * saved;
    }
    detail->kernel_first = at;
    if (!guest->stack_top || guest->stack_top - at > 4 * PAGE_BYTES) {
        return;
    }
    while (at < guest->stack_top && detail->kernel_count < SESSION_STACK_WORDS &&
           session_read(session, at + base, &detail->kernel_words[detail->kernel_count], 4)) {
        const char *name = guest->is_current ? NULL : guest_os_saved(os, detail->kernel_count);

        if (name && name[0]) {
            snprintf(detail->kernel_notes[detail->kernel_count], sizeof(detail->kernel_notes[0]),
                     strcmp(name, "eip") ? "saved %s" : "saved %s: here it goes on", name);
        }
        detail->kernel_count++;
        at += 4;
    }
    note_frame(session, os, guest, detail);
    note_returns(detail);
}

/* Symbols of the program that is in its memory. */
static void note_program(const struct session *session, uint32_t program, uint32_t word, char *note,
                         size_t bytes)
{
    uint32_t offset = 0;
    const char *symbol =
        word > UINT16_MAX ? elf_symbols_find_in(session->symbols, program, word, &offset) : NULL;

    note[0] = '\0';
    if (symbol) {
        snprintf(note, bytes, offset ? "%.30s+%" PRIX32 : "%.30s", symbol, offset);
    }
}

static void tell_user_stack(struct session *session, const struct guest_process *guest,
                            struct session_process_detail *detail)
{
    struct other_memory memory = {session, guest, detail->guest.base, detail->guest.bound};
    struct machine_state shown;
    uint32_t program = elf_symbols_present(session->symbols, read_other, &memory);
    bool is_here;
    uint32_t eip;

    session_shown_state(session, &shown);
    is_here = guest->is_current && shown.cpu.cpl == 3;
    if (!is_here && !(guest->user_known & 1u << REG_ESP)) {
        return;
    }
    if (!is_here &&
        (guest->user[REG_ESP] == 0 || (guest->numbers_known >> GUEST_KERNEL_THREAD & 1 &&
                                       guest->numbers[GUEST_KERNEL_THREAD]))) {
        return;
    }
    detail->user_first = is_here ? shown.cpu.gpr[REG_ESP] : guest->user[REG_ESP];
    eip = is_here ? shown.cpu.eip : guest->user[GUEST_USER_EIP];
    note_program(session, program, eip, detail->user_at, sizeof(detail->user_at));
    for (uint32_t i = 0; i < USER_WORDS; i++) {
        if (!read_other(&memory, detail->user_first + 4 * i, &detail->user_words[i], 4)) {
            return;
        }
        detail->user_count++;
        note_program(session, program, detail->user_words[i], detail->user_notes[i],
                     sizeof(detail->user_notes[i]));
    }
}

/* Every member of the kernel's structure as C writes it. */
static void tell_members(struct session *session, const struct guest_os *os, uint32_t address,
                         struct session_process_detail *detail)
{
    struct expression_provider provider = session_provider(session);
    const struct dwarf_info *info;
    const char *structure = guest_os_structure(os, &info);
    uint32_t base = guest_os_base(session->machine);
    char name[DWARF_NAME_BYTES + 8];
    struct dwarf_field field;
    uint64_t type;
    size_t used = 0;

    snprintf(name, sizeof(name), "struct %s", structure);
    if (!dwarf_type_named(info, name, &type)) {
        return;
    }
    for (uint32_t i = 0; dwarf_field_number(info, type, i, &field); i++) {
        struct expression_value value = {.info = info,
                                         .type = field.type,
                                         .place = PLACE_MEMORY,
                                         .address = address + field.offset + base,
                                         .bit = field.bit,
                                         .bit_size = field.bit_size};
        char text[400];

        if (!expression_load(&provider, &value)) {
            continue;
        }
        expression_print(&value, &provider, 0, text, sizeof(text));
        used += (size_t)snprintf(detail->members + used, sizeof(detail->members) - used, "%s%s%s%s",
                                 used ? "\n" : "", field.name, field.name[0] ? " = " : "", text);
        if (used >= sizeof(detail->members) - 1) {
            return;
        }
    }
}

static void tell_detail(struct session *session, const struct guest_os *os,
                        const struct guest_process *guest, struct session_process_detail *detail)
{
    memset(detail, 0, sizeof(*detail));
    guest_os_detail(os, session->machine, guest->address, &detail->guest);
    tell_regions(session, os, guest, detail);
    tell_files(session, detail);
    detail->handlers_known =
        guest_os_handlers(os, session->machine, guest->address, detail->handlers, SESSION_SIGNALS);
    if (session->task != TASK_NONE) {
        return; /* the rest is too costly, and too quick to be read */
    }
    tell_frames(session, guest, detail);
    tell_kernel_stack(session, os, guest, detail);
    tell_user_stack(session, guest, detail);
    tell_members(session, os, guest->address, detail);
}

/* ---- for the view ---- */

/* The index of the one to be shown; count: it is gone. */
static uint32_t choose(const struct session *session, const struct session_processes *processes)
{
    uint32_t index = 0;

    while (index < processes->count &&
           !(session->shows_process ? processes->list[index].guest.pid == session->shown_pid
                                    : processes->list[index].guest.is_current != 0)) {
        index++;
    }
    return index;
}

void session_fill_processes(struct session *session, struct session_processes *processes)
{
    const struct guest_os *os = session_os(session);
    struct guest_process *list = os ? calloc(GUEST_PROCESSES_MAX, sizeof(*list)) : NULL;
    uint32_t count = list ? guest_os_processes(os, session->machine, list, GUEST_PROCESSES_MAX) : 0;

    *processes = (struct session_processes){.known = 1, .follows = !session->shows_process};
    processes->count = count < SESSION_PROCESSES_MAX ? count : SESSION_PROCESSES_MAX;
    processes->dropped = count - processes->count;
    for (uint32_t i = 0; i < processes->count; i++) {
        processes->list[i] = (struct session_process){.guest = list[i]};
        tell_process(session, &processes->list[i]);
    }
    if (os) {
        guest_os_ticks(os, session->machine, &processes->hz, &processes->ticks);
    }
    memcpy(processes->error, session->os_error, sizeof(processes->error));
    processes->selected = choose(session, processes);
    if (processes->selected < processes->count) {
        tell_detail(session, os, &processes->list[processes->selected].guest, &processes->detail);
    }
    free(list);
}

void session_chosen_directory(struct session *session, int32_t *pid, uint32_t *directory)
{
    const struct guest_os *os = session->shows_process ? session_os(session) : NULL;
    struct guest_process *list = os ? calloc(GUEST_PROCESSES_MAX, sizeof(*list)) : NULL;
    uint32_t count = list ? guest_os_processes(os, session->machine, list, GUEST_PROCESSES_MAX) : 0;

    *pid = session->shown_pid;
    *directory = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (list[i].pid == session->shown_pid && !list[i].is_also) {
            *directory = list[i].directory;
        }
    }
    free(list);
}

void session_do_process(struct session *session, const char *argument)
{
    char *end;
    uint64_t pid = strtoull(argument, &end, 10);

    if (argument[0] == '\0') {
        session->shows_process = 0;
        session_say(session, "the panels follow the process that runs");
        return;
    }
    if (*end != '\0' || argument[0] == '-' || pid > INT32_MAX) {
        session_refuse(session, "%.20s: must be the pid of a process; info processes lists them",
                       argument);
        return;
    }
    session->shows_process = 1;
    session->shown_pid = (int32_t)pid;
    session_say(session, "the panels show process %" PRIu64, pid);
}
