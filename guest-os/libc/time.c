/* The calendar: from seconds to years, months and days, and back. SPDX-License-Identifier: MIT */
#include "libc/include/time.h"

#include "libc/include/stdio.h"

#include <stdbool.h>

#define DAY_SECONDS 86400
#define FIRST_YEAR  1970
#define THURSDAY    4 /* 1 January 1970 */

time_t time(time_t *to)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (to != NULL) {
        *to = now.tv_sec;
    }
    return now.tv_sec;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year));
}

struct tm *gmtime_r(const time_t *time, struct tm *to)
{
    int day = *time / DAY_SECONDS, second = *time % DAY_SECONDS, year = FIRST_YEAR, month = 0;

    if (second < 0) {
        second += DAY_SECONDS;
        day--;
    }
    *to = (struct tm){.tm_sec = second % 60,
                      .tm_min = second / 60 % 60,
                      .tm_hour = second / 3600,
                      .tm_wday = ((day + THURSDAY) % 7 + 7) % 7};
    for (; day < 0; day += 365 + is_leap(year)) {
        year--;
    }
    for (; day >= 365 + is_leap(year); year++) {
        day -= 365 + is_leap(year);
    }
    to->tm_year = year - 1900;
    to->tm_yday = day;
    for (; day >= days_in(year, month); month++) {
        day -= days_in(year, month);
    }
    to->tm_mon = month;
    to->tm_mday = day + 1;
    return to;
}

struct tm *localtime_r(const time_t *time, struct tm *to)
{
    return gmtime_r(time, to);
}

struct tm *gmtime(const time_t *time)
{
    static struct tm parts;

    return gmtime_r(time, &parts);
}

struct tm *localtime(const time_t *time)
{
    return gmtime(time);
}

time_t mktime(struct tm *parts)
{
    int year = parts->tm_year + 1900, month = parts->tm_mon, days = 0;
    time_t result;

    year += month / 12;
    month %= 12;
    if (month < 0) {
        month += 12;
        year--;
    }
    for (int y = FIRST_YEAR; y < year; y++) {
        days += 365 + is_leap(y);
    }
    for (int y = year; y < FIRST_YEAR; y++) {
        days -= 365 + is_leap(y);
    }
    while (month > 0) {
        days += days_in(year, --month);
    }
    days += parts->tm_mday - 1;
    result = ((days * 24 + parts->tm_hour) * 60 + parts->tm_min) * 60 + parts->tm_sec;
    gmtime_r(&result, parts);
    return result;
}

/* ---- in words ---- */

static const char weekdays[7][10] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
static const char months[12][10] = {"January",   "February", "March",    "April",
                                    "May",       "June",     "July",     "August",
                                    "September", "October",  "November", "December"};

/* Conversions that stand for several others; NULL: it is none. */
static const char *longer_form(char letter)
{
    switch (letter) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    default:
        return NULL;
    }
}

/* Conversions to a number: its value, and how it is printed. */
static const char *number_form(char letter, const struct tm *parts, int *value)
{
    static const struct {
        char letter;
        uint8_t field; /* index of an int in struct tm */
        int8_t more;   /* is added */
        char form[5];
    } table[] = {
        {'d', 3, 0, "%02d"}, {'e', 3, 0, "%2d"},  {'H', 2, 0, "%02d"},
        {'k', 2, 0, "%2d"},  {'j', 7, 1, "%03d"}, {'m', 4, 1, "%02d"},
        {'M', 1, 0, "%02d"}, {'S', 0, 0, "%02d"}, {'w', 6, 0, "%d"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].letter == letter) {
            *value = (&parts->tm_sec)[table[i].field] + table[i].more;
            return table[i].form;
        }
    }
    switch (letter) {
    case 'C':
        *value = (parts->tm_year + 1900) / 100;
        return "%02d";
    case 'I':
    case 'l':
        *value = (parts->tm_hour + 11) % 12 + 1;
        return letter == 'I' ? "%02d" : "%2d";
    case 'u':
        *value = parts->tm_wday == 0 ? 7 : parts->tm_wday;
        return "%d";
    case 'y':
        *value = parts->tm_year % 100;
        return "%02d";
    case 'Y':
        *value = parts->tm_year + 1900;
        return "%d";
    case 's': {
        struct tm copy = *parts;

        *value = mktime(&copy);
        return "%d";
    }
    default:
        return NULL;
    }
}

static const char *word_form(char letter, const struct tm *parts)
{
    switch (letter) {
    case 'a':
    case 'A':
        return weekdays[parts->tm_wday];
    case 'b':
    case 'B':
    case 'h':
        return months[parts->tm_mon];
    case 'n':
        return "\n";
    case 'p':
        return parts->tm_hour < 12 ? "AM" : "PM";
    case 't':
        return "\t";
    case 'z':
        return "+0000";
    case 'Z':
        return "UTC";
    case '%':
        return "%";
    default:
        return NULL;
    }
}

/* One conversion to to[0..size); its length. */
static size_t convert(char *to, size_t size, char letter, const struct tm *parts)
{
    const char *form = longer_form(letter);
    int value;

    if (form != NULL) {
        return strftime(to, size, form, parts);
    }
    form = number_form(letter, parts, &value);
    if (form != NULL) {
        return (size_t)snprintf(to, size, form, value);
    }
    form = word_form(letter, parts);
    if (form != NULL) {
        bool is_short = letter == 'a' || letter == 'b' || letter == 'h';

        return (size_t)snprintf(to, size, is_short ? "%.3s" : "%s", form);
    }
    return (size_t)snprintf(to, size, "%%%c", letter);
}

size_t strftime(char *to, size_t size, const char *format, const struct tm *parts)
{
    size_t length = 0;

    for (; *format != '\0'; format++) {
        if (length + 1 >= size) {
            return 0;
        }
        if (*format != '%' || format[1] == '\0') {
            to[length++] = *format;
        } else {
            length += convert(to + length, size - length, *++format, parts);
        }
    }
    if (length >= size) {
        return 0;
    }
    to[length] = '\0';
    return length;
}

char *asctime(const struct tm *parts)
{
    static char text[64];

    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y\n", parts);
    return text;
}

char *ctime(const time_t *time)
{
    return asctime(localtime(time));
}
