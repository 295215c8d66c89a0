/* What the debugger's expressions know: registers, counters, variables, symbols, memory of the
 * machine at the session's position and frame.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

#define FRAMES_MAX 256u

/* ---- registers ---- */

/* Where a register lies in struct cpu_state, and which bits of the field it is. */
struct machine_register {
    char name[8];
    uint16_t offset; /* bytes */
    uint8_t shift;   /* bits */
    uint8_t bytes;   /* as a value: 1, 2, 4; 0: one bit */
    uint8_t frame;   /* 1 + its number in dwarf_frame.registers; 0: the same in every frame */
};

#define GPR(name, index)                                                                           \
    {                                                                                              \
        name, offsetof(struct cpu_state, gpr) + 4 * (index), 0, 4, 1 + (index)                     \
    }
#define WORD(name, index)                                                                          \
    {                                                                                              \
        name, offsetof(struct cpu_state, gpr) + 4 * (index), 0, 2, 0                               \
    }
#define LOW(name, index)                                                                           \
    {                                                                                              \
        name, offsetof(struct cpu_state, gpr) + 4 * (index), 0, 1, 0                               \
    }
#define HIGH(name, index)                                                                          \
    {                                                                                              \
        name, offsetof(struct cpu_state, gpr) + 4 * (index), 8, 1, 0                               \
    }
#define FLAG(name, bit)                                                                            \
    {                                                                                              \
        name, offsetof(struct cpu_state, eflags), bit, 0, 0                                        \
    }
#define FIELD(name, field)                                                                         \
    {                                                                                              \
        name, offsetof(struct cpu_state, field), 0, 4, 0                                           \
    }
#define SELECTOR(name, field)                                                                      \
    {                                                                                              \
        name, offsetof(struct cpu_state, field.selector), 0, 2, 0                                  \
    }

static const struct machine_register registers[] = {
    GPR("eax", REG_EAX),
    GPR("ecx", REG_ECX),
    GPR("edx", REG_EDX),
    GPR("ebx", REG_EBX),
    GPR("esp", REG_ESP),
    GPR("ebp", REG_EBP),
    GPR("esi", REG_ESI),
    GPR("edi", REG_EDI),
    {"eip", offsetof(struct cpu_state, eip), 0, 4, 1 + DWARF_EIP},
    WORD("ax", REG_EAX),
    WORD("cx", REG_ECX),
    WORD("dx", REG_EDX),
    WORD("bx", REG_EBX),
    WORD("sp", REG_ESP),
    WORD("bp", REG_EBP),
    WORD("si", REG_ESI),
    WORD("di", REG_EDI),
    LOW("al", REG_EAX),
    LOW("cl", REG_ECX),
    LOW("dl", REG_EDX),
    LOW("bl", REG_EBX),
    HIGH("ah", REG_EAX),
    HIGH("ch", REG_ECX),
    HIGH("dh", REG_EDX),
    HIGH("bh", REG_EBX),
    FIELD("eflags", eflags),
    FLAG("cf", 0),
    FLAG("pf", 2),
    FLAG("af", 4),
    FLAG("zf", 6),
    FLAG("sf", 7),
    FLAG("tf", 8),
    FLAG("if", 9),
    FLAG("df", 10),
    FLAG("of", 11),
    FLAG("nt", 14),
    FLAG("rf", 16),
    FLAG("vm", 17),
    FLAG("ac", 18),
    FIELD("cpl", cpl),
    SELECTOR("es", segments[SEG_ES]),
    SELECTOR("cs", segments[SEG_CS]),
    SELECTOR("ss", segments[SEG_SS]),
    SELECTOR("ds", segments[SEG_DS]),
    SELECTOR("fs", segments[SEG_FS]),
    SELECTOR("gs", segments[SEG_GS]),
    SELECTOR("ldtr", ldtr),
    SELECTOR("tr", tr),
    FIELD("gdtr", gdtr.base),
    FIELD("idtr", idtr.base),
    FIELD("cr0", cr0),
    FIELD("cr2", cr2),
    FIELD("cr3", cr3),
    FIELD("cr4", cr4),
    FIELD("dr0", dr[0]),
    FIELD("dr1", dr[1]),
    FIELD("dr2", dr[2]),
    FIELD("dr3", dr[3]),
    FIELD("dr6", dr[6]),
    FIELD("dr7", dr[7]),
};
#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))

