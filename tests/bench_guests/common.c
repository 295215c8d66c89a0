/* What all bench guests share: serial output, command line, descriptor tables, exit.
 * COM1 is polled; the lines it prints are the marks that tools/benchrun.c takes the time by.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

#define COM1 0x3f8

static char cmdline[256];
static u32 tsc_on;

static void putc_(char c)
{
    u32 spin = 0;
    while (!(inb(COM1 + 5) & 0x20) && ++spin < 1000000)
        ;
    outb(COM1, (u8)c);
}

void puts_(const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            putc_('\r');
        putc_(*s);
    }
}

static void put_dec64(u64 v)
{
    /* no libgcc: divide by ten by hand, high half first */
    char buf[24];
    int i = 24;
    u32 hi = (u32)(v >> 32), lo = (u32)v;
    buf[--i] = 0;
    do {
        u32 qhi = hi / 10, rem = hi % 10, qlo;
        __asm__("divl %4" : "=a"(qlo), "=d"(rem) : "a"(lo), "d"(rem), "r"(10u));
        buf[--i] = (char)('0' + rem);
        hi = qhi;
        lo = qlo;
    } while (hi | lo);
    puts_(buf + i);
}

static void put_hex(u32 v)
{
    for (int i = 28; i >= 0; i -= 4)
        putc_("0123456789abcdef"[(v >> i) & 15]);
}

void *memcpy(void *d, const void *s, unsigned long n)
{
    void *r = d;
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
    return r;
}

void *memset(void *d, int c, unsigned long n)
{
    void *r = d;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
    return r;
}

u32 option(const char *key, u32 dflt)
{
    const char *p = cmdline;
    while (*p) {
        const char *k = key;
        while (*p == ' ')
            p++;
        while (*k && *p == *k)
            p++, k++;
        if (!*k && *p == '=') {
            u32 v = 0;
            for (p++; *p >= '0' && *p <= '9'; p++)
                v = v * 10 + (u32)(*p - '0');
            return v;
        }
        while (*p && *p != ' ')
            p++;
    }
    return dflt;
}

static u64 rdtsc(void)
{
    u32 lo, hi;
    if (!tsc_on)
        return 0;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return ((u64)hi << 32) | lo;
}

/* ---- timed segments ---- */
static const char *seg_name[8];
static u64 seg_from[8], seg_to[8];
static int segs;

static void seg_close(void)
{
    if (segs)
        seg_to[segs - 1] = rdtsc();
}

void mark(const char *segment)
{
    seg_close();
    puts_("BENCH MARK ");
    puts_(segment);
    puts_("\n");
    if (segs < (int)ARRAY_LEN(seg_name)) {
        seg_name[segs] = segment;
        segs++;
        seg_from[segs - 1] = rdtsc();
    }
}

/* ---- notes for the result line ---- */
static const char *note_key[12];
static u32 note_val[12];
static int notes;

void note(const char *key, u32 value)
{
    if (notes < (int)ARRAY_LEN(note_key)) {
        note_key[notes] = key;
        note_val[notes++] = value;
    }
}

/* ---- descriptor tables ---- */
static u64 gdt[6];
static u64 idt[256];
static u32 tss[26];
struct __attribute__((packed)) dtr {
    u16 limit;
    u32 base;
};
void load_gdt(const struct dtr *g);
void (*trap_handler)(struct frame *f);
extern char trap_stack_top[];

static u64 desc(u32 base, u32 limit, u32 access, u32 flags)
{
    u64 d = limit & 0xffffu;
    d |= (u64)(base & 0xffffffu) << 16;
    d |= (u64)access << 40;
    d |= (u64)((limit >> 16) & 15) << 48;
    d |= (u64)flags << 52;
    d |= (u64)(base >> 24) << 56;
    return d;
}

void set_gate(int vector, void (*handler)(void), int dpl)
{
    u32 a = (u32)handler;
    idt[vector] = ((u64)(a & 0xffff0000u) << 32) | ((u64)(0x8e00u | ((u32)dpl << 13)) << 32) |
                  (0x08u << 16) | (a & 0xffffu);
}

void isr_dispatch(struct frame *f)
{
    if (f->vector == 0xff || !trap_handler) {
        puts_("BENCH FAIL unexpected trap eip=");
        put_hex(f->eip);
        puts_("\n");
        die("trap");
    }
    trap_handler(f);
}

static void tables(void)
{
    struct dtr d;
    gdt[1] = desc(0, 0xfffff, 0x9a, 0xc);
    gdt[2] = desc(0, 0xfffff, 0x92, 0xc);
    gdt[3] = desc(0, 0xfffff, 0xfa, 0xc);
    gdt[4] = desc(0, 0xfffff, 0xf2, 0xc);
    gdt[5] = desc((u32)tss, sizeof tss - 1, 0x89, 0);
    tss[1] = (u32)trap_stack_top; /* esp0 */
    tss[2] = 0x10;                /* ss0 */
    tss[25] = 104u << 16;         /* no I/O bitmap */
    d.limit = sizeof gdt - 1;
    d.base = (u32)gdt;
    load_gdt(&d);
    for (int i = 0; i < 256; i++)
        set_gate(i, isr_other, 0);
    d.limit = sizeof idt - 1;
    d.base = (u32)idt;
    __asm__ volatile("lidt %0" : : "m"(d));
    __asm__ volatile("ltr %w0" : : "r"(0x28));
    /* PIC: vectors 0x20/0x28, everything masked */
    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    outb(0x21, 0x20);
    outb(0xa1, 0x28);
    outb(0x21, 4);
    outb(0xa1, 2);
    outb(0x21, 1);
    outb(0xa1, 1);
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
}

static void leave(u8 code)
{
    outb(0xf4, code); /* isa-debug-exit; nothing happens elsewhere */
    for (;;)
        __asm__ volatile("cli; hlt");
}

void die(const char *why)
{
    puts_("BENCH FAIL ");
    puts_(why);
    puts_("\n");
    leave(0x11);
    for (;;)
        ;
}

void kmain(u32 magic, const u32 *mbi)
{
    u32 n, sum;
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 0x80);
    outb(COM1 + 0, 1);
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 0x03);
    outb(COM1 + 2, 0x07);
    outb(COM1 + 4, 0x03);
    if (magic == 0x2badb002 && (mbi[0] & 4) && mbi[4]) {
        const char *s = (const char *)mbi[4];
        for (u32 i = 0; i < sizeof cmdline - 1 && s[i]; i++)
            cmdline[i] = s[i];
    }
    puts_("BENCH BOOT ");
    puts_(bench_name);
    puts_("\n");
    tables();
    n = option("n", bench_default_n);
    tsc_on = option("tsc", 0);
    mark("main");
    sum = bench_run(n);
    seg_close();
    puts_("BENCH END\n");
    puts_("BENCH RESULT ");
    puts_(bench_name);
    puts_(" n=");
    put_dec64(n);
    puts_(" checksum=");
    put_hex(sum);
    for (int i = 0; i < notes; i++) {
        puts_(" ");
        puts_(note_key[i]);
        puts_("=");
        put_dec64(note_val[i]);
    }
    puts_("\n");
    if (tsc_on) {
        puts_("BENCH TSC");
        for (int i = 0; i < segs; i++) {
            puts_(" ");
            puts_(seg_name[i]);
            puts_("=");
            put_dec64(seg_to[i] - seg_from[i]);
        }
        puts_("\n");
    }
    puts_("BENCH DONE\n");
    leave(0x10);
}
