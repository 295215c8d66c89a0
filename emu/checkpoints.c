/* Storage of checkpoints.
 * SPDX-License-Identifier: MIT */
#include "emu/checkpoints.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE   4096u
#define SECTOR_COST (DISK_SECTOR_BYTES + 32u) /* with its share of the tree */
#define COUNT_MAX   512u                      /* checkpoints */
#define GAP_PER_AGE 8u        /* a gap may be an eighth of the distance to the present */
#define GAP_MAXIMUM 40000000u /* of history_work(): run again in less than half a second */
#define SLAB_PAGES  256u      /* contents allocated at once */

/* Content shared by the copies that have it. */
struct content {
    uint32_t users;       /* copies that point here */
    struct content *free; /* the next one that nobody uses, while this is not used */
    uint8_t bytes[PAGE_SIZE];
};

/* Contents come and go all the time: their memory is kept, not given back to the host. */
struct slab {
    struct slab *next;
    struct content contents[SLAB_PAGES];
};

struct checkpoint;

struct page_copy {
    uint32_t page;
    struct content *content;  /* NULL: zeros */
    struct checkpoint *owner; /* the first checkpoint with this content */
    struct page_copy *older;  /* of the same page, owner further back */
};

struct checkpoint {
    struct history_place place;
    struct machine_state *state;
    struct machine_disks disks;
    uint64_t disk_bytes;       /* what the disks have otherwise than at the checkpoint before */
    struct page_copy **copies; /* what it owns */
    uint32_t count;            /* of copies */
    uint32_t capacity;         /* of copies */
};

struct checkpoints {
    struct machine *machine;
    struct checkpoint **list;  /* by place, ascending */
    uint32_t count;            /* 0..COUNT_MAX */
    struct checkpoint *base;   /* RAM is this one's and the pages written since */
    struct page_copy **newest; /* per page of RAM */
    uint8_t *seen;             /* per page of RAM: scratch */
    struct slab *slabs;
    struct content *free; /* contents that nobody uses */
    uint64_t bytes;       /* in use */
    uint64_t budget;      /* bytes */
};

struct checkpoints *checkpoints_create(struct machine *machine, uint64_t budget_bytes)
{
    struct checkpoints *all = calloc(1, sizeof(*all));
    uint32_t pages = machine_pages(machine);

    if (!all) {
        return NULL;
    }
    all->machine = machine;
    all->budget = budget_bytes;
    all->list = calloc(COUNT_MAX + 2, sizeof(*all->list));
    all->newest = calloc(pages, sizeof(*all->newest));
    all->seen = calloc(pages, 1);
    if (!all->list || !all->newest || !all->seen) {
        checkpoints_destroy(all);
        return NULL;
    }
    return all;
}

/* ---- contents and copies ---- */

static void content_release(struct checkpoints *all, struct content *content)
{
    if (content && --content->users == 0) {
        all->bytes -= sizeof(*content);
        content->free = all->free;
        all->free = content;
    }
}

/* The budget is far below the host's memory: without any nothing sensible is left to do. */
static struct content *content_new(struct checkpoints *all)
{
    struct content *content = all->free;

    if (!content) {
        struct slab *slab = malloc(sizeof(*slab));

        if (!slab) {
            abort();
        }
        slab->next = all->slabs;
        all->slabs = slab;
        for (uint32_t i = 0; i < SLAB_PAGES; i++) {
            slab->contents[i].free = content;
            content = &slab->contents[i];
        }
    }
    all->free = content->free;
    return content;
}

static struct content *content_of(struct checkpoints *all, const uint8_t *bytes)
{
    struct content *content;

    if (bytes[0] == 0 && memcmp(bytes, bytes + 1, PAGE_SIZE - 1) == 0) {
        return NULL;
    }
    content = content_new(all);
    content->users = 0;
    memcpy(content->bytes, bytes, PAGE_SIZE);
    all->bytes += sizeof(*content);
    return content;
}

static bool content_equals(const struct content *content, const uint8_t *bytes)
{
    if (content) {
        return memcmp(content->bytes, bytes, PAGE_SIZE) == 0;
    }
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, PAGE_SIZE - 1) == 0;
}

