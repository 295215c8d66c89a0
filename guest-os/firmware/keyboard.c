/* The keyboard: 8042, IRQ 1 with the buffer of keys, INT 16h.
 * The controller translates to scan code set 1. SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define STATUS_OUTPUT 0x01 /* a byte to read */
#define STATUS_INPUT  0x02 /* busy with the last one */
#define SELF_TEST     0xAA
#define WRITE_COMMAND 0x60
#define COMMAND_BYTE  0x65 /* translate, system flag, mouse off, IRQ 1 */
#define RESET_PULSE   0xFE
#define TRIES         100000u

#define SCAN_CTRL    0x1D
#define SCAN_LEFT    0x2A
#define SCAN_RIGHT   0x36
#define SCAN_ALT     0x38
#define SCAN_CAPS    0x3A
#define SCAN_NUM     0x45
#define SCAN_SCROLL  0x46
#define SCAN_INSERT  0x52
#define SCAN_DELETE  0x53
#define SCAN_RELEASE 0x80
#define PREFIX_E0    0xE0
#define PREFIX_E1    0xE1

#define MODE_E0  0x02 /* keyboard_mode: the last byte was E0h */
#define MODE_E1  0x01 /* the last one was E1h: two more belong to Pause */
#define MODE_101 0x10 /* a keyboard with 101 keys */

#define PAD_SLASH 0x35 /* behind E0h */
#define PAD_ENTER 0x1C

/* ---- the controller ---- */

static void wait_input_free(void)
{
    for (uint32_t i = 0; i < TRIES && (port_read8(PORT_KBD_STATUS) & STATUS_INPUT); i++) {}
}

static bool wait_output(void)
{
    for (uint32_t i = 0; i < TRIES; i++) {
        if (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT) {
            return true;
        }
    }
    return false;
}

void keyboard_initialise(void)
{
    LOW struct bios_data *bda = BDA;

    while (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT) {
        port_read8(PORT_KBD_DATA);
    }
    wait_input_free();
    port_write8(PORT_KBD_COMMAND, SELF_TEST);
    if (wait_output()) {
        port_read8(PORT_KBD_DATA);
    }
    wait_input_free();
    port_write8(PORT_KBD_COMMAND, WRITE_COMMAND);
    wait_input_free();
    port_write8(PORT_KBD_DATA, COMMAND_BYTE);
    wait_input_free();
    bda->keys_first = (uint16_t)((uint32_t)bda->keys - 0x400);
    bda->keys_end = (uint16_t)(bda->keys_first + sizeof(bda->keys));
    bda->keys_head = bda->keys_first;
    bda->keys_tail = bda->keys_first;
    bda->keyboard_mode = MODE_101;
}

/* ---- the buffer ---- */

static uint16_t next_place(uint16_t place)
{
    place = (uint16_t)(place + 2);
    return place == BDA->keys_end ? BDA->keys_first : place;
}

static bool keys_put(uint16_t key)
{
    uint16_t tail = BDA->keys_tail;

    if (next_place(tail) == BDA->keys_head) {
        return false;
    }
    *(LOW uint16_t *)(0x400u + tail) = key;
    BDA->keys_tail = next_place(tail);
    return true;
}

static bool keys_look(uint16_t *key)
{
    if (BDA->keys_head == BDA->keys_tail) {
        return false;
    }
    *key = *(LOW uint16_t *)(0x400u + BDA->keys_head);
    return true;
}

static void keys_take(void)
{
    BDA->keys_head = next_place(BDA->keys_head);
}

uint16_t keyboard_wait(void)
{
    uint16_t key;

    while (!keys_look(&key)) {
        wait_for_interrupt();
    }
    keys_take();
    return key;
}

/* ---- IRQ 1 ---- */

/* Keys that count while they are down. */
static uint8_t held_flag(uint8_t scan)
{
    switch (scan) {
    case SCAN_CTRL:
        return SHIFT_CTRL;
    case SCAN_LEFT:
        return SHIFT_LEFT;
    case SCAN_RIGHT:
        return SHIFT_RIGHT;
    case SCAN_ALT:
        return SHIFT_ALT;
    default:
        return 0;
    }
}

/* Keys that change something each time they go down. */
static uint8_t toggled_flag(uint8_t scan)
{
    switch (scan) {
    case SCAN_CAPS:
        return SHIFT_CAPS;
    case SCAN_NUM:
        return SHIFT_NUM;
    case SCAN_SCROLL:
        return SHIFT_SCROLL;
    default:
        return 0;
    }
}

/* A key of the block between letters and number pad: as on the pad without Num Lock, and marked by
 * the character E0h. */
