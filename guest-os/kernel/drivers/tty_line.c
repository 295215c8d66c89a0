/* The line discipline: what becomes of an arriving character. In canonical mode a line can be
 * corrected until its end hands it to the readers; in raw mode every character goes to them at
 * once. Runs in the bottom half and in processes, never in an interrupt handler, so nothing is
 * masked: the kernel is not preempted. Not kept: PARMRK, breaks, IUCLC, OLCUC, EXTPROC.
 * See: termios(3), c_iflag and c_lflag. SPDX-License-Identifier: MIT */
#include "drivers/tty_line.h"

#include "common/text.h"
#include "drivers/tty_jobs.h"
#include "files/file.h"
#include "heart/cpu.h"

#define END_OF_FILE 0 /* in a line, with its mark */

static uint8_t at(const struct tty *tty, uint32_t position)
{
    return tty->line[position % TTY_LINE_BYTES];
}

static bool is_marked(const struct tty *tty, uint32_t position)
{
    uint32_t place = position % TTY_LINE_BYTES;

    return (tty->marks[place / 32] >> place % 32 & 1) != 0;
}

static void set_mark(struct tty *tty, uint32_t position, bool marked)
{
    uint32_t place = position % TTY_LINE_BYTES, bit = 1u << place % 32;

    tty->marks[place / 32] = (tty->marks[place / 32] & ~bit) | (marked ? bit : 0);
}

/* Is `c` the special character `which`? 0 there means that there is none. */
static bool is_special(const struct tty *tty, uint8_t c, uint32_t which)
{
    return c != 0 && tty->settings.c_cc[which] == c;
}

/* The same for those that POSIX does not have. */
static bool is_extended(const struct tty *tty, uint8_t c, uint32_t which)
{
    return tty_local(tty, IEXTEN) && is_special(tty, c, which);
}

/* ---- echo ---- */

static void echo_plain(struct tty *tty, uint8_t c)
{
    tty_put(tty, &c, 1, true);
}

static void echo(struct tty *tty, uint8_t c)
{
    if (tty_local(tty, ECHOCTL) && tty_is_control(c) && c != '\t') {
        tty_put_raw(tty, '^');
        tty_put_raw(tty, c ^ 0x40);
        tty->column += 2;
    } else if (c == 0xFF) { /* Linux counts it without OPOST, too */
        tty_put_raw(tty, c);
        tty->column++;
    } else {
        echo_plain(tty, c);
    }
}

static void echo_back(struct tty *tty)
{
    echo_plain(tty, '\b');
    echo_plain(tty, ' ');
    echo_plain(tty, '\b');
}

/* ECHOPRT: what was erased stands between \ and /. */
static void finish_erasing(struct tty *tty)
{
    if (tty->erasing) {
        echo_plain(tty, '/');
        tty->erasing = false;
    }
}

/* Echo a character that goes into the line. */
static void echo_typed(struct tty *tty, uint8_t c)
{
    if (tty->line_whole == tty->line_end) {
        tty->line_column = tty->column;
    }
    echo(tty, c);
}

/* ---- erasing ---- */

/* Columns between the start of the line, or the last tab in it, and its end. */
static uint32_t columns_before_tab(const struct tty *tty, bool *after_tab)
{
    uint32_t columns = 0;

    *after_tab = false;
    for (uint32_t i = tty->line_end; i != tty->line_whole && !*after_tab;) {
        uint8_t c = at(tty, --i);

        if (c == '\t') {
            *after_tab = true;
        } else if (tty_is_control(c)) {
            columns += tty_local(tty, ECHOCTL) ? 2 : 0;
        } else {
            columns += !tty_is_continuation(tty, c);
        }
    }
    return columns;
}

static void echo_erased_tab(struct tty *tty)
{
    bool after_tab;
    uint32_t columns = columns_before_tab(tty, &after_tab);

    columns += after_tab ? 0 : tty->line_column;
    for (uint32_t i = columns % 8; i < 8; i++) {
        tty_put_raw(tty, '\b');
        tty->column -= tty->column > 0;
    }
}

/* The character at the new end of the line, of `bytes` bytes, is gone; show it. `one`: by VERASE.
 */
static void echo_erased(struct tty *tty, uint32_t bytes, bool one)
{
    uint8_t c = at(tty, tty->line_end);

    if (tty_local(tty, ECHOPRT)) {
        if (!tty->erasing) {
            echo_plain(tty, '\\');
            tty->erasing = true;
        }
        echo(tty, c);
        for (uint32_t i = 1; i < bytes; i++) {
            echo_plain(tty, at(tty, tty->line_end + i));
            tty->column -= tty->column > 0;
        }
    } else if (one && !tty_local(tty, ECHOE)) {
        echo(tty, tty->settings.c_cc[VERASE]);
    } else if (c == '\t') {
        echo_erased_tab(tty);
    } else {
        if (tty_is_control(c) && tty_local(tty, ECHOCTL)) {
            echo_back(tty);
        }
        if (!tty_is_control(c) || tty_local(tty, ECHOCTL)) {
            echo_back(tty);
        }
    }
}

