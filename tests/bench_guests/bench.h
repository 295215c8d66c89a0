/* Bench guests: types, the interface between a workload and common.c, port access.
 * A workload supplies a name, a default n and bench_run(); everything else is shared.
 * SPDX-License-Identifier: MIT */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#define NOINLINE     __attribute__((noinline, noclone))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* supplied by the workload */
extern const char bench_name[];
extern const u32 bench_default_n;
u32 bench_run(u32 n); /* returns the checksum */

/* supplied by common.c */
void mark(const char *segment);        /* a new timed segment starts here */
void note(const char *key, u32 value); /* key=value in the result line */
u32 option(const char *key, u32 dflt); /* key=NUMBER on the command line */
void puts_(const char *s);
void die(const char *why) __attribute__((noreturn));
void set_gate(int vector, void (*handler)(void), int dpl);
void *memcpy(void *d, const void *s, unsigned long n);
void *memset(void *d, int c, unsigned long n);

struct frame {
    u32 es, ds, edi, esi, ebp, esp_, ebx, edx, ecx, eax;
    u32 vector, error, eip, cs, eflags, useresp, userss;
};
extern void (*trap_handler)(struct frame *f);
void isr_syscall(void);
void isr_irq0(void);
void isr_pagefault(void);
void isr_other(void);
void isr_spurious(void);
void enter_user(void (*eip)(void), void *esp);
void leave_user(void);

static inline void outb(u16 port, u8 v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline u8 inb(u16 port)
{
    u8 v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline u32 mix(u32 h, u32 v)
{
    h ^= v;
    h *= 0x9e3779b1u;
    return (h << 13) | (h >> 19);
}
static inline u32 rng(u32 *s)
{
    return *s = *s * 1664525u + 1013904223u;
}