/* Where the pointer to the newest copy at or before `place` stands in the page's chain. */
static struct page_copy **chain_at(struct checkpoints *all, uint32_t page,
                                   struct history_place place)
{
    struct page_copy **link = &all->newest[page];

    while (*link && history_compare((*link)->owner->place, place) > 0) {
        link = &(*link)->older;
    }
    return link;
}

static void checkpoint_own(struct checkpoint *checkpoint, struct page_copy *copy)
{
    if (checkpoint->count == checkpoint->capacity) {
        uint32_t capacity = checkpoint->capacity ? checkpoint->capacity * 2 : 16;
        struct page_copy **copies = realloc(checkpoint->copies, capacity * sizeof(*copies));

        if (!copies) {
            abort();
        }
        checkpoint->copies = copies;
        checkpoint->capacity = capacity;
    }
    checkpoint->copies[checkpoint->count++] = copy;
    copy->owner = checkpoint;
}

/* A copy for `owner` put into the chain at `link`. */
static void copy_insert(struct checkpoints *all, struct page_copy **link, uint32_t page,
                        struct content *content, struct checkpoint *owner)
{
    struct page_copy *copy = malloc(sizeof(*copy));

    if (!copy) {
        abort();
    }
    copy->page = page;
    copy->content = content;
    if (content) {
        content->users++;
    }
    copy->older = *link;
    *link = copy;
    checkpoint_own(owner, copy);
    all->bytes += sizeof(*copy) + sizeof(copy);
}

static void copy_remove(struct checkpoints *all, struct page_copy *copy)
{
    struct page_copy **link = &all->newest[copy->page];

    while (*link != copy) {
        link = &(*link)->older;
    }
    *link = copy->older;
    content_release(all, copy->content);
    all->bytes -= sizeof(*copy) + sizeof(copy);
    free(copy);
}

/* ---- the list ---- */

uint32_t checkpoints_at_or_before(const struct checkpoints *all, struct history_place place)
{
    uint32_t index = all->count;

    while (index > 0 && history_compare(all->list[index - 1]->place, place) > 0) {
        index--;
    }
    return index ? index - 1 : CHECKPOINT_NONE;
}

uint32_t checkpoints_before(const struct checkpoints *all, struct history_place place)
{
    uint32_t index = checkpoints_at_or_before(all, place);

    if (index != CHECKPOINT_NONE && history_compare(all->list[index]->place, place) == 0) {
        return index ? index - 1 : CHECKPOINT_NONE;
    }
    return index;
}

uint32_t checkpoints_clock_at_or_before(const struct checkpoints *all, uint64_t clock)
{
    uint32_t index = all->count;

    while (index > 0 && all->list[index - 1]->place.clock > clock) {
        index--;
    }
    return index ? index - 1 : CHECKPOINT_NONE;
}

struct history_place checkpoints_place(const struct checkpoints *all, uint32_t index)
{
    return all->list[index]->place;
}

uint32_t checkpoints_count(const struct checkpoints *all)
{
    return all->count;
}

uint32_t checkpoints_dirty(const struct checkpoints *all)
{
    const uint8_t *written = machine_pages_written(all->machine);
    uint32_t pages = machine_pages(all->machine);
    uint32_t dirty = 0;

    for (uint32_t page = 0; page < pages; page++) {
        dirty += written[page];
    }
    return dirty;
}

uint64_t checkpoints_bytes(const struct checkpoints *all)
{
    return all->bytes;
}

static bool count_sector(void *context, uint32_t sector, const uint8_t *before,
                         const uint8_t *after)
{
    uint64_t *bytes = context;

    (void)sector;
    *bytes += before != after ? SECTOR_COST : 0;
    return true;
}