static uint32_t field_get(const struct cpu_state *cpu, uint32_t offset)
{
    uint32_t value;

    memcpy(&value, (const uint8_t *)cpu + offset, sizeof(value));
    return value;
}

static bool register_named(struct session *session, const char *name,
                           struct expression_value *value)
{
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;
    struct machine_state shown;

    session_shown_state(session, &shown);
    cpu = &shown.cpu;
    for (uint32_t i = 0; i < REGISTER_COUNT; i++) {
        const struct machine_register *row = &registers[i];
        uint32_t number;

        if (strcmp(row->name, name) != 0) {
            continue;
        }
        number = field_get(cpu, row->offset) >> row->shift;
        if (row->frame && session->frame) {
            struct dwarf_frame frame;

            if (!session_frame(session, session->frame, &frame) ||
                !(frame.known & 1u << (row->frame - 1))) {
                return false;
            }
            number = frame.registers[row->frame - 1];
        }
        *value = expression_integer(row->bytes ? number : number & 1, row->bytes ? row->bytes : 1,
                                    false);
        value->place = session->frame ? PLACE_NONE : PLACE_REGISTER;
        value->address = i;
        if (row->offset >= offsetof(struct cpu_state, segments) &&
            row->offset < offsetof(struct cpu_state, ldtr)) {
            uint32_t segment = (uint32_t)((row->offset - offsetof(struct cpu_state, segments)) /
                                          sizeof(struct segment_state));

            value->is_segment = 1;
            value->base = cpu->segments[segment].base;
        }
        return true;
    }
    return false;
}

bool session_set_register(struct session *session, uint32_t number, uint64_t value)
{
    const struct machine_register *row = &registers[number];
    uint32_t bits = row->bytes ? row->bytes * 8u : 1;
    uint32_t mask = (bits == 32 ? UINT32_MAX : (1u << bits) - 1) << row->shift;
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;
    uint32_t field = field_get(cpu, row->offset);
    uint32_t which;

    if (row->offset < offsetof(struct cpu_state, gpr[8])) {
        which = row->offset / 4u;
    } else if (row->offset == offsetof(struct cpu_state, eip)) {
        which = INPUT_REGISTER_EIP;
    } else if (row->offset == offsetof(struct cpu_state, eflags)) {
        which = INPUT_REGISTER_EFLAGS;
    } else {
        return false; /* a selector would need its descriptor read, CR0 another mode */
    }
    return machine_input_register(session->machine, which,
                                  (field & ~mask) | ((uint32_t)value << row->shift & mask));
}

/* ---- counters ---- */

static bool counter_named(struct session *session, const char *name, struct expression_value *value)
{
    const struct machine_state *state = machine_state(session->machine);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"clock", state->cpu.clock},
        {"steps", machine_steps(session->machine)},
        {"instructions", state->cpu.instructions},
        {"counter.deliveries", state->cpu.deliveries},
        {"counter.interrupts", state->cpu.delivered[DELIVERY_INTR]},
        {"counter.nmis", state->cpu.delivered[DELIVERY_NMI]},
        {"counter.exceptions", state->cpu.delivered[DELIVERY_EXCEPTION]},
        {"counter.software", state->cpu.delivered[DELIVERY_SOFTWARE]},
        {"counter.com1", state->progress.bytes_out[CHANNEL_COM1]},
        {"counter.com2", state->progress.bytes_out[CHANNEL_COM2]},
        {"counter.disk_writes", state->progress.disk_writes},
        {"counter.inputs", state->progress.inputs},
    };

    for (uint32_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        if (strcmp(counters[i].name, name) == 0) {
            *value = expression_integer(counters[i].value, 8, false);
            return true;
        }
    }
    return false;
}

