/* poll and select: wait until one of several files can be read or written. Everybody who waits so
 * sleeps on one channel and looks at its own files again when anything happens. Interrupts are on.
 * See: poll(2), select(2). SPDX-License-Identifier: MIT */
#include "calls/forms.h"
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* What is waited for: look at it all once; how many files have something, 0 none, or an error. */
struct watch {
    int32_t (*look)(struct watch *watch);
    struct pollfd *entries;   /* of poll; results are stored there */
    uint32_t count;           /* entries there; or files of select: descriptors below it */
    struct file_sets *wanted; /* of select */
    struct file_sets *found;
};

/* How long, and with which signals let through. */
struct patience {
    bool timed;    /* else until something happens */
    uint64_t span; /* with `timed`: microseconds */
    bool has_mask; /* `mask` holds meanwhile */
    sigset_t mask;
};

/* Which of these events, or of those that need not be asked for, has the file? */
static uint32_t events_of(uint32_t fd, uint32_t wanted)
{
    struct file *file = file_of(fd);
    uint32_t now;

    if (file == NULL) {
        return POLLNVAL;
    }
    now = file->operations->poll == NULL ? POLLIN | POLLOUT : file->operations->poll(file);
    now |= (now & POLLIN ? POLLRDNORM : 0) | (now & POLLOUT ? POLLWRNORM : 0);
    return now & (wanted | POLLERR | POLLHUP);
}

/* As watch->look, or -ERESTARTNOHAND; 0: the time is over. What is left of it is in *patience. */
static int32_t wait_for_any(struct watch *watch, struct patience *patience)
{
    uint32_t wait_ticks = patience->timed ? time_to_sleep(patience->span) : 0;
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
        found = watch->look(watch); /* interrupts stay off: nothing can happen between */
        if (found != 0 || (patience->timed && !current->wake_set)) {
            break;
        }
        if (signal_is_pending(current)) {
            found = -ERESTARTNOHAND;
            break;
        }
        sleep_on(poll_channel);
    }
    patience->span = time_of_ticks(current->wake_set ? current->wake_tick - ticks : 0);
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
static int32_t take_span(uint64_t *span, uint32_t time_at, enum time_format format)
{
    int64_t seconds;
    uint32_t microseconds;

    if (format != TIME_MICRO) {
        return time_argument(span, time_at, format);
    }
    if (time_read(time_at, format, &seconds, &microseconds) < 0) {
        return -EFAULT;
    }
    *span = (uint64_t)seconds * MICROSECONDS + microseconds;
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
        time_store(patience->span, time_at, format);
    }
    return result;
}

/* ---- poll ---- */

static int32_t look_at_entries(struct watch *watch)
{
    int32_t found = 0;

    for (uint32_t i = 0; i < watch->count; i++) {
        struct pollfd *entry = &watch->entries[i];

        entry->revents =
            entry->fd < 0 ? 0 : (uint16_t)events_of((uint32_t)entry->fd, entry->events);
        found += entry->revents != 0;
    }
    return found;
}

static int32_t poll(uint32_t fds_at, uint32_t count, struct patience *patience)
{
    struct watch watch = {.look = look_at_entries, .count = count};
    uint32_t page, bytes = count * sizeof(struct pollfd);
    int32_t result;

    if (count > DESCRIPTOR_LIMIT) {
        return -EINVAL;
    }
    page = frame_allocate();
    if (page == 0) {
        return -ENOMEM;
    }
    watch.entries = physical_to_pointer(page);
    result = copy_from_user(watch.entries, fds_at, bytes);
    if (result == 0) {
        result = wait_for_any(&watch, patience);
    }
    if (result >= 0 && copy_to_user(fds_at, watch.entries, bytes) != 0) {
        result = -EFAULT;
    }
    frame_release(page);
    return result;
}

int32_t sys_poll(uint32_t fds_at, uint32_t count, uint32_t milliseconds)
{
    struct patience patience = {
        .timed = (int32_t)milliseconds >= 0,
        .span = (uint64_t)milliseconds * 1000,
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

static const uint32_t asked_by[SETS] = {POLLIN, POLLOUT, POLLPRI};
static const uint32_t answered_by[SETS] = {POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI};

struct file_sets {
    uint32_t words[SETS][DESCRIPTOR_LIMIT / 32]; /* bit n % 32 of word n / 32: descriptor n */
};

static int32_t look_at_sets(struct watch *watch)
{
    int32_t found = 0;

    memset(watch->found, 0, sizeof(*watch->found));
    for (uint32_t fd = 0; fd < watch->count; fd++) {
        uint32_t word = fd / 32, bit = 1u << fd % 32, wanted = 0, events;

        for (uint32_t set = 0; set < SETS; set++) {
            wanted |= watch->wanted->words[set][word] & bit ? asked_by[set] : 0;
        }
        events = wanted == 0 ? 0 : events_of(fd, wanted);
        if (events == POLLNVAL) {
            return -EBADF;
        }
        for (uint32_t set = 0; set < SETS; set++) {
            if ((watch->wanted->words[set][word] & bit) && (events & answered_by[set])) {
                watch->found->words[set][word] |= bit;
                found++;
            }
        }
    }
    return found;
}

/* Sets that the program has not are empty. */
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

/* Of descriptors below `limit`. */
static int32_t select(uint32_t limit, const uint32_t at[SETS], struct patience *patience)
{
    struct file_sets wanted = {{{0}}}, found;
    uint32_t count = limit < DESCRIPTOR_LIMIT ? limit : DESCRIPTOR_LIMIT;
    uint32_t bytes = (count + 31) / 32 * sizeof(uint32_t);
    struct watch watch = {.look = look_at_sets, .count = count, .wanted = &wanted, .found = &found};
    int32_t result = (int32_t)limit < 0 ? -EINVAL : copy_sets(&wanted, at, bytes, false);

    if (result == 0) {
        result = wait_for_any(&watch, patience);
    }
    return result >= 0 && copy_sets(&found, at, bytes, true) != 0 ? -EFAULT : result;
}

int32_t select_for(uint32_t limit, const uint32_t sets_at[SETS], uint32_t time_at, uint32_t mask_at,
                   enum time_format format)
{
    struct patience patience = {.timed = false};
    uint32_t mask[2] = {0, 0};
    int32_t result = mask_at == 0 ? 0 : copy_from_user(mask, mask_at, sizeof(mask));

    if (result == 0) {
        result = take_patience(&patience, time_at, format, mask[0], mask[1]);
    }
    result = result != 0 ? result : select(limit, sets_at, &patience);
    return give_patience(&patience, time_at, format, result);
}
