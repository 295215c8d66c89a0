/* Commands that look at the machine: values, memory, registers, source, call stack.
 * Changes and the watch list: session_change.c.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/session_priv.h"

#define VALUE_BYTES   8192u
#define EXAMINE_MAX   4096u
#define LIST_LINES    10u
#define SOURCE_LIMIT  (16u << 20)
#define BACKTRACE_MAX 64u

/* ---- values ---- */

/* "/x EXPR": takes the letter off; 0: none. false after a message. */
static bool take_format(struct session *session, const char **argument, char *format)
{
    const char *at = *argument;

    *format = 0;
    if (*at != '/') {
        return true;
    }
    if (!at[1] || !strchr("xduotcas", at[1]) || (at[2] != ' ' && at[2] != '\0')) {
        session_refuse(session, "%.20s: formats are /x /d /u /o /t /c /a /s", at);
        return false;
    }
    *format = at[1];
    *argument = at + 2 + strspn(at + 2, " ");
    return true;
}

bool session_print_value(struct session *session, const char *argument, char *text, size_t bytes)
{
    struct expression_provider provider = session_provider(session);
    struct expression_value value;
    char format;

    if (!take_format(session, &argument, &format) || !session_evaluate(session, argument, &value)) {
        return false;
    }
    expression_print(&value, &provider, format, text, bytes);
    return true;
}

void session_do_print(struct session *session, const char *argument)
{
    char text[VALUE_BYTES];

    if (session_print_value(session, argument, text, sizeof(text))) {
        session_print(session, "%s", text);
    }
}

/* ---- memory ---- */

struct examine {
    uint32_t count;
    uint32_t bytes;
    char format; /* of expression_print(), or i: not one of them */
    bool physical;
    uint32_t address;
};

static bool take_examine_format(struct session *session, const char **argument,
                                struct examine *examine)
{
    const char *at = *argument;
    char *end;

    *examine = (struct examine){.count = 1, .bytes = 4, .format = 'x'};
    if (*at != '/') {
        return true;
    }
    at++;
    if (isdigit((unsigned char)*at)) {
        uint64_t count = strtoull(at, &end, 10);

        examine->count = count < EXAMINE_MAX ? (uint32_t)count : EXAMINE_MAX;
        at = end;
    }
    for (; isalpha((unsigned char)*at); at++) {
        if (*at == 'b' || *at == 'h' || *at == 'w' || *at == 'g') {
            examine->bytes = *at == 'b' ? 1 : *at == 'h' ? 2 : *at == 'w' ? 4 : 8;
        } else if (strchr("xduotcas", *at)) {
            examine->format = *at;
            examine->bytes = *at == 'c' ? 1 : *at == 'a' ? 4 : examine->bytes;
        } else {
            session_refuse(session,
                           "x: '%c' is no format: /COUNT, one of x d u o t c a s, and a size "
                           "b h w g",
                           *at);
            return false;
        }
    }
    if (*at != ' ' && *at != '\0') {
        session_refuse(session, "x: the format %.20s must be followed by a space", *argument);
        return false;
    }
    *argument = at + strspn(at, " ");
    return true;
}

/* One item; false where there is no memory. */
static bool examine_one(struct session *session, const struct examine *examine, uint32_t *address,
                        char *text, size_t bytes)
{
    struct expression_provider provider = session_provider(session);
    struct expression_value value = {.bytes = examine->bytes,
                                     .place = examine->physical ? PLACE_PHYSICAL : PLACE_MEMORY,
                                     .address = *address};

    if (examine->format == 's') {
        value = expression_integer(*address, 4, false);
        value.is_physical = examine->physical;
        expression_print(&value, &provider, 's', text, bytes);
        for (uint8_t letter = 1; letter; ++*address) {
            if (!provider.read(session, examine->physical, *address, &letter, 1)) {
                return false;
            }
        }
        return true;
    }
    if (!expression_load(&provider, &value)) {
        return false;
    }
    expression_print(&value, &provider, examine->format, text, bytes);
    *address += examine->bytes;
    return true;
}

