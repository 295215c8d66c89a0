/* The formatter behind printf and the kernel's messages. No floating point: the programs here are
 * compiled for a CPU without x87. See: C11 7.21.6.1.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"

#include <stdbool.h>

#define DIGITS_MOST 24 /* of 64 bits in octal, and a sign */
#define NO_LIMIT    UINT32_MAX

struct sink {
    char *to;      /* where the text goes */
    size_t size;   /* bytes there, the final null included */
    size_t length; /* bytes the text has so far, stored or not */
};

struct field {
    bool left;         /* '-': pad on the right */
    bool marked;       /* '#': 0 before octal, 0x before hexadecimal */
    char plus;         /* before what is not negative: '+', ' ' or 0 */
    char pad;          /* ' ' or '0' */
    uint32_t width;    /* least number of characters */
    uint32_t most;     /* precision: most characters of a text, fewest digits; NO_LIMIT: none */
    uint32_t long_is;  /* how many 'l' were given, 0..2 */
    uint32_t short_is; /* how many 'h', 0..2 */
};

static void sink_put(struct sink *sink, char c)
{
    if (sink->length + 1 < sink->size) {
        sink->to[sink->length] = c;
    }
    sink->length++;
}

static void sink_pad(struct sink *sink, char c, uint32_t count)
{
    while (count-- > 0) {
        sink_put(sink, c);
    }
}

static void put_bytes(struct sink *sink, const struct field *field, const char *text, size_t length)
{
    uint32_t padding = field->width > length ? field->width - (uint32_t)length : 0;

    sink_pad(sink, ' ', field->left ? 0 : padding);
    for (size_t i = 0; i < length; i++) {
        sink_put(sink, text[i]);
    }
    sink_pad(sink, ' ', field->left ? padding : 0);
}

static void put_text(struct sink *sink, const struct field *field, const char *text)
{
    size_t length;

    text = text == NULL ? "(null)" : text;
    for (length = 0; length < field->most && text[length] != '\0'; length++) {}
    put_bytes(sink, field, text, length);
}

/* `prefix`: the sign, or 0x; it stands before the zeros. */
static void put_number(struct sink *sink, const struct field *field, uint64_t value, uint32_t base,
                       const char *prefix, bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char reversed[DIGITS_MOST];
    uint32_t count = 0, zeros = 0, before = 0, padding;

    while (value != 0 || (count == 0 && field->most != 0)) {
        reversed[count++] = digits[value % base];
        value /= base;
    }
    if (field->marked && base == 8 && (count == 0 || reversed[count - 1] != '0')) {
        reversed[count++] = '0';
    }
    while (prefix[before] != '\0') {
        before++;
    }
    if (field->most != NO_LIMIT) {
        zeros = field->most > count ? field->most - count : 0;
    } else if (field->pad == '0' && !field->left && field->width > count + before) {
        zeros = field->width - count - before;
    }
    padding = field->width > count + before + zeros ? field->width - count - before - zeros : 0;

    sink_pad(sink, ' ', field->left ? 0 : padding);
    while (*prefix != '\0') {
        sink_put(sink, *prefix++);
    }
    sink_pad(sink, '0', zeros);
    while (count > 0) {
        sink_put(sink, reversed[--count]);
    }
    sink_pad(sink, ' ', field->left ? padding : 0);
}

static void put_signed(struct sink *sink, const struct field *field, int64_t value)
{
    char prefix[2] = {value < 0 ? '-' : field->plus, '\0'};

    put_number(sink, field, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, prefix, false);
}

static void put_unsigned(struct sink *sink, const struct field *field, uint64_t value, char letter)
{
    bool hexadecimal = letter == 'x' || letter == 'X';
    const char *prefix = letter == 'x' ? "0x" : "0X";

    put_number(sink, field, value,
               hexadecimal     ? 16
               : letter == 'o' ? 8
                               : 10,
               hexadecimal && field->marked && value != 0 ? prefix : "", letter == 'X');
}