/* A part of a word, for VWERASE: letters, digits, _ and what begins a character beyond ASCII. */
static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           (c >= 0xC0 && c != 0xD7 && c != 0xF7);
}

/* Where the last character of the line begins; the line's end if it has no beginning. */
static uint32_t last_character(const struct tty *tty)
{
    uint32_t begin = tty->line_end;

    do {
        begin--;
    } while (tty_is_continuation(tty, at(tty, begin)) && begin != tty->line_whole);
    return tty_is_continuation(tty, at(tty, begin)) ? tty->line_end : begin;
}

/* Take characters away: one, a word with what follows it, or all. */
static void erase(struct tty *tty, uint32_t which)
{
    bool word = false;

    if (tty->line_end == tty->line_whole) {
        return; /* not even an end of ECHOPRT's marks */
    }
    while (tty->line_end != tty->line_whole) {
        uint32_t begin = last_character(tty), bytes = tty->line_end - begin;

        if (bytes == 0) {
            break;
        }
        if (which == VWERASE && is_word(at(tty, begin))) {
            word = true;
        } else if (which == VWERASE && word) {
            break;
        }
        tty->line_end = begin;
        if (tty_local(tty, ECHO)) {
            echo_erased(tty, bytes, which == VERASE);
        }
        if (which == VERASE) {
            break;
        }
    }
    if (tty->line_end == tty->line_whole && tty_local(tty, ECHO)) {
        finish_erasing(tty);
    }
}

static void kill_line(struct tty *tty)
{
    if (tty->line_end == tty->line_whole) {
        return;
    }
    if (tty_local(tty, ECHO) && tty_local(tty, ECHOK) && tty_local(tty, ECHOKE) &&
        tty_local(tty, ECHOE)) {
        erase(tty, VKILL);
        return;
    }
    tty->line_end = tty->line_whole;
    if (tty_local(tty, ECHO)) {
        finish_erasing(tty);
        echo(tty, tty->settings.c_cc[VKILL]);
        if (tty_local(tty, ECHOK)) {
            echo_plain(tty, '\n');
        }
    }
}

/* ---- characters ---- */

static void append(struct tty *tty, uint8_t c)
{
    set_mark(tty, tty->line_end, false);
    tty->line[tty->line_end++ % TTY_LINE_BYTES] = c;
}

static void end_line(struct tty *tty, uint8_t c)
{
    append(tty, c);
    set_mark(tty, tty->line_end - 1, true);
    tty->line_whole = tty->line_end;
    files_wake(tty->line);
}

static void reprint(struct tty *tty, uint8_t c)
{
    finish_erasing(tty);
    echo(tty, c);
    echo_plain(tty, '\n');
    for (uint32_t i = tty->line_whole; i != tty->line_end; i++) {
        echo(tty, at(tty, i));
    }
}

static void begin_literal(struct tty *tty)
{
    tty->literal = true;
    if (tty_local(tty, ECHO)) {
        finish_erasing(tty);
        if (tty_local(tty, ECHOCTL)) {
            echo_plain(tty, '^');
            echo_plain(tty, '\b');
        }
    }
}

/* A character that stands for a signal; false: it does not. */
static bool take_signal(struct tty *tty, uint8_t c)
{
    uint32_t signal = is_special(tty, c, VINTR)   ? SIGINT
                      : is_special(tty, c, VQUIT) ? SIGQUIT
                      : is_special(tty, c, VSUSP) ? SIGTSTP
                                                  : 0;

    if (!tty_local(tty, ISIG) || signal == 0) {
        return false;
    }
    tty_signal(tty, signal);
    if (!tty_local(tty, NOFLSH)) {
        tty_forget_output(tty);
        tty_forget_input(tty);
    }
    if (tty_input_flag(tty, IXON)) {
        tty_stop(tty, false);
    }
    if (tty_local(tty, ECHO)) {
        echo(tty, c);
    }
    return true;
}

static bool take_flow_control(struct tty *tty, uint8_t c)
{
    bool start = is_special(tty, c, VSTART), stop = is_special(tty, c, VSTOP);

    if (!tty_input_flag(tty, IXON) || (!start && !stop)) {
        return false;
    }
    tty_stop(tty, !start);
    return true;
}

/* Canonical mode: characters that edit or end the line; false: it is none. */
static bool take_editing(struct tty *tty, uint8_t c)
{
    if (is_special(tty, c, VERASE)) {
        erase(tty, VERASE);
    } else if (is_special(tty, c, VKILL)) {
        kill_line(tty);
    } else if (is_extended(tty, c, VWERASE)) {
        erase(tty, VWERASE);
    } else if (is_extended(tty, c, VLNEXT)) {
        begin_literal(tty);
    } else if (is_extended(tty, c, VREPRINT) && tty_local(tty, ECHO)) {
        reprint(tty, c);
    } else if (c == '\n') {
        if (tty_local(tty, ECHO) || tty_local(tty, ECHONL)) {
            echo_plain(tty, '\n');
        }
        end_line(tty, c);
    } else if (is_special(tty, c, VEOF)) {
        end_line(tty, END_OF_FILE);
    } else if (is_special(tty, c, VEOL) || is_extended(tty, c, VEOL2)) {
        if (tty_local(tty, ECHO)) {
            echo_typed(tty, c);
        }
        end_line(tty, c);
    } else {
        return false;
    }
    return true;
}

