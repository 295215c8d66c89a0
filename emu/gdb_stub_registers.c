/* The registers as gdb numbers them: the i386's, the x87's, and those of the system.
 * EIP is given as a linear address (CS base added), so that code in real mode is where gdb looks;
 * in a flat segment it is the same.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/fpu.h"
#include "emu/gdb_stub_priv.h"
#include "emu/input_log.h"

#define GDB_EIP       8u
#define GDB_EFLAGS    9u
#define GDB_CS        10u
#define GDB_SEGMENTS  6u
#define GDB_ST0       16u
#define GDB_FCTRL     24u
#define FLOAT80_BYTES 10u
#define XML_BYTES     16384u

static const char *const core_names[GDB_SYSTEM_FIRST] = {
    "eax", "ecx", "edx",   "ebx",   "esp",  "ebp",   "esi",   "edi",   "eip",   "eflags", "cs",
    "ss",  "ds",  "es",    "fs",    "gs",   "st0",   "st1",   "st2",   "st3",   "st4",    "st5",
    "st6", "st7", "fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"};

/* gdb's order of the segment registers. */
static const enum segment core_segments[GDB_SEGMENTS] = {SEG_CS, SEG_SS, SEG_DS,
                                                         SEG_ES, SEG_FS, SEG_GS};

struct system_register {
    const char *name;
    const char *type; /* gdb's */
    uint32_t offset;  /* in struct cpu_state */
    uint32_t bytes;   /* there: 2, 4 or 8 */
};

#define PART(field) offsetof(struct cpu_state, field), sizeof(((struct cpu_state *)0)->field)
#define SEGMENT(name, index)                                                                       \
    {name "_base", "data_ptr", PART(segments[index].base)},                                        \
        {name "_limit", "uint32", PART(segments[index].limit)},                                    \
    {                                                                                              \
        name "_attributes", "uint32", PART(segments[index].attributes)                             \
    }

/* Numbered from GDB_SYSTEM_FIRST in this order. */
static const struct system_register system_registers[] = {
    {"cr0", "cr0_flags", PART(cr0)},
    {"cr2", "data_ptr", PART(cr2)},
    {"cr3", "uint32", PART(cr3)},
    {"cr4", "uint32", PART(cr4)},
    SEGMENT("cs", SEG_CS),
    SEGMENT("ss", SEG_SS),
    SEGMENT("ds", SEG_DS),
    SEGMENT("es", SEG_ES),
    SEGMENT("fs", SEG_FS),
    SEGMENT("gs", SEG_GS),
    {"gdt_base", "data_ptr", PART(gdtr.base)},
    {"gdt_limit", "uint32", PART(gdtr.limit)},
    {"idt_base", "data_ptr", PART(idtr.base)},
    {"idt_limit", "uint32", PART(idtr.limit)},
    {"ldtr", "uint32", PART(ldtr.selector)},
    {"ldt_base", "data_ptr", PART(ldtr.base)},
    {"ldt_limit", "uint32", PART(ldtr.limit)},
    {"tr", "uint32", PART(tr.selector)},
    {"tss_base", "data_ptr", PART(tr.base)},
    {"tss_limit", "uint32", PART(tr.limit)},
    {"dr0", "data_ptr", PART(dr[0])},
    {"dr1", "data_ptr", PART(dr[1])},
    {"dr2", "data_ptr", PART(dr[2])},
    {"dr3", "data_ptr", PART(dr[3])},
    {"dr6", "uint32", PART(dr[6])},
    {"dr7", "uint32", PART(dr[7])},
    {"cpl", "uint32", PART(cpl)},
    {"clock", "uint64", PART(clock)},
    {"instructions", "uint64", PART(instructions)},
};
#define SYSTEM_COUNT ((uint32_t)(sizeof(system_registers) / sizeof(system_registers[0])))

uint32_t gdb_register_count(void)
{
    return GDB_SYSTEM_FIRST + SYSTEM_COUNT;
}

/* ---- target.xml ---- */

static const char flags_xml[] =
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
    "<target version=\"1.0\"><architecture>i386</architecture>"
    "<feature name=\"org.gnu.gdb.i386.core\">"
    "<flags id=\"i386_eflags\" size=\"4\">"
    "<field name=\"\" start=\"22\" end=\"31\"/>"
    "<field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/>"
    "<field name=\"PF\" start=\"2\" end=\"2\"/><field name=\"AF\" start=\"4\" end=\"4\"/>"
    "<field name=\"ZF\" start=\"6\" end=\"6\"/><field name=\"SF\" start=\"7\" end=\"7\"/>"
    "<field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" start=\"9\" end=\"9\"/>"
    "<field name=\"DF\" start=\"10\" end=\"10\"/><field name=\"OF\" start=\"11\" end=\"11\"/>"
    "<field name=\"IOPL\" start=\"12\" end=\"13\"/><field name=\"NT\" start=\"14\" end=\"14\"/>"
    "<field name=\"RF\" start=\"16\" end=\"16\"/><field name=\"VM\" start=\"17\" end=\"17\"/>"
    "<field name=\"AC\" start=\"18\" end=\"18\"/><field name=\"ID\" start=\"21\" end=\"21\"/>"
    "</flags>";
