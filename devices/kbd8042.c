/* The 8042 and its keyboard.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "devices/keyboard_set3.h"
#include "devices/platform_map.h"

#define STATUS_FULL    0x01 /* OBF */
#define STATUS_SYSTEM  0x04
#define STATUS_COMMAND 0x08 /* the last write was to port 64h */
#define STATUS_KEYLOCK 0x10 /* 1: not locked */
#define STATUS_AUX     0x20
#define STATUS_TIMEOUT 0x40

#define COMMAND_IRQ       0x01
#define COMMAND_SYSTEM    0x04
#define COMMAND_KBD_OFF   0x10
#define COMMAND_AUX_OFF   0x20
#define COMMAND_TRANSLATE 0x40

#define OUTPUT_NO_RESET 0x01
#define OUTPUT_A20      0x02
#define OUTPUT_FULL     0x10

#define REPLY_ACK    0xFA
#define REPLY_RESEND 0xFE
#define REPLY_PASSED 0xAA

/* Set 1 make code to set 2 make code; 0 = no such key. */
static const uint8_t SET2[0x59] = {
    0x00, 0x76, 0x16, 0x1E, 0x26, 0x25, 0x2E, 0x36, 0x3D, 0x3E, 0x46, 0x45, 0x4E, 0x55, 0x66,
    0x0D, 0x15, 0x1D, 0x24, 0x2D, 0x2C, 0x35, 0x3C, 0x43, 0x44, 0x4D, 0x54, 0x5B, 0x5A, 0x14,
    0x1C, 0x1B, 0x23, 0x2B, 0x34, 0x33, 0x3B, 0x42, 0x4B, 0x4C, 0x52, 0x0E, 0x12, 0x5D, 0x1A,
    0x22, 0x21, 0x2A, 0x32, 0x31, 0x3A, 0x41, 0x49, 0x4A, 0x59, 0x7C, 0x11, 0x29, 0x58, 0x05,
    0x06, 0x04, 0x0C, 0x03, 0x0B, 0x83, 0x0A, 0x01, 0x09, 0x77, 0x7E, 0x6C, 0x75, 0x7D, 0x7B,
    0x6B, 0x73, 0x74, 0x79, 0x69, 0x72, 0x7A, 0x70, 0x71, 0x7F, 0x60, 0x61, 0x78, 0x07,
};

static uint32_t translates(const struct kbd_state *state)
{
    return state->memory[0] & COMMAND_TRANSLATE;
}

static void update_irq(struct kbd *kbd)
{
    const struct kbd_state *state = kbd->state;

    line_set(&kbd->irq, (state->status & STATUS_FULL) && (state->memory[0] & COMMAND_IRQ));
}

/* Start the keyboard's next byte if it has one, may send and nothing is under way. */
static void start_transfer(struct kbd *kbd, uint64_t now)
{
    const struct kbd_state *state = kbd->state;

    if ((state->replies.count || state->keys.count) && !(state->status & STATUS_FULL) &&
        !(state->memory[0] & COMMAND_KBD_OFF) &&
        events_clock(kbd->events, EVENT_KEYBOARD) == CLOCK_NEVER) {
        events_post(kbd->events, EVENT_KEYBOARD,
                    now + kbd->clock_hz / 1000000 * KBD_BYTE_MICROSECONDS +
                        kbd->clock_hz % 1000000 * KBD_BYTE_MICROSECONDS / 1000000);
    }
}

/* A byte gets into the output buffer; IRQ1 makes a new edge even if the old one was unread. */
static void fill_output(struct kbd *kbd, uint8_t byte, uint8_t extra_status)
{
    struct kbd_state *state = kbd->state;

    line_set(&kbd->irq, 0);
    state->output = byte;
    state->status = (uint8_t)((state->status & STATUS_COMMAND) | STATUS_FULL | extra_status);
    update_irq(kbd);
}

static void reply(struct kbd_state *state, uint8_t byte)
{
    byte_queue_push(&state->replies, byte);
}

static void keyboard_defaults(struct kbd_state *state)
{
    byte_queue_clear(&state->keys);
    state->typematic = 0x2B; /* 10.9 a second after half a second */
    state->scan_set = 2;
    set3_reset(state);
}

