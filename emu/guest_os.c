/* Processes of a guest's kernel: lists are walked in the machine's memory through the present page
 * tables, by the offsets that the description has given.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/guest_os_priv.h"

#define TSS_SS0 8u /* 80386 PRM figure 7-1 */

/* ---- memory ---- */

/* The machine's memory as the kernel addresses it. */
struct reader {
    struct machine *machine;
    uint32_t base; /* guest_os_base() */
};

/* In the kernel its data segment; in user mode the one that the TSS has for the kernel's stack. */
uint32_t guest_os_base(struct machine *machine)
{
    const struct cpu_state *cpu = &machine_state(machine)->cpu;
    uint32_t selector = 0;
    uint8_t bytes[8];

    if (!(cpu->cr0 & CR0_PE) || (cpu->cr0 & CR0_PG) || (cpu->eflags & EFLAGS_VM)) {
        return 0;
    }
    if (cpu->cpl == 0) {
        return cpu->segments[SEG_SS].base;
    }
    if (!machine_read_linear(machine, cpu->tr.base + TSS_SS0, &selector, 2) ||
        (selector & ~7u) + 7 > cpu->gdtr.limit ||
        !machine_read_linear(machine, cpu->gdtr.base + (selector & ~7u), bytes, sizeof(bytes))) {
        return 0;
    }
    return bytes[2] | (uint32_t)bytes[3] << 8 | (uint32_t)bytes[4] << 16 | (uint32_t)bytes[7] << 24;
}

static bool read_bytes(const struct reader *reader, uint32_t address, void *bytes, uint32_t size)
{
    return machine_read_linear(reader->machine, address + reader->base, bytes, size);
}

static bool read_word(const struct reader *reader, uint32_t address, uint32_t *value)
{
    return read_bytes(reader, address, value, sizeof(*value));
}

/* Where the member lies; false: a pointer on the way leads nowhere. */
static bool path_follow(const struct path *path, const struct reader *reader, uint32_t address,
                        uint32_t *member)
{
    if (path->count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < path->count; i++) {
        if (i > 0 && (!read_word(reader, address, &address) || address == 0)) {
            return false;
        }
        address += path->offsets[i];
    }
    *member = address;
    return true;
}

/* A number of 1, 2 or 4 bytes. */
static bool get(const struct guest_os *os, const struct reader *reader, uint32_t process,
                enum field field, uint32_t *value)
{
    const struct path *path = &os->fields[field];
    uint32_t bytes = path->bytes < 4 ? path->bytes : 4;
    uint32_t member;

    *value = 0;
    return path_follow(path, reader, process, &member) && read_bytes(reader, member, value, bytes);
}

static int32_t get_number(const struct guest_os *os, const struct reader *reader, uint32_t process,
                          enum field field)
{
    uint32_t value;

    return get(os, reader, process, field, &value) ? (int32_t)value : -1;
}

static void read_name(const struct guest_os *os, const struct reader *reader, uint32_t process,
                      char *name)
{
    const struct path *path = &os->fields[FIELD_NAME];
    uint32_t bytes = path->bytes < GUEST_NAME_BYTES ? path->bytes : GUEST_NAME_BYTES - 1;
    uint32_t member;

    memset(name, 0, GUEST_NAME_BYTES);
    if (!path_follow(path, reader, process, &member) || !read_bytes(reader, member, name, bytes)) {
        name[0] = '\0';
    }
    for (char *at = name; *at; at++) {
        *at = *at >= ' ' && *at <= '~' ? *at : '?';
    }
}

