/* Runs the tests of the BIOS services, says on COM1 how many checks there were, leaves by port F4h:
 * 0 if all held. SPDX-License-Identifier: MIT */
#include "bios.h"

#define COM1      0x3F8
#define LSR       5
#define LSR_EMPTY 0x20
#define EXIT_PORT 0xF4

extern char program_end[];
_Noreturn void main(uint32_t drive);

static uint32_t checks, failures;

void print(const char *text)
{
    for (; *text; text++) {
        while ((port_read8(COM1 + LSR) & LSR_EMPTY) == 0) {}
        port_write8(COM1, (uint8_t)*text);
    }
}

static void print_hex(uint32_t value)
{
    char text[9];

    for (uint32_t i = 0; i < 8; i++) {
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    }
    text[8] = '\0';
    print(text);
}

void expect(bool condition, const char *what, uint32_t value)
{
    checks++;
    if (!condition) {
        failures++;
        print("failed: ");
        print(what);
        print(": ");
        print_hex(value);
        print("\r\n");
    }
}

void main(uint32_t drive)
{
    port_write8(COM1 + 3, 0x03); /* 8 bits: some firmware leaves 5 */
    print("video\r\n");
    test_video();
    print("memory\r\n");
    test_memory();
    print("disk\r\n");
    test_disk((uint8_t)drive);
    print("keyboard\r\n");
    test_keyboard();
    print("clock\r\n");
    test_clock();
    print("serial\r\n");
    test_serial();
    print("bios: checks ");
    print_hex(checks);
    print(failures ? ", FAILED " : ", failed ");
    print_hex(failures);
    print("\r\n");
    port_write8(EXIT_PORT, failures != 0);
    for (;;) {
        __asm__ volatile("hlt");
    }
}
