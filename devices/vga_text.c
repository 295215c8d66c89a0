/* VGA registers and text memory.
 * SPDX-License-Identifier: MIT */
#include "devices/vga_text.h"
#include "devices/clock_ratio.h"
#include "devices/platform_map.h"

#define DOT_HZ          28322000
#define DOTS_A_LINE     900
#define LINES_A_FRAME   449
#define DOTS_SHOWN      720
#define LINES_SHOWN     400
#define RETRACE_FIRST   412
#define RETRACE_LAST    413
#define CELLS           (VGA_MEMORY / 2)
#define STATUS_OFF      0x01
#define STATUS_VRETRACE 0x08
#define PORT_ATTR_READ  0x3C1
#define PORT_SEQ_DATA   0x3C5
#define PORT_GFX_DATA   0x3CF

enum crtc_register {
    CRTC_CURSOR_START = 0x0A,
    CRTC_CURSOR_END = 0x0B,
    CRTC_START_HIGH = 0x0C,
    CRTC_START_LOW = 0x0D,
    CRTC_CURSOR_HIGH = 0x0E,
    CRTC_CURSOR_LOW = 0x0F,
    CRTC_RETRACE_END = 0x11, /* bit 7 protects registers 0..7 */
    CRTC_OFFSET = 0x13,
};

/* Mode 3 as IBM's firmware sets it. */
static const uint8_t MODE3_CRTC[VGA_CRTC_COUNT] = {
    0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00, 0x4F, 0x0D, 0x0E, 0x00,
    0x00, 0x00, 0x00, 0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF,
};
static const uint8_t MODE3_ATTRIBUTE[21] = {
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3A,
    0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x0C, 0x00, 0x0F, 0x08, 0x00,
};
static const uint8_t MODE3_GRAPHICS[9] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0E, 0x00, 0xFF};
static const uint8_t MODE3_SEQUENCER[5] = {0x03, 0x00, 0x03, 0x00, 0x02};

static uint32_t input_status(const struct vga *vga, uint64_t now)
{
    uint64_t dot = ticks_from_clock(now, DOT_HZ, vga->clock_hz) % (DOTS_A_LINE * LINES_A_FRAME);
    uint32_t line = (uint32_t)(dot / DOTS_A_LINE);
    uint32_t status = 0;

    if (line >= LINES_SHOWN || dot % DOTS_A_LINE >= DOTS_SHOWN) {
        status |= STATUS_OFF;
    }
    if (line >= RETRACE_FIRST && line <= RETRACE_LAST) {
        status |= STATUS_VRETRACE;
    }
    return status;
}

/* The register behind an index/data pair, or NULL if the index names none. */
static uint8_t *indexed(struct vga_state *state, uint16_t port)
{
    uint32_t index;

    switch (port) {
    case PORT_VGA_CRTC_DATA:
        index = state->crtc_index;
        return index < sizeof(state->crtc) ? &state->crtc[index] : 0;
    case PORT_SEQ_DATA:
        index = state->sequencer_index;
        return index < sizeof(state->sequencer) ? &state->sequencer[index] : 0;
    case PORT_GFX_DATA:
        index = state->graphics_index;
        return index < sizeof(state->graphics) ? &state->graphics[index] : 0;
    default: /* attribute controller */
        index = state->attribute_index & 0x1F;
        return index < sizeof(state->attribute) ? &state->attribute[index] : 0;
    }
}

/* The next byte of the palette: three bytes a colour, then the next colour. */
static uint8_t *next_component(struct vga_state *state)
{
    uint8_t *component = &state->dac[state->dac_index * 3 + state->dac_component];

    state->dac_component++;
    if (state->dac_component == 3) {
        state->dac_component = 0;
        state->dac_index++;
    }
    return component;
}

static void select_colour(struct vga_state *state, uint8_t index, uint8_t reading)
{
    state->dac_index = index;
    state->dac_component = 0;
    state->dac_reading = reading;
}