/* PROCESS_READY is called "ready". */
static void read_state(const struct guest_os *os, const struct reader *reader, uint32_t process,
                       char *text)
{
    char name[GUEST_NAME_BYTES];
    uint32_t value;

    text[0] = '\0';
    if (!get(os, reader, process, FIELD_STATE, &value)) {
        return;
    }
    if (!os->state_type || !dwarf_enum_name(os->info, os->state_type, value, name, sizeof(name))) {
        snprintf(text, GUEST_NAME_BYTES, "%" PRIu32, value);
        return;
    }
    const char *last = strrchr(name, '_');
    snprintf(text, GUEST_NAME_BYTES, "%s", last ? last + 1 : name);
    for (char *at = text; *at; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
}

/* Where a process that does not run will go on. */
static void read_saved(const struct guest_os *os, const struct reader *reader,
                       struct guest_process *process)
{
    uint32_t esp;

    if (!get(os, reader, process->address, FIELD_SAVED, &esp) || esp == 0) {
        return;
    }
    for (uint32_t i = 0; i < os->saved_count; i++) {
        uint32_t number = os->saved[i];

        if (number != NOT_REGISTER && read_word(reader, esp + 4 * i, &process->registers[number])) {
            process->known |= 1u << number;
        }
    }
    process->registers[DWARF_ESP] = esp + 4 * os->saved_count;
    process->known |= 1u << DWARF_ESP;
}

static void read_user(const struct guest_os *os, const struct reader *reader,
                      struct guest_process *process)
{
    uint32_t frame;

    if (!get(os, reader, process->address, FIELD_FRAME, &frame) || frame == 0) {
        return;
    }
    for (uint32_t i = 0; i < GUEST_USER_COUNT; i++) {
        if ((os->user_known >> i & 1) &&
            read_word(reader, frame + os->user[i], &process->user[i])) {
            process->user_known |= 1u << i;
        }
    }
}

static void read_numbers(const struct guest_os *os, const struct reader *reader,
                         struct guest_process *process)
{
    for (uint32_t i = 0; i < GUEST_NUMBER_COUNT; i++) {
        if (get(os, reader, process->address, (enum field)(FIELD_NUMBERS + i),
                &process->numbers[i])) {
            process->numbers_known |= 1u << i;
        }
    }
}

static bool reason_fits(const struct reason *reason, const struct guest_process *process)
{
    uint32_t at = process->waiting_for;

    switch (reason->kind) {
    case REASON_SELF:
        return at == process->address;
    case REASON_STACK:
        return process->stack_top && process->stack_top - at <= STACK_REACH;
    case REASON_MEMBER:
        return at == process->address + reason->first;
    default:
        return at - reason->first < reason->bytes;
    }
}

static void read_reason(const struct guest_os *os, struct guest_process *process)
{
    for (uint32_t i = 0; process->waiting_for && i < os->reason_count; i++) {
        if (reason_fits(&os->reasons[i], process)) {
            memcpy(process->reason, os->reasons[i].words, sizeof(process->reason));
            process->waits_for_child = os->reasons[i].kind == REASON_SELF;
            return;
        }
    }
}

static bool read_process(const struct guest_os *os, const struct reader *reader, uint32_t address,
                         uint32_t current, struct guest_process *process)
{
    memset(process, 0, sizeof(*process));
    process->address = address;
    process->pid = get_number(os, reader, address, FIELD_PID);
    if (process->pid < 0 || process->pid > PID_MOST) {
        return false;
    }
    process->is_current = address == current;
    read_name(os, reader, address, process->name);
    read_state(os, reader, address, process->state);
    process->parent = get_number(os, reader, address, FIELD_PARENT);
    process->group = get_number(os, reader, address, FIELD_GROUP);
    process->program = get_number(os, reader, address, FIELD_PROGRAM);
    get(os, reader, address, FIELD_WAITING, &process->waiting_for);
    get(os, reader, address, FIELD_DIRECTORY, &process->directory);
    get(os, reader, address, FIELD_STACK, &process->stack_top);
    if (!process->is_current) {
        read_saved(os, reader, process);
    }
    read_user(os, reader, process);
    read_numbers(os, reader, process);
    read_reason(os, process);
    return true;
}

/* ---- for everybody ---- */

uint32_t guest_os_processes(const struct guest_os *os, struct machine *machine,
                            struct guest_process *list, uint32_t limit)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    uint32_t count = 0;
    uint32_t first = 0;
    uint32_t current = 0;
    bool running = false;

    if (limit < 2 || !read_word(&reader, os->current, &current) || current == 0 ||
        !read_word(&reader, os->first, &first)) {
        return 0;
    }
    for (uint32_t at = first; at != 0;) {
        if (count == limit - 1 || !read_process(os, &reader, at, current, &list[count])) {
            return 0; /* garbage, or a circle */
        }
        running |= list[count++].is_current != 0;
        if (!get(os, &reader, at, FIELD_NEXT, &at)) {
            return 0;
        }
        at = at == first ? 0 : at;
    }
    if (os->also && read_process(os, &reader, os->also, current, &list[count])) {
        list[count].is_also = 1;
        running |= list[count++].is_current != 0;
    }
    return running ? count : 0;
}

bool guest_os_brief(const struct guest_os *os, struct machine *machine, uint32_t address,
                    int32_t *pid, char name[GUEST_NAME_BYTES])
{
    struct reader reader = {machine, 0};

    *pid = -1;
    name[0] = '\0';
    if (address == 0 && !read_word(&reader, os->current, &address)) {
        reader.base =
            guest_os_base(machine); /* not asked for at once: it costs more than the rest */
        read_word(&reader, os->current, &address);
    }
    if (address == 0) {
        return false;
    }
    *pid = get_number(os, &reader, address, FIELD_PID);
    read_name(os, &reader, address, name);
    return *pid >= 0 && *pid <= PID_MOST;
}

bool guest_os_current(const struct guest_os *os, struct machine *machine, int32_t *pid,
                      bool *is_also)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    uint32_t current;

    if (!read_word(&reader, os->current, &current) || current == 0) {
        return false;
    }
    *pid = get_number(os, &reader, current, FIELD_PID);
    *is_also = os->also != 0 && current == os->also;
    return *pid >= 0 && *pid <= PID_MOST && (*is_also || *pid > 0);
}