void session_do_examine(struct session *session, const char *argument)
{
    struct expression_value value;
    struct examine examine;
    char text[512];
    uint32_t per_line;

    if (!take_examine_format(session, &argument, &examine) ||
        !session_evaluate(session, argument, &value)) {
        return;
    }
    examine.physical = value.is_physical || value.place == PLACE_PHYSICAL;
    examine.address = value.bytes > 8 || (value.info && value.number == 0 && value.address)
                          ? value.address
                          : (uint32_t)value.number;
    per_line = strchr("as", examine.format) ? 1 : examine.format == 't' ? 2 : 16 / examine.bytes;
    for (uint32_t i = 0; i < examine.count; i++) {
        uint32_t address = examine.address;
        uint32_t offset = 0;
        const char *symbol = examine.physical ? NULL : session_symbol_at(session, address, &offset);

        if (!examine_one(session, &examine, &examine.address, text, sizeof(text))) {
            session_print(session, "%s(no memory at 0x%08" PRIX32 ")", i ? "\n" : "", address);
            return;
        }
        if (i % per_line == 0) {
            session_print(session, "%s%s0x%08" PRIX32, i ? "\n" : "",
                          examine.physical ? "phys:" : "", address);
            if (symbol) {
                session_print(session, offset ? " <%s+0x%" PRIX32 ">" : " <%s>", symbol, offset);
            }
            session_print(session, ":");
        }
        session_print(session, " %s", text);
    }
}

/* ---- info ---- */

static void info_registers(struct session *session)
{
    static const char *const general[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp"};
    static const char segments[SEG_COUNT][3] = {"es", "cs", "ss", "ds", "fs", "gs"};
    struct expression_value value;
    struct machine_state shown;
    const struct cpu_state *cpu = &shown.cpu;

    session_shown_state(session, &shown);
    for (uint32_t i = 0; i < 8; i++) {
        if (session_evaluate(session, general[i], &value)) {
            session_print(session, "%s %08" PRIX32 "%s", general[i], (uint32_t)value.number,
                          i % 4 == 3 ? "\n" : "  ");
        } else {
            session_print(session, "%s ????????%s", general[i], i % 4 == 3 ? "\n" : "  ");
        }
    }
    session_print(session,
                  "eip %08" PRIX32 "  eflags %08" PRIX32 " %s%s%s%s%s%s%s%s iopl=%" PRIu32
                  "  cpl %" PRIu32 "\n",
                  session_evaluate(session, "eip", &value) ? (uint32_t)value.number : cpu->eip,
                  cpu->eflags, cpu->eflags & EFLAGS_CF ? "CF " : "",
                  cpu->eflags & EFLAGS_PF ? "PF " : "", cpu->eflags & EFLAGS_AF ? "AF " : "",
                  cpu->eflags & EFLAGS_ZF ? "ZF " : "", cpu->eflags & EFLAGS_SF ? "SF " : "",
                  cpu->eflags & EFLAGS_IF ? "IF " : "", cpu->eflags & EFLAGS_DF ? "DF " : "",
                  cpu->eflags & EFLAGS_OF ? "OF" : "", (cpu->eflags & EFLAGS_IOPL) >> 12, cpu->cpl);
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        session_print(session, "%s %04X base %08" PRIX32 " limit %08" PRIX32 "%s", segments[i],
                      cpu->segments[i].selector, cpu->segments[i].base, cpu->segments[i].limit,
                      i % 2 ? "\n" : "   ");
    }
    session_print(session,
                  "cr0 %08" PRIX32 "  cr2 %08" PRIX32 "  cr3 %08" PRIX32 "  gdt %08" PRIX32
                  "+%04" PRIX32 "  idt %08" PRIX32 "+%04" PRIX32,
                  cpu->cr0, cpu->cr2, cpu->cr3, cpu->gdtr.base, cpu->gdtr.limit, cpu->idtr.base,
                  cpu->idtr.limit);
    session->refused = 0; /* a register of a caller may be unknown */
}

static void info_line(struct session *session)
{
    struct dwarf_frame frame;
    struct dwarf_line line;
    const struct dwarf_info *info;

    if (!session_frame(session, session->frame, &frame)) {
        session_refuse(session, "there is no such frame any more");
        return;
    }
    frame.registers[DWARF_EIP] -= frame.is_caller;
    info = session_info_at(session, frame.registers[DWARF_EIP]);
    if (!info || !dwarf_line_at(info, frame.registers[DWARF_EIP], &line)) {
        session_refuse(session, "no source line is known for %08" PRIX32,
                       frame.registers[DWARF_EIP]);
        return;
    }
    session_print(session, "%s:%" PRIu32 ", %08" PRIX32 " to %08" PRIX32, line.file, line.line,
                  line.first, line.end - 1);
}