static uint16_t extended_key(uint8_t scan)
{
    uint8_t flags = BDA->shift_flags & (uint8_t) ~(SHIFT_NUM | SHIFT_LEFT | SHIFT_RIGHT);
    uint16_t key = keymap_look(scan, flags);

    if (scan == PAD_SLASH || scan == PAD_ENTER) {
        return (uint16_t)(0xE000 | (key & 0xFF));
    }
    return key ? (uint16_t)((key & 0xFF00) | 0xE0) : 0;
}

static void key_down(uint8_t scan, bool extended)
{
    LOW struct bios_data *bda = BDA;
    uint8_t toggled = extended ? 0 : toggled_flag(scan);
    uint16_t key;

    if (scan == SCAN_DELETE && (bda->shift_flags & SHIFT_CTRL) && (bda->shift_flags & SHIFT_ALT)) {
        port_write8(PORT_KBD_COMMAND, RESET_PULSE);
    }
    if (toggled) {
        bda->shift_flags ^= toggled;
        return;
    }
    if (scan == SCAN_INSERT) {
        bda->shift_flags ^= SHIFT_INSERT;
    }
    key = extended ? extended_key(scan) : keymap_look(scan, bda->shift_flags);
    if (key) {
        keys_put(key); /* a full buffer loses the key */
    }
}

static void scan_code(uint8_t byte)
{
    LOW struct bios_data *bda = BDA;
    uint8_t mode = bda->keyboard_mode;
    uint8_t scan = byte & 0x7F;
    uint8_t held = held_flag(scan);

    if (byte == PREFIX_E0 || byte == PREFIX_E1) {
        bda->keyboard_mode = (uint8_t)(mode | (byte == PREFIX_E0 ? MODE_E0 : MODE_E1));
        return;
    }
    if (mode & MODE_E1) { /* Pause: E1 1D 45, E1 9D C5 */
        if (scan == SCAN_NUM) {
            bda->keyboard_mode = mode & (uint8_t)~MODE_E1;
        }
        return;
    }
    bda->keyboard_mode = mode & (uint8_t)~MODE_E0;
    if ((mode & MODE_E0) && (scan == SCAN_LEFT || scan == SCAN_RIGHT)) {
        return; /* shifts that the keyboard puts around its grey keys */
    }
    if (held && (byte & SCAN_RELEASE)) {
        bda->shift_flags &= (uint8_t)~held;
    } else if (held) {
        bda->shift_flags |= held;
    } else if ((byte & SCAN_RELEASE) == 0) {
        key_down(scan, (mode & MODE_E0) != 0);
    }
}

void keyboard_interrupt(struct frame *frame)
{
    (void)frame;
    if (port_read8(PORT_KBD_STATUS) & STATUS_OUTPUT) {
        scan_code(port_read8(PORT_KBD_DATA));
    }
    port_write8(PORT_PIC_MASTER_COMMAND, 0x20);
}

/* ---- INT 16h ---- */

/* What programs of the 83-key keyboard can not know is left out (false) or changed. */
static bool for_old_program(uint16_t *key)
{
    uint8_t scan = (uint8_t)(*key >> 8);

    if (scan == 0xE0) {
        *key = (uint16_t)((*key & 0xFF) == '/' ? 0x352F : 0x1C00 | (*key & 0xFF));
        return true;
    }
    if ((*key & 0xFF) == 0xE0) {
        *key &= 0xFF00;
    }
    return scan <= 0x84;
}

static void take_key(struct frame *frame, bool old_program)
{
    uint16_t key;

    do {
        key = keyboard_wait();
    } while (old_program && !for_old_program(&key));
    frame->a.x = key;
}

static void look_at_key(struct frame *frame, bool old_program)
{
    uint16_t key;

    while (keys_look(&key)) {
        if (!old_program || for_old_program(&key)) {
            frame->a.x = key;
            frame->flags &= (uint16_t)~FLAG_ZERO;
            return;
        }
        keys_take();
    }
    frame->flags |= FLAG_ZERO;
}

void keyboard_service(struct frame *frame)
{
    switch (frame->a.h) {
    case 0x00:
    case 0x10:
        take_key(frame, frame->a.h == 0x00);
        break;
    case 0x01:
    case 0x11:
        look_at_key(frame, frame->a.h == 0x01);
        break;
    case 0x02:
        frame->a.l = BDA->shift_flags;
        break;
    case 0x05:
        frame->a.l = !keys_put(frame->c.x);
        break;
    case 0x12:
        frame->a.l = BDA->shift_flags;
        frame->a.h = BDA->shift_flags_2;
        break;
    default:
        break;
    }
}
