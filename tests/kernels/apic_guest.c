/* Guest of the APIC test: finds the MP tables, goes from PIC mode to symmetric mode and tries
 * what the controllers can do. Prints only what the manuals fix, so that every PC with one
 * processor and APICs prints the same lines. Debug console E9h, exit by F4h.
 * See: MultiProcessor Specification 1.4; Intel SDM volume 3, APIC; 82093AA data sheet.
 * SPDX-License-Identifier: MIT */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

extern u8 stubs[];
void guest_main(void);
void interrupt(u32 vector);

#define LOCAL 0xFEE00000u
#define IO    0xFEC00000u

static u32 idt[512] __attribute__((aligned(8)));
static volatile u32 counts[256];
static volatile u32 order[16], ordered;
static volatile u32 quiet; /* 1: the handler does not send EOI */

/* ---- ports, registers, text ---- */

static void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static u32 local_in(u32 offset)
{
    return *(volatile u32 *)(LOCAL + offset);
}

static void local_out(u32 offset, u32 value)
{
    *(volatile u32 *)(LOCAL + offset) = value;
}

static u32 io_in(u32 index)
{
    *(volatile u32 *)IO = index;
    return *(volatile u32 *)(IO + 0x10);
}

static void io_out(u32 index, u32 value)
{
    *(volatile u32 *)IO = index;
    *(volatile u32 *)(IO + 0x10) = value;
}

static void print(const char *text)
{
    while (*text) {
        out8(0xE9, (u8)*text++);
    }
}

static void line(const char *text, u32 value)
{
    print(text);
    for (int shift = 28; shift >= 0; shift -= 4) {
        out8(0xE9, (u8) "0123456789ABCDEF"[value >> shift & 15]);
    }
    print("\n");
}

/* ---- interrupts ---- */

void interrupt(u32 vector)
{
    counts[vector]++;
    if (ordered < 16) {
        order[ordered++] = vector;
    }
    if (vector >= 0x20 && vector < 0x30) { /* the 8259A's */
        out8(0x20, 0x20);
    } else if (!quiet && vector != 0xFF) {
        local_out(0x0B0, 0);
    }
}

static void idt_load(void)
{
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) table = {sizeof(idt) - 1, (u32)idt};
    u16 cs;

    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    for (u32 i = 0; i < 256; i++) {
        u32 entry = (u32)stubs + i * 8;

        idt[2 * i] = (u32)cs << 16 | (entry & 0xFFFF);
        idt[2 * i + 1] = (entry & 0xFFFF0000) | 0x8E00;
    }
    __asm__ volatile("lidt %0" : : "m"(table));
}

/* Until `count` interrupts of the vector have come. */
static void wait_for(u32 vector, u32 count)
{
    while (counts[vector] < count) {
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    }
}