void session_variable_text(struct session *session, const struct dwarf_info *info,
                           const struct dwarf_frame *frame, const struct dwarf_local *variable,
                           char *text, size_t bytes)
{
    struct expression_provider provider = session_provider(session);
    struct expression_value value = {.info = info, .type = variable->type};
    struct dwarf_place place;

    snprintf(text, bytes, "(optimized away here)");
    if (dwarf_locate(info, frame, variable, &place) && place.kind != DWARF_NOWHERE) {
        bool known = place.kind != DWARF_IN_REGISTER || (frame->known & 1u << place.value) != 0;

        value.place = place.kind == DWARF_IN_MEMORY ? PLACE_MEMORY : PLACE_NONE;
        value.address = place.value;
        value.number =
            place.kind == DWARF_IN_REGISTER ? frame->registers[place.value] : place.value;
        if (known && expression_load(&provider, &value)) {
            expression_print(&value, &provider, 0, text, bytes);
        }
    }
}

static void info_locals(struct session *session)
{
    struct dwarf_local locals[64];
    struct dwarf_frame frame;
    const struct dwarf_info *info;
    uint32_t count;

    if (!session_frame(session, session->frame, &frame)) {
        session_refuse(session, "there is no such frame any more");
        return;
    }
    info = session_info_at(session, frame.registers[DWARF_EIP] - frame.is_caller);
    count = info ? dwarf_locals(info, &frame, locals, 64) : 0;
    for (uint32_t i = 0; i < count; i++) {
        char text[1024];

        session_variable_text(session, info, &frame, &locals[i], text, sizeof(text));
        session_print(session, "%s%s = %s", session->answered ? "\n" : "", locals[i].name, text);
    }
    if (count == 0) {
        session_refuse(session, "no local variables are known here");
    }
}

static void info_breakpoints(struct session *session)
{
    session_list_points(session);
}

static void info_symbol(struct session *session, const char *argument)
{
    struct expression_value value;
    uint32_t offset = 0;
    const char *symbol;

    if (!session_evaluate(session, argument, &value)) {
        return;
    }
    symbol = session_symbol_at(session, (uint32_t)value.number, &offset);
    if (symbol) {
        session_print(session, "%s+0x%" PRIX32, symbol, offset);
    } else {
        session_refuse(session, "no symbol before %08" PRIX32, (uint32_t)value.number);
    }
}

static void info_history(struct session *session)
{
    struct history_place present = history_present(session->history);

    session_print(session,
                  "clock %" PRIu64 ", step %" PRIu64 "%s\nrecorded from clock %" PRIu64
                  " to %" PRIu64 " in %" PRIu64 " KiB",
                  present.clock, present.step,
                  history_in_past(session->history) ? ", in the past" : "",
                  history_first(session->history).clock, history_last(session->history).clock,
                  history_bytes(session->history) >> 10);
}

void session_do_info(struct session *session, const char *argument)
{
    size_t length = strcspn(argument, " ");
    static const struct {
        const char *word;
        void (*show)(struct session *session);
    } words[] = {{"registers", info_registers}, {"breakpoints", info_breakpoints},
                 {"line", info_line},           {"locals", info_locals},
                 {"history", info_history},     {"processes", session_list_processes}};

    for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (length && strncmp(argument, words[i].word, length) == 0) {
            words[i].show(session);
            return;
        }
    }
    if (length && strncmp(argument, "symbol", length) == 0) {
        info_symbol(session, argument + length + strspn(argument + length, " "));
        return;
    }
    session_refuse(
        session,
        "info takes registers, breakpoints, line, locals, history, processes or symbol EXPR");
}

/* ---- source and call stack ---- */

/* A folder in front of the names that the compiler was given: where the kernel's source lies is
 * found from the folder of the file, upwards. */