/* Versions of the disks share what they have in common; each answers for what it changed. */
static void weigh_disks(struct checkpoints *all, uint32_t index)
{
    struct checkpoint *checkpoint = index < all->count ? all->list[index] : NULL;
    uint64_t bytes = 0;

    if (!checkpoint) {
        return;
    }
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        const struct disk_overlay *to = checkpoint->disks.disks[i];
        const struct disk_overlay *from = index ? all->list[index - 1]->disks.disks[i] : NULL;

        if (to) {
            disk_overlay_compare(from, to, count_sector, &bytes);
        }
    }
    all->bytes += bytes - checkpoint->disk_bytes;
    checkpoint->disk_bytes = bytes;
}

static void checkpoint_free(struct checkpoints *all, struct checkpoint *checkpoint)
{
    all->bytes -= sizeof(*checkpoint) + sizeof(*checkpoint->state) + checkpoint->disk_bytes;
    free(checkpoint->state);
    machine_release_disks(&checkpoint->disks);
    free(checkpoint->copies);
    free(checkpoint);
}

static bool owns_page(const struct checkpoints *all, const struct checkpoint *checkpoint,
                      uint32_t page)
{
    const struct page_copy *copy = all->newest[page];

    while (copy && history_compare(copy->owner->place, checkpoint->place) > 0) {
        copy = copy->older;
    }
    return copy && copy->owner == checkpoint;
}

/* Take one out; what the next one needs of it becomes the next one's. */
static void checkpoint_remove(struct checkpoints *all, uint32_t index)
{
    struct checkpoint *gone = all->list[index];
    struct checkpoint *next = index + 1 < all->count ? all->list[index + 1] : NULL;

    for (uint32_t i = 0; i < gone->count; i++) {
        if (next && !owns_page(all, next, gone->copies[i]->page)) {
            checkpoint_own(next, gone->copies[i]);
        } else {
            copy_remove(all, gone->copies[i]);
        }
    }
    checkpoint_free(all, gone);
    memmove(all->list + index, all->list + index + 1,
            (all->count - index - 1) * sizeof(*all->list));
    all->count--;
    weigh_disks(all, index);
}

void checkpoints_drop_after(struct checkpoints *all, struct history_place place)
{
    while (all->count > 1 && history_compare(all->list[all->count - 1]->place, place) > 0) {
        checkpoint_remove(all, all->count - 1);
    }
}

void checkpoints_destroy(struct checkpoints *all)
{
    while (all->count > 0) {
        checkpoint_remove(all, all->count - 1);
    }
    while (all->slabs) {
        struct slab *next = all->slabs->next;

        free(all->slabs);
        all->slabs = next;
    }
    free(all->list);
    free(all->newest);
    free(all->seen);
    free(all);
}

/* ---- thinning ---- */

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

/* Distance to the present or to the end of history, whichever is nearer. */
static uint64_t age_of(const struct checkpoints *all, uint32_t index, uint64_t present)
{
    uint64_t work = history_work(all->list[index]->place);
    uint64_t to_present = distance(work, present);
    uint64_t to_end = distance(work, history_work(all->list[all->count - 1]->place));

    return to_present < to_end ? to_present : to_end;
}

static bool may_go(const struct checkpoints *all, uint32_t index)
{
    return index > 0 && index + 1 < all->count && all->list[index] != all->base;
}

static uint64_t gap_without(const struct checkpoints *all, uint32_t index)
{
    return history_work(all->list[index + 1]->place) - history_work(all->list[index - 1]->place);
}

/* How large a gap may be at this age. */
static uint64_t gap_allowed(uint64_t age)
{
    return age / GAP_PER_AGE < GAP_MAXIMUM ? age / GAP_PER_AGE : GAP_MAXIMUM;
}

/* The one that is missed least: smallest gap for its age. */
static uint32_t least_missed(const struct checkpoints *all, uint64_t present)
{
    uint32_t best = CHECKPOINT_NONE;
    double best_ratio = 0;

    for (uint32_t i = 1; i + 1 < all->count; i++) {
        double ratio = (double)gap_without(all, i) / ((double)age_of(all, i, present) + 1e6);

        if (may_go(all, i) && (best == CHECKPOINT_NONE || ratio < best_ratio)) {
            best = i;
            best_ratio = ratio;
        }
    }
    return best;
}