/* FBh to FDh, and F7h to FAh for all keys. */
static uint32_t key_kind(uint8_t command)
{
    static const uint8_t kinds[] = {KEY_REPEATS, KEY_BREAKS, 0, KEY_REPEATS | KEY_BREAKS,
                                    KEY_REPEATS, KEY_BREAKS, 0};

    return kinds[command - 0xF7];
}

static void keyboard_data(struct kbd_state *state, uint8_t command, uint8_t byte)
{
    uint32_t wrong_set = command == 0xF0 && byte > 3;

    reply(state, wrong_set ? REPLY_RESEND : REPLY_ACK);
    if (command == 0xED) {
        state->leds = byte & 7;
    } else if (command == 0xF3) {
        state->typematic = byte & 0x7F;
    } else if (command == 0xF0 && byte == 0) {
        reply(state, translates(state) ? kbd_translated(state->scan_set) : state->scan_set);
    } else if (command == 0xF0 && !wrong_set) {
        byte_queue_clear(&state->keys);
        state->scan_set = byte;
        state->prefix = 0;
        memset(state->held, 0, sizeof(state->held));
    } else if (command >= 0xFB) { /* more keys may follow */
        set3_one_key(state, byte, key_kind(command));
        state->keyboard_command = command;
    }
}

static void keyboard_command(struct kbd_state *state, uint8_t byte)
{
    if (byte != 0xFE) {
        byte_queue_clear(&state->replies);
    }
    switch (byte) {
    case 0xED: /* set lamps */
    case 0xF0: /* scan code set */
    case 0xF3: /* typematic rate */
    case 0xFB: /* types of single keys in set 3 */
    case 0xFC:
    case 0xFD:
        state->keyboard_command = byte;
        reply(state, REPLY_ACK);
        break;
    case 0xEE: /* echo */
        reply(state, 0xEE);
        break;
    case 0xF2: /* identify: an MF2 keyboard */
        reply(state, REPLY_ACK);
        reply(state, 0xAB);
        reply(state, translates(state) ? 0x41 : 0x83);
        break;
    case 0xF4: /* enable */
        byte_queue_clear(&state->keys);
        state->scanning = 1;
        reply(state, REPLY_ACK);
        break;
    case 0xF5: /* defaults, disable */
    case 0xF6: /* defaults */
        keyboard_defaults(state);
        state->scanning = byte == 0xF6 ? state->scanning : 0;
        reply(state, REPLY_ACK);
        break;
    case 0xF7: /* types of all keys in set 3 */
    case 0xF8:
    case 0xF9:
    case 0xFA:
        byte_queue_clear(&state->keys);
        set3_all_keys(state, key_kind(byte));
        reply(state, REPLY_ACK);
        break;
    case 0xFE: /* resend */
        reply(state, state->last_sent);
        break;
    case 0xFF: /* reset and self test */
        keyboard_defaults(state);
        state->scanning = 1;
        state->leds = 0;
        reply(state, REPLY_ACK);
        reply(state, REPLY_PASSED);
        break;
    default:
        reply(state, REPLY_RESEND);
        break;
    }
}

/* A byte for the keyboard; the controller opens the interface to send it. */
static void write_keyboard(struct kbd *kbd, uint8_t byte, uint64_t now)
{
    struct kbd_state *state = kbd->state;
    uint8_t command = state->keyboard_command;

    state->memory[0] &= (uint8_t)~COMMAND_KBD_OFF;
    state->keyboard_command = 0;
    if (command && byte < 0xED) {
        keyboard_data(state, command, byte);
    } else {
        keyboard_command(state, byte);
    }
    start_transfer(kbd, now);
}

static void request_reset(struct kbd *kbd)
{
    if (kbd->host->request) {
        kbd->host->request(kbd->host->context, PC_REQUEST_RESET, 0);
    }
}

static void write_output_port(struct kbd *kbd, uint8_t byte)
{
    kbd->state->output_port = byte & (OUTPUT_NO_RESET | OUTPUT_A20);
    if (!(byte & OUTPUT_NO_RESET)) {
        kbd->state->output_port |= OUTPUT_NO_RESET;
        request_reset(kbd);
    }
}