/* Whatever is pending is taken here. */
static void window(void)
{
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

static void print_order(const char *text)
{
    print(text);
    for (u32 i = 0; i < ordered; i++) {
        print(" ");
        out8(0xE9, (u8) "0123456789ABCDEF"[order[i] >> 4]);
        out8(0xE9, (u8) "0123456789ABCDEF"[order[i] & 15]);
    }
    print("\n");
    ordered = 0;
}

/* ---- MP tables ---- */

static u8 sum_of(const u8 *bytes, u32 size)
{
    u8 sum = 0;

    while (size--) {
        sum = (u8)(sum + *bytes++);
    }
    return sum;
}

static const u8 *find_pointer(u32 first, u32 bytes)
{
    for (u32 at = first; at < first + bytes; at += 16) {
        if (*(const u32 *)at == 0x5F504D5F && sum_of((const u8 *)at, 16) == 0) {
            return (const u8 *)at;
        }
    }
    return 0;
}

/* 0: there is none. Prints what concerns interrupts of the ISA bus. */
static u32 read_tables(void)
{
    u32 segment = *(volatile u16 *)*(volatile u32 *)&(u32){0x40E};
    const u8 *pointer = find_pointer(segment << 4, 1024);
    const u8 *table, *entry;
    u32 isa = 0;

    if (!pointer) {
        pointer = find_pointer(0x9FC00, 1024);
    }
    if (!pointer) {
        pointer = find_pointer(0xF0000, 0x10000);
    }
    if (!pointer) {
        print("no MP tables\n");
        return 0;
    }
    table = *(const u8 *const *)(pointer + 4);
    line("configuration table ", *(const u32 *)table);
    line("its sum ", sum_of(table, *(const u16 *)(table + 4)));
    line("local APIC at ", *(const u32 *)(table + 36));
    entry = table + 44;
    for (u32 i = *(const u16 *)(table + 34); i > 0; i--, entry += entry[0] ? 8 : 20) {
        if (entry[0] == 0) {
            line("processor, flags ", entry[3]);
        } else if (entry[0] == 1 && entry[2] == 'I' && entry[3] == 'S') {
            isa = entry[1];
        } else if (entry[0] == 2) {
            line("I/O APIC at ", *(const u32 *)(entry + 4));
        } else if (entry[0] == 3 && entry[1] == 0 && entry[4] == isa && entry[5] < 5) {
            line("ISA interrupt, line and pin ", (u32)entry[5] << 8 | entry[7]);
        } else if (entry[0] == 4) {
            line("local interrupt, kind and pin ", (u32)entry[1] << 8 | entry[7]);
        }
    }
    return 1;
}

/* ---- the trials ---- */

static void pit_start(void)
{
    out8(0x43, 0x34);
    out8(0x40, 0xA9); /* 11,945: 10 ms */
    out8(0x40, 0x2E);
}

static void pic_start(u8 mask)
{
    out8(0x20, 0x11);
    out8(0x21, 0x20);
    out8(0x21, 0x04);
    out8(0x21, 0x01);
    out8(0xA0, 0x11);
    out8(0xA1, 0x28);
    out8(0xA1, 0x02);
    out8(0xA1, 0x01);
    out8(0x21, mask);
    out8(0xA1, 0xFF);
}

static void try_virtual_wire(void)
{
    local_out(0x0F0, 0x1FF);
    local_out(0x350, 0x00700);
    pic_start(0xFE);
    pit_start();
    wait_for(0x20, 3);
    print("virtual wire: three ticks\n");
    local_out(0x350, 0x10700);
}

static void try_symmetric(void)
{
    out8(0x21, 0xFF);
    out8(0x22, 0x70);
    out8(0x23, 0x01);
    io_out(0x15, 0);
    io_out(0x14, 0x00000031);
    wait_for(0x31, 3);
    io_out(0x14, 0x00010031);
    print("symmetric: three ticks at pin 2\n");
    line("entry of pin 2 ", io_in(0x14));
    line("version of the I/O APIC, entries ", io_in(1) >> 16 & 0xFF);
}

static void try_timer(void)
{
    u32 before;

    ordered = 0;
    local_out(0x3E0, 0x3);
    local_out(0x320, 0x00041);
    local_out(0x380, 20000);
    wait_for(0x41, 1);
    line("one-shot: count left ", local_in(0x390));
    local_out(0x320, 0x20042);
    local_out(0x380, 20000);
    wait_for(0x42, 5);
    local_out(0x320, 0x30042);
    before = counts[0x42];
    window();
    print_order("timer:");
    line("periodic, masked: counts on ", local_in(0x390) != 0);
    line("and nothing more comes ", counts[0x42] - before);
    local_out(0x380, 0);
    line("stopped ", local_in(0x390));
}

static void try_commands(void)
{
    ordered = 0;
    local_out(0x300, 0x40051); /* to itself */
    local_out(0x300, 0x40063);
    local_out(0x300, 0x80052); /* to all */
    local_out(0x310, local_in(0x020));
    local_out(0x300, 0x00072); /* by its ID */
    local_out(0x0E0, 0xFFFFFFFF);
    local_out(0x0D0, 0x01000000);
    local_out(0x310, 0x01000000);
    local_out(0x300, 0x00873); /* logical */
    local_out(0x310, 0x02000000);
    local_out(0x300, 0x00874); /* another one's */
    local_out(0x300, 0xC0075); /* all but itself */
    line("requested, 40h-5Fh ", local_in(0x220));
    line("requested, 60h-7Fh ", local_in(0x230));
    window();
    print_order("by priority:");
    line("delivery status ", local_in(0x300) & 0x1000);
}

static void try_priorities(void)
{
    local_out(0x080, 0x60);
    local_out(0x300, 0x40055);
    local_out(0x300, 0x40065);
    local_out(0x300, 0x40075);
    window();
    print_order("task priority 60h:");
    local_out(0x080, 0x50);
    window();
    print_order("task priority 50h:");
    local_out(0x080, 0x00);
    window();
    print_order("task priority 0:");
    quiet = 1;
    local_out(0x300, 0x40066);
    window();
    line("in service, 60h-7Fh ", local_in(0x130));
    line("processor priority ", local_in(0x0A0));
    local_out(0x300, 0x40061);
    local_out(0x300, 0x40076);
    window();
    print_order("66h and 76h in service:");
    local_out(0x0B0, 0);
    local_out(0x0B0, 0);
    quiet = 0;
    window();
    print_order("after both EOI:");
    line("in service, 60h-7Fh ", local_in(0x130));
}

static void try_registers(void)
{
    local_out(0x320, 0x300FF);
    line("LVT timer ", local_in(0x320));
    local_out(0x370, 0x100FE);
    line("LVT error ", local_in(0x370));
    line("spurious vector ", local_in(0x0F0));
    local_out(0x0D0, 0x5A000000);
    line("logical destination ", local_in(0x0D0));
}

void guest_main(void)
{
    idt_load();
    if (read_tables()) {
        try_virtual_wire();
        try_symmetric();
        try_timer();
        try_commands();
        try_priorities();
        try_registers();
        print("done\n");
    }
    out8(0xF4, 0x10);
}
