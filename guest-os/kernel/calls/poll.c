/* poll and select: wait until one of several files can be read or written. Everybody who waits so
 * sleeps on one channel and looks at its own files again when anything happens. Sets of select are
 * turned into lists of poll. Interrupts are on. See: poll(2), select(2).
 * SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

#define SET_WORDS (DESCRIPTOR_LIMIT / 32)

/* How long, and with which signals let through. */
struct patience {
    bool timed;            /* else until something happens */
    struct time_span span; /* with `timed` */
    bool has_mask;         /* `mask` holds meanwhile */
    sigset_t mask;
};

/* Look at every file once and store the results; how many have one. */
static int32_t look(struct pollfd *entries, uint32_t count)
{
    int32_t found = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct pollfd *entry = &entries[i];
        struct file *file = entry->fd < 0 ? NULL : file_of((uint32_t)entry->fd);

        entry->revents = entry->fd < 0 || file != NULL ? 0 : POLLNVAL;
        if (file != NULL) {
            uint32_t now =
                file->operations->poll == NULL ? POLLIN | POLLOUT : file->operations->poll(file);

            now |= (now & POLLIN ? POLLRDNORM : 0) | (now & POLLOUT ? POLLWRNORM : 0);
            entry->revents = (uint16_t)(now & (entry->events | POLLERR | POLLHUP));
        }
        found += entry->revents != 0;
    }
    return found;
}

/* Results stay in the list. The number of files with one, 0: the time is over, or -ERESTARTNOHAND.
 */
static int32_t wait_for_any(struct pollfd *entries, uint32_t count, struct patience *patience)
{
    uint32_t wait_ticks = patience->timed ? time_span_ticks(&patience->span) : 0;
    int32_t found;

    if (patience->timed && current->is_restarted) { /* the time went on during the stop */
        int32_t left = (int32_t)(current->wake_tick - ticks);

        wait_ticks = left > 0 ? (uint32_t)left : 0;
    }

    if (patience->has_mask) {
        current->saved_mask = current->blocked;
        current->blocked = patience->mask & ~SIGNALS_UNTOUCHABLE;
    }
    interrupts_off();
    wake_after(wait_ticks);
    for (;;) {
        found = look(entries, count); /* interrupts stay off: nothing can happen between */
        if (found != 0 || (patience->timed && !current->wake_set)) {
            break;
        }
        if (signal_is_pending(current)) {
            found = -ERESTARTNOHAND;
            break;
        }
        sleep_on(poll_channel);
    }
    patience->span = time_span_of_ticks(current->wake_set ? current->wake_tick - ticks : 0);
    current->wake_set = false;
    interrupts_on();
    if (patience->has_mask && found == -ERESTARTNOHAND) {
        current->mask_is_saved = true; /* the handler runs first */
    } else if (patience->has_mask) {
        current->blocked = current->saved_mask;
    }
    return found;
}

/* A struct timeval here may have more microseconds than a second has. */
static int32_t take_span(struct time_span *span, uint32_t time_at, enum time_format format)
{
    int64_t seconds;
    uint32_t microseconds;

    if (format != TIME_MICRO) {
        return time_span_argument(span, time_at, format);
    }
    if (time_read(time_at, format, &seconds, &microseconds) < 0) {
        return -EFAULT;
    }
    *span = (struct time_span){(uint64_t)seconds + microseconds / MICROSECONDS,
                               microseconds % MICROSECONDS * 1000};
    return seconds < 0 || microseconds > INT32_MAX ? -EINVAL : 0;
}

/* Time and mask are both optional. */
static int32_t take_patience(struct patience *patience, uint32_t time_at, enum time_format format,
                             uint32_t mask_at, uint32_t mask_bytes)
{
    int32_t result = 0;

    *patience = (struct patience){.timed = time_at != 0, .has_mask = mask_at != 0};
    if (time_at != 0) {
        result = take_span(&patience->span, time_at, format);
    }
    if (result == 0 && mask_at != 0) {
        result = mask_bytes != sizeof(patience->mask)
                     ? -EINVAL
                     : copy_from_user(&patience->mask, mask_at, mask_bytes);
    }
    return result;
}

/* What is left of the time is stored; a bad address changes nothing any more. */
static int32_t give_patience(const struct patience *patience, uint32_t time_at,
                             enum time_format format, int32_t result)
{
    if (patience->timed && result >= 0) {
        time_span_store(&patience->span, time_at, format);
    }
    return result;
}

/* ---- poll ---- */

static int32_t poll(uint32_t fds_at, uint32_t count, struct patience *patience)
{
    uint32_t bytes = count * sizeof(struct pollfd);
    struct pollfd *entries;
    uint32_t page;
    int32_t result;

    if (count > DESCRIPTOR_LIMIT) {
        return -EINVAL;
    }
    page = frame_allocate();
    if (page == 0) {
        return -ENOMEM;
    }
    entries = physical_to_pointer(page);
    result = copy_from_user(entries, fds_at, bytes);
    if (result == 0) {
        result = wait_for_any(entries, count, patience);
    }
    if (result >= 0 && copy_to_user(fds_at, entries, bytes) != 0) {
        result = -EFAULT;
    }
    frame_release(page);
    return result;
}

