/* Packets of gdb's remote protocol.
 * SPDX-License-Identifier: MIT */
#include "emu/gdb_packet.h"

#include <string.h>

#define INTERRUPT_BYTE 0x03
#define ESCAPE_FLIP    0x20
#define NO_DIGIT       0xFFu
#define RUN_LEAST      4u  /* same bytes that are shorter as a run */
#define RUN_MOST       97u /* repeats: '~' - 29 */
#define RUN_BASE       29u

int gdb_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

bool gdb_number(const char **text, uint64_t *value)
{
    uint32_t digits = 0;

    *value = 0;
    while (gdb_digit(**text) >= 0 && digits < 16) {
        *value = *value << 4 | (uint64_t)gdb_digit(**text);
        digits++;
        (*text)++;
    }
    return digits > 0 && gdb_digit(**text) < 0;
}

bool gdb_number32(const char **text, uint32_t *value)
{
    uint64_t number;

    if (!gdb_number(text, &number) || number > UINT32_MAX) {
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

void gdb_to_hex(const void *bytes, size_t size, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;

    for (size_t i = 0; i < size; i++) {
        *hex++ = digits[from[i] >> 4];
        *hex++ = digits[from[i] & 15];
    }
    *hex = '\0';
}

bool gdb_from_hex(const char *hex, void *bytes, size_t size)
{
    uint8_t *to = bytes;

    for (size_t i = 0; i < size; i++) {
        int high = gdb_digit(hex[2 * i]);
        int low = high < 0 ? -1 : gdb_digit(hex[2 * i + 1]);

        if (low < 0) {
            return false;
        }
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* ---- receiving ---- */

void gdb_parser_init(struct gdb_parser *parser)
{
    parser->state = GDB_OUTSIDE;
    parser->length = 0;
}

static void begin(struct gdb_parser *parser)
{
    parser->state = GDB_INSIDE;
    parser->sum = 0;
    parser->too_long = 0;
    parser->length = 0;
}

static void keep(struct gdb_parser *parser, uint8_t byte)
{
    if (parser->length < GDB_PAYLOAD_BYTES) {
        parser->payload[parser->length++] = (char)byte;
    } else {
        parser->too_long = 1;
    }
}

static enum gdb_received outside(struct gdb_parser *parser, uint8_t byte)
{
    switch (byte) {
    case '$':
        begin(parser);
        return GDB_NOTHING;
    case '+':
        return GDB_ACK;
    case '-':
        return GDB_NAK;
    case INTERRUPT_BYTE:
        return GDB_INTERRUPT;
    default:
        return GDB_NOTHING;
    }
}

static enum gdb_received inside(struct gdb_parser *parser, uint8_t byte)
{
    if (byte == '$') { /* the rest of the one before never came */
        begin(parser);
        return GDB_NOTHING;
    }
    if (byte == '#') {
        parser->state = GDB_SUM_HIGH;
        return GDB_NOTHING;
    }
    parser->sum = (uint8_t)(parser->sum + byte);
    if (byte == '}') {
        parser->state = GDB_ESCAPED;
    } else {
        keep(parser, byte);
    }
    return GDB_NOTHING;
}

static enum gdb_received end(struct gdb_parser *parser, uint8_t byte)
{
    int low = gdb_digit((char)byte);
    bool good = low >= 0 && parser->told != NO_DIGIT && !parser->too_long &&
                (parser->told << 4 | low) == parser->sum;

    parser->state = GDB_OUTSIDE;
    parser->payload[parser->length] = '\0';
    return good ? GDB_PACKET : GDB_BROKEN;
}

enum gdb_received gdb_parser_byte(struct gdb_parser *parser, uint8_t byte)
{
    int digit;

    switch (parser->state) {
    case GDB_OUTSIDE:
        return outside(parser, byte);
    case GDB_INSIDE:
        return inside(parser, byte);
    case GDB_ESCAPED:
        parser->sum = (uint8_t)(parser->sum + byte);
        keep(parser, byte ^ ESCAPE_FLIP);
        parser->state = GDB_INSIDE;
        return GDB_NOTHING;
    case GDB_SUM_HIGH:
        digit = gdb_digit((char)byte);
        parser->told = digit < 0 ? NO_DIGIT : (uint8_t)digit;
        parser->state = GDB_SUM_LOW;
        return GDB_NOTHING;
    default:
        return end(parser, byte);
    }
}

/* ---- sending ---- */

static bool is_special(char byte)
{
    return byte == '$' || byte == '#' || byte == '}' || byte == '*';
}

/* How often the byte at `payload` comes again right behind it, as far as a run can say: never so
 * often that the count would be '#' or '$'. */
static size_t repeats(const char *payload, size_t length)
{
    size_t count = 0;

    while (count + 1 < length && count < RUN_MOST && payload[count + 1] == payload[0]) {
        count++;
    }
    return count == '#' - RUN_BASE || count == '$' - RUN_BASE ? '"' - RUN_BASE : count;
}

size_t gdb_frame(const char *payload, size_t length, char *frame)
{
    size_t used = 0;
    uint8_t sum = 0;

    length = length < GDB_PAYLOAD_BYTES ? length : GDB_PAYLOAD_BYTES;
    frame[used++] = '$';
    for (size_t i = 0; i < length; i++) {
        if (is_special(payload[i])) {
            frame[used++] = '}';
            frame[used++] = (char)(payload[i] ^ ESCAPE_FLIP);
            continue;
        }
        size_t again = repeats(payload + i, length - i);

        frame[used++] = payload[i];
        if (again + 1 >= RUN_LEAST) {
            frame[used++] = '*';
            frame[used++] = (char)(again + RUN_BASE);
            i += again;
        }
    }
    for (size_t i = 1; i < used; i++) {
        sum = (uint8_t)(sum + (uint8_t)frame[i]);
    }
    frame[used++] = '#';
    gdb_to_hex(&sum, 1, frame + used); /* its 0 takes the last byte of room */
    return used + 2;
}
