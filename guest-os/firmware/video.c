/* Text mode 3 of a VGA: INT 10h. 80 columns, 25 rows, eight pages at B800:0000.
 * Only text: other modes are refused silently, as on a card that lacks them; fonts and palettes
 * stay as they are. A card with a ROM of its own takes INT 10h over (post.c).
 * See: IBM PS/2 Video Subsystem Technical Reference. SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define VIDEO_SEGMENT 0xB800
#define COLUMNS       80
#define ROWS          25
#define PAGES         8
#define PAGE_BYTES    4096
#define ATTRIBUTE     0x07 /* grey on black */
#define CURSOR_LINES  0x0D0E
#define CRTC_START    0x0C
#define CRTC_CURSOR   0x0E
#define CRTC_PROTECT  0x80 /* bit 7 of register 11h: 00h-07h can not be written */

/* Register values of mode 3: 720 by 400 dots, 70 Hz. */
static ROM_DATA uint8_t sequencer[] = {0x03, 0x00, 0x03, 0x00, 0x02};
static ROM_DATA uint8_t crtc[] = {0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00,
                                  0x4F, 0x0D, 0x0E, 0x00, 0x00, 0x00, 0x00, 0x9C, 0x0E,
                                  0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, 0xFF};
static ROM_DATA uint8_t graphics[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0E, 0x00, 0xFF};
static ROM_DATA uint8_t attributes[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14,
                                        0x07, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D,
                                        0x3E, 0x3F, 0x0C, 0x00, 0x0F, 0x08, 0x00};
#define MISC_OUTPUT 0x67

static void indexed_write(uint16_t port, uint8_t index, uint8_t value)
{
    port_write8(port, index);
    port_write8((uint16_t)(port + 1), value);
}

static void write_registers(void)
{
    port_write8(PORT_VGA_MISC_WRITE, MISC_OUTPUT);
    for (uint8_t i = 0; i < sizeof(sequencer); i++) {
        indexed_write(PORT_VGA_SEQUENCER, i, sequencer[i]);
    }
    indexed_write(PORT_VGA_CRTC_INDEX, 0x11, 0x0E & (uint8_t)~CRTC_PROTECT);
    for (uint8_t i = 0; i < sizeof(crtc); i++) {
        indexed_write(PORT_VGA_CRTC_INDEX, i, crtc[i]);
    }
    for (uint8_t i = 0; i < sizeof(graphics); i++) {
        indexed_write(PORT_VGA_GRAPHICS, i, graphics[i]);
    }
    port_read8(PORT_VGA_INPUT_STATUS); /* the next write to 3C0h is an index */
    for (uint8_t i = 0; i < sizeof(attributes); i++) {
        port_write8(PORT_VGA_ATTRIBUTE, i);
        port_write8(PORT_VGA_ATTRIBUTE, attributes[i]);
    }
    port_write8(PORT_VGA_ATTRIBUTE, 0x20); /* screen on */
}

/* ---- cursor ---- */

static void crtc_write16(uint8_t index, uint16_t value)
{
    indexed_write(PORT_VGA_CRTC_INDEX, index, (uint8_t)(value >> 8));
    indexed_write(PORT_VGA_CRTC_INDEX, (uint8_t)(index + 1), (uint8_t)value);
}

/* Offset in video memory of a cell. */
static uint16_t cell_offset(uint8_t page, uint8_t row, uint8_t column)
{
    return (uint16_t)(page * PAGE_BYTES + (row * COLUMNS + column) * 2);
}

static uint16_t cursor_offset(uint8_t page)
{
    uint16_t cursor = BDA->cursor[page];

    return cell_offset(page, (uint8_t)(cursor >> 8), (uint8_t)cursor);
}

static void set_cursor(uint8_t page, uint8_t row, uint8_t column)
{
    BDA->cursor[page] = (uint16_t)(row << 8 | column);
    if (page == BDA->page) {
        crtc_write16(CRTC_CURSOR, cursor_offset(page) / 2);
    }
}

