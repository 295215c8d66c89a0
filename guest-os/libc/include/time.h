/* Time and the calendar; the only time zone is UTC. See: C11 7.27. SPDX-License-Identifier: MIT */
#pragma once

#include "libc/include/system_calls.h"

typedef int32_t time_t; /* seconds since 1 January 1970, 0:00 UTC */

struct tm {
    int tm_sec;   /* 0..60 */
    int tm_min;   /* 0..59 */
    int tm_hour;  /* 0..23 */
    int tm_mday;  /* day of the month, 1..31 */
    int tm_mon;   /* 0..11 */
    int tm_year;  /* years since 1900 */
    int tm_wday;  /* 0..6, Sunday is 0 */
    int tm_yday;  /* day of the year, 0..365 */
    int tm_isdst; /* always 0 */
};

time_t time(time_t *to);
struct tm *gmtime_r(const time_t *time, struct tm *to);
struct tm *localtime_r(const time_t *time, struct tm *to);
/* Valid until the next call. */
struct tm *gmtime(const time_t *time);
struct tm *localtime(const time_t *time);
/* The other way; what is out of its range is brought into it. */
time_t mktime(struct tm *parts);
/* %a %A %b %B %c %C %d %D %e %F %H %I %j %k %l %m %M %n %p %r %R %s %S %t %T %u %w %x %X %y %Y %z
 * %Z out: bytes stored without the null; 0: it does not fit */
size_t strftime(char *to, size_t size, const char *format, const struct tm *parts);
/* "Thu Jan  1 00:00:00 1970\n", valid until the next call. */
char *asctime(const struct tm *parts);
char *ctime(const time_t *time);