static const char system_xml[] =
    "</feature><feature name=\"org.ringside.system\">"
    "<flags id=\"cr0_flags\" size=\"4\">"
    "<field name=\"PE\" start=\"0\" end=\"0\"/><field name=\"MP\" start=\"1\" end=\"1\"/>"
    "<field name=\"EM\" start=\"2\" end=\"2\"/><field name=\"TS\" start=\"3\" end=\"3\"/>"
    "<field name=\"ET\" start=\"4\" end=\"4\"/><field name=\"NE\" start=\"5\" end=\"5\"/>"
    "<field name=\"WP\" start=\"16\" end=\"16\"/><field name=\"AM\" start=\"18\" end=\"18\"/>"
    "<field name=\"NW\" start=\"29\" end=\"29\"/><field name=\"CD\" start=\"30\" end=\"30\"/>"
    "<field name=\"PG\" start=\"31\" end=\"31\"/></flags>";

static const char *core_type(uint32_t number)
{
    return number == GDB_EIP                         ? "code_ptr"
           : number == GDB_EFLAGS                    ? "i386_eflags"
           : number == REG_ESP || number == REG_EBP  ? "data_ptr"
           : number >= GDB_ST0 && number < GDB_FCTRL ? "i387_ext"
                                                     : "int32";
}

char *gdb_target_description(void)
{
    char *xml = malloc(XML_BYTES);
    size_t used;

    if (!xml) {
        return NULL;
    }
    used = (size_t)snprintf(xml, XML_BYTES, "%s", flags_xml);
    for (uint32_t i = 0; i < GDB_SYSTEM_FIRST; i++) {
        used += (size_t)snprintf(xml + used, XML_BYTES - used,
                                 "<reg name=\"%s\" bitsize=\"%d\" type=\"%s\" regnum=\"%" PRIu32
                                 "\"%s/>",
                                 core_names[i], i >= GDB_ST0 && i < GDB_FCTRL ? 80 : 32,
                                 core_type(i), i, i >= GDB_FCTRL ? " group=\"float\"" : "");
    }
    used += (size_t)snprintf(xml + used, XML_BYTES - used, "%s", system_xml);
    for (uint32_t i = 0; i < SYSTEM_COUNT; i++) {
        used += (size_t)snprintf(xml + used, XML_BYTES - used,
                                 "<reg name=\"%s\" bitsize=\"%d\" type=\"%s\" regnum=\"%" PRIu32
                                 "\" group=\"system\" save-restore=\"no\"/>",
                                 system_registers[i].name, system_registers[i].bytes == 8 ? 64 : 32,
                                 system_registers[i].type, GDB_SYSTEM_FIRST + i);
    }
    snprintf(xml + used, XML_BYTES - used, "</feature></target>");
    return xml;
}

/* ---- the values ---- */

/* Two bits for each register: 0 number, 1 zero, 2 special, 3 empty. 80387 PRM 2.1.3. */
static uint32_t tag_word(const struct fpu_state *fpu)
{
    uint32_t tags = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t exponent = fpu->sign_exponent[i] & FLOAT80_EXPONENT;
        uint64_t significand = fpu->significand[i];
        uint32_t tag = 2;

        if (!(fpu->occupied >> i & 1)) {
            tag = 3;
        } else if (exponent == 0 && significand == 0) {
            tag = 1;
        } else if (exponent != 0 && exponent != FLOAT80_EXPONENT &&
                   (significand & FLOAT80_INTEGER)) {
            tag = 0;
        }
        tags |= tag << 2 * i;
    }
    return tags;
}

static uint32_t fpu_word(const struct fpu_state *fpu, uint32_t number)
{
    switch (number - GDB_FCTRL) {
    case 0:
        return fpu->control;
    case 1:
        return fpu->status;
    case 2:
        return tag_word(fpu);
    case 3:
        return fpu->code_selector;
    case 4:
        return fpu->code_offset;
    case 5:
        return fpu->data_selector;
    case 6:
        return fpu->data_offset;
    default:
        return fpu->opcode;
    }
}

