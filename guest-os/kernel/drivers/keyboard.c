/* 8042 and keyboard driver, scancode set 1. The interrupt handler only keeps scancodes; the bottom
 * half of tty1 makes characters of them. See: IBM PC/AT Technical Reference, "Keyboard controller",
 * "Keyboard". SPDX-License-Identifier: MIT */
#include "drivers/keyboard.h"

#include "devices/platform_map.h"
#include "drivers/keyboard_map.h"
#include "drivers/screen.h"
#include "drivers/tty.h"
#include "heart/cpu.h"
#include "heart/signal.h"

#define STATUS_OUTPUT   0x01 /* a byte can be read */
#define STATUS_INPUT    0x02 /* the controller is still busy with what was written */
#define WRITE_MODE      0x60 /* command: the next data byte is the mode */
#define ENABLE_KEYBOARD 0xAE
#define MODE            0x45 /* translate to set 1, self-test passed, interrupt on */
#define SET_LEDS        0xED /* to the keyboard; a byte with the lights follows */
#define ACKNOWLEDGED    0xFA
#define LED_NUM         0x02
#define LED_CAPS        0x04
#define WAIT_TURNS      10000
#define CODE_LIMIT      64u  /* power of two */
#define RELEASED        0x80 /* bit of a scancode */
#define EXTENDED        0xE0 /* prefix of the keys that the first PC had not */
#define PAUSE           0xE1 /* first of three bytes, pressed or released */

#define KEY_CTRL        0x1D
#define KEY_SHIFT_LEFT  0x2A
#define KEY_SHIFT_RIGHT 0x36
#define KEY_ALT         0x38
#define KEY_CAPS_LOCK   0x3A
#define KEY_NUM_LOCK    0x45
#define KEY_DELETE      0x53

static uint8_t codes[CODE_LIMIT]; /* ring, between the halves */
static uint32_t codes_first, codes_end;
static struct key_modifiers modifiers;
static bool shifts[2]; /* left, right */
static bool extended;
static uint32_t to_skip;    /* bytes of the Pause key */
static bool lights_are_due; /* the keyboard was told that the lights follow */
static bool lock_held[2];   /* Caps Lock, Num Lock: repeats do not count */

static void wait_until_idle(void)
{
    for (uint32_t i = 0; i < WAIT_TURNS && (port_read8(PORT_KBD_STATUS) & STATUS_INPUT); i++) {}
}

static void send(uint8_t byte)
{
    wait_until_idle();
    port_write8(PORT_KBD_DATA, byte);
}

/* ---- bottom half ---- */

static void show_lights(void)
{
    lights_are_due = true;
    send(SET_LEDS);
}

static void note_lock(uint32_t which, bool *lock, bool pressed)
{
    if (pressed && !lock_held[which]) {
        *lock = !*lock;
        show_lights();
    }
    lock_held[which] = pressed;
}

/* Keys that change what others mean; true if `key` was one. */
static bool note_modifier(uint8_t key, bool is_extended, bool pressed)
{
    switch (key) {
    case KEY_SHIFT_LEFT:
    case KEY_SHIFT_RIGHT:
        if (!is_extended) { /* those after E0h only surround the grey keys */
            shifts[key == KEY_SHIFT_RIGHT] = pressed;
            modifiers.shift = shifts[0] || shifts[1];
        }
        return true;
    case KEY_CTRL:
        modifiers.ctrl = pressed;
        return true;
    case KEY_ALT:
        modifiers.alt = pressed;
        return true;
    case KEY_CAPS_LOCK:
        note_lock(0, &modifiers.caps, pressed);
        return true;
    case KEY_NUM_LOCK:
        note_lock(1, &modifiers.num, pressed);
        return true;
    default:
        return false;
    }
}

/* Ctrl-Alt-Del: init decides what it means. */
static void ask_for_restart(void)
{
    struct process *init = process_find(PID_INIT);

    if (init != NULL) {
        signal_send(init, SIGINT, &(struct signal_cause){.code = SI_KERNEL});
    }
}

static void take_key(struct tty *tty, uint8_t key, bool is_extended)
{
    char text[KEYMAP_TEXT];
    uint32_t length;

    if (modifiers.ctrl && modifiers.alt && key == KEY_DELETE) {
        ask_for_restart();
        return;
    }
    modifiers.application = screen_keys_are_application();
    length = keymap_text(key, is_extended, &modifiers, text);
    if (TTY_ARRIVED_BYTES - (tty->arrived_end - tty->arrived_first) >= length) {
        for (uint32_t i = 0; i < length; i++) {
            tty_arrive(tty, (uint8_t)text[i]);
        }
    }
}

static void take_scancode(struct tty *tty, uint8_t code)
{
    bool was_extended = extended;
    uint8_t key = code & (uint8_t)~RELEASED;
    bool pressed = (code & RELEASED) == 0;

    if (code == ACKNOWLEDGED && lights_are_due) {
        lights_are_due = false;
        send((uint8_t)((modifiers.num ? LED_NUM : 0) | (modifiers.caps ? LED_CAPS : 0)));
        return;
    }
    if (code == PAUSE) {
        to_skip = 2;
        return;
    }
    if (to_skip > 0) {
        to_skip--;
        return;
    }
    extended = code == EXTENDED;
    if (!extended && !note_modifier(key, was_extended, pressed) && pressed) {
        take_key(tty, key, was_extended);
    }
}

void keyboard_gather(struct tty *tty)
{
    while (codes_first != codes_end) {
        take_scancode(tty, codes[codes_first++ % CODE_LIMIT]);
    }
}

/* ---- top half ---- */

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    while (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT) {
        uint8_t code = port_read8(PORT_KBD_DATA);

        if (codes_end - codes_first < CODE_LIMIT) {
            codes[codes_end++ % CODE_LIMIT] = code;
        }
    }
    tty_arrived(TTY_SCREEN);
}

void keyboard_initialise(void)
{
    wait_until_idle();
    port_write8(PORT_KBD_COMMAND, ENABLE_KEYBOARD);
    wait_until_idle();
    port_write8(PORT_KBD_COMMAND, WRITE_MODE);
    send(MODE);
    wait_until_idle();
    for (uint32_t i = 0; i < 16 && (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT); i++) {
        port_read8(PORT_KBD_DATA);
    }
    trap_on_irq(IRQ_KEYBOARD, on_interrupt);
}
