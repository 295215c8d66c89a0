/* The proleptic Gregorian calendar, 400 years at a time.
 * SPDX-License-Identifier: MIT */
#include "devices/rtc_time.h"

#define DAYS_400_YEARS 146097

static uint32_t is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return DAYS[month - 1] + (month == 2 ? is_leap(year) : 0u);
}

/* Days from 0000-01-01 to the first day of `year`; the year 0 is a leap year. */
static uint32_t days_before_year(uint32_t year)
{
    uint32_t past = year ? year - 1 : 0; /* the last year that is over, if any */

    return year ? 366 + past * 365 + past / 4 - past / 100 + past / 400 : 0;
}

struct rtc_time rtc_time_from_seconds(uint64_t seconds)
{
    uint64_t within = seconds % RTC_SECONDS_TOTAL;
    uint32_t of_day = (uint32_t)(within % RTC_DAY_SECONDS);
    uint32_t day = (uint32_t)(within / RTC_DAY_SECONDS);
    struct rtc_time time = {.month = 1};

    time.second = of_day % 60;
    time.minute = of_day / 60 % 60;
    time.hour = of_day / 3600;
    time.weekday = (day + 6) % 7 + 1; /* 0000-01-01 was a Saturday */
    time.year = (uint32_t)((uint64_t)day * 400 / DAYS_400_YEARS);
    while (days_before_year(time.year + 1) <= day) {
        time.year++;
    }
    while (days_before_year(time.year) > day) {
        time.year--;
    }
    day -= days_before_year(time.year);
    while (day >= days_of_month(time.year, time.month)) {
        day -= days_of_month(time.year, time.month);
        time.month++;
    }
    time.day = day + 1;
    return time;
}

uint64_t rtc_seconds_from_time(const struct rtc_time *time)
{
    uint32_t month = time->month < 1 ? 1 : (time->month > 12 ? 12 : time->month);
    uint64_t days = days_before_year(time->year);

    for (uint32_t before = 1; before < month; before++) {
        days += days_of_month(time->year, before);
    }
    days += time->day ? time->day - 1 : 0;
    return (days * RTC_DAY_SECONDS + time->hour * 3600ull + time->minute * 60ull + time->second) %
           RTC_SECONDS_TOTAL;
}
