/* Power-off, reset and the exit port. On a machine that has none of them the CPU halts for good.
 * SPDX-License-Identifier: MIT */
#include "drivers/power.h"

#include "devices/platform_map.h"
#include "drivers/console.h"
#include "heart/cpu.h"

#define RESET_BY_8042 0xFE /* command: pulse the reset line */

static _Noreturn void halt_for_good(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}

_Noreturn void power_off(void)
{
    console_drain();
    port_write16(PORT_POWER_OFF, POWER_OFF_VALUE);
    port_write16(PORT_POWER_OFF_B, POWER_OFF_VALUE);
    halt_for_good();
}

_Noreturn void power_exit(uint32_t value)
{
    console_drain();
    port_write32(PORT_EXIT, value);
    halt_for_good();
}

_Noreturn void power_end_run(void)
{
    console_drain();
    port_write8(PORT_EXIT, 0);
    halt_for_good();
}

_Noreturn void power_end_by_panic(void)
{
    port_write32(PORT_EXIT, EXIT_PANIC_MAGIC);
    halt_for_good();
}

_Noreturn void power_restart(void)
{
    console_drain();
    port_write8(PORT_KBD_COMMAND, RESET_BY_8042);
    halt_for_good();
}