/* The second byte of a controller command. */
static void controller_data(struct kbd *kbd, uint8_t command, uint8_t byte, uint64_t now)
{
    struct kbd_state *state = kbd->state;

    switch (command) {
    case 0xD1:
        write_output_port(kbd, byte);
        break;
    case 0xD2:
        fill_output(kbd, byte, 0);
        break;
    case 0xD4:
        fill_output(kbd, REPLY_RESEND, STATUS_AUX | STATUS_TIMEOUT);
        break;
    default: /* 60h-7Fh */
        state->memory[command & 0x1F] = byte;
        update_irq(kbd);
        start_transfer(kbd, now);
        break;
    }
}

static void set_command_bits(struct kbd *kbd, uint8_t mask, uint8_t bits, uint64_t now)
{
    kbd->state->memory[0] = (uint8_t)((kbd->state->memory[0] & ~mask) | bits);
    start_transfer(kbd, now);
}

static uint8_t read_output_port(const struct kbd_state *state)
{
    return (uint8_t)(state->output_port | ((state->status & STATUS_FULL) ? OUTPUT_FULL : 0));
}

static void controller_command(struct kbd *kbd, uint8_t byte, uint64_t now)
{
    struct kbd_state *state = kbd->state;

    switch (byte) {
    case 0xA7:
        set_command_bits(kbd, COMMAND_AUX_OFF, COMMAND_AUX_OFF, now);
        break;
    case 0xA8:
        set_command_bits(kbd, COMMAND_AUX_OFF, 0, now);
        break;
    case 0xA9: /* mouse interface test: its clock line is stuck high */
        fill_output(kbd, 0x02, 0);
        break;
    case 0xAA:
        state->memory[0] |= COMMAND_SYSTEM;
        fill_output(kbd, 0x55, 0);
        break;
    case 0xAB:
        fill_output(kbd, 0x00, 0);
        break;
    case 0xAD:
        set_command_bits(kbd, COMMAND_KBD_OFF, COMMAND_KBD_OFF, now);
        break;
    case 0xAE:
        set_command_bits(kbd, COMMAND_KBD_OFF, 0, now);
        break;
    case 0xC0: /* input port: keyboard not locked */
        fill_output(kbd, 0x80, 0);
        break;
    case 0xD0:
        fill_output(kbd, read_output_port(state), 0);
        break;
    case 0xD1:
    case 0xD2:
    case 0xD4:
        state->controller_command = byte;
        break;
    case 0xDD:
        state->output_port &= (uint8_t)~OUTPUT_A20;
        break;
    case 0xDF:
        state->output_port |= OUTPUT_A20;
        break;
    case 0xE0: /* test inputs: both lines low */
        fill_output(kbd, 0x00, 0);
        break;
    default:
        if ((byte & 0xE0) == 0x20) {
            fill_output(kbd, state->memory[byte & 0x1F], 0);
        } else if ((byte & 0xE0) == 0x60) {
            state->controller_command = byte;
        } else if (byte >= 0xF0 && !(byte & 1)) {
            request_reset(kbd);
        }
        break;
    }
}

void kbd_init(struct kbd *kbd, const struct kbd *wires)
{
    *kbd = *wires;
}

void kbd_reset(struct kbd *kbd)
{
    struct kbd_state idle = {.output_port = OUTPUT_NO_RESET | OUTPUT_A20, .scanning = 1};

    idle.memory[0] = COMMAND_TRANSLATE | COMMAND_AUX_OFF | COMMAND_SYSTEM | COMMAND_IRQ;
    keyboard_defaults(&idle);
    *kbd->state = idle;
    events_cancel(kbd->events, EVENT_KEYBOARD);
    update_irq(kbd);
}

void kbd_power_on(struct kbd *kbd)
{
    kbd->state->memory[0] = COMMAND_KBD_OFF | COMMAND_AUX_OFF;
}

uint32_t kbd_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct kbd *kbd = device;
    struct kbd_state *state = kbd->state;

    (void)size;
    if (port == PORT_KBD_STATUS) {
        return (uint32_t)state->status | STATUS_KEYLOCK | (state->memory[0] & COMMAND_SYSTEM);
    }
    state->status &= STATUS_COMMAND;
    update_irq(kbd);
    start_transfer(kbd, now);
    return state->output;
}

void kbd_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct kbd *kbd = device;
    struct kbd_state *state = kbd->state;
    uint8_t command = state->controller_command;

    (void)size;
    state->controller_command = 0;
    if (port == PORT_KBD_COMMAND) {
        state->status |= STATUS_COMMAND;
        controller_command(kbd, (uint8_t)value, now);
        return;
    }
    state->status &= (uint8_t)~STATUS_COMMAND;
    if (command) {
        controller_data(kbd, command, (uint8_t)value, now);
    } else {
        write_keyboard(kbd, (uint8_t)value, now);
    }
}

