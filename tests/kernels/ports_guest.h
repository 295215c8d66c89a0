/* What the port exercisers share: seeded random numbers, ports, and lines on the debug console.
 * SPDX-License-Identifier: MIT */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

void guest_main(void);
void interrupt(u32 vector);

static u32 seed = SEED;

static inline u32 rnd(u32 below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (seed >> 8) % below;
}

static inline void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 in8(u16 port)
{
    u8 value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void hex(u32 value, u32 digits)
{
    while (digits--) {
        out8(0xE9, (u8) "0123456789ABCDEF"[value >> 4 * digits & 15]);
    }
}

/* One line: step, what was done, the byte read. */
static inline void line(u32 step, u16 port, u32 written, u8 value)
{
    hex(step, 4);
    out8(0xE9, ' ');
    hex(port, 3);
    out8(0xE9, ' ');
    hex(written, 2);
    out8(0xE9, ' ');
    hex(value, 2);
    out8(0xE9, '\n');
}

void interrupt(u32 vector)
{
    (void)vector;
}