/* ---- debug information ---- */

static bool read_shown(void *context, uint32_t linear, void *bytes, uint32_t size)
{
    return session_read(context, linear, bytes, size);
}

const struct dwarf_info *session_info_of(struct session *session, uint32_t file)
{
    struct session_files *files = &session->files;
    const char *path = elf_symbols_path(session->symbols, file);

    if (!path || file >= SESSION_FILES_MAX) {
        return NULL;
    }
    if (!files->tried[file]) {
        files->tried[file] = 1;
        files->infos[file] = dwarf_info_open(path, NULL);
    }
    return files->infos[file];
}

void session_files_close(struct session *session)
{
    guest_os_close(session->os);
    session_shown_close(session);
    for (uint32_t i = 0; i < SESSION_FILES_MAX; i++) {
        dwarf_info_close(session->files.infos[i]);
    }
}

uint32_t session_present_file(struct session *session)
{
    return elf_symbols_present(session->symbols, read_shown, session);
}

const struct dwarf_info *session_info_at(struct session *session, uint32_t linear)
{
    return session_info_of(
        session, elf_symbols_file_at(session->symbols, session_present_file(session), linear));
}

const char *session_symbol_at(struct session *session, uint32_t linear, uint32_t *offset)
{
    return elf_symbols_find_in(session->symbols, session_present_file(session), linear, offset);
}

/* ---- frames ---- */

static void frame_here(struct session *session, struct dwarf_frame *frame)
{
    struct machine_state shown;

    session_shown_state(session, &shown);
    *frame = (struct dwarf_frame){.context = session, .read = read_shown, .known = 0x1FF};
    memcpy(frame->registers, shown.cpu.gpr, 8 * sizeof(uint32_t));
    frame->registers[DWARF_EIP] = shown.cpu.segments[SEG_CS].base + shown.cpu.eip;
    frame->registers[DWARF_ESP] += shown.cpu.segments[SEG_SS].base;
    frame->registers[DWARF_EBP] += shown.cpu.segments[SEG_SS].base;
}

/* In the bundled kernel the first function in C, trap(), is called with the address of the saved
 * registers: the caller is what was interrupted. */
static bool unwind_trap(struct session *session, const struct dwarf_info *info,
                        struct dwarf_frame *frame, bool *is_user)
{
    static const char *const members[DWARF_REGISTERS] = {"eax", "ecx", "edx", "ebx", NULL,
                                                         "ebp", "esi", "edi", "eip"};
    uint32_t offset = 0;
    const char *symbol = session_symbol_at(session, frame->registers[DWARF_EIP], &offset);
    uint32_t saved;
    uint32_t cell = 0;
    uint32_t bytes;

    if (!info || !symbol || strcmp(symbol, "trap_entry") != 0 || !frame->is_caller ||
        !session_read(session, frame->registers[DWARF_ESP], &saved, sizeof(saved))) {
        return false;
    }
    for (uint32_t i = 0; i < DWARF_REGISTERS; i++) {
        if (members[i] && (!dwarf_member(info, "trap_frame", members[i], &offset, &bytes) ||
                           !session_read(session, saved + offset, &frame->registers[i], 4))) {
            return false;
        }
    }
    if (!dwarf_member(info, "trap_frame", "cs", &offset, &bytes) ||
        !session_read(session, saved + offset, &cell, 4)) {
        return false;
    }
    frame->registers[DWARF_ESP] = saved + offset + 8; /* within the kernel: above EFLAGS */
    *is_user = (cell & 3) == 3;
    if (*is_user && dwarf_member(info, "trap_frame", "esp", &offset, &bytes)) {
        session_read(session, saved + offset, &frame->registers[DWARF_ESP], 4);
    }
    frame->known = 0x1FF;
    frame->is_caller = 0;
    return true;
}

/* At the very entry, before the rest is saved: what the processor has pushed, EIP, CS, EFLAGS, lies
 * behind an error code or the first pushes of the stub. */
