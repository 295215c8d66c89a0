/* Diagnosis of vector instructions. Opcodes: later parts' 0F map for MMX and SSE.
 * SPDX-License-Identifier: MIT */
#include "emu/foreign.h"

#include <inttypes.h>
#include <stdio.h>

#define VECTOR_UD 6

static bool is_prefix(uint8_t byte)
{
    return byte == 0x26 || byte == 0x2E || byte == 0x36 || byte == 0x3E || byte == 0x64 ||
           byte == 0x65 || byte == 0x66 || byte == 0x67 || byte == 0xF0 || byte == 0xF2 ||
           byte == 0xF3;
}

/* Second byte after 0F. */
static const char *family_0f(uint8_t byte, bool has_prefix)
{
    if ((byte >= 0x10 && byte <= 0x17) || (byte >= 0x28 && byte <= 0x2F) ||
        (byte >= 0x50 && byte <= 0x5F) || byte == 0xC2 || byte == 0xC6 || byte == 0xAE) {
        return "SSE";
    }
    if ((byte >= 0x60 && byte <= 0x77) || byte == 0x7E || byte == 0x7F || byte == 0xC4 ||
        byte == 0xC5 || (byte >= 0xD0 && byte <= 0xFE)) {
        return has_prefix ? "SSE" : "MMX";
    }
    return NULL;
}

const char *foreign_family(const uint8_t *bytes, size_t count)
{
    size_t at = 0;
    bool has_prefix = false;

    while (at < count && is_prefix(bytes[at])) {
        has_prefix |= bytes[at] == 0x66 || bytes[at] == 0xF2 || bytes[at] == 0xF3;
        at++;
    }
    if (at + 1 < count && bytes[at] == 0x0F) {
        return family_0f(bytes[at + 1], has_prefix);
    }
    return NULL;
}

/* Linear address of an offset in the segment of a code selector, by the present tables. */
static uint32_t code_linear(struct machine *machine, uint32_t selector, uint32_t offset)
{
    const struct cpu_state *cpu = &machine_state(machine)->cpu;
    uint8_t entry[8];

    if ((cpu->cr0 & CR0_PE) == 0 || (cpu->eflags & EFLAGS_VM)) {
        return (selector << 4) + offset;
    }
    if (selector == cpu->segments[SEG_CS].selector) {
        return cpu->segments[SEG_CS].base + offset;
    }
    if (!machine_read_linear(machine, cpu->gdtr.base + (selector & 0xFFF8u), entry, 8)) {
        return offset;
    }
    return ((uint32_t)entry[2] | (uint32_t)entry[3] << 8 | (uint32_t)entry[4] << 16 |
            (uint32_t)entry[7] << 24) +
           offset;
}

bool foreign_explain(struct machine *machine, const struct elf_symbols *symbols, char *text,
                     size_t size)
{
    const struct cpu_state *cpu = &machine_state(machine)->cpu;
    const struct fault_state *fault = &cpu->faults[0];
    uint8_t bytes[15];
    size_t count = 0;
    uint32_t offset = 0;
    uint32_t linear;
    const char *family;
    const char *symbol;

    /* After a shutdown the chain may begin with what happened on the way to the handler. */
    if (cpu->fault_count == 0 ||
        (cpu->activity != ACTIVITY_SHUTDOWN && fault->vector != VECTOR_UD)) {
        return false;
    }
    linear = code_linear(machine, fault->cs, fault->eip);
    while (count < sizeof(bytes) &&
           machine_read_linear(machine, linear + (uint32_t)count, bytes + count, 1)) {
        count++;
    }
    family = foreign_family(bytes, count);
    if (!family) {
        return false;
    }
    symbol = elf_symbols_find(symbols, linear, &offset);
    snprintf(text, size,
             "%s instruction (%02X %02X) at %08" PRIX32 "h%s%s%s, but this processor has no %s: "
             "compile that file with -mgeneral-regs-only",
             family, bytes[0], count > 1 ? bytes[1] : 0, linear, symbol ? " in " : "",
             symbol ? symbol : "", symbol ? "()" : "", family);
    return true;
}
