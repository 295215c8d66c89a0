/* Bench guest: ring changes and interrupts. Segments: "syscalls" n round trips of int 0x80
 * from ring 3 through the TSS and back by IRET; "timer" a computation in ring 3 with the PIT
 * interrupting at 1 kHz; "quiet" the same without it. Ticks are not part of the checksum.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "traps";
const u32 bench_default_n = 2000000;

static u32 want, user_sum, work;
static volatile u32 ticks, trips;
static u8 user_stack[8192] __attribute__((aligned(16)));

enum { SYS_EXIT, SYS_ADD, SYS_XOR, SYS_COUNT };
static u32 state;
static u32 sys_add(u32 a)
{
    return state += a;
}
static u32 sys_xor(u32 a)
{
    return state ^= a;
}
static u32 sys_count(u32 a)
{
    return trips + a;
}
static u32 (*const syscalls[])(u32) = {0, sys_add, sys_xor, sys_count};

static void on_trap(struct frame *f)
{
    if (f->vector == 0x80) {
        if (f->eax == SYS_EXIT)
            leave_user();
        trips++;
        if (f->eax < ARRAY_LEN(syscalls))
            f->eax = syscalls[f->eax](f->ebx);
        else
            f->eax = 0xffffffffu;
    } else if (f->vector == 0x20) {
        ticks++;
        outb(0x20, 0x20);
    } else
        die("trap");
}

static inline u32 syscall(u32 no, u32 arg)
{
    u32 r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(no), "b"(arg) : "memory");
    return r;
}

static void user_syscalls(void)
{
    u32 h = 1;
    for (u32 i = 0; i < want; i++)
        h = (h << 5 | h >> 27) + syscall(1 + i % 3, i);
    user_sum = h;
    syscall(SYS_EXIT, 0);
}

static void user_compute(void)
{
    u32 h = 1, s = 99;
    for (u32 i = 0; i < work; i++) {
        u32 v = rng(&s);
        h = (v & 0x100) ? (h << 3 | h >> 29) + v : h ^ (v >> 3);
    }
    user_sum = h;
    syscall(SYS_EXIT, 0);
}

static void pit_hz(u32 hz)
{
    u32 d = 1193182 / hz;
    outb(0x43, 0x34);
    outb(0x40, (u8)d);
    outb(0x40, (u8)(d >> 8));
}

u32 bench_run(u32 n)
{
    u32 h = 1;
    void *sp = user_stack + sizeof user_stack - 16;
    trap_handler = on_trap;
    set_gate(0x80, isr_syscall, 3);
    set_gate(0x20, isr_irq0, 0);
    set_gate(0x27, isr_spurious, 0);
    want = n;
    work = n * 5;
    mark("syscalls");
    enter_user(user_syscalls, sp);
    h = mix(h, user_sum);
    h = mix(h, trips);
    mark("timer");
    pit_hz(1000);
    outb(0x21, 0xfe);
    enter_user(user_compute, sp);
    outb(0x21, 0xff);
    h = mix(h, user_sum);
    mark("quiet");
    enter_user(user_compute, sp);
    h = mix(h, user_sum);
    note("trips", trips);
    note("ticks", ticks);
    return h;
}
