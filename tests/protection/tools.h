/* What the guests of the protection tests share: random numbers, descriptors, selectors, code, the
 * debug console. Each guest is one C file, so all of it is static.
 * SPDX-License-Identifier: MIT */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define RANDOM_FIRST 16u /* of the GDT */
#define RANDOM_END   32u
#define LOCAL_COUNT  4u

static u32 gdt[128] __attribute__((aligned(8)));
static u32 ldt[8] __attribute__((aligned(8)));
static u32 idt[512] __attribute__((aligned(8)));
static u32 seed = SEED;
static u8 *code;

/* ---- random choices ---- */

static u32 rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void describe(u32 *at, u32 base, u32 limit, u32 access, u32 flags)
{
    at[0] = (limit & 0xFFFF) | base << 16;
    at[1] =
        ((base >> 16) & 0xFF) | access << 8 | (limit & 0xF0000) | flags << 16 | (base & 0xFF000000);
}

static void gate(u32 vector, u32 selector, u32 offset, u32 access)
{
    idt[vector * 2] = selector << 16 | (offset & 0xFFFF);
    idt[vector * 2 + 1] = (offset & 0xFFFF0000) | access << 8;
}

/* Base 0 and at least 64 KiB, so that whatever gets loaded can go on; an expand-down segment
 * reaches from byte 1. Code that ends before TARGET occurs for far jumps only: returns, calls
 * and gates test EIP elsewhere differently from the manual. */
static void describe_random(u32 *at, u32 may_be_short)
{
    static const u8 system[] = {0, 2, 8, 10, 13, 6, 7, 14, 15};
    u32 access = rnd() % 8 ? 0x10 | (rnd() & 15) : system[rnd() % sizeof system];
    u32 limit = 0xFFFFF, flags = rnd() % 3 ? 0xC0 : 0x80;
    access |= (rnd() & 3) << 5;
    access |= rnd() % 8 ? 0x80 : 0;
    if ((access & 0x1C) == 0x14) {
        limit = 0;
        flags &= 0x40;
    } else if ((access & 0x18) == 0x18 && rnd() % 6 == 0 && may_be_short) {
        limit = TARGET - 1;
        flags &= 0x40;
    } else if (rnd() % 4 == 0) {
        limit = 0xFFFF;
        flags &= 0x40;
    }
    describe(at, 0, limit, access, flags);
}

static u32 random_selector(void)
{
    static const u8 good[] = {0x08, 0x10, 0x18, 0x20};
    u32 choice = rnd() % 16, rpl = rnd() & 3;
    if (rnd() % 2) {
        rpl = rnd() % 2 ? 3 : 0;
    }
    if (choice == 0) {
        return rpl;
    }
    if (choice == 1) {
        return 0x1000 | rpl;
    }
    if (choice < 4) {
        return (rnd() % 6) * 8 | 4 | rpl;
    }
    if (choice < 7) {
        return good[rnd() % sizeof good] | rpl;
    }
    return (RANDOM_FIRST + rnd() % (RANDOM_END - RANDOM_FIRST)) * 8 | rpl;
}

/* ---- code ---- */

static void emit(u32 value, u32 bytes)
{
    while (bytes--) {
        *code++ = (u8)value;
        value >>= 8;
    }
}

/* ---- the debug console ---- */

static void print(const char *text)
{
    while (*text) {
        __asm__ volatile("outb %0, $0xE9" : : "a"(*text++));
    }
}

static void print_hex(u32 value)
{
    char digits[10];
    u32 at = 9;
    digits[at] = 0;
    digits[--at] = ' ';
    do {
        digits[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    } while (value);
    print(digits + at);
}

/* ---- tables ---- */

struct table {
    u16 limit;
    u32 base;
} __attribute__((packed));

/* The GDT and IDT are in use after this, with flat segments of both levels. */
static void load_flat_tables(void)
{
    const struct table g = {sizeof gdt - 1, (u32)gdt}, i = {sizeof idt - 1, (u32)idt};
    describe(gdt + 2, 0, 0xFFFFF, 0x9B, 0xC0);
    describe(gdt + 4, 0, 0xFFFFF, 0x93, 0xC0);
    describe(gdt + 6, 0, 0xFFFFF, 0xFB, 0xC0);
    describe(gdt + 8, 0, 0xFFFFF, 0xF3, 0xC0);
    describe(gdt + 12, (u32)ldt, LOCAL_COUNT * 8 - 1, 0x82, 0);
    __asm__ volatile("lgdt %0\n lidt %1\n ljmp $8, $1f\n 1: mov %2, %%ds\n mov %2, %%es\n"
                     "mov %2, %%fs\n mov %2, %%gs\n mov %2, %%ss\n"
                     :
                     : "m"(g), "m"(i), "r"(KERNEL_DATA)
                     : "memory");
}

static void end_of_run(void)
{
    __asm__ volatile("outb %0, $0xF4" : : "a"((u8)0));
}
