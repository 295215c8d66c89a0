/* The formatter behind printf and the kernel's messages. No floating point: the programs here are
 * compiled for a CPU without x87. See: C11 7.21.6.1.
 * SPDX-License-Identifier: MIT */
#include "common/text.h"

#include <stdbool.h>

struct sink {
    char *to;      /* where the text goes */
    size_t size;   /* bytes there, the final null included */
    size_t length; /* bytes the text has so far, stored or not */
};

struct field {
    bool left;        /* '-': pad on the right */
    char pad;         /* ' ' or '0' */
    uint32_t width;   /* least number of characters */
    uint32_t most;    /* precision: of a text, the most characters */
    uint32_t long_is; /* how many 'l' were given, 0..2 */
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

static void put_text(struct sink *sink, const struct field *field, const char *text)
{
    size_t length;
    uint32_t padding;

    text = text == NULL ? "(null)" : text;
    for (length = 0; length < field->most && text[length] != '\0'; length++) {}
    padding = field->width > length ? field->width - (uint32_t)length : 0;
    sink_pad(sink, ' ', field->left ? 0 : padding);
    for (size_t i = 0; i < length; i++) {
        sink_put(sink, text[i]);
    }
    sink_pad(sink, ' ', field->left ? padding : 0);
}

static void put_number(struct sink *sink, const struct field *field, uint64_t value, uint32_t base,
                       bool negative, bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char reversed[20];
    uint32_t count = 0;
    uint32_t padding;

    do {
        reversed[count++] = digits[value % base];
        value /= base;
    } while (value != 0);
    padding = count + negative;
    padding = field->width > padding ? field->width - padding : 0;

    sink_pad(sink, ' ', !field->left && field->pad == ' ' ? padding : 0);
    if (negative) {
        sink_put(sink, '-');
    }
    sink_pad(sink, '0', !field->left && field->pad == '0' ? padding : 0);
    while (count > 0) {
        sink_put(sink, reversed[--count]);
    }
    sink_pad(sink, ' ', field->left ? padding : 0);
}

/* A number in the format, or `*`: the next argument. */
static const char *read_count(const char *format, uint32_t *count, va_list *arguments)
{
    *count = 0;
    if (*format == '*') {
        *count = va_arg(*arguments, uint32_t);
        return format + 1;
    }
    for (; *format >= '0' && *format <= '9'; format++) {
        *count = *count * 10 + (uint32_t)(*format - '0');
    }
    return format;
}

/* Read flags, width, precision and length modifiers; returns the conversion letter's place. */
static const char *read_field(const char *format, struct field *field, va_list *arguments)
{
    *field = (struct field){.pad = ' ', .most = UINT32_MAX};
    for (;; format++) {
        if (*format == '-') {
            field->left = true;
        } else if (*format == '0') {
            field->pad = '0';
        } else {
            break;
        }
    }
    format = read_count(format, &field->width, arguments);
    if (*format == '.') {
        format = read_count(format + 1, &field->most, arguments);
    }
    for (; *format == 'l' || *format == 'z'; format++) {
        field->long_is += *format == 'l';
    }
    return format;
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    struct sink sink = {.to = to, .size = size};
    struct field field;
    int64_t number;
    va_list list;

    va_copy(list, arguments);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            sink_put(&sink, *format);
            continue;
        }
        format = read_field(format + 1, &field, &list);
        switch (*format) {
        case 'd':
        case 'i':
            number = field.long_is == 2 ? va_arg(list, int64_t) : va_arg(list, int32_t);
            put_number(&sink, &field, number < 0 ? -(uint64_t)number : (uint64_t)number, 10,
                       number < 0, false);
            break;
        case 'o':
        case 'u':
        case 'x':
        case 'X':
            put_number(&sink, &field,
                       field.long_is == 2 ? va_arg(list, uint64_t) : va_arg(list, uint32_t),
                       *format == 'u'   ? 10
                       : *format == 'o' ? 8
                                        : 16,
                       false, *format == 'X');
            break;
        case 'p':
            field = (struct field){.pad = '0', .width = 8, .most = UINT32_MAX};
            put_number(&sink, &field, va_arg(list, uint32_t), 16, false, false);
            break;
        case 'c':
            sink_put(&sink, (char)va_arg(list, int));
            break;
        case 's':
            put_text(&sink, &field, va_arg(list, const char *));
            break;
        case '\0':
            format--; /* a lone % at the end: the loop sees the end again */
            break;
        default:
            sink_put(&sink, *format);
            break;
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
