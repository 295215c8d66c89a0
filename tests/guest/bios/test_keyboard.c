/* INT 16h: keys come from the keyboard controller itself (command D2h puts a byte into its output
 * buffer as if the keyboard had sent it), through IRQ 1.
 * See: IBM PC/AT Technical Reference, "Keyboard encoding". SPDX-License-Identifier: MIT */
#include "bios.h"

static void wait_free(void)
{
    while (port_read8(0x64) & 3) { /* the last byte has been taken */
    }
}

static void send(uint8_t byte)
{
    wait_free();
    port_write8(0x64, 0xD2);
    while (port_read8(0x64) & 2) {}
    port_write8(0x60, byte);
    wait_free();
}

static void press(uint8_t scan)
{
    send(scan);
    send(scan | 0x80);
}

static uint16_t take(uint8_t function)
{
    struct registers r;

    call(&r, 0x16, (uint32_t)(function | 1) << 8, 0, 0, 0);
    if (r.flags & ZERO) {
        return 0;
    }
    call(&r, 0x16, (uint32_t)function << 8, 0, 0, 0);
    return (uint16_t)r.eax;
}

static void expect_key(uint8_t function, uint16_t wanted, const char *what)
{
    uint16_t key = take(function);

    expect(key == wanted, what, key);
}

static void test_letters(void)
{
    press(0x1E);
    expect_key(0x00, 0x1E61, "a");
    send(0x2A);
    press(0x1E);
    send(0xAA);
    expect_key(0x00, 0x1E41, "Shift a");
    send(0x1D);
    press(0x2E);
    send(0x9D);
    expect_key(0x00, 0x2E03, "Ctrl c");
    send(0x38);
    press(0x10);
    send(0xB8);
    expect_key(0x00, 0x1000, "Alt q");
    press(0x3A);
    press(0x30);
    press(0x02);
    expect_key(0x00, 0x3042, "b with Caps Lock");
    expect_key(0x00, 0x0231, "1 with Caps Lock");
    press(0x3A);
    press(0x39);
    expect_key(0x00, 0x3920, "blank");
}

static void test_other_keys(void)
{
    press(0x3B);
    expect_key(0x00, 0x3B00, "F1");
    press(0x1C);
    expect_key(0x00, 0x1C0D, "Enter");
    press(0x01);
    expect_key(0x00, 0x011B, "Esc");
    send(0xE0);
    press(0x48);
    expect_key(0x10, 0x48E0, "cursor up, asked by 10h");
    send(0xE0);
    press(0x48);
    expect_key(0x00, 0x4800, "cursor up, asked by 00h");
    press(0x57);
    expect_key(0x10, 0x8500, "F11, asked by 10h");
}

void test_keyboard(void)
{
    struct registers r;
    uint32_t count = 0;

    while (take(0x10)) { /* what was there before */
    }
    test_letters();
    test_other_keys();
    send(0x2A);
    call(&r, 0x16, 0x0200, 0, 0, 0);
    expect((low(r.eax) & 0x0F) == 0x02, "02h: left Shift is down", r.eax);
    send(0xAA);
    call(&r, 0x16, 0x0200, 0, 0, 0);
    expect((low(r.eax) & 0x0F) == 0x00, "02h: and up", r.eax);
    call(&r, 0x16, 0x0500, 0, 0x4142, 0);
    expect(low(r.eax) == 0, "05h: there is room", r.eax);
    expect_key(0x10, 0x4142, "05h: the key that was put");
    for (uint32_t i = 0; i < 20; i++) {
        press(0x1E);
    }
    while (take(0x00)) {
        count++;
    }
    expect(count == 15, "the buffer holds 15 keys", count);
}
