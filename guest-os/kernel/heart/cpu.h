/* The CPU as the kernel's C sees it: control registers, flags, ports, the interrupt flag.
 * See: Intel386 Programmer's Reference Manual, chapters 2, 4 and 8. SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EFLAGS_ALWAYS_1  0x00000002u
#define EFLAGS_TRAP      0x00000100u
#define EFLAGS_INTERRUPT 0x00000200u
#define EFLAGS_DIRECTION 0x00000400u
#define EFLAGS_RESUME    0x00010000u
#define EFLAGS_VM        0x00020000u /* virtual-8086 mode */
#define EFLAGS_ALIGNMENT 0x00040000u /* exists from the i486 on */
#define EFLAGS_ID        0x00200000u /* can be toggled: CPUID exists */
#define EFLAGS_MODE      0x80000000u /* Ringside's extension: set in user mode */
/* What a program may set in its own flags: OF DF TF SF ZF AF PF CF, AC. */
#define EFLAGS_USER 0x00040DD5u

/* Selectors: index in the GDT * 8 + requested privilege level. */
#define KERNEL_CODE 0x08u
#define KERNEL_DATA 0x10u
#define TSS_SELECT  0x28u

/* descriptors.c: the segments of programs, in the GDT; with base and bound in the LDT. */
extern uint32_t user_code, user_data;

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void port_write16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void port_write32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t read_cr2(void)
{
    uint32_t value;

    __asm__ volatile("movl %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_cr3(void)
{
    uint32_t value;

    __asm__ volatile("movl %%cr3, %0" : "=r"(value));
    return value;
}

/* From now on linear addresses are physical ones. */
static inline void paging_off(void)
{
    uint32_t cr0;

    __asm__ volatile("movl %%cr0, %0\n\t"
                     "andl $0x7FFFFFFF, %0\n\t"
                     "movl %0, %%cr0\n\t"
                     "jmp 1f\n" /* nothing that was fetched with paging is left */
                     "1:"
                     : "=&r"(cr0)
                     :
                     : "memory");
}

/* Also empties the TLB, even when the value is the old one. */
static inline void write_cr3(uint32_t directory_physical)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(directory_physical) : "memory");
}

/* Forget one page's translation; an i486 instruction. */
static inline void flush_page(uint32_t linear)
{
    __asm__ volatile("invlpg (%0)" : : "r"(linear) : "memory");
}

static inline uint32_t read_eflags(void)
{
    uint32_t value;

    __asm__ volatile("pushfl; popl %0" : "=r"(value));
    return value;
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* Defer interrupts and say whether they were on; pairs with interrupts_restore, may be nested. */
static inline bool interrupts_save_off(void)
{
    bool were_on = (read_eflags() & EFLAGS_INTERRUPT) != 0;

    interrupts_off();
    return were_on;
}

static inline void interrupts_restore(bool were_on)
{
    if (were_on) {
        interrupts_on();
    }
}

/* Wait for an interrupt. STI takes effect after the next instruction, so an interrupt that came
 * just before can not slip in between and leave the CPU halted with work to do. */
static inline void interrupts_on_and_halt(void)
{
    __asm__ volatile("sti; hlt" : : : "memory");
}

/* boot/cpu_mode.c: INVLPG and CR0.WP, which the i386 has not, are there. */
bool cpu_is_i486(void);

/* boot/cpu_mode.c: EDX of CPUID's leaf 1. */
uint32_t cpu_features(void);
#define CPU_HAS_X87 (1u << 0)
#define CPU_HAS_SSE (1u << 24 | 1u << 25) /* FXSAVE too */

/* boot/cpu_mode.c: turn EFLAGS.MODE on; false where there is no such thing. */
bool cpu_enable_eflags_mode(void);