static void thin_out(struct checkpoints *all, uint64_t present)
{
    for (uint32_t i = 1; i + 1 < all->count;) {
        if (may_go(all, i) && gap_without(all, i) < gap_allowed(age_of(all, i, present))) {
            checkpoint_remove(all, i);
        } else {
            i++;
        }
    }
    while (all->count > COUNT_MAX || all->bytes > all->budget) {
        uint32_t index = least_missed(all, present);

        if (index == CHECKPOINT_NONE) {
            break;
        }
        checkpoint_remove(all, index);
    }
}

/* ---- adding ---- */

/* One page whose content may have changed since the checkpoint before `added`. */
static void page_add(struct checkpoints *all, struct checkpoint *added, struct checkpoint *next,
                     uint32_t page)
{
    const uint8_t *bytes = machine_ram(all->machine) + (size_t)page * PAGE_SIZE;
    struct page_copy **link = chain_at(all, page, added->place);
    struct content *before = *link ? (*link)->content : NULL;

    if (content_equals(before, bytes)) {
        return;
    }
    /* What comes after must not see the new content unless it has it. */
    if (next && !owns_page(all, next, page)) {
        copy_insert(all, link, page, before, next);
        link = chain_at(all, page, added->place);
    }
    copy_insert(all, link, page, content_of(all, bytes), added);
}

static struct checkpoint *checkpoint_new(struct checkpoints *all, struct history_place place)
{
    struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));
    struct machine_state *state = malloc(sizeof(*state));

    if (!checkpoint || !state) {
        abort();
    }
    checkpoint->place = place;
    checkpoint->state = state;
    *state = *machine_state(all->machine);
    machine_hold_disks(all->machine, &checkpoint->disks);
    all->bytes += sizeof(*checkpoint) + sizeof(*state);
    return checkpoint;
}

void checkpoints_add(struct checkpoints *all, struct history_place place)
{
    uint32_t index = checkpoints_at_or_before(all, place);
    uint32_t pages = machine_pages(all->machine);
    const uint8_t *written =
        all->count ? machine_pages_written(all->machine) : machine_pages_touched(all->machine);
    struct checkpoint *added;
    struct checkpoint *next;

    if (index != CHECKPOINT_NONE && history_compare(all->list[index]->place, place) == 0) {
        return;
    }
    index = index == CHECKPOINT_NONE ? 0 : index + 1;
    added = checkpoint_new(all, place);
    next = index < all->count ? all->list[index] : NULL;
    memmove(all->list + index + 1, all->list + index, (all->count - index) * sizeof(*all->list));
    all->list[index] = added;
    all->count++;
    for (uint32_t page = 0; page < pages; page++) {
        if (written[page]) {
            page_add(all, added, next, page);
        }
    }
    weigh_disks(all, index);
    weigh_disks(all, index + 1);
    machine_watch_pages(all->machine);
    all->base = added;
    thin_out(all, history_work(place));
}

/* ---- going there ---- */

static uint32_t index_of(const struct checkpoints *all, const struct checkpoint *checkpoint)
{
    uint32_t index = 0;

    while (all->list[index] != checkpoint) {
        index++;
    }
    return index;
}

bool checkpoints_restore(struct checkpoints *all, uint32_t index)
{
    struct checkpoint *goal = all->list[index];
    uint32_t base = index_of(all, all->base);
    uint32_t first = base < index ? base : index;
    uint32_t last = base < index ? index : base;
    uint32_t pages = machine_pages(all->machine);

    memcpy(all->seen, machine_pages_written(all->machine), pages);
    for (uint32_t i = first + 1; i <= last; i++) {
        for (uint32_t j = 0; j < all->list[i]->count; j++) {
            all->seen[all->list[i]->copies[j]->page] = 1;
        }
    }
    for (uint32_t page = 0; page < pages; page++) {
        if (all->seen[page]) {
            struct page_copy *copy = *chain_at(all, page, goal->place);

            machine_put_page(all->machine, page,
                             copy && copy->content ? copy->content->bytes : NULL);
        }
    }
    machine_watch_pages(all->machine);
    all->base = goal;
    machine_put_disks(all->machine, &goal->disks);
    return machine_load_state(all->machine, goal->state, NULL);
}