static bool unwind_entry(struct session *session, struct dwarf_frame *frame, bool *is_user)
{
    uint32_t offset = 0;
    const char *symbol = session_symbol_at(session, frame->registers[DWARF_EIP], &offset);
    uint32_t cells[8] = {0};

    if (!symbol || strncmp(symbol, "vector_", 7) != 0 || frame->is_caller) {
        return false;
    }
    for (uint32_t i = 0; i < 8; i++) { /* the stack may end before the eighth */
        session_read(session, frame->registers[DWARF_ESP] + 4 * i, &cells[i], sizeof(cells[i]));
    }
    for (uint32_t i = 0; i < 4; i++) {
        bool is_selector = cells[i + 1] >= 8 && cells[i + 1] <= UINT16_MAX;

        if (cells[i] > UINT16_MAX && is_selector && (cells[i + 2] & EFLAGS_ONE)) {
            frame->registers[DWARF_EIP] = cells[i];
            *is_user = (cells[i + 1] & 3) == 3;
            frame->registers[DWARF_ESP] =
                *is_user ? cells[i + 3] : frame->registers[DWARF_ESP] + 4 * (i + 3);
            return true;
        }
    }
    return false;
}

bool session_unwind(struct session *session, struct dwarf_frame *frame, bool *is_trap,
                    bool *is_user)
{
    uint32_t lookup = frame->registers[DWARF_EIP] - frame->is_caller;
    const struct dwarf_info *info = session_info_at(session, lookup);

    *is_user = false;
    *is_trap = unwind_entry(session, frame, is_user) || unwind_trap(session, info, frame, is_user);
    return *is_trap || dwarf_unwind(info, frame);
}

bool session_frame(struct session *session, uint32_t level, struct dwarf_frame *frame)
{
    bool is_trap;
    bool is_user;

    frame_here(session, frame);
    for (uint32_t i = 0; i < level; i++) {
        if (i >= FRAMES_MAX || !session_unwind(session, frame, &is_trap, &is_user)) {
            return false;
        }
    }
    return true;
}

/* ---- variables ---- */

static bool variable_of(const struct dwarf_info *info, const struct dwarf_frame *frame,
                        const char *name, struct expression_value *value)
{
    struct dwarf_local variable;
    struct dwarf_place place;

    if (!info || !dwarf_variable_named(info, frame, name, &variable)) {
        return false;
    }
    *value = (struct expression_value){.info = info, .type = variable.type, .is_lost = 1};
    if (!dwarf_locate(info, frame, &variable, &place) ||
        (place.kind == DWARF_IN_REGISTER && (!frame || !(frame->known & 1u << place.value)))) {
        return true;
    }
    value->is_lost = place.kind == DWARF_NOWHERE;
    value->place = place.kind == DWARF_IN_MEMORY ? PLACE_MEMORY : PLACE_NONE;
    value->address = place.value;
    value->number = place.kind == DWARF_IN_REGISTER ? frame->registers[place.value] : place.value;
    return true;
}

static bool variable_named(struct session *session, const char *name,
                           struct expression_value *value)
{
    struct dwarf_frame frame;
    uint32_t present = session_present_file(session);
    bool framed = session_frame(session, session->frame, &frame);
    uint32_t here = framed ? elf_symbols_file_at(session->symbols, present,
                                                 frame.registers[DWARF_EIP] - frame.is_caller)
                           : 0;

    if (framed && variable_of(session_info_of(session, here), &frame, name, value)) {
        return true;
    }
    for (uint32_t file = 1; elf_symbols_path(session->symbols, file); file++) {
        bool counts = file == present || !elf_symbols_is_shared(session->symbols, file);

        if (file != here && counts &&
            variable_of(session_info_of(session, file), NULL, name, value)) {
            return true;
        }
    }
    return false;
}

static bool enumerator_named(struct session *session, const char *name,
                             struct expression_value *value)
{
    const struct dwarf_info *info = session_info_at(session, session_linear_eip(session));
    int64_t number;
    uint64_t type;

