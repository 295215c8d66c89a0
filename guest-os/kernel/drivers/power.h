/* Ways to end the run. None returns. SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

_Noreturn void power_off(void);            /* exit status 0 of the emulator */
_Noreturn void power_exit(uint32_t value); /* hand `value` to the emulator, for `ringside exec` */
_Noreturn void power_end_run(void);        /* exit status 1: init did not end well */
_Noreturn void power_end_by_panic(void);   /* exit status 74 */
_Noreturn void power_restart(void);        /* reset the machine */