static uint32_t core_word(const struct cpu_state *cpu, uint32_t number)
{
    if (number < GDB_EIP) {
        return cpu->gpr[number];
    }
    if (number == GDB_EIP) {
        return cpu->segments[SEG_CS].base + cpu->eip;
    }
    if (number == GDB_EFLAGS) {
        return cpu->eflags;
    }
    return number < GDB_ST0 ? cpu->segments[core_segments[number - GDB_CS]].selector
                            : fpu_word(&cpu->fpu, number);
}

/* Fills `bytes`; returns their number. */
static uint32_t register_value(const struct cpu_state *cpu, uint32_t number, uint8_t *bytes)
{
    if (number >= GDB_SYSTEM_FIRST) {
        const struct system_register *row = &system_registers[number - GDB_SYSTEM_FIRST];

        memset(bytes, 0, 8);
        memcpy(bytes, (const uint8_t *)cpu + row->offset, row->bytes);
        return row->bytes == 8 ? 8 : 4;
    }
    if (number >= GDB_ST0 && number < GDB_FCTRL) {
        uint32_t top = (cpu->fpu.status & FPU_TOP) >> FPU_TOP_SHIFT;
        uint32_t at = (top + number - GDB_ST0) & 7;

        memcpy(bytes, &cpu->fpu.significand[at], 8);
        memcpy(bytes + 8, &cpu->fpu.sign_exponent[at], 2);
        return FLOAT80_BYTES;
    }
    uint32_t word = core_word(cpu, number);
    memcpy(bytes, &word, 4);
    return 4;
}

/* Of a process that sleeps in the kernel; false: not known. */
static bool sleeper_word(const struct guest_process *sleeper, const struct cpu_state *cpu,
                         uint32_t number, uint32_t *word)
{
    if (number < DWARF_REGISTERS) { /* the same numbers as DWARF's */
        *word = sleeper->registers[number];
        return sleeper->known >> number & 1;
    }
    if (number >= GDB_CS && number < GDB_ST0 && cpu->cpl == 0) {
        *word = core_word(cpu, number); /* a flat kernel: the same for all */
        return true;
    }
    if (number >= GDB_SYSTEM_FIRST &&
        strcmp(system_registers[number - GDB_SYSTEM_FIRST].name, "cr3") == 0) {
        *word = sleeper->directory;
        return sleeper->directory != 0;
    }
    return false;
}

void gdb_register_read(struct gdb_stub *stub, const struct guest_process *sleeper, uint32_t number)
{
    const struct cpu_state *cpu = &machine_state(stub->machine)->cpu;
    uint8_t bytes[16];
    uint32_t size = register_value(cpu, number, bytes);
    uint32_t word = 0;

    if (!sleeper) {
        gdb_reply_bytes(stub, bytes, size);
    } else if (sleeper_word(sleeper, cpu, number, &word)) {
        gdb_reply_bytes(stub, &word, 4);
    } else {
        gdb_reply(stub, "%.*s", (int)(2 * size), "xxxxxxxxxxxxxxxxxxxx");
    }
}

/* ---- writing ---- */

static bool write_word(struct gdb_stub *stub, uint32_t number, uint32_t value)
{
    const struct cpu_state *cpu = &machine_state(stub->machine)->cpu;

    if (value == core_word(cpu, number)) {
        return true;
    }
    if (number < GDB_EIP) {
        return machine_input_register(stub->machine, number, value);
    }
    if (number == GDB_EIP) {
        return machine_input_register(stub->machine, INPUT_REGISTER_EIP,
                                      value - cpu->segments[SEG_CS].base);
    }
    return number == GDB_EFLAGS &&
           machine_input_register(stub->machine, INPUT_REGISTER_EFLAGS, value);
}

bool gdb_register_write(struct gdb_stub *stub, uint32_t number, const char *hex)
{
    uint32_t value;

    return number < GDB_ST0 && gdb_from_hex(hex, &value, 4) && write_word(stub, number, value);
}

bool gdb_registers_write(struct gdb_stub *stub, const char *hex)
{
    const struct cpu_state *cpu = &machine_state(stub->machine)->cpu;
    uint32_t values[GDB_ST0];

    /* Shorter is wrong; the x87's that follow are not looked at. */
    if (!gdb_from_hex(hex, values, sizeof(values))) {
        return false;
    }
    for (uint32_t i = GDB_CS; i < GDB_ST0; i++) {
        if (values[i] != core_word(cpu, i)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < GDB_CS; i++) {
        if (!write_word(stub, i, values[i])) {
            return false;
        }
    }
    return true;
}