static void take_plain(struct tty *tty, uint8_t c, bool was_return)
{
    if (tty_local(tty, ECHO)) {
        finish_erasing(tty);
        if (was_return) {
            echo_plain(tty, c);
        } else {
            echo_typed(tty, c);
        }
    }
    append(tty, c);
    if (!tty_local(tty, ICANON)) {
        files_wake(tty->line);
    }
}

static void take_character(struct tty *tty, uint8_t c)
{
    bool was_return;

    if (tty_input_flag(tty, ISTRIP)) {
        c &= 0x7F;
    }
    if (tty->literal) {
        tty->literal = false;
        take_plain(tty, c, false);
        return;
    }
    if (take_flow_control(tty, c) || take_signal(tty, c)) {
        return;
    }
    if (tty->stopped && tty_input_flag(tty, IXON) && tty_input_flag(tty, IXANY)) {
        tty_stop(tty, false);
    }
    if (c == '\r' && tty_input_flag(tty, IGNCR)) {
        return;
    }
    was_return = c == '\r' && tty_input_flag(tty, ICRNL);
    if (was_return) {
        c = '\n';
    } else if (c == '\n' && tty_input_flag(tty, INLCR)) {
        c = '\r';
    }
    if (!tty_local(tty, ICANON) || !take_editing(tty, c)) {
        take_plain(tty, c, was_return);
    }
}

/* May one more character be taken? In canonical mode always while no whole line waits, since only
 * its end can make it readable. */
static bool has_room(const struct tty *tty)
{
    return tty->line_end - tty->line_first < TTY_LINE_BYTES - 1 ||
           (tty_local(tty, ICANON) && tty->line_whole == tty->line_first);
}

void tty_take_arrived(struct tty *tty)
{
    bool were_on;

    while (tty->arrived_first != tty->arrived_end && has_room(tty)) {
        if (tty->line_end - tty->line_first == TTY_LINE_BYTES) {
            tty->line_end--; /* what is too much for a line replaces its last character */
        }
        take_character(tty, tty->arrived[tty->arrived_first++ % TTY_ARRIVED_BYTES]);
    }
    tty_begin_output(tty);
    were_on = interrupts_save_off();
    if (tty->held_back && tty->arrived_end - tty->arrived_first < TTY_ARRIVED_BYTES / 2) {
        tty->held_back = false;
        if (tty->driver->resume != NULL) {
            tty->driver->resume(tty);
        }
    }
    interrupts_restore(were_on);
}

void tty_forget_input(struct tty *tty)
{
    tty->line_first = tty->line_whole = tty->line_end = 0;
    memset(tty->marks, 0, sizeof(tty->marks));
    tty->literal = tty->erasing = false;
}

void tty_change_mode(struct tty *tty, bool was_canonical)
{
    if (was_canonical == tty_local(tty, ICANON)) {
        return;
    }
    memset(tty->marks, 0, sizeof(tty->marks));
    tty->literal = tty->erasing = false;
    tty->line_whole = was_canonical ? tty->line_first : tty->line_end;
    if (!was_canonical && tty->line_end != tty->line_first) {
        set_mark(tty, tty->line_end - 1, true); /* what was typed raw counts as a line */
    }
}

/* ---- for readers ---- */

static uint32_t end_for_readers(const struct tty *tty)
{
    return tty_local(tty, ICANON) ? tty->line_whole : tty->line_end;
}

bool tty_has_input(const struct tty *tty, uint32_t least)
{
    uint32_t count = end_for_readers(tty) - tty->line_first;

    return count > 0 && (tty_local(tty, ICANON) || count >= least);
}

uint32_t tty_readable(const struct tty *tty)
{
    uint32_t count = 0;

    for (uint32_t i = tty->line_first; i != end_for_readers(tty); i++) {
        count += !tty_local(tty, ICANON) || !is_marked(tty, i) || at(tty, i) != END_OF_FILE;
    }
    return count;
}

uint32_t tty_take_input(struct tty *tty, uint8_t *to, uint32_t limit, bool *ended)
{
    bool canonical = tty_local(tty, ICANON);
    uint32_t count = 0;

    *ended = false;
    while (!*ended && count < limit && tty->line_first != end_for_readers(tty)) {
        uint8_t c = at(tty, tty->line_first);

        *ended = canonical && is_marked(tty, tty->line_first);
        tty->line_first++;
        if (!*ended || c != END_OF_FILE) {
            to[count++] = c;
        }
    }
    if (canonical && !*ended && tty->line_first != tty->line_whole &&
        is_marked(tty, tty->line_first) && at(tty, tty->line_first) == END_OF_FILE) {
        tty->line_first++; /* an end of file behind the last byte belongs to this read */
        *ended = true;
    }
    return count;
}