/* ---- one process in full ---- */

/* A number of 1, 2 or 4 bytes in a structure; 0 where there is none. */
static uint32_t part_of(const struct path *path, const struct reader *reader, uint32_t structure)
{
    uint32_t bytes = path->bytes < 4 ? path->bytes : 4;
    uint32_t value = 0;
    uint32_t member;

    return path_follow(path, reader, structure, &member) &&
                   read_bytes(reader, member, &value, bytes)
               ? value
               : 0;
}

static void read_regions(const struct guest_os *os, const struct reader *reader, uint32_t process,
                         struct guest_detail *detail)
{
    uint32_t first;

    if (!path_follow(&os->fields[FIELD_REGIONS], reader, process, &first) ||
        !get(os, reader, process, FIELD_REGION_COUNT, &detail->regions_all)) {
        return;
    }
    while (detail->region_count < detail->regions_all && detail->region_count < GUEST_REGIONS_MAX) {
        uint32_t at = first + detail->region_count * os->region_bytes;

        detail->regions[detail->region_count++] = (struct guest_region){
            .start = part_of(&os->region[0], reader, at),
            .end = part_of(&os->region[1], reader, at),
            .flags = part_of(&os->region[2], reader, at),
            .is_file = part_of(&os->region[3], reader, at) != 0,
        };
    }
}

static void read_file(const struct guest_os *os, const struct reader *reader, uint32_t structure,
                      struct guest_file *file)
{
    uint32_t name;

    file->kind = part_of(&os->file[0], reader, structure);
    file->flags = part_of(&os->file[1], reader, structure);
    file->offset = part_of(&os->file[2], reader, structure);
    file->users = part_of(&os->file[3], reader, structure);
    file->device = part_of(&os->file[4], reader, structure);
    file->node = part_of(&os->file[5], reader, structure);
    if (path_follow(&os->file[6], reader, structure, &name) &&
        !read_bytes(reader, name, file->terminal,
                    os->file[6].bytes < sizeof(file->terminal)
                        ? os->file[6].bytes
                        : (uint32_t)sizeof(file->terminal) - 1)) {
        file->terminal[0] = '\0';
    }
    for (char *at = file->terminal; *at; at++) {
        *at = *at >= ' ' && *at <= '~' ? *at : '?';
    }
}

static void read_files(const struct guest_os *os, const struct reader *reader, uint32_t process,
                       struct guest_detail *detail)
{
    uint32_t slots = os->fields[FIELD_FILES].bytes / 4;
    uint32_t first;

    if (!path_follow(&os->fields[FIELD_FILES], reader, process, &first)) {
        return;
    }
    for (uint32_t i = 0; i < slots && i < FILES_LOOKED; i++) {
        uint32_t structure;

        if (!read_word(reader, first + 4 * i, &structure) || structure == 0) {
            continue;
        }
        detail->files_all++;
        if (detail->file_count < GUEST_FILES_MAX) {
            struct guest_file *file = &detail->files[detail->file_count++];

            file->number = i;
            read_file(os, reader, structure, file);
        }
    }
}

void guest_os_detail(const struct guest_os *os, struct machine *machine, uint32_t process,
                     struct guest_detail *detail)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    memset(detail, 0, sizeof(*detail));
    read_regions(os, &reader, process, detail);
    read_files(os, &reader, process, detail);
    get(os, &reader, process, FIELD_BASE, &detail->base);
    get(os, &reader, process, FIELD_BOUND, &detail->bound);
}

bool guest_os_ticks(const struct guest_os *os, struct machine *machine, uint32_t *hz, uint32_t *now)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    return os->hz && os->ticks && read_word(&reader, os->hz, hz) &&
           read_word(&reader, os->ticks, now);
}

uint32_t guest_os_frame(const struct guest_os *os, struct machine *machine, uint32_t process,
                        const char **structure)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    uint32_t frame = 0;

    *structure = os->frame_name;
    get(os, &reader, process, FIELD_FRAME, &frame);
    return frame;
}

uint32_t guest_os_current_address(const struct guest_os *os, struct machine *machine)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    uint32_t address = 0;

    return read_word(&reader, os->current, &address) ? address : 0;
}

bool guest_os_at(const struct guest_os *os, struct machine *machine, uint32_t address,
                 struct guest_process *process)
{
    const struct reader reader = {machine, guest_os_base(machine)};

    return read_process(os, &reader, address, 0, process);
}

bool guest_os_handlers(const struct guest_os *os, struct machine *machine, uint32_t process,
                       uint32_t *handlers, uint32_t count)
{
    const struct reader reader = {machine, guest_os_base(machine)};
    uint32_t first;

    if (!path_follow(&os->fields[FIELD_HANDLERS], &reader, process, &first)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        handlers[i] = part_of(&os->handler, &reader, first + i * os->handler_bytes);
    }
    return true;
}
