/* Ways to end the run. None returns. SPDX-License-Identifier: MIT */
#pragma once

_Noreturn void power_off(void);          /* exit status 0 of the emulator */
_Noreturn void power_end_run(void);      /* exit status 1: init did not end well */
_Noreturn void power_end_by_panic(void); /* exit status 74 */
_Noreturn void power_restart(void);      /* reset the machine */
