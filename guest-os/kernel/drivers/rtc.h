/* The battery-backed clock: what time it was when the kernel started. SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

/* Seconds since 1970 as the clock has them now, 0 if it has no possible time. Waits up to 3 ms for
 * an update to end. */
uint32_t rtc_seconds(void);

/* What the machine keeps to tell itself from others (CMOS_SEED); may be 0. */
uint32_t rtc_seed(void);
