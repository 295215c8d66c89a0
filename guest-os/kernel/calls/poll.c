/* poll and select: wait until one of several files can be read or written. Everybody who waits so
 * sleeps on one channel and looks at its own files again when anything happens. Sets of select are
 * turned into lists of poll. Interrupts are on. See: poll(2), select(2).
 * SPDX-License-Identifier: MIT */
#include "calls/time_argument.h"
#include "common/text.h"
#include "files/file.h"
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

static int32_t take_mask(struct patience *patience, uint32_t mask_at, uint32_t bytes)
{
    patience->has_mask = mask_at != 0;
    if (mask_at == 0) {
        return 0;
    }
    if (bytes != sizeof(patience->mask)) {
        return -EINVAL;
    }
    return copy_from_user(&patience->mask, mask_at, sizeof(patience->mask));
}

static int32_t take_span(struct patience *patience, uint32_t span_at, bool wide)
{
    patience->timed = span_at != 0;
    return span_at == 0 ? 0 : time_span_argument(&patience->span, span_at, wide);
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

int32_t sys_poll(struct trap_frame *frame)
{
    uint32_t milliseconds = frame->edx;
    struct patience patience = {
        .timed = (int32_t)milliseconds >= 0,
        .span = {milliseconds / 1000, milliseconds % 1000 * 1000000},
    };

    return poll(frame->ebx, frame->ecx, &patience);
}

/* ppoll(files, count, time, mask, bytes of the mask); what is left of the time is stored. */
static int32_t ppoll(const struct trap_frame *frame, bool wide)
{
    struct patience patience = {.timed = false};
    int32_t result = take_span(&patience, frame->edx, wide);

    result = result != 0 ? result : take_mask(&patience, frame->esi, frame->edi);
    result = result != 0 ? result : poll(frame->ebx, frame->ecx, &patience);
    if (patience.timed && result >= 0) {
        time_span_store(&patience.span, frame->edx, wide); /* a bad address changes nothing */
    }
    return result;
}

int32_t sys_ppoll(struct trap_frame *frame)
{
    return ppoll(frame, false);
}

int32_t sys_ppoll_time64(struct trap_frame *frame)
{
    return ppoll(frame, true);
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

/* select(limit, three sets, ...): descriptors below `limit`. */
static int32_t select(const struct trap_frame *frame, struct patience *patience)
{
    const uint32_t at[SETS] = {frame->ecx, frame->edx, frame->esi};
    uint32_t limit = frame->ebx < DESCRIPTOR_LIMIT ? frame->ebx : DESCRIPTOR_LIMIT;
    uint32_t page;
    int32_t result;

    if ((int32_t)frame->ebx < 0) {
        return -EINVAL;
    }
    page = frame_allocate();
    if (page == 0) {
        return -ENOMEM;
    }
    result = select_in(physical_to_pointer(page), limit, at, patience);
    frame_release(page);
    return result;
}

int32_t sys__newselect(struct trap_frame *frame)
{
    struct patience patience = {.timed = frame->edi != 0};
    struct timeval time;
    int32_t result;

    if (patience.timed) {
        if (copy_from_user(&time, frame->edi, sizeof(time)) != 0) {
            return -EFAULT;
        }
        if (time.tv_sec < 0 || time.tv_usec < 0) {
            return -EINVAL;
        }
        patience.span = (struct time_span){(uint32_t)time.tv_sec + (uint32_t)time.tv_usec / 1000000,
                                           (uint32_t)time.tv_usec % 1000000 * 1000};
    }
    result = select(frame, &patience);
    if (patience.timed && result >= 0) {
        time = (struct timeval){(int32_t)patience.span.seconds,
                                (int32_t)patience.span.nanoseconds / 1000};
        copy_to_user(frame->edi, &time, sizeof(time)); /* a bad address changes nothing */
    }
    return result;
}

/* select(arguments in memory): the first form. */
int32_t sys_select(struct trap_frame *frame)
{
    uint32_t arguments[5];
    struct trap_frame inner = *frame;

    if (copy_from_user(arguments, frame->ebx, sizeof(arguments)) != 0) {
        return -EFAULT;
    }
    inner.ebx = arguments[0];
    inner.ecx = arguments[1];
    inner.edx = arguments[2];
    inner.esi = arguments[3];
    inner.edi = arguments[4];
    return sys__newselect(&inner);
}

/* pselect6(limit, three sets, time, address of the mask's address and size) */
static int32_t pselect(const struct trap_frame *frame, bool wide)
{
    struct patience patience = {.timed = false};
    uint32_t mask[2] = {0, 0};
    int32_t result = take_span(&patience, frame->edi, wide);

    if (result == 0 && frame->ebp != 0) {
        result = copy_from_user(mask, frame->ebp, sizeof(mask));
    }
    result = result != 0 ? result : take_mask(&patience, mask[0], mask[1]);
    result = result != 0 ? result : select(frame, &patience);
    if (patience.timed && result >= 0) {
        time_span_store(&patience.span, frame->edi, wide);
    }
    return result;
}

int32_t sys_pselect6(struct trap_frame *frame)
{
    return pselect(frame, false);
}

int32_t sys_pselect6_time64(struct trap_frame *frame)
{
    return pselect(frame, true);
}