    for (uint32_t file = 0; file < SESSION_FILES_MAX; file++) {
        if (file) {
            info = elf_symbols_is_shared(session->symbols, file) ? NULL
                                                                 : session_info_of(session, file);
        }
        if (info && dwarf_enum_value(info, name, &number, &type)) {
            *value = expression_integer((uint64_t)number, 4, true);
            return true;
        }
        if (file && !elf_symbols_path(session->symbols, file)) {
            return false;
        }
    }
    return false;
}

/* ---- the provider ---- */

static bool provide_memory(void *context, bool physical, uint32_t address, void *bytes,
                           uint32_t size)
{
    struct session *session = context;

    return physical ? machine_read_physical(session->machine, address, bytes, size)
                    : session_read(session, address, bytes, size);
}

static bool provide_name(void *context, const char *name, bool machine,
                         struct expression_value *value)
{
    struct session *session = context;
    uint32_t address;

    if (register_named(session, name, value)) {
        return true;
    }
    if (!machine) {
        if (variable_named(session, name, value)) {
            return true;
        }
        memset(value, 0, sizeof(*value));
        if (elf_symbols_lookup(session->symbols, name, &address)) {
            *value = expression_integer(address, 4, false);
            return true;
        }
        if (enumerator_named(session, name, value)) {
            return true;
        }
    }
    return session_event_value(session, name, value) || counter_named(session, name, value) ||
           session_process_value(session, name, value);
}

static bool provide_segment(void *context, uint32_t selector, uint32_t *base)
{
    struct session *session = context;
    const struct cpu_state *cpu = &machine_state(session->machine)->cpu;
    const struct table_state local = {.base = cpu->ldtr.base, .limit = cpu->ldtr.limit};
    const struct table_state *table = selector & 4 ? &local : &cpu->gdtr;
    uint8_t bytes[8];

    if (!(cpu->cr0 & CR0_PE) || (cpu->eflags & EFLAGS_VM)) {
        *base = selector << 4;
        return selector <= UINT16_MAX;
    }
    if (selector > UINT16_MAX || (selector | 7) > table->limit ||
        !session_read(session, table->base + (selector & ~7u), bytes, sizeof(bytes))) {
        return false;
    }
    *base =
        bytes[2] | (uint32_t)bytes[3] << 8 | (uint32_t)bytes[4] << 16 | (uint32_t)bytes[7] << 24;
    return true;
}

static bool provide_type(void *context, const char *name, const struct dwarf_info **info,
                         uint64_t *id)
{
    struct session *session = context;
    uint32_t present = session_present_file(session);

    *info = session_info_at(session, session_linear_eip(session));
    if (*info && dwarf_type_named(*info, name, id)) {
        return true;
    }
    for (uint32_t file = 1; elf_symbols_path(session->symbols, file); file++) {
        if (file == present || !elf_symbols_is_shared(session->symbols, file)) {
            *info = session_info_of(session, file);
            if (*info && dwarf_type_named(*info, name, id)) {
                return true;
            }
        }
    }
    return false;
}

static const char *provide_symbol(void *context, uint32_t address, uint32_t *offset)
{
    return session_symbol_at(context, address, offset);
}

struct expression_provider session_provider(struct session *session)
{
    return (struct expression_provider){.context = session,
                                        .read = provide_memory,
                                        .name = provide_name,
                                        .segment = provide_segment,
                                        .type = provide_type,
                                        .symbol = provide_symbol};
}

bool session_evaluate(struct session *session, const char *text, struct expression_value *value)
{
    struct expression_provider provider = session_provider(session);
    struct expression expression;
    struct expression_error error;

    if (expression_parse(text, &expression, &error) &&
        expression_evaluate(&expression, &provider, value, &error)) {
        return true;
    }
    if (session->argument && text >= session->argument && text < session->argument + 256) {
        session->refused_column =
            session->argument_column + (uint32_t)(text - session->argument) + error.column;
    }
    return session_refuse(session, "%.120s: column %u: %s", text, error.column, error.message);
}