/* A number in the format, or `*`: the next argument. */
static const char *read_count(const char *format, int32_t *count, va_list *arguments)
{
    *count = 0;
    if (*format == '*') {
        *count = va_arg(*arguments, int32_t);
        return format + 1;
    }
    for (; *format >= '0' && *format <= '9'; format++) {
        *count = *count * 10 + (*format - '0');
    }
    return format;
}

static bool read_flag(char c, struct field *field)
{
    switch (c) {
    case '-':
        field->left = true;
        return true;
    case '0':
        field->pad = '0';
        return true;
    case '+':
        field->plus = '+';
        return true;
    case ' ':
        field->plus = field->plus == '\0' ? ' ' : field->plus;
        return true;
    case '#':
        field->marked = true;
        return true;
    default:
        return false;
    }
}

/* Read flags, width, precision and length modifiers; returns the conversion letter's place. */
static const char *read_field(const char *format, struct field *field, va_list *arguments)
{
    int32_t count;

    *field = (struct field){.pad = ' ', .most = NO_LIMIT};
    while (read_flag(*format, field)) {
        format++;
    }
    format = read_count(format, &count, arguments);
    field->left = field->left || count < 0;
    field->width = count < 0 ? -(uint32_t)count : (uint32_t)count;
    if (*format == '.') {
        format = read_count(format + 1, &count, arguments);
        field->most = count < 0 ? NO_LIMIT : (uint32_t)count;
    }
    for (; *format != '\0'; format++) {
        if (*format == 'l' || *format == 'j') {
            field->long_is += *format == 'j' ? 2 : 1;
        } else if (*format == 'h') {
            field->short_is++;
        } else if (*format != 'z' && *format != 't') {
            break;
        }
    }
    return format;
}

static int64_t next_signed(const struct field *field, va_list *arguments)
{
    if (field->long_is >= 2) {
        return va_arg(*arguments, int64_t);
    }
    if (field->short_is > 0) {
        int32_t value = va_arg(*arguments, int32_t);

        return field->short_is == 1 ? (int16_t)value : (int8_t)value;
    }
    return va_arg(*arguments, int32_t);
}

static uint64_t next_unsigned(const struct field *field, va_list *arguments)
{
    if (field->long_is >= 2) {
        return va_arg(*arguments, uint64_t);
    }
    if (field->short_is > 0) {
        return va_arg(*arguments, uint32_t) & (field->short_is == 1 ? 0xFFFFu : 0xFFu);
    }
    return va_arg(*arguments, uint32_t);
}

/* One conversion; false: the letter is none. */
static bool put_field(struct sink *sink, struct field *field, char letter, va_list *arguments)
{
    char c;

    switch (letter) {
    case 'd':
    case 'i':
        put_signed(sink, field, next_signed(field, arguments));
        return true;
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        put_unsigned(sink, field, next_unsigned(field, arguments), letter);
        return true;
    case 'p':
        *field = (struct field){.pad = '0', .width = 8, .most = NO_LIMIT};
        put_number(sink, field, va_arg(*arguments, uint32_t), 16, "", false);
        return true;
    case 'c':
        c = (char)va_arg(*arguments, int);
        put_bytes(sink, field, &c, 1);
        return true;
    case 's':
        put_text(sink, field, va_arg(*arguments, const char *));
        return true;
    default:
        return false;
    }
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    struct sink sink = {.to = to, .size = size};
    struct field field;
    va_list list;

    va_copy(list, arguments);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            sink_put(&sink, *format);
            continue;
        }
        format = read_field(format + 1, &field, &list);
        if (*format == '\0') {
            break; /* a lone % at the end */
        }
        if (!put_field(&sink, &field, *format, &list)) {
            sink_put(&sink, *format);
        }
    }
    va_end(list);
    if (size > 0) {
        to[sink.length < size ? sink.length : size - 1] = '\0';
    }
    return (int)sink.length;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return length;
}
