/* Calendar arithmetic for the clock: seconds since the year 0 and the fields of its registers.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define RTC_SECONDS_TO_1970 62167219200ull /* from 0000-01-01 */
#define RTC_SECONDS_TOTAL                                                                          \
    315569520000ull /* 10000 Gregorian years; the century byte wraps there                         \
                     */
#define RTC_DAY_SECONDS 86400

struct rtc_time {
    uint32_t second;  /* 0..59 */
    uint32_t minute;  /* 0..59 */
    uint32_t hour;    /* 0..23 */
    uint32_t weekday; /* 1 Sunday .. 7 Saturday */
    uint32_t day;     /* 1..31 */
    uint32_t month;   /* 1..12 */
    uint32_t year;    /* 0..9999 */
};

struct rtc_time rtc_time_from_seconds(uint64_t seconds);
/* Fields beyond their range carry over; month is clamped to 1..12, day 0 counts as 1.
 * The day of the week is ignored. */
uint64_t rtc_seconds_from_time(const struct rtc_time *time);
