/* Guest of the second port exerciser: clock chip, keyboard controller, serial data in loopback and
 * the timer's latches, at random but seeded. What takes time is waited for, and asked only
 * once it can change no more, so that every PC prints the same lines.
 * See: MC146818A, 8042, PC16550D and 82C54 data sheets. SPDX-License-Identifier: MIT */
#include "ports_guest.h"

#define STEPS 400

/* At least `ticks` ticks of the timer, at most 60000: channel 2 counts down from FFFFh. */
static void wait_ticks(u32 ticks)
{
    u32 count;

    out8(0x61, (u8)((in8(0x61) & 0xFC) | 1));
    out8(0x43, 0xB0);
    out8(0x42, 0xFF);
    out8(0x42, 0xFF);
    for (u32 i = 0; i < 100; i++) { /* till the count is in */
        (void)in8(0x61);
    }
    do {
        out8(0x43, 0x80);
        count = in8(0x42);
        count |= (u32)in8(0x42) << 8;
    } while (0xFFFF - count < ticks);
}

/* ---- the clock chip ---- */

static u8 cmos_in(u8 index)
{
    out8(0x70, index);
    return in8(0x71);
}

static void cmos_out(u8 index, u8 value)
{
    out8(0x70, index);
    out8(0x71, value);
}

static u8 coded(u32 value, u8 format)
{
    return (u8)(format & 4 ? value : value / 10 << 4 | value % 10);
}

static u8 coded_hour(u32 hour, u8 format)
{
    if (format & 2) {
        return coded(hour, format);
    }
    return (u8)(coded(hour % 12 ? hour % 12 : 12, format) | (hour >= 12 ? 0x80 : 0));
}

/* Set a time in one format, let the clock run for a moment, stop it, look at it in that format. The
 * second is far from the end of a minute, and not looked at: it may have gone on. */
static void clock_act(u32 step)
{
    static const u8 places[] = {2, 4, 7, 8, 9, 0x32};
    u8 format = (u8)(rnd(4) << 1);

    cmos_out(0x0B, (u8)(0x80 | format));
    cmos_out(0x00, coded(rnd(40), format));
    cmos_out(0x02, coded(rnd(60), format));
    cmos_out(0x04, coded_hour(rnd(24), format));
    cmos_out(0x07, coded(1 + rnd(28), format));
    cmos_out(0x08, coded(1 + rnd(12), format));
    cmos_out(0x09, coded(rnd(100), format));
    cmos_out(0x32, coded(19 + rnd(2), format));
    cmos_out(0x0B, format);
    cmos_out(0x0B, (u8)(0x80 | format));
    for (u32 i = 0; i < sizeof(places); i++) {
        line(step, (u16)(0x700 | places[i]), format, cmos_in(places[i]));
    }
}

/* Plain memory, alarms, the control registers while the time stands still. */
static void cmos_act(u32 step)
{
    static const u8 places[] = {1, 3, 5, 0x0B, 0x0D, 0x40, 0x5A, 0x7F, 0x6E};
    u8 place = places[rnd(sizeof(places))];
    u8 value = (u8)rnd(256);

    if (place == 0x0B) {
        value = (u8)(0x80 | (value & 0x2E)); /* no periodic interrupt: it depends on time */
    }
    cmos_out(place, value);
    line(step, (u16)(0x700 | place), value, cmos_in(place));
}

/* The periodic flag: not yet after the read, there after three of its periods. */
static void periodic_act(u32 step)
{
    u8 rate = (u8)(3 + rnd(6)); /* 122 us to 3.9 ms */

    cmos_out(0x0B, 0xC2); /* enabled: else QEMU raises no flag */
    cmos_out(0x0A, (u8)(0x20 | rate));
    (void)cmos_in(0x0C);
    wait_ticks((u32)(110u << (rate - 2)));
    line(step, 0x70C, rate, cmos_in(0x0C));
    cmos_out(0x0A, 0x20); /* none */
    cmos_out(0x0B, 0x82);
    (void)cmos_in(0x0C);
    line(step, 0x70C, 0, cmos_in(0x0C));
}

