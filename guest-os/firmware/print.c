/* What the firmware says goes to the screen (by INT 10h, which an option ROM may have taken) and to
 * COM1. SPDX-License-Identifier: MIT */
#include "firmware/firmware.h"

static void put(uint8_t character)
{
    __asm__ volatile("pushal\n\tint $0x10\n\tpopal"
                     :
                     : "a"(0x0E00 | character), "b"(0x0007)
                     : "memory", "cc");
    if (BDA->com_ports[0]) {
        serial_send(character);
    }
}

void print(ROM char *text)
{
    while (*text) {
        put((uint8_t)*text);
        text++;
    }
}

void print_decimal(uint32_t value)
{
    char digits[10];
    uint32_t count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count) {
        put((uint8_t)digits[--count]);
    }
}

void print_hex(uint32_t value, uint32_t digits)
{
    while (digits) {
        uint32_t digit = value >> (4 * --digits) & 15;

        put((uint8_t)(digit < 10 ? '0' + digit : 'A' - 10 + digit));
    }
}
