/* INT 14h and 17h. SPDX-License-Identifier: MIT */
#include "bios.h"

void test_serial(void)
{
    struct registers r;

    for (uint32_t i = 0; i < 10000 && (port_read8(0x3FD) & 0x40) == 0; i++) {}
    call(&r, 0x14, 0x0300, 0, 0, 0);
    expect((high(r.eax) & 0xE0) == 0x60, "14h AH=03h: nothing left to send", r.eax);
    call(&r, 0x14, 0x0100 | '*', 0, 0, 0);
    expect((high(r.eax) & 0x80) == 0 && low(r.eax) == '*', "14h AH=01h: sends", r.eax);
    call(&r, 0x14, 0x0100 | '\n', 0, 0, 0);
    expect((high(r.eax) & 0x80) == 0, "14h AH=01h: sends again", r.eax);
}
