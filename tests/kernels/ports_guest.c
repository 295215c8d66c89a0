/* Guest of the port exerciser: random but seeded writes to the interrupt controllers, the timer and
 * the serial ports, whose reads are printed. Only what does not depend on time is asked, so
 * every PC prints the same lines. IRQ 3 and 4 are moved by the serial ports' interrupt "transmitter
 * empty".
 * See: 8259A, 82C54 and 16550 data sheets. SPDX-License-Identifier: MIT */
#include "ports_guest.h"

static void pic_program(u16 base, u8 vector, u8 cascade)
{
    out8(base, 0x11);
    out8((u16)(base + 1), vector);
    out8((u16)(base + 1), cascade);
    out8((u16)(base + 1), (u8)(1 | rnd(2) << 1 | (base == 0x20 ? rnd(2) << 4 : 0)));
}

/* Take every request of the master: QEMU keeps an edge whose line falls before INTA, against the
 * data sheet ("the IR inputs must remain high"), so a line falls only after this. */
static void pic_drain(void)
{
    out8(0x21, 0);
    for (u32 i = 0; i < 16; i++) {
        for (u32 level = 0; level < 8; level++) {
            out8(0x20, (u8)(0x60 | level));
        }
        out8(0x20, 0x0C);
        (void)in8(0x20);
    }
}

static void lines_low(void)
{
    pic_drain();
    out8(0x2F9, 0);
    out8(0x3F9, 0);
}

static void serial_line(u16 base)
{
    if (rnd(2)) {
        out8((u16)(base + 1), 2);
    } else {
        pic_drain();
        out8((u16)(base + 1), 0);
    }
}

/* A non-specific EOI. In special mask mode it does not clear a masked IS bit (8259A data sheet,
 * "End of interrupt"); QEMU clears the highest one all the same, so it is not asked then. */
static void pic_end(u16 base, u8 command)
{
    out8(base, 0x0B);
    if ((command >> 5 & 3) == 1 && (in8(base) & in8((u16)(base + 1)))) {
        out8(base, 0x48); /* leave special mask mode */
    }
    out8(base, command);
}

/* Something happens to a controller or to a line that leads to it. */
static void pic_act(void)
{
    u16 base = rnd(4) ? 0x20 : 0xA0;

    switch (rnd(12)) {
    case 0:
        lines_low(); /* a high line is an edge again for QEMU after ICW1, for the data sheet not */
        pic_program(base, base == 0x20 ? 0x20 : 0x28, base == 0x20 ? 4 : 2);
        break;
    case 1:
    case 2:
        out8((u16)(base + 1), (u8)rnd(256));
        break;
    case 3:
        pic_end(base, (u8)(rnd(8) << 5 | rnd(8)));
        break;
    case 4:
        pic_end(base, 0x20);
        break;
    case 5:
        out8(base, (u8)(0x08 | rnd(2) << 6 | rnd(2) << 5)); /* special mask */
        break;
    case 6:
        lines_low();                    /* QEMU looks at ELCR only when a line moves */
        out8(0x4D0, rnd(2) ? 0x18 : 0); /* both: a level would hide an edge from pic_drain() */
        break;
    case 7:
    case 8:
    case 9:
        serial_line(0x2F8);
        break;
    default:
        serial_line(0x3F8);
        break;
    }
}

static void pic_look(u32 step)
{
    u16 base = rnd(4) ? 0x20 : 0xA0;
    u8 command = rnd(3) ? (u8)(0x0A | rnd(2)) : 0x0C;

    out8(base, command);
    line(step, base, command, in8(base));
    line(step, (u16)(base + 1), 0, in8((u16)(base + 1)));
}

/* Counters that wait for their second byte do not count: what is read is what was written. */
static void pit_act(u32 step)
{
    u32 channel = rnd(3);
    u8 control = (u8)(channel << 6 | (1 + rnd(3)) << 4 | rnd(6) << 1 | rnd(2));

    out8(0x43, control);
    out8(0x43, (u8)(0xE0 | 2u << channel)); /* status; bits 7 and 6, OUT and null count, change in
                                               QEMU at the count only */
    line(step, (u16)(0x40 + channel), control, in8((u16)(0x40 + channel)) & 0x3F);
}

static void uart_act(u32 step)
{
    static const u8 places[] = {3, 4, 7, 1};
    u16 base = rnd(2) ? 0x3F8 : 0x2F8;
    u32 place = places[rnd(4)];
    u8 value = (u8)rnd(256);

    out8((u16)(base + 3), 0x03);
    if (place == 1) {
        value &= 0x0D; /* no transmitter interrupt: its pin is the other act's */
    }
    out8((u16)(base + place), value);
    line(step, (u16)(base + place), value, in8((u16)(base + place)));
    if (place == 4 && (value & 0x10)) { /* loop: outputs come back as inputs */
        line(step, (u16)(base + 6), value, in8((u16)(base + 6)) >> 4);
    }
    out8((u16)(base + 3), 0x03);
    out8((u16)(base + 4), 0x08);
    out8((u16)(base + 1), 0);
    (void)in8((u16)(base + 6));
    (void)in8((u16)(base + 2));
}

void guest_main(void)
{
    out8(0x43, 0x32); /* the timer's OUT stays high from now on */
    out8(0x40, 2);
    out8(0x40, 0);
    for (u32 i = 0; i < 1000; i++) {
        (void)in8(0x61);
    }
    pic_program(0x20, 0x20, 4);
    pic_program(0xA0, 0x28, 2);
    for (u32 i = 0; i < 2; i++) {
        u16 base = i ? 0x2F8 : 0x3F8;

        out8((u16)(base + 3), 0x03);
        out8((u16)(base + 1), 0);
        out8((u16)(base + 4), 0x08);
        (void)in8((u16)(base + 2));
        (void)in8((u16)(base + 6));
    }
    for (u32 step = 0; step < 3000; step++) {
        pic_act();
        pic_look(step);
    }
    for (u32 step = 0; step < 500; step++) {
        pit_act(step);
    }
    for (u32 step = 0; step < 500; step++) {
        uart_act(step);
    }
    out8(0xF4, 0x10);
}
