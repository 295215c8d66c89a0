/* MC146818: the time of day in ten bytes of CMOS memory, taken for UTC. An update of the bytes is
 * announced 244 microseconds before it begins and takes up to 2 ms; the time is read twice, until
 * two readings outside an update agree. See: Motorola MC146818A data sheet, "Update cycle",
 * "Register B"; the century's place is IBM's. SPDX-License-Identifier: MIT */
#include "drivers/rtc.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "heart/cpu.h"

#define STATUS_A        0x0A
#define STATUS_B        0x0B
#define CENTURY         0x32
#define SEED            0x70 /* eight bytes, ours: CMOS_SEED of the machine */
#define UPDATING        0x80 /* A */
#define BINARY          0x04 /* B */
#define HOURS_24        0x02 /* B */
#define AFTERNOON       0x80 /* of the hour, in the 12 hours' way */
#define WAIT_TURNS      20000
#define READINGS        10
#define DAYS_PER_4YEARS 1461u

enum field { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, YEAR100, FIELDS };

struct reading {
    uint8_t fields[FIELDS]; /* as in the clock */
    uint8_t status_b;
};

static uint8_t cmos_read(uint8_t index)
{
    port_write8(PORT_CMOS_INDEX, index);
    return port_read8(PORT_CMOS_DATA);
}

static void read_once(struct reading *reading)
{
    static const uint8_t places[FIELDS] = {0x00, 0x02, 0x04, 0x07, 0x08, 0x09, CENTURY};

    for (uint32_t i = 0; i < WAIT_TURNS && (cmos_read(STATUS_A) & UPDATING); i++) {}
    for (uint32_t i = 0; i < FIELDS; i++) {
        reading->fields[i] = cmos_read(places[i]);
    }
    reading->status_b = cmos_read(STATUS_B);
}

static uint32_t number(uint8_t value, uint8_t status_b)
{
    return (status_b & BINARY) ? value : (value >> 4) * 10u + (value & 0x0F);
}

static uint32_t hour_of(uint8_t value, uint8_t status_b)
{
    uint32_t hour = number(value & (uint8_t)~AFTERNOON, status_b);

    if (status_b & HOURS_24) {
        return number(value, status_b);
    }
    return hour % 12 + ((value & AFTERNOON) ? 12 : 0);
}

/* Days from 1970-01-01 to a date, 1970 to 2105. March counts as the first month, so that the leap
 * day is the last of a year. */
static uint32_t days_to(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t from_march = (month + 9) % 12;
    uint32_t in_year = (153 * from_march + 2) / 5 + day - 1;

    year -= month < 3;
    return year * DAYS_PER_4YEARS / 4 - year / 100 + year / 400 + in_year - 719468;
}

static uint32_t to_seconds(const struct reading *reading)
{
    uint32_t value[FIELDS], century;

    for (uint32_t i = 0; i < FIELDS; i++) {
        value[i] = number(reading->fields[i], reading->status_b);
    }
    value[HOUR] = hour_of(reading->fields[HOUR], reading->status_b);
    century = value[YEAR100] >= 19 && value[YEAR100] <= 21 ? value[YEAR100]
              : value[YEAR] >= 70                          ? 19
                                                           : 20;
    if (value[SECOND] > 59 || value[MINUTE] > 59 || value[HOUR] > 23 || value[DAY] < 1 ||
        value[DAY] > 31 || value[MONTH] < 1 || value[MONTH] > 12 || value[YEAR] > 99 ||
        century * 100 + value[YEAR] < 1970 || century * 100 + value[YEAR] > 2105) {
        return 0;
    }
    return days_to(century * 100 + value[YEAR], value[MONTH], value[DAY]) * 86400 +
           value[HOUR] * 3600 + value[MINUTE] * 60 + value[SECOND];
}

uint32_t rtc_seconds(void)
{
    struct reading first, second;

    read_once(&first);
    for (uint32_t i = 0; i < READINGS; i++) {
        read_once(&second);
        if (memcmp(&first, &second, sizeof(first)) == 0) {
            break;
        }
        first = second;
    }
    return to_seconds(&second);
}

uint32_t rtc_seed(void)
{
    uint32_t words[2] = {0, 0};

    for (uint32_t i = 0; i < 8; i++) {
        words[i / 4] = words[i / 4] << 8 | cmos_read((uint8_t)(SEED + i));
    }
    return words[0] ^ words[1];
}
