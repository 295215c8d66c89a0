/* One output for two devices. SPDX-License-Identifier: MIT */
#include "drivers/console.h"

#include "devices/platform_map.h"
#include "drivers/screen.h"
#include "drivers/serial.h"
#include "heart/cpu.h"

static bool to_debug_port;

void console_initialise(void)
{
    serial_initialise();
    screen_initialise();
}

void console_put_raw(char c)
{
    bool were_on = interrupts_save_off();

    serial_put(c);
    screen_put(c);
    if (to_debug_port) {
        port_write8(PORT_DEBUGCON, (uint8_t)c);
    }
    interrupts_restore(were_on);
}

void console_put(char c)
{
    bool were_on = interrupts_save_off(); /* an echo must not cut into a newline */

    if (c == '\n') {
        serial_put('\r');
    }
    console_put_raw(c);
    interrupts_restore(were_on);
}

void console_copy_to_debug_port(void)
{
    to_debug_port = true;
}
