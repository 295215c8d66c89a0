/* What the tests of the BIOS services share. 16-bit C, everything in segment 0.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CARRY 0x0001u
#define ZERO  0x0040u

struct registers {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp; /* in and out */
    uint16_t es, unused;                        /* segment; padding */
    uint32_t flags;                             /* out */
};

/* start.S */
void interrupt(uint32_t vector, struct registers *registers);

/* main.c: a check that counts, and is named if it fails. */
void expect(bool condition, const char *what, uint32_t value);
void print(const char *text);

/* One call with AX, BX, CX, DX; the result stays in *registers. */
static inline void call(struct registers *registers, uint32_t vector, uint32_t ax, uint32_t bx,
                        uint32_t cx, uint32_t dx)
{
    *registers = (struct registers){.eax = ax, .ebx = bx, .ecx = cx, .edx = dx};
    interrupt(vector, registers);
}

static inline bool carry(const struct registers *registers)
{
    return (registers->flags & CARRY) != 0;
}

static inline uint8_t low(uint32_t value)
{
    return (uint8_t)value;
}

static inline uint8_t high(uint32_t value)
{
    return (uint8_t)(value >> 8);
}

/* A cell of low memory: BIOS data, vectors. */
static inline uint16_t peek16(uint16_t at)
{
    uint16_t value;

    __asm__ volatile("movw (%1), %0" : "=r"(value) : "r"((uint32_t)at) : "memory");
    return value;
}

static inline void poke16(uint16_t at, uint16_t value)
{
    __asm__ volatile("movw %0, (%1)" : : "r"(value), "r"((uint32_t)at) : "memory");
}

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

void test_video(void);
void test_memory(void);
void test_disk(uint8_t drive);
void test_keyboard(void);
void test_clock(void);
void test_serial(void);