static void set_cursor_lines(uint16_t lines)
{
    BDA->cursor_lines = lines;
    crtc_write16(0x0A, lines);
}

static void set_page(uint8_t page)
{
    BDA->page = page;
    BDA->page_start = (uint16_t)(page * PAGE_BYTES);
    crtc_write16(CRTC_START, (uint16_t)(page * PAGE_BYTES / 2));
    crtc_write16(CRTC_CURSOR, cursor_offset(page) / 2);
}

void video_set_mode(bool clear)
{
    write_registers();
    BDA->video_mode = 3;
    BDA->columns = COLUMNS;
    BDA->page_bytes = PAGE_BYTES;
    BDA->crtc_port = PORT_VGA_CRTC_INDEX;
    BDA->video_control = 0x29;
    BDA->last_row = ROWS - 1;
    BDA->character_lines = 16;
    BDA->video_options[0] = 0x60;
    for (uint32_t page = 0; page < PAGES; page++) {
        BDA->cursor[page] = 0;
    }
    set_page(0);
    set_cursor_lines(CURSOR_LINES);
    if (clear) {
        far_fill16(VIDEO_SEGMENT, 0, ATTRIBUTE << 8 | ' ', PAGES * PAGE_BYTES / 2);
    }
}

/* ---- scrolling ---- */

struct window {
    uint8_t top, left, bottom, right; /* cells, inclusive */
    uint8_t lines;                    /* to move by, 0: clear all */
    uint8_t attribute;                /* of the empty lines */
};

static void clear_row(uint8_t page, uint8_t row, const struct window *window)
{
    far_fill16(VIDEO_SEGMENT, cell_offset(page, row, window->left),
               (uint16_t)(window->attribute << 8 | ' '),
               (uint16_t)(window->right - window->left + 1));
}

static void move_row(uint8_t page, uint8_t to, uint8_t from, const struct window *window)
{
    far_move16(VIDEO_SEGMENT, cell_offset(page, to, window->left),
               cell_offset(page, from, window->left), (uint16_t)(window->right - window->left + 1));
}

static void scroll(uint8_t page, struct window window, bool up)
{
    uint8_t height, lines;

    window.bottom = window.bottom < ROWS ? window.bottom : ROWS - 1;
    window.right = window.right < COLUMNS ? window.right : COLUMNS - 1;
    if (window.top > window.bottom || window.left > window.right) {
        return;
    }
    height = (uint8_t)(window.bottom - window.top + 1);
    lines = window.lines && window.lines < height ? window.lines : height;
    for (uint8_t i = 0; i < height; i++) {
        uint8_t row = (uint8_t)(up ? window.top + i : window.bottom - i);

        if (i + lines < height) {
            move_row(page, row, (uint8_t)(up ? row + lines : row - lines), &window);
        } else {
            clear_row(page, row, &window);
        }
    }
}

static void scroll_service(const struct frame *frame, bool up)
{
    struct window window = {
        .top = frame->c.h,
        .left = frame->c.l,
        .bottom = frame->d.h,
        .right = frame->d.l,
        .lines = frame->a.l,
        .attribute = frame->b.h,
    };

    scroll(BDA->page, window, up);
}

/* ---- characters ---- */

/* `attribute` 0..255, or -1: what is there stays. */
static void write_cell(uint16_t offset, uint8_t character, int32_t attribute)
{
    uint16_t old = far_read16(VIDEO_SEGMENT, offset);
    uint16_t high = attribute < 0 ? old & 0xFF00u : (uint16_t)(attribute << 8);

    far_write16(VIDEO_SEGMENT, offset, (uint16_t)(high | character));
}

static void write_cells(const struct frame *frame, int32_t attribute)
{
    uint8_t page = frame->b.h % PAGES;
    uint16_t offset = cursor_offset(page);

    for (uint16_t i = 0; i < frame->c.x && offset < (page + 1) * PAGE_BYTES; i++) {
        write_cell(offset, frame->a.l, attribute);
        offset = (uint16_t)(offset + 2);
    }
}

