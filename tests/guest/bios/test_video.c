/* INT 10h: modes, cursor, characters, scrolling. See: IBM PS/2 BIOS Interface Reference.
 * SPDX-License-Identifier: MIT */
#include "bios.h"

static void put(char character)
{
    struct registers r;

    call(&r, 0x10, 0x0E00u | (uint8_t)character, 0x0007, 0, 0);
}

static void move_to(uint8_t row, uint8_t column)
{
    struct registers r;

    call(&r, 0x10, 0x0200, 0, 0, (uint32_t)row << 8 | column);
}

static uint16_t cell(uint8_t row, uint8_t column)
{
    struct registers r;

    move_to(row, column);
    call(&r, 0x10, 0x0800, 0, 0, 0);
    return (uint16_t)r.eax;
}

static uint16_t cursor(void)
{
    struct registers r;

    call(&r, 0x10, 0x0300, 0, 0, 0);
    return (uint16_t)r.edx;
}

static void test_teletype(void)
{
    move_to(5, 78);
    put('A');
    expect(cursor() == 0x054F, "0Eh: the cursor moves right", cursor());
    put('B');
    expect(cursor() == 0x0600, "0Eh: from the last column to the next row", cursor());
    put('C');
    put('\b');
    expect(cursor() == 0x0600, "0Eh: backspace", cursor());
    put('\n');
    expect(cursor() == 0x0700, "0Eh: line feed", cursor());
    put('x');
    put('\r');
    expect(cursor() == 0x0700, "0Eh: carriage return", cursor());
    expect((cell(5, 78) & 0xFF) == 'A', "0Eh: first character", cell(5, 78));
    expect((cell(5, 79) & 0xFF) == 'B', "0Eh: last column", cell(5, 79));
    expect((cell(6, 0) & 0xFF) == 'C', "0Eh: backspace leaves the character", cell(6, 0));
}

static void test_attributes(void)
{
    struct registers r;

    move_to(10, 0);
    call(&r, 0x10, 0x0900 | '*', 0x001E, 3, 0);
    expect(cursor() == 0x0A00, "09h: the cursor stays", cursor());
    expect(cell(10, 0) == (0x1E00 | '*'), "09h: first cell", cell(10, 0));
    expect(cell(10, 2) == (0x1E00 | '*'), "09h: third cell", cell(10, 2));
    expect((cell(10, 3) & 0xFF) != '*', "09h: not a fourth one", cell(10, 3));
    move_to(10, 1);
    call(&r, 0x10, 0x0A00 | '+', 0, 1, 0);
    expect(cell(10, 1) == (0x1E00 | '+'), "0Ah: the attribute stays", cell(10, 1));
}

static void test_string(void)
{
    static const char text[] = "abc";
    static const char pairs[] = "d\x12"
                                "e\x34";
    struct registers r = {.eax = 0x1301, .ebx = 0x002F, .ecx = 3, .edx = 0x0C0A};

    r.ebp = (uint32_t)text;
    interrupt(0x10, &r);
    expect(cursor() == 0x0C0D, "13h AL=1: the cursor moves", cursor());
    expect(cell(12, 12) == (0x2F00 | 'c'), "13h AL=1: last character", cell(12, 12));
    move_to(1, 1);
    r = (struct registers){.eax = 0x1302, .ecx = 2, .edx = 0x0D00, .ebp = (uint32_t)pairs};
    interrupt(0x10, &r);
    expect(cursor() == 0x0101, "13h AL=2: the cursor stays", cursor());
    expect(cell(13, 1) == (0x3400 | 'e'), "13h AL=2: attribute from the string", cell(13, 1));
}

static void test_scrolling(void)
{
    struct registers r;

    move_to(24, 0);
    put('Q');
    put('\n');
    expect((cell(23, 0) & 0xFF) == 'Q', "0Eh: the screen scrolls", cell(23, 0));
    call(&r, 0x10, 0x0601, 0x1700, 0x1600, 0x1802); /* rows 22-24, columns 0-2, up by one */
    expect((cell(22, 0) & 0xFF) == 'Q', "06h: up", cell(22, 0));
    expect(cell(24, 0) == 0x1720, "06h: the new row", cell(24, 0));
    call(&r, 0x10, 0x0702, 0x1700, 0x1600, 0x1802);
    expect((cell(24, 0) & 0xFF) == 'Q', "07h: down", cell(24, 0));
    call(&r, 0x10, 0x0600, 0x0700, 0x0000, 0x184F);
    expect(cell(24, 0) == 0x0720, "06h AL=0: clears", cell(24, 0));
}

void test_video(void)
{
    struct registers r;

    call(&r, 0x10, 0x0003, 0, 0, 0);
    call(&r, 0x10, 0x0F00, 0, 0, 0);
    expect(low(r.eax) == 3 && high(r.eax) == 80, "0Fh: mode 3, 80 columns", r.eax);
    expect(high(r.ebx) == 0, "0Fh: page 0", r.ebx);
    expect(cell(0, 0) == 0x0720, "00h: clears", cell(0, 0));
    call(&r, 0x10, 0x0100, 0, 0x0607, 0);
    call(&r, 0x10, 0x0300, 0, 0, 0);
    expect((r.ecx & 0xFFFF) == 0x0607, "01h: cursor lines", r.ecx);
    expect(peek16(0x463) == 0x3D4, "CRT controller's port in the data area", peek16(0x463));
    test_teletype();
    test_attributes();
    test_string();
    test_scrolling();
    call(&r, 0x10, 0x1A00, 0, 0, 0);
    expect(low(r.eax) == 0x1A && low(r.ebx) == 0x08, "1Ah: a VGA", r.ebx);
}
