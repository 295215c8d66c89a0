/* VGA text mode: registers, memory, retrace and the query for views.
 * See: IBM PS/2 Video Subsystem Technical Reference.
 * SPDX-License-Identifier: MIT */
#include "pc_fixture.h"

static void test_vga_reset_is_mode_3_blank(void **context)
{
    struct fixture *f = *context;
    struct vga_screen screen = vga_screen(&f->state.vga);
    struct vga_cell cell = vga_cell(&f->state.vga, 24, 79);

    assert_int_equal(screen.start, 0);
    assert_int_equal(screen.stride, 80);
    assert_int_equal(screen.cursor_row, 0);
    assert_int_equal(screen.cursor_visible, 1);
    assert_int_equal(screen.cursor_first, 13);
    assert_int_equal(screen.cursor_last, 14);
    assert_int_equal(cell.character, ' ');
    assert_int_equal(cell.attribute, 0x07);
}

static void test_vga_text_memory_is_seen_as_cells(void **context)
{
    struct fixture *f = *context;

    pc_memory_write(f->pc, 0xB8000 + 2 * (80 * 3 + 7), 2, 0x1F41, 0);

    assert_int_equal(vga_cell(&f->state.vga, 3, 7).character, 'A');
    assert_int_equal(vga_cell(&f->state.vga, 3, 7).attribute, 0x1F);
    assert_int_equal(pc_memory_read(f->pc, 0xB8000 + 2 * (80 * 3 + 7), 2, 0), 0x1F41);
}

static void test_vga_memory_ends_at_c0000(void **context)
{
    struct fixture *f = *context;

    pc_memory_write(f->pc, 0xBFFFE, 4, 0x44332211, 0);

    assert_int_equal(pc_memory_read(f->pc, 0xBFFFE, 4, 0), 0xFFFF2211);
}

static void test_vga_cursor_position(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0x3D4, 2, 0x030E, 0);
    pc_port_write(f->pc, 0x3D4, 2, 0x480F, 0); /* 348h = 840 = 10 * 80 + 40 */

    assert_int_equal(vga_screen(&f->state.vga).cursor_row, 10);
    assert_int_equal(vga_screen(&f->state.vga).cursor_column, 40);
}

static void test_vga_cursor_off_by_bit_5(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0x3D4, 2, 0x200A, 0);

    assert_int_equal(vga_screen(&f->state.vga).cursor_visible, 0);
}

static void test_vga_cursor_outside_the_screen(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0x3D4, 2, 0x0F0E, 0);

    assert_int_equal(vga_screen(&f->state.vga).cursor_row, 25);
}

static void test_vga_start_address_scrolls(void **context)
{
    struct fixture *f = *context;
    pc_memory_write(f->pc, 0xB8000 + 160, 1, 'x', 0);

    pc_port_write(f->pc, 0x3D4, 2, 0x500D, 0); /* one row down */

    assert_int_equal(vga_cell(&f->state.vga, 0, 0).character, 'x');
    assert_int_equal(vga_screen(&f->state.vga).start, 80);
}

static void test_vga_start_address_wraps_in_32_kib(void **context)
{
    struct fixture *f = *context;
    pc_memory_write(f->pc, 0xB8000, 1, 'w', 0);

    pc_port_write(f->pc, 0x3D4, 2, 0x3F0C, 0);
    pc_port_write(f->pc, 0x3D4, 2, 0xFF0D, 0); /* cell 16383 */

    assert_int_equal(vga_cell(&f->state.vga, 0, 1).character, 'w');
}

static void test_vga_crtc_protect_bit(void **context)
{
    struct fixture *f = *context;
    pc_port_write(f->pc, 0x3D4, 2, 0x5501, 0);
    assert_int_equal(in8(f, 0x3D5, 0), 0x4F); /* mode 3 leaves them protected */

    pc_port_write(f->pc, 0x3D4, 2, 0x0E11, 0);
    pc_port_write(f->pc, 0x3D4, 2, 0x5501, 0);

    assert_int_equal(in8(f, 0x3D5, 0), 0x55);
}

static void test_vga_attribute_flip_flop(void **context)
{
    struct fixture *f = *context;
    in8(f, 0x3DA, 0);
    out8(f, 0x3C0, 0x10, 0);
    out8(f, 0x3C0, 0x04, 0);
    out8(f, 0x3C0, 0x10, 0);

    in8(f, 0x3DA, 0); /* index again */
    out8(f, 0x3C0, 0x30, 0);

    assert_int_equal(in8(f, 0x3C0, 0), 0x30);
    assert_int_equal(in8(f, 0x3C1, 0), 0x04);
}

static void test_vga_sequencer_graphics_misc_read_back(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0x3C4, 2, 0x0A02, 0);
    pc_port_write(f->pc, 0x3CE, 2, 0x0506, 0);
    out8(f, 0x3C2, 0xE3, 0);

    assert_int_equal(pc_port_read(f->pc, 0x3C4, 2, 0), 0x0A02);
    assert_int_equal(pc_port_read(f->pc, 0x3CE, 2, 0), 0x0506);
    assert_int_equal(in8(f, 0x3CC, 0), 0xE3);
}