/* One update of the time: its flag, and the alarm's if hour, minute and second admit it. */
static void alarm_act(u32 step)
{
    u8 format = (u8)(rnd(4) << 1);
    u32 hour = rnd(24), minute = rnd(60), second = rnd(59);
    u8 wrong = (u8)rnd(6); /* 0..2: that part differs */
    u8 flags;

    cmos_out(0x0B, (u8)(0x80 | format));
    cmos_out(0x00, coded(second, format));
    cmos_out(0x02, coded(minute, format));
    cmos_out(0x04, coded_hour(hour, format));
    cmos_out(0x07, 1); /* a date that QEMU's nanoseconds can hold */
    cmos_out(0x08, 1);
    cmos_out(0x09, 1);
    cmos_out(0x32, coded(20, format));
    cmos_out(0x01, rnd(3) ? coded((second + 1 + (wrong == 0) * 7) % 60, format) : 0xFF);
    cmos_out(0x03, rnd(3) ? coded((minute + (wrong == 1)) % 60, format) : 0xC0);
    cmos_out(0x05, rnd(3) ? coded_hour((hour + (wrong == 2)) % 24, format) : 0xC5);
    (void)cmos_in(0x0C);
    cmos_out(0x0B, (u8)(0x30 | format));
    do {
        for (volatile u32 i = 0; i < 100000; i++) {} /* QEMU takes long for ports */
        flags = cmos_in(0x0C);
    } while (!(flags & 0x10));
    line(step, 0x70C, wrong, flags);
    line(step, 0x700, format, cmos_in(0x00));
    line(step, 0x702, format, cmos_in(0x02));
    line(step, 0x704, format, cmos_in(0x04));
    line(step, 0x70A, 0, cmos_in(0x0A));
    cmos_out(0x0B, 0x82);
    (void)cmos_in(0x0C);
}

/* ---- the keyboard controller ---- */

static void kbd_wait_empty(void)
{
    while (in8(0x64) & 2) {}
}

/* The next byte, or 0 if none comes for 20 ms. */
static u8 kbd_read(void)
{
    for (u32 i = 0; i < 40; i++) {
        if (in8(0x64) & 1) {
            return in8(0x60);
        }
        wait_ticks(600);
    }
    return 0;
}

static void kbd_command(u8 command)
{
    kbd_wait_empty();
    out8(0x64, command);
}

static void kbd_data(u8 data)
{
    kbd_wait_empty();
    out8(0x60, data);
}

static void controller_act(u32 step)
{
    u8 value = (u8)rnd(256);

    switch (rnd(7)) {
    case 0: /* command byte; translation and the keyboard's clock are left alone */
        value = (u8)(0x44 | (value & 0x20));
        kbd_command(0x60);
        kbd_data(value);
        kbd_command(0x20);
        line(step, 0x620, value, kbd_read());
        break;
    case 1:
        kbd_command(0xAA);
        line(step, 0x6AA, 0, kbd_read());
        break;
    case 2:
        kbd_command(0xAB);
        line(step, 0x6AB, 0, kbd_read());
        break;
    case 3:
        kbd_command((u8)(0xAD + rnd(2)));
        kbd_command(0x20);
        line(step, 0x6AD, 0, kbd_read());
        kbd_command(0xAE);
        break;
    case 4: /* output port: A20 stays open, we live above 1 MiB; the bits for full buffers differ */
        kbd_command(0xD1);
        kbd_data(3);
        kbd_command(0xD0);
        line(step, 0x6D0, 3, kbd_read() & 3);
        break;
    case 5:
        kbd_command(0xD2);
        kbd_data(value);
        line(step, 0x6D2, value, in8(0x64) & 1);
        line(step, 0x6D2, value, kbd_read());
        break;
    default:
        kbd_command(rnd(2) ? 0xA7 : 0xA8);
        kbd_command(0x20);
        line(step, 0x6A7, 0, kbd_read() & 0x20);
        kbd_command(0xA7);
        break;
    }
}

static void keyboard_act(u32 step)
{
    static const u8 commands[] = {0xED, 0xEE, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF0, 0xFF};
    u8 command = commands[rnd(sizeof(commands))];
    u8 value = 0;
    u8 answer;

    kbd_data(command);
    line(step, 0x600, command, kbd_read());
    if (command == 0xED || command == 0xF3) {
        value = (u8)rnd(command == 0xED ? 8 : 128);
        kbd_data(value);
        line(step, 0x601, value, kbd_read());
    } else if (command == 0xF0) {
        value = (u8)(rnd(2) * 2); /* ask, or the set that is in force */
        kbd_data(value);
        line(step, 0x601, value, kbd_read());
        if (value == 0) {
            line(step, 0x602, value, kbd_read());
        }
    } else if (command == 0xF2) {
        line(step, 0x602, 0, kbd_read());
        line(step, 0x602, 0, kbd_read());
    } else if (command == 0xFF) {
        line(step, 0x602, 0, kbd_read());
    }
    answer = in8(0x64) & 1; /* nothing more */
    line(step, 0x603, command, answer);
    if (command == 0xF5) {
        kbd_data(0xF4);
        (void)kbd_read();
    }
}

/* ---- serial data ---- */

