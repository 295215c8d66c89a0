/* date: the time as the kernel has it, in UTC. This machine begins in 1970 at each start.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#define DAY 86400

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month] + (month == 1 && leap);
}

int main(void)
{
    struct timespec now;
    int year = 1970, month = 0, day, second;

    clock_gettime(CLOCK_REALTIME, &now);
    day = now.tv_sec / DAY;
    second = now.tv_sec % DAY;
    printf("%s ", weekdays[day % 7]);
    while (day >= days_in(year, month)) {
        day -= days_in(year, month);
        month = (month + 1) % 12;
        year += month == 0;
    }
    printf("%s %2d %02d:%02d:%02d UTC %d\n", months[month], day + 1, second / 3600,
           second / 60 % 60, second % 60, year);
    return 0;
}
