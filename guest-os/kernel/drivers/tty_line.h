/* Between the parts of a terminal: tty.c, tty_line.c, tty_output.c, tty_settings.c.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "drivers/tty.h"

static inline bool tty_local(const struct tty *tty, uint32_t flag)
{
    return (tty->settings.c_lflag & flag) != 0;
}

static inline bool tty_input_flag(const struct tty *tty, uint32_t flag)
{
    return (tty->settings.c_iflag & flag) != 0;
}

/* Control characters as the line discipline counts them: 0..31 and 127. */
static inline bool tty_is_control(uint8_t c)
{
    return c < ' ' || c == 0x7F;
}

/* A further byte of a UTF-8 character takes no column. */
static inline bool tty_is_continuation(const struct tty *tty, uint8_t c)
{
    return tty_input_flag(tty, IUTF8) && (c & 0xC0) == 0x80;
}

/* ---- tty_line.c ---- */

/* Characters that have arrived become input. Called by the bottom half. */
void tty_take_arrived(struct tty *tty);
/* Forget what was typed and not read. */
void tty_forget_input(struct tty *tty);
/* ICANON was turned on or off. */
void tty_change_mode(struct tty *tty, bool was_canonical);
/* How many bytes read(2) could take now, end-of-file marks not counted. */
uint32_t tty_readable(const struct tty *tty);
/* Is there so much that a read need not wait? `least` counts in raw mode only. */
bool tty_has_input(const struct tty *tty, uint32_t least);
/* Take at most `limit` bytes, in canonical mode from one line; `ended`: the line's end was there.
 */
uint32_t tty_take_input(struct tty *tty, uint8_t *to, uint32_t limit, bool *ended);

/* ---- tty_output.c ---- */

/* Put characters into `output` as OPOST wants it; how many found room. `echo`: may use the last
 * TTY_ECHO_BYTES too. */
uint32_t tty_put(struct tty *tty, const uint8_t *text, uint32_t count, bool echo);
/* One byte as it is; dropped if there is no room at all. */
void tty_put_raw(struct tty *tty, uint8_t c);
/* Let the driver send what is there. */
void tty_begin_output(struct tty *tty);
void tty_forget_output(struct tty *tty);
/* VSTOP and VSTART. */
void tty_stop(struct tty *tty, bool stop);
/* Wait until all is sent; -ERESTARTSYS. */
int32_t tty_wait_until_sent(struct tty *tty);