/* Fill the receiver through the loop, look at what it says, read it empty. */
static void loop_act(u32 step)
{
    u16 base = rnd(2) ? 0x3F8 : 0x2F8;
    u8 fifo = (u8)(rnd(4) ? 1 : 0);
    u32 count = fifo ? 1 + rnd(19) : 1 + rnd(3);
    u8 bits = (u8)rnd(4);

    out8((u16)(base + 3), 0x80);
    out8(base, 1);
    out8((u16)(base + 1), 0);
    out8((u16)(base + 3), bits);
    out8((u16)(base + 4), 0x10);
    out8((u16)(base + 2), (u8)(fifo ? 0x07 | rnd(4) << 6 : 0));
    out8((u16)(base + 1), 0x05);
    for (u32 i = 0; i < count; i++) {
        out8(base, (u8)rnd(32u << bits)); /* QEMU keeps bits that the frame has not */
        while (i + 1 < count && !(in8((u16)(base + 5)) & 0x40)) {}
    }
    wait_ticks(1200); /* ten characters: the time-out is over too */
    line(step, (u16)(base + 2), count, in8((u16)(base + 2)));
    for (u32 i = 0; i < 20; i++) {
        u8 status = in8((u16)(base + 5));

        line(step, (u16)(base + 5), count, status & 0x7F);
        if (!(status & 1)) {
            break;
        }
        line(step, base, bits, in8(base));
    }
    line(step, (u16)(base + 2), count, in8((u16)(base + 2)));
    out8((u16)(base + 1), 0);
    out8((u16)(base + 4), 0x08);
    out8((u16)(base + 2), 0);
}

/* The modem lines of the loop; QEMU notes no changes of them (bits 3..0). */
static void modem_act(u32 step)
{
    u16 base = rnd(2) ? 0x3F8 : 0x2F8;

    out8((u16)(base + 4), 0x10);
    (void)in8((u16)(base + 6));
    for (u32 i = 0; i < 4; i++) {
        u8 value = (u8)(0x10 | rnd(16));

        out8((u16)(base + 4), value);
        line(step, (u16)(base + 6), value, in8((u16)(base + 6)) & 0xF0);
    }
    out8((u16)(base + 4), 0x08);
    (void)in8((u16)(base + 6));
}

/* ---- the timer ---- */

/* A count that was written less than 200 us ago still has its high byte. */
static void latch_act(u32 step)
{
    u8 high = (u8)(1 + rnd(255));
    u8 mode = (u8)(rnd(2) ? 0 : 2);
    u8 low, top;

    out8(0x61, (u8)((in8(0x61) & 0xFC) | 1));
    out8(0x43, (u8)(0xB0 | mode << 1));
    out8(0x42, 0xFF);
    out8(0x42, high);
    for (u32 i = 0; i < 20; i++) { /* till the count is in */
        (void)in8(0x61);
    }
    switch (rnd(4)) {
    case 0: /* latch: the first one holds */
        out8(0x43, 0x80);
        out8(0x43, 0x80);
        break;
    case 1: /* read-back, count */
        out8(0x43, 0xD8);
        break;
    case 2: /* read-back, both: status comes first; bits 7 and 6 come a tick later */
        out8(0x43, 0xC8);
        line(step, 0x442, mode, in8(0x42) & 0x3F);
        break;
    default: /* no latch at all */
        break;
    }
    low = in8(0x42);
    top = in8(0x42);
    (void)low;
    line(step, 0x042, high, top);
}

/* OUT at the end of a short count, by status and by port 61h. Mode 0 only: QEMU has OUT of the
 * other modes that end upside down, and does not wait for their trigger. */
static void out_act(u32 step)
{
    out8(0x61, (u8)((in8(0x61) & 0xFC) | 1));
    out8(0x43, 0xB0);
    out8(0x42, (u8)(2 + rnd(30)));
    out8(0x42, 0);
    for (u32 i = 0; i < 20000; i++) {
        (void)in8(0x61);
    }
    out8(0x43, 0xE8);
    line(step, 0x042, 0, in8(0x42) & 0xBF);
    line(step, 0x061, 0, in8(0x61) & 0x21);
}

void guest_main(void)
{
    static void (*const acts[])(u32 step) = {clock_act,      cmos_act,     periodic_act,
                                             controller_act, keyboard_act, loop_act,
                                             modem_act,      latch_act,    out_act};

    out8(0x21, 0xFF);
    out8(0xA1, 0xFF);
    cmos_out(0x0A, 0x20);
    cmos_out(0x0B, 0x82);
    while (in8(0x64) & 1) {
        (void)in8(0x60);
    }
    kbd_command(0x60);
    kbd_data(0x64);
    for (u32 step = 0; step < STEPS; step++) {
        u32 act = rnd(sizeof(acts) / sizeof(acts[0]));

        if (act != 2 || step % 4 == 0) { /* the slowest one */
            acts[act](step);
        }
    }
    for (u32 i = 0; i < 3; i++) {
        alarm_act(STEPS + i);
    }
    out8(0xF4, 0x10);
}