void kbd_event(struct kbd *kbd, uint64_t clock)
{
    struct kbd_state *state = kbd->state;

    (void)clock;
    if ((state->status & STATUS_FULL) || (state->memory[0] & COMMAND_KBD_OFF)) {
        return; /* the controller held the clock line: sent again when it lets go */
    }
    if (state->replies.count == 0 && state->keys.count == 0) {
        return; /* cleared by a command meanwhile */
    }
    state->last_sent = byte_queue_pop(state->replies.count ? &state->replies : &state->keys);
    fill_output(kbd, state->last_sent, 0);
}

/* In set 3 most keys tell less than the host does. */
static bool key_in_set3(struct kbd *kbd, uint8_t scancode, uint64_t now)
{
    struct kbd_state *state = kbd->state;
    uint8_t code;
    uint32_t released;

    if (set3_key(state, scancode, &code, &released)) {
        const uint32_t needed = released && !translates(state) ? 2 : 1;

        if (state->keys.count + needed > BYTE_QUEUE_SIZE) {
            return false;
        }
        if (needed == 2) {
            byte_queue_push(&state->keys, 0xF0);
        }
        if (translates(state)) {
            code = (uint8_t)(kbd_translated(code) | (released ? 0x80 : 0));
        }
        byte_queue_push(&state->keys, code);
    }
    set3_take(state, scancode);
    start_transfer(kbd, now);
    return true;
}

bool kbd_key(struct kbd *kbd, uint8_t scancode, uint64_t now)
{
    struct kbd_state *state = kbd->state;
    uint8_t make = scancode & 0x7F;
    bool to_set2 = state->scan_set == 2 && !translates(state) && scancode != 0xE0 &&
                   scancode != 0xE1 && make < sizeof(SET2) && SET2[make];
    uint32_t needed = to_set2 && scancode != make ? 2 : 1;

    if (!state->scanning) {
        return true; /* the keyboard is told not to look */
    }
    if (state->scan_set == 3) {
        return key_in_set3(kbd, scancode, now);
    }
    if (state->keys.count + needed > BYTE_QUEUE_SIZE) {
        return false;
    }
    if (needed == 2) {
        byte_queue_push(&state->keys, 0xF0);
    }
    byte_queue_push(&state->keys, to_set2 ? SET2[make] : scancode);
    start_transfer(kbd, now);
    return true;
}

uint32_t kbd_a20(const struct kbd_state *state)
{
    return (state->output_port & OUTPUT_A20) != 0;
}

const char *kbd_check(const struct kbd_state *state)
{
    uint8_t command = state->controller_command;
    uint8_t awaited = state->keyboard_command;
    uint8_t rest = 0;

    for (uint32_t i = 0; i < sizeof(state->reserved); i++) {
        rest |= state->reserved[i];
    }
    if (!byte_queue_is_valid(&state->keys) || !byte_queue_is_valid(&state->replies)) {
        return "keyboard: queue out of range";
    }
    if (state->keys.marks || state->replies.marks) {
        return "keyboard: a marked byte";
    }
    if ((state->status & ~(STATUS_FULL | STATUS_COMMAND | STATUS_AUX | STATUS_TIMEOUT)) ||
        (state->output_port & ~(OUTPUT_NO_RESET | OUTPUT_A20)) || rest) {
        return "keyboard: status or output port out of range";
    }
    if (command && (command & 0xE0) != 0x60 && command != 0xD1 && command != 0xD2 &&
        command != 0xD4) {
        return "keyboard: controller command that takes no data";
    }
    if (awaited && awaited != 0xED && awaited != 0xF0 && awaited != 0xF3 &&
        (awaited < 0xFB || awaited > 0xFD)) {
        return "keyboard: keyboard command that takes no data";
    }
    if (state->leds > 7 || state->typematic > 0x7F || state->scan_set < 1 || state->scan_set > 3 ||
        state->scanning > 1) {
        return "keyboard: mode out of range";
    }
    if (state->prefix && state->prefix != 0xE0 && state->prefix != 0xE1 && state->prefix != 0x1D) {
        return "keyboard: unknown prefix";
    }
    return 0;
}
