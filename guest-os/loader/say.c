/* Messages: INT 10h and INT 14h, character by character.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define LINE_BYTES 160
#define UART_LCR   3
#define LCR_8_BITS 0x03

extern const uint16_t bda_com1; /* loader.ld: I/O address of COM1, 0: none */

/* Some firmware finds COM1 and leaves it with 5 bits a character, as a reset does. */
void say_initialise(void)
{
    if (bda_com1) {
        port_write8((uint16_t)(bda_com1 + UART_LCR), LCR_8_BITS);
    }
}

static void put(char character)
{
    struct bios_registers registers = {0};

    registers.eax = 0x0E00u | (uint8_t)character;
    registers.ebx = 0x0007;
    bios_call(0x10, &registers);
    registers = (struct bios_registers){0};
    registers.eax = 0x0100u | (uint8_t)character;
    bios_call(0x14, &registers); /* COM1; where there is none, nothing happens */
}

static void put_line(const char *prefix, const char *format, va_list arguments)
{
    char line[LINE_BYTES];

    vsnprintf(line, sizeof(line), format, arguments);
    for (const char *at = prefix; *at; at++) {
        put(*at);
    }
    for (const char *at = line; *at; at++) {
        put(*at);
    }
    put('\r');
    put('\n');
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_line("loader: ", format, arguments);
    va_end(arguments);
}

void fail(const char *format, ...)
{
    struct bios_registers registers = {0};
    va_list arguments;

    post_code(POST_LOADER_FAIL);
    va_start(arguments, format);
    put_line("loader: error: ", format, arguments);
    va_end(arguments);
    for (;;) {
        bios_call(0x18, &registers);
    }
}