static void test_vga_index_out_of_range(void **context)
{
    struct fixture *f = *context;
    struct vga_state before;
    out8(f, 0x3D4, 0xFF, 0);
    out8(f, 0x3C4, 0xFF, 0);
    out8(f, 0x3CE, 0xFF, 0);
    before = f->state.vga;

    out8(f, 0x3D5, 0x12, 0);
    out8(f, 0x3C5, 0x12, 0);
    out8(f, 0x3CF, 0x12, 0);

    assert_memory_equal(&before, &f->state.vga, sizeof(before));
    assert_int_equal(in8(f, 0x3D5, 0), 0);
}

static void test_vga_palette_write_and_read(void **context)
{
    struct fixture *f = *context;
    out8(f, 0x3C8, 0x07, 0);
    out8(f, 0x3C9, 0x11, 0);
    out8(f, 0x3C9, 0x22, 0);
    out8(f, 0x3C9, 0xFF, 0);

    out8(f, 0x3C7, 0x07, 0);

    assert_int_equal(in8(f, 0x3C7, 0), 3);
    assert_int_equal(in8(f, 0x3C9, 0), 0x11);
    assert_int_equal(in8(f, 0x3C9, 0), 0x22);
    assert_int_equal(in8(f, 0x3C9, 0), 0x3F);
    assert_int_equal(in8(f, 0x3C8, 0), 0x08);
}

static void test_vga_palette_of_mode_3_is_the_ega_one(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x3C7, f->state.vga.attribute[6], 0); /* brown: attribute 6 is colour 14h */

    assert_int_equal(in8(f, 0x3C9, 0), 42);
    assert_int_equal(in8(f, 0x3C9, 0), 21);
    assert_int_equal(in8(f, 0x3C9, 0), 0);
}

static void test_vga_retrace_follows_the_clock(void **context)
{
    struct fixture *f = *context;

    /* 720 dots of 28.322 MHz are 2542.2 clocks, a line 3177.7, 400 lines 1271096.7,
     * 412 lines 1309229.6, 414 lines 1315585.1, a frame 1426806.0 */
    assert_int_equal(in8(f, 0x3DA, 2542), 0x00);
    assert_int_equal(in8(f, 0x3DA, 2543), 0x01);
    assert_int_equal(in8(f, 0x3DA, 3178), 0x00);
    assert_int_equal(in8(f, 0x3DA, 1309229), 0x01);
    assert_int_equal(in8(f, 0x3DA, 1309230), 0x09);
    assert_int_equal(in8(f, 0x3DA, 1315585), 0x09);
    assert_int_equal(in8(f, 0x3DA, 1315586), 0x01);
    assert_int_equal(in8(f, 0x3DA, 1426806), 0x01);
    assert_int_equal(in8(f, 0x3DA, 1426807), 0x00);
}

static void test_vga_check_rejects_palette_over_63(void **context)
{
    struct fixture *f = *context;

    f->state.vga.dac[5] = 64;

    assert_string_equal(pc_check(&f->state), "VGA: palette value out of range");
}

static void test_vga_remaining_ports(void **context)
{
    struct fixture *f = *context;

    out8(f, 0x3C6, 0x0F, 0);

    assert_int_equal(in8(f, 0x3C6, 0), 0x0F);
    assert_int_equal(in8(f, 0x3C2, 0), 0x10);
    assert_int_equal(in8(f, 0x3CA, 0), 0xFF);
}

static void test_vga_crtc_protect_leaves_line_compare_bit(void **context)
{
    struct fixture *f = *context;

    pc_port_write(f->pc, 0x3D4, 2, 0x0007, 0);

    assert_int_equal(in8(f, 0x3D5, 0), 0x0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE(test_vga_reset_is_mode_3_blank),
        FIXTURE_CASE(test_vga_text_memory_is_seen_as_cells),
        FIXTURE_CASE(test_vga_memory_ends_at_c0000),
        FIXTURE_CASE(test_vga_cursor_position),
        FIXTURE_CASE(test_vga_cursor_off_by_bit_5),
        FIXTURE_CASE(test_vga_cursor_outside_the_screen),
        FIXTURE_CASE(test_vga_start_address_scrolls),
        FIXTURE_CASE(test_vga_start_address_wraps_in_32_kib),
        FIXTURE_CASE(test_vga_crtc_protect_bit),
        FIXTURE_CASE(test_vga_attribute_flip_flop),
        FIXTURE_CASE(test_vga_sequencer_graphics_misc_read_back),
        FIXTURE_CASE(test_vga_index_out_of_range),
        FIXTURE_CASE(test_vga_palette_write_and_read),
        FIXTURE_CASE(test_vga_palette_of_mode_3_is_the_ega_one),
        FIXTURE_CASE(test_vga_retrace_follows_the_clock),
        FIXTURE_CASE(test_vga_check_rejects_palette_over_63),
        FIXTURE_CASE(test_vga_remaining_ports),
        FIXTURE_CASE(test_vga_crtc_protect_leaves_line_compare_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