int32_t sys_poll(uint32_t fds_at, uint32_t count, uint32_t milliseconds)
{
    struct patience patience = {
        .timed = (int32_t)milliseconds >= 0,
        .span = {milliseconds / 1000, milliseconds % 1000 * 1000000},
    };

    return poll(fds_at, count, &patience);
}

int32_t poll_for(uint32_t fds_at, uint32_t count, uint32_t time_at, uint32_t mask_at,
                 uint32_t mask_bytes, enum time_format format)
{
    struct patience patience;
    int32_t result = take_patience(&patience, time_at, format, mask_at, mask_bytes);

    result = result != 0 ? result : poll(fds_at, count, &patience);
    return give_patience(&patience, time_at, format, result);
}

/* ---- select ---- */

enum { READ, WRITE, EXCEPT, SETS };

static const uint16_t asked_by[SETS] = {POLLIN, POLLOUT, POLLPRI};
static const uint16_t answered_by[SETS] = {POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI};

struct file_sets {
    uint32_t words[SETS][SET_WORDS]; /* bit n % 32 of word n / 32: descriptor n */
    struct pollfd entries[DESCRIPTOR_LIMIT];
};

_Static_assert(sizeof(struct file_sets) <= PAGE_SIZE, "it lies in one page");

static bool is_in(const uint32_t *words, uint32_t fd)
{
    return words[fd / 32] >> fd % 32 & 1;
}

/* One entry per descriptor that is in any set; how many, or -EBADF. */
static int32_t sets_to_list(struct file_sets *sets, uint32_t limit)
{
    uint32_t count = 0;

    for (uint32_t fd = 0; fd < limit; fd++) {
        uint16_t events = 0;

        for (uint32_t set = 0; set < SETS; set++) {
            events |= is_in(sets->words[set], fd) ? asked_by[set] : 0;
        }
        if (events != 0) {
            if (file_of(fd) == NULL) {
                return -EBADF;
            }
            sets->entries[count++] = (struct pollfd){(int32_t)fd, events, 0};
        }
    }
    return (int32_t)count;
}

/* The sets as they are to be stored; how many bits are set. */
static int32_t list_to_sets(struct file_sets *sets, uint32_t count)
{
    int32_t found = 0;

    memset(sets->words, 0, sizeof(sets->words));
    for (uint32_t i = 0; i < count; i++) {
        const struct pollfd *entry = &sets->entries[i];
        uint32_t fd = (uint32_t)entry->fd;

        for (uint32_t set = 0; set < SETS; set++) {
            if ((entry->events & asked_by[set]) && (entry->revents & answered_by[set])) {
                sets->words[set][fd / 32] |= 1u << fd % 32;
                found++;
            }
        }
    }
    return found;
}

static int32_t copy_sets(struct file_sets *sets, const uint32_t at[SETS], uint32_t bytes,
                         bool to_user)
{
    int32_t result = 0;

    for (uint32_t set = 0; set < SETS && result == 0; set++) {
        if (at[set] != 0) {
            result = to_user ? copy_to_user(at[set], sets->words[set], bytes)
                             : copy_from_user(sets->words[set], at[set], bytes);
        }
    }
    return result;
}

static int32_t select_in(struct file_sets *sets, uint32_t limit, const uint32_t at[SETS],
                         struct patience *patience)
{
    uint32_t bytes = (limit + 31) / 32 * sizeof(uint32_t);
    int32_t count = copy_sets(sets, at, bytes, false);
    int32_t result;

    if (count == 0) {
        count = sets_to_list(sets, limit);
    }
    if (count < 0) {
        return count;
    }
    result = wait_for_any(sets->entries, (uint32_t)count, patience);
    if (result >= 0) {
        result = list_to_sets(sets, (uint32_t)count);
        if (copy_sets(sets, at, bytes, true) != 0) {
            result = -EFAULT;
        }
    }
    return result;
}

/* Of descriptors below `limit`. */
static int32_t select(uint32_t limit, const uint32_t at[SETS], struct patience *patience)
{
    uint32_t page;
    int32_t result;

    if ((int32_t)limit < 0) {
        return -EINVAL;
    }
    page = frame_allocate();
    if (page == 0) {
        return -ENOMEM;
    }
    result = select_in(physical_to_pointer(page),
                       limit < DESCRIPTOR_LIMIT ? limit : DESCRIPTOR_LIMIT, at, patience);
    frame_release(page);
    return result;
}

int32_t select_for(uint32_t limit, const uint32_t sets_at[SETS], uint32_t time_at, uint32_t mask_at,
                   enum time_format format)
{
    struct patience patience;
    uint32_t mask[2] = {0, 0};
    int32_t result = mask_at == 0 ? 0 : copy_from_user(mask, mask_at, sizeof(mask));

    if (result == 0) {
        result = take_patience(&patience, time_at, format, mask[0], mask[1]);
    }
    if (result != 0) {
        return result;
    }
    result = select(limit, sets_at, &patience);
    return give_patience(&patience, time_at, format, result);
}
