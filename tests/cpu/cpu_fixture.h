/* A small machine around a bare processor: flat RAM, descriptor tables, page tables, one handler
 * per vector that halts, and a bus that remembers ports. Tests change it, let one instruction
 * run, and compare everything.
 *
 * Memory (identity-mapped when paging is on):
 *   00000 real-mode vectors     01000 GDT      02000 IDT      03000 386 TSS    03800 LDT
 *   04000 286 TSS               05000-06000 ring 0 stack      06000-07000 ring 1 stack
 *   08000-09000 present stack   10000 code     20000 handlers, 16 bytes each (real: 2000:v*16)
 *   30000 data                  60000 page directory           61000 page table of 0-4 MiB
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/cpu.h"
#include "cpu/trap.h"

#define RAM_BYTES    0x80000u
#define GDT_AT       0x01000u
#define IDT_AT       0x02000u
#define TSS_AT       0x03000u
#define LDT_AT       0x03800u
#define TSS16_AT     0x04000u
#define RING0_TOP    0x06000u
#define RING1_TOP    0x07000u
#define STACK_TOP    0x08800u /* present ESP */
#define CODE_AT      0x10100u
#define HANDLERS_AT  0x20000u
#define DATA_AT      0x30000u
#define DIRECTORY_AT 0x60000u
#define TABLE_AT     0x61000u

/* Selectors of the standard GDT. */
#define SEL_CODE0    0x08u
#define SEL_DATA0    0x10u
#define SEL_CODE3    0x1Bu
#define SEL_DATA3    0x23u
#define SEL_TSS      0x28u
#define SEL_LDT      0x30u
#define SEL_CODE1    0x39u
#define SEL_DATA1    0x41u
#define SEL_CONFORM  0x48u /* conforming code, DPL 0 */
#define SEL_CODE16   0x50u /* 16-bit code, DPL 0 */
#define SEL_STACK16  0x58u /* 16-bit data, DPL 0, limit FFFFh */
#define SEL_CONFORM3 0x60u /* conforming code, DPL 3 */
#define SEL_TEST     0x80u /* for the test to define */
#define SEL_TEST2    0x88u
#define SEL_LOCAL    0x04u /* first of the LDT: data, DPL 0 */
#define SEL_OUTSIDE  0x1000u
#define GDT_LIMIT    0x0FFu
#define LDT_LIMIT    0x01Fu
#define IDT_LIMIT    0x7FFu
#define TSS_LIMIT    0x067u
#define TSS_SS0      (TSS_AT + 8)
#define TSS_ESP0     (TSS_AT + 4)
#define GATE_AT(v)   (IDT_AT + (v)*8u)
#define HANDLER(v)   (HANDLERS_AT + (v)*16u)
#define DESC_AT(sel) (GDT_AT + ((sel)&0xFFF8u))

/* Access bytes (with the accessed bit, so that nothing is written by a load). */
#define ACC_CODE    0x9Bu /* present, DPL 0, readable */
#define ACC_DATA    0x93u /* present, DPL 0, writable */
#define ACC_DPL(n)  ((n) << 5)
#define FLAGS_32    0xC0u /* G, B/D */
#define FLAGS_16    0x00u
#define GATE_INT32  0x8Eu
#define GATE_TRAP32 0x8Fu
#define GATE_INT16  0x86u
#define GATE_TRAP16 0x87u

enum fixture_mode { KERNEL, USER, REAL, KERNEL_PAGED, USER_PAGED, VIRTUAL, VIRTUAL_PAGED };

struct fixture_port {
    uint32_t count; /* accesses */
    uint32_t port;  /* last one */
    uint32_t size;  /* bytes */
    uint32_t value; /* written, or given back */
};

struct fixture {
    struct cpu *cpu;
    void *memory;           /* of the processor */
    uint8_t *ram;           /* RAM_BYTES */
    struct cpu_state state; /* edited before fixture_go(), result after it */
    struct cpu_config config;
    struct fixture_port in, out;
    uint32_t vector;    /* that acknowledge() gives */
    uint32_t fpu_error; /* level of FERR# */
    struct journal *journal;
};

/* Tables, stacks, handlers, registers with values to recognise. */
void fixture_start(struct fixture *f, enum fixture_mode mode, enum cpu_level level);
void fixture_end(struct fixture *f);
/* Create the processor and load f->state. */
void fixture_load(struct fixture *f);

void put8(struct fixture *f, uint32_t at, uint32_t value);
void put16(struct fixture *f, uint32_t at, uint32_t value);
void put32(struct fixture *f, uint32_t at, uint32_t value);
uint32_t get16(const struct fixture *f, uint32_t at);
uint32_t get32(const struct fixture *f, uint32_t at);
void put_code(struct fixture *f, uint32_t at, const uint8_t *bytes, size_t count);

/* flags: FLAGS_32 or FLAGS_16 (bits 20-23 in the high nibble). limit is raw, 20 bits. */
void put_descriptor(struct fixture *f, uint32_t at, uint32_t base, uint32_t limit, uint32_t access,
                    uint32_t flags);
void put_gate(struct fixture *f, uint32_t vector, uint32_t selector, uint32_t offset,
              uint32_t access);
/* Load a data segment register of f->state from a descriptor with these fields. */
void put_segment(struct fixture *f, enum segment segment, uint32_t selector, uint32_t base,
                 uint32_t limit, uint32_t attributes);
/* Change the page table entry of `linear`. */
void put_page(struct fixture *f, uint32_t linear, uint32_t entry);