/* The 64 colours of the EGA, which the palette registers of mode 3 choose from: bits rgbRGB. */
static void default_palette(struct vga_state *state)
{
    for (uint32_t colour = 0; colour < VGA_DAC_COLOURS; colour++) {
        for (uint32_t component = 0; component < 3; component++) {
            uint32_t primary = colour >> (2 - component) & 1;
            uint32_t secondary = colour >> (5 - component) & 1;

            state->dac[colour * 3 + component] = (uint8_t)(primary * 42 + secondary * 21);
        }
    }
}

static void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

void vga_init(struct vga *vga, struct vga_state *state, uint64_t clock_hz)
{
    vga->state = state;
    vga->clock_hz = clock_hz;
}

void vga_reset(struct vga *vga)
{
    struct vga_state *state = vga->state;

    for (uint32_t i = 0; i < VGA_MEMORY; i += 2) {
        state->memory[i] = ' ';
        state->memory[i + 1] = 0x07;
    }
    default_palette(state);
    copy_bytes(state->crtc, MODE3_CRTC, sizeof(state->crtc));
    copy_bytes(state->attribute, MODE3_ATTRIBUTE, sizeof(state->attribute));
    copy_bytes(state->graphics, MODE3_GRAPHICS, sizeof(state->graphics));
    copy_bytes(state->sequencer, MODE3_SEQUENCER, sizeof(state->sequencer));
    state->crtc_index = 0;
    state->attribute_index = 0x20;
    state->attribute_data_next = 0;
    state->graphics_index = 0;
    state->sequencer_index = 0;
    state->misc = 0x67;
    state->dac_mask = 0xFF;
    select_colour(state, 0, 0);
    state->reserved[0] = 0;
    state->reserved[1] = 0;
}

void vga_power_on(struct vga *vga)
{
    struct vga_state blank = {0};

    *vga->state = blank;
}

uint32_t vga_port_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct vga *vga = device;
    struct vga_state *state = vga->state;
    const uint8_t *at;

    (void)size;
    switch (port) {
    case PORT_VGA_ATTRIBUTE:
        return state->attribute_index;
    case PORT_VGA_MISC_WRITE: /* input status 0: colour monitor */
        return 0x10;
    case PORT_VGA_MISC_READ:
        return state->misc;
    case PORT_VGA_SEQUENCER:
        return state->sequencer_index;
    case PORT_VGA_GRAPHICS:
        return state->graphics_index;
    case PORT_VGA_CRTC_INDEX:
        return state->crtc_index;
    case PORT_VGA_DAC_MASK:
        return state->dac_mask;
    case PORT_VGA_DAC_READ:
        return state->dac_reading ? 3 : 0;
    case PORT_VGA_DAC_WRITE:
        return state->dac_index;
    case PORT_VGA_DAC_DATA:
        return *next_component(state);
    case PORT_VGA_INPUT_STATUS:
        state->attribute_data_next = 0;
        return input_status(vga, now);
    case PORT_ATTR_READ:
    case PORT_SEQ_DATA:
    case PORT_GFX_DATA:
    case PORT_VGA_CRTC_DATA:
        at = indexed(state, port);
        return at ? *at : 0;
    default: /* feature control and what this adapter has not */
        return 0xFF;
    }
}

static void write_attribute(struct vga_state *state, uint8_t value)
{
    uint8_t *at = indexed(state, PORT_VGA_ATTRIBUTE);

    if (!state->attribute_data_next) {
        state->attribute_index = value & 0x3F;
    } else if (at) {
        *at = value;
    }
    state->attribute_data_next ^= 1;
}

static void write_crtc(struct vga_state *state, uint8_t value)
{
    uint8_t *at = indexed(state, PORT_VGA_CRTC_DATA);

    if ((state->crtc[CRTC_RETRACE_END] & 0x80) && state->crtc_index < 8) {
        if (state->crtc_index == 7) { /* only the line compare bit is free */
            *at = (uint8_t)((*at & ~0x10) | (value & 0x10));
        }
        return;
    }
    if (at) {
        *at = value;
    }
}