bool session_source_read(struct session *session, uint32_t file, const char *name, uint8_t **bytes,
                         size_t *size)
{
    char folder[1024];
    char path[1400];

    snprintf(folder, sizeof(folder), "%.1000s", elf_symbols_path(session->symbols, file));
    if (name[0] == '/' || file_read(name, SOURCE_LIMIT, bytes, size, NULL)) {
        return name[0] != '/' || file_read(name, SOURCE_LIMIT, bytes, size, NULL);
    }
    for (uint32_t up = 0; up < 6; up++) {
        char *slash = strrchr(folder, '/');

        if (!slash) {
            return false;
        }
        *slash = '\0';
        snprintf(path, sizeof(path), "%s/%.300s", folder, name);
        if (file_read(path, SOURCE_LIMIT, bytes, size, NULL)) {
            return true;
        }
    }
    return false;
}

static void list_lines(struct session *session, const char *text, uint32_t around, uint32_t here)
{
    uint32_t first = around > LIST_LINES / 2 ? around - LIST_LINES / 2 : 1;
    uint32_t number = 1;

    while (*text && number < first + LIST_LINES) {
        size_t length = strcspn(text, "\n");

        if (number >= first) {
            session_print(session, "%s%s%5" PRIu32 "  %.*s", session->answered ? "\n" : "",
                          number == here ? ">" : " ", number, (int)(length < 200 ? length : 200),
                          text);
        }
        text += length + (text[length] == '\n');
        number++;
    }
}

void session_do_list(struct session *session, const char *argument)
{
    struct dwarf_frame frame;
    struct dwarf_line line = {.line = 0};
    uint32_t address;
    uint32_t file;
    uint8_t *bytes;
    size_t size;
    const struct dwarf_info *info;

    if (argument[0] == '\0') {
        if (!session_frame(session, session->frame, &frame)) {
            session_refuse(session, "there is no such frame any more");
            return;
        }
        address = frame.registers[DWARF_EIP] - frame.is_caller;
    } else if (!session_place(session, argument, &address)) {
        return;
    }
    info = session_info_at(session, address);
    file = elf_symbols_file_at(session->symbols, session_present_file(session), address);
    if (!info || !dwarf_line_at(info, address, &line)) {
        session_refuse(session, "no source line is known for %08" PRIX32, address);
    } else if (!session_source_read(session, file, line.file, &bytes, &size)) {
        session_refuse(session, "%s:%" PRIu32 ": the source file is not there", line.file,
                       line.line);
    } else {
        session_print(session, "%s", line.file);
        list_lines(session, (const char *)bytes, line.line, line.line);
        free(bytes);
    }
}

static void print_frame(struct session *session, uint32_t level, const struct dwarf_frame *frame)
{
    uint32_t address = frame->registers[DWARF_EIP] - frame->is_caller;
    const struct dwarf_info *info = session_info_at(session, address);
    struct dwarf_line line;
    uint32_t offset = 0;
    const char *symbol = session_symbol_at(session, address, &offset);

    session_print(session, "%s#%-2" PRIu32 " %08" PRIX32 " %s", session->answered ? "\n" : "",
                  level, frame->registers[DWARF_EIP], symbol ? symbol : "?");
    if (info && dwarf_line_at(info, address, &line)) {
        session_print(session, " at %s:%" PRIu32, line.file, line.line);
    } else if (symbol) {
        session_print(session, "+0x%" PRIX32, offset + frame->is_caller);
    }
}

void session_do_backtrace(struct session *session, const char *argument)
{
    struct dwarf_frame frame;

    (void)argument;
    for (uint32_t level = 0; level < BACKTRACE_MAX; level++) {
        if (!session_frame(session, level, &frame)) {
            return;
        }
        print_frame(session, level, &frame);
    }
}

void session_do_frame(struct session *session, const char *argument)
{
    struct dwarf_frame frame;
    char *end;
    uint64_t level = argument[0] ? strtoull(argument, &end, 10) : session->frame;

    if ((argument[0] && (*end || argument[0] == '-')) || level > BACKTRACE_MAX ||
        !session_frame(session, (uint32_t)level, &frame)) {
        session_refuse(session, "%.20s: no such frame; backtrace lists them", argument);
        return;
    }
    session->frame = (uint32_t)level;
    print_frame(session, session->frame, &frame);
}
