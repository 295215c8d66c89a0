/* 8042 and keyboard driver, scancode set 1, US layout with Shift, Ctrl and Caps Lock. No LEDs, no
 * keypad, no cursor keys. See: IBM PC/AT Technical Reference, "Keyboard controller"; scancodes
 * there under "Keyboard". SPDX-License-Identifier: MIT */
#include "drivers/keyboard.h"

#include "devices/platform_map.h"
#include "drivers/tty.h"
#include "heart/cpu.h"
#include "heart/trap.h"

#define STATUS_OUTPUT   0x01 /* a byte can be read */
#define STATUS_INPUT    0x02 /* the controller is still busy with what was written */
#define WRITE_MODE      0x60 /* command: the next data byte is the mode */
#define ENABLE_KEYBOARD 0xAE
#define MODE            0x45 /* translate to set 1, self-test passed, interrupt on */
#define WAIT_TURNS      10000
#define RELEASED        0x80 /* bit of a scancode */
#define EXTENDED        0xE0 /* prefix of the keys that the first PC had not */
#define KEY_CTRL        0x1D
#define KEY_SHIFT_LEFT  0x2A
#define KEY_SHIFT_RIGHT 0x36
#define KEY_CAPS_LOCK   0x3A
#define KEYS            0x3A

/* By scancode: first without, then with Shift. 0: no character. */
static const char plain[KEYS + 1] = "\0\033"
                                    "1234567890-=\177\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./"
                                    "\0*\0 ";
static const char shifted[KEYS + 1] = "\0\033"
                                      "!@#$%^&*()_+\177\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?"
                                      "\0*\0 ";

static bool shift, ctrl, caps_lock, extended;

static void wait_until_idle(void)
{
    for (uint32_t i = 0; i < WAIT_TURNS && (port_read8(PORT_KBD_STATUS) & STATUS_INPUT); i++) {}
}

/* Keys that change what others mean; true if `key` was one. */
static bool note_modifier(uint8_t key, bool pressed)
{
    switch (key) {
    case KEY_SHIFT_LEFT:
    case KEY_SHIFT_RIGHT:
        shift = pressed;
        return true;
    case KEY_CTRL:
        ctrl = pressed;
        return true;
    case KEY_CAPS_LOCK:
        caps_lock ^= pressed;
        return true;
    default:
        return false;
    }
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void take_scancode(uint8_t code)
{
    uint8_t key = code & (uint8_t)~RELEASED;
    bool pressed = (code & RELEASED) == 0;
    bool was_extended = extended;
    char c;

    extended = code == EXTENDED;
    if (extended || (was_extended && key != KEY_CTRL) || note_modifier(key, pressed) || !pressed ||
        key >= KEYS) {
        return;
    }
    c = shift != (caps_lock && is_letter(plain[key])) ? shifted[key] : plain[key];
    if (ctrl && (shifted[key] & 0x40) && c >= 0x40) {
        c &= 0x1F; /* Ctrl-C is 3, and so on */
    }
    if (c != '\0') {
        tty_input(c);
    }
}

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    while (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT) {
        take_scancode(port_read8(PORT_KBD_DATA));
    }
}

void keyboard_initialise(void)
{
    wait_until_idle();
    port_write8(PORT_KBD_COMMAND, ENABLE_KEYBOARD);
    wait_until_idle();
    port_write8(PORT_KBD_COMMAND, WRITE_MODE);
    wait_until_idle();
    port_write8(PORT_KBD_DATA, MODE);
    wait_until_idle();
    for (uint32_t i = 0; i < 16 && (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT); i++) {
        port_read8(PORT_KBD_DATA);
    }
    trap_on_irq(IRQ_KEYBOARD, on_interrupt);
}