void vga_port_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct vga_state *state = ((struct vga *)device)->state;
    uint8_t byte = (uint8_t)value;
    uint8_t *at;

    (void)size;
    (void)now;
    switch (port) {
    case PORT_VGA_ATTRIBUTE:
        write_attribute(state, byte);
        break;
    case PORT_VGA_MISC_WRITE:
        state->misc = byte;
        break;
    case PORT_VGA_SEQUENCER:
        state->sequencer_index = byte;
        break;
    case PORT_VGA_GRAPHICS:
        state->graphics_index = byte;
        break;
    case PORT_VGA_CRTC_INDEX:
        state->crtc_index = byte;
        break;
    case PORT_VGA_CRTC_DATA:
        write_crtc(state, byte);
        break;
    case PORT_VGA_DAC_MASK:
        state->dac_mask = byte;
        break;
    case PORT_VGA_DAC_READ:
    case PORT_VGA_DAC_WRITE:
        select_colour(state, byte, port == PORT_VGA_DAC_READ);
        break;
    case PORT_VGA_DAC_DATA:
        *next_component(state) = byte & 0x3F;
        break;
    case PORT_SEQ_DATA:
    case PORT_GFX_DATA:
        at = indexed(state, port);
        if (at) {
            *at = byte;
        }
        break;
    default:
        break;
    }
}

uint32_t vga_memory_read(void *device, uint32_t physical, uint32_t size, uint64_t now)
{
    (void)size;
    (void)now;
    return ((struct vga *)device)->state->memory[(physical - VGA_TEXT_BASE) % VGA_MEMORY];
}

void vga_memory_write(void *device, uint32_t physical, uint32_t size, uint32_t value, uint64_t now)
{
    (void)size;
    (void)now;
    ((struct vga *)device)->state->memory[(physical - VGA_TEXT_BASE) % VGA_MEMORY] = (uint8_t)value;
}

struct vga_screen vga_screen(const struct vga_state *state)
{
    const uint8_t *crtc = state->crtc;
    uint32_t cursor = (uint32_t)crtc[CRTC_CURSOR_HIGH] << 8 | crtc[CRTC_CURSOR_LOW];
    struct vga_screen screen;
    uint32_t distance;

    screen.start = ((uint32_t)crtc[CRTC_START_HIGH] << 8 | crtc[CRTC_START_LOW]) % CELLS;
    screen.stride = 2u * crtc[CRTC_OFFSET];
    screen.cursor_first = crtc[CRTC_CURSOR_START] & 0x1F;
    screen.cursor_last = crtc[CRTC_CURSOR_END] & 0x1F;
    screen.cursor_visible =
        !(crtc[CRTC_CURSOR_START] & 0x20) && screen.cursor_first <= screen.cursor_last;
    distance = (cursor - screen.start) % CELLS;
    screen.cursor_row = screen.stride ? distance / screen.stride : VGA_ROWS;
    screen.cursor_column = screen.stride ? distance % screen.stride : 0;
    if (screen.cursor_row >= VGA_ROWS || screen.cursor_column >= VGA_COLUMNS) {
        screen.cursor_row = VGA_ROWS;
        screen.cursor_column = 0;
    }
    return screen;
}

struct vga_cell vga_cell(const struct vga_state *state, uint32_t row, uint32_t column)
{
    struct vga_screen screen = vga_screen(state);
    uint32_t at = (screen.start + row * screen.stride + column) % CELLS;
    struct vga_cell cell = {state->memory[2 * at], state->memory[2 * at + 1]};

    return cell;
}

const char *vga_check(const struct vga_state *state)
{
    for (uint32_t i = 0; i < sizeof(state->dac); i++) {
        if (state->dac[i] > 0x3F) {
            return "VGA: palette value out of range";
        }
    }
    if (state->attribute_index > 0x3F || state->attribute_data_next > 1 ||
        state->dac_component > 2 || state->dac_reading > 1 ||
        (state->reserved[0] | state->reserved[1])) {
        return "VGA: register out of range";
    }
    return 0;
}