static void teletype(uint8_t page, uint8_t character, int32_t attribute)
{
    uint8_t row = (uint8_t)(BDA->cursor[page] >> 8);
    uint8_t column = (uint8_t)BDA->cursor[page];

    switch (character) {
    case 7:
        return;
    case '\b':
        column = (uint8_t)(column ? column - 1 : 0);
        break;
    case '\r':
        column = 0;
        break;
    case '\n':
        row++;
        break;
    default:
        write_cell(cell_offset(page, row, column), character, attribute);
        column++;
        break;
    }
    if (column >= COLUMNS) {
        column = 0;
        row++;
    }
    if (row >= ROWS) {
        struct window all = {0, 0, ROWS - 1, COLUMNS - 1, 1, ATTRIBUTE};

        scroll(page, all, true);
        row = ROWS - 1;
    }
    set_cursor(page, row, column);
}

/* AL bit 0: the cursor moves along; bit 1: attributes stand between the characters. */
static void write_string(const struct frame *frame)
{
    uint8_t page = frame->b.h % PAGES;
    uint16_t before = BDA->cursor[page];
    uint16_t from = (uint16_t)frame->ebp;
    uint8_t attribute = frame->b.l;

    set_cursor(page, frame->d.h, frame->d.l);
    for (uint16_t i = 0; i < frame->c.x; i++) {
        uint8_t character = far_read8(frame->es, from++);

        if (frame->a.l & 2) {
            attribute = far_read8(frame->es, from++);
        }
        teletype(page, character, attribute);
    }
    if ((frame->a.l & 1) == 0) {
        set_cursor(page, (uint8_t)(before >> 8), (uint8_t)before);
    }
}

/* ---- INT 10h ---- */

static void set_mode_service(const struct frame *frame)
{
    uint8_t mode = frame->a.l & 0x7F;

    if (mode <= 3 || mode == 7) {
        video_set_mode((frame->a.l & 0x80) == 0);
    }
}

static void get_cursor(struct frame *frame)
{
    frame->d.x = BDA->cursor[frame->b.h % PAGES];
    frame->c.x = BDA->cursor_lines;
}

static void get_mode(struct frame *frame)
{
    frame->a.l = BDA->video_mode;
    frame->a.h = COLUMNS;
    frame->b.h = BDA->page;
}

/* What programs ask to learn that this is a VGA with 25 rows. */
static void information(struct frame *frame)
{
    if (frame->a.x == 0x1130) {
        frame->c.x = BDA->character_lines;
        frame->d.l = BDA->last_row;
    } else if (frame->a.h == 0x12 && frame->b.l == 0x10) {
        frame->b.x = 0x0003; /* colour, 256 KiB */
        frame->c.x = 0;
    } else if (frame->a.x == 0x1A00) {
        frame->a.l = 0x1A;
        frame->b.x = 0x0008; /* VGA, colour */
    }
}

void video_service(struct frame *frame)
{
    uint8_t page = frame->b.h % PAGES;

    switch (frame->a.h) {
    case 0x00:
        set_mode_service(frame);
        break;
    case 0x01:
        set_cursor_lines(frame->c.x);
        break;
    case 0x02:
        set_cursor(page, frame->d.h, frame->d.l);
        break;
    case 0x03:
        get_cursor(frame);
        break;
    case 0x05:
        set_page(frame->a.l % PAGES);
        break;
    case 0x06:
    case 0x07:
        scroll_service(frame, frame->a.h == 0x06);
        break;
    case 0x08:
        frame->a.x = far_read16(VIDEO_SEGMENT, cursor_offset(page));
        break;
    case 0x09:
        write_cells(frame, frame->b.l);
        break;
    case 0x0A:
        write_cells(frame, -1);
        break;
    case 0x0E:
        teletype(BDA->page, frame->a.l, -1);
        break;
    case 0x0F:
        get_mode(frame);
        break;
    case 0x13:
        write_string(frame);
        break;
    default:
        information(frame);
        break;
    }
}
