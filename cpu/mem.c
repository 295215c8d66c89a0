/* Memory as the careful variants use it: segment limit and rights, alignment check, translation,
 * accesses that cross a page, RAM or bus, journal; and filling the mirrors that the fast
 * variants look into. Order of checks: segment, then page, then alignment (i486 PRM 9.9.17).
 * See: 80386 PRM 5.1, 6.3.
 * SPDX-License-Identifier: MIT */

#include "cpu/cpu_priv.h"

/* ---- physical ---- */

uint64_t clock_in(const struct cpu *cpu, const struct uop *uop)
{
    int64_t left = cpu->budget + (uop ? uop->clocks_left : 0);
    return cpu->deadline - (uint64_t)left;
}

uint32_t read_physical(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    if (LIKELY(is_ram(cpu, physical))) {
        return host_load(cpu->bus.ram + physical, bytes);
    }
    return cpu->bus.read(cpu->bus.context, physical, bytes, clock_in(cpu, cpu->uop));
}

static void note_page_written(struct cpu *cpu, uint32_t physical)
{
    if (cpu->bus.page_written) {
        cpu->bus.page_written[physical / PAGE_BYTES] = 1;
    }
}

void write_physical(struct cpu *cpu, uint32_t physical, uint32_t bytes, uint32_t value)
{
    if (LIKELY(is_ram(cpu, physical))) {
        note_page_written(cpu, physical);
        host_store(cpu->bus.ram + physical, bytes, value);
        if (UNLIKELY(cpu->page_chunks[physical / PAGE_BYTES])) {
            blocks_written(cpu, physical, bytes);
        }
        return;
    }
    cpu->bus.write(cpu->bus.context, physical, bytes, value, clock_in(cpu, cpu->uop));
}

/* 3-byte pieces of an access that crosses a page are split into bytes on the bus. */
static uint32_t read_piece(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    if (bytes != 3) {
        return read_physical(cpu, physical, bytes);
    }
    return read_physical(cpu, physical, 1) | (read_physical(cpu, physical + 1, 1) << 8) |
           (read_physical(cpu, physical + 2, 1) << 16);
}

static void write_piece(struct cpu *cpu, uint32_t physical, uint32_t bytes, uint32_t value)
{
    if (bytes != 3) {
        write_physical(cpu, physical, bytes, value);
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        write_physical(cpu, physical + i, 1, (value >> (8 * i)) & 0xFF);
    }
}

/* ---- segment ---- */

static bool rights_apply(const struct cpu *cpu)
{
    return (cpu->state.cr0 & CR0_PE) && !(cpu->state.eflags & EFLAGS_VM);
}

static uint32_t limit_path(uint32_t segment, uint32_t access)
{
    if (segment == SEG_SS) {
        return PATH_ss_limit;
    }
    return access & ACCESS_WRITE ? PATH_gp_limit_write : PATH_gp_limit_read;
}

static uint32_t missing_segment_right(const struct segment_state *seg, uint32_t access)
{
    if (access & ACCESS_WRITE) {
        if (seg->attributes & ATTR_CODE) {
            return PATH_gp_write_code;
        }
        return seg->attributes & ATTR_WRITABLE ? PATH_NONE : PATH_gp_write_read_only;
    }
    if ((seg->attributes & ATTR_CODE) && !(seg->attributes & ATTR_READABLE)) {
        return PATH_gp_read_execute_only;
    }
    return PATH_NONE;
}

static bool inside_limit(const struct segment_state *seg, uint32_t offset, uint32_t bytes)
{
    uint64_t last = (uint64_t)offset + bytes - 1;
    if ((seg->attributes & (ATTR_CODE | ATTR_EXPAND_DOWN)) == ATTR_EXPAND_DOWN) {
        uint32_t top = seg->attributes & ATTR_BIG ? 0xFFFFFFFFu : 0xFFFFu;
        return offset > seg->limit && last <= top;
    }
    return last <= seg->limit;
}

/* Limit and rights of [offset, offset + bytes); the path is raised. */
static uint32_t check_segment(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                              uint32_t access)
{
    const struct segment_state *seg = &cpu->state.segments[segment];
    if (UNLIKELY(cpu->journal)) {
        struct journal_entry entry = {.kind = JOURNAL_SEGMENT_CHECK,
                                      .detail = segment,
                                      .address = offset,
                                      .value = seg->limit,
                                      .size = bytes};
        journal_add(cpu, &entry);
    }
    if (rights_apply(cpu)) {
        if (!seg->usable) {
            return trap_raise(cpu, PATH_gp_use_null, 0);
        }
        uint32_t missing = missing_segment_right(seg, access);
        if (missing) {
            return trap_raise(cpu, missing, 0);
        }
    }
    if (!inside_limit(seg, offset, bytes)) {
        return trap_raise(cpu, limit_path(segment, access), 0);
    }
    return PATH_NONE;
}

/* ---- mirrors ---- */

/* Would a write to this page, just found readable, succeed without changing anything? Then the
 * fast variants may write as well. */
INLINE bool write_is_known(const struct cpu *cpu, uint32_t linear, uint32_t user)
{
    if (!(cpu->state.cr0 & CR0_PG)) {
        return true;
    }
    uint32_t rights = cpu->state.tlb_data[tlb_data_index(linear)].physical;
    return (rights & TLB_DIRTY) &&
           ((rights & TLB_WRITABLE) || (!user && !(cpu->state.cr0 & CR0_WP)));
}

/* Let the fast variants find the page of `linear`, which has just been accessed. */
INLINE void fill_mirror(struct cpu *cpu, uint32_t user, uint32_t linear, uint32_t physical,
                        uint32_t access)
{
    if (!is_ram(cpu, physical) ||
        (UNLIKELY(cpu->watch & WATCH_DATA) && watch_in_page(cpu, linear))) {
        return;
    }
    const uint32_t observed =
        UNLIKELY(cpu->watch & WATCH_OBSERVED) ? observe_page(cpu, linear, physical) : 0;
    if (UNLIKELY(observed & OBSERVE_READS)) {
        return;
    }
    uint32_t frame = physical / PAGE_BYTES;
    uint32_t page = linear & PAGE_MASK;
    struct data_mirror *mirror = &cpu->data_mirrors[user][tlb_data_index(linear)];
    if (access & ACCESS_WRITE) {
        note_page_written(cpu, physical);
    }
    bool write = !observed && !cpu->page_chunks[frame] &&
                 (!cpu->bus.page_written || cpu->bus.page_written[frame]) &&
                 ((access & ACCESS_WRITE) || write_is_known(cpu, linear, user));
    cpu->data_filled = 1;
    mirror->read_tag = page;
    mirror->write_tag = write ? page : MIRROR_INVALID;
    mirror->addend = (uintptr_t)cpu->bus.ram + (physical & PAGE_MASK) - page;
}

/* ---- linear ---- */

/* Translate [linear, linear + bytes) into one or two pieces, all checks done. */
static uint32_t translate_pieces(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t access,
                                 struct write_cell *cell)
{
    uint32_t in_page = PAGE_BYTES - (linear & ~PAGE_MASK);
    struct translation first = translate_data(cpu, linear, access);
    if (UNLIKELY(first.path)) {
        return first.path;
    }
    cell->linear = linear;
    cell->physical[0] = first.physical;
    cell->bytes[0] = bytes;
    cell->bytes[1] = 0;
    if (UNLIKELY(in_page < bytes)) {
        struct translation second = translate_data(cpu, linear + in_page, access);
        if (second.path) {
            return second.path;
        }
        cell->bytes[0] = in_page;
        cell->physical[1] = second.physical;
        cell->bytes[1] = bytes - in_page;
    }
    return PATH_NONE;
}

static bool alignment_checked(const struct cpu *cpu)
{
    return cpu->state.cpl == 3 && (cpu->state.cr0 & CR0_AM) && (cpu->state.eflags & EFLAGS_AC);
}

/* Segment, page and alignment checks of a program's access; fills *cell and the mirror. */
static uint32_t locate(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                       uint32_t access, struct write_cell *cell)
{
    uint32_t path = check_segment(cpu, segment, offset, bytes, access);
    if (UNLIKELY(path)) {
        return path;
    }
    uint32_t linear = cpu->state.segments[segment].base + offset;
    path = translate_pieces(cpu, linear, bytes, access | (cpu->state.cpl == 3 ? ACCESS_USER : 0),
                            cell);
    if (UNLIKELY(path)) {
        return path;
    }
    if (UNLIKELY(linear & (bytes - 1))) {
        if (alignment_checked(cpu)) {
            return trap_raise(cpu, PATH_ac_misaligned, 0);
        }
        charge(cpu, cpu->timing->misaligned);
    }
    if (!cell->bytes[1]) {
        fill_mirror(cpu, cpu->state.cpl == 3, linear, cell->physical[0], access);
    }
    if (UNLIKELY(cpu->watch & WATCH_DATA)) {
        watch_access(cpu, linear, bytes, access);
    }
    return PATH_NONE;
}

static uint32_t read_cell(struct cpu *cpu, const struct write_cell *cell)
{
    uint32_t value = read_piece(cpu, cell->physical[0], cell->bytes[0]);
    if (UNLIKELY(cell->bytes[1])) {
        value |= read_piece(cpu, cell->physical[1], cell->bytes[1]) << (8 * cell->bytes[0]);
    }
    return value;
}

static void note_memory(struct cpu *cpu, uint32_t kind, const struct write_cell *cell,
                        uint32_t previous, uint32_t value, uint32_t is_system)
{
    struct journal_entry entry = {.kind = kind,
                                  .address = cell->linear,
                                  .physical = cell->physical[0],
                                  .value = value,
                                  .previous = previous,
                                  .size = cell->bytes[0] + cell->bytes[1],
                                  .system = is_system};
    journal_add(cpu, &entry);
}

/* What RAM holds there, for the journal; other memory is not read for it. */
static uint32_t peek_cell(const struct cpu *cpu, const struct write_cell *cell)
{
    uint32_t value = 0;
    uint8_t *out = (uint8_t *)&value;
    for (uint32_t piece = 0; piece < 2; piece++) {
        if (cell->bytes[piece] && is_ram(cpu, cell->physical[piece])) {
            memcpy(out, cpu->bus.ram + cell->physical[piece], cell->bytes[piece]);
        }
        out += cell->bytes[piece];
    }
    return value;
}

static uint32_t value_of_size(uint32_t value, uint32_t bytes)
{
    return bytes == 4 ? value : value & ((1u << (8 * bytes)) - 1);
}

static void store_cell(struct cpu *cpu, const struct write_cell *cell, uint32_t value,
                       uint32_t is_system)
{
    if (UNLIKELY(cpu->journal)) {
        note_memory(cpu, JOURNAL_MEMORY_WRITE, cell, peek_cell(cpu, cell),
                    value_of_size(value, cell->bytes[0] + cell->bytes[1]), is_system);
    }
    const uint32_t old_value = UNLIKELY(cpu->watch & WATCH_OBSERVED) ? peek_cell(cpu, cell) : 0;
    write_piece(cpu, cell->physical[0], cell->bytes[0], value);
    if (UNLIKELY(cell->bytes[1])) {
        write_piece(cpu, cell->physical[1], cell->bytes[1], value >> (8 * cell->bytes[0]));
    }
    if (UNLIKELY(cpu->watch & WATCH_OBSERVED)) {
        const struct memory_access access = {
            .cell = *cell,
            .value = value_of_size(value, cell->bytes[0] + cell->bytes[1]),
            .old_value = old_value,
            .write = 1,
            .implicit = is_system};
        observe_memory(cpu, &access);
    }
}

static struct access load_cell(struct cpu *cpu, const struct write_cell *cell, uint32_t is_system)
{
    struct access result = {read_cell(cpu, cell), PATH_NONE};
    if (UNLIKELY(cpu->journal)) {
        note_memory(cpu, JOURNAL_MEMORY_READ, cell, 0, result.value, is_system);
    }
    if (UNLIKELY(cpu->watch & WATCH_OBSERVED)) {
        const struct memory_access access = {
            .cell = *cell, .value = result.value, .implicit = is_system};
        observe_memory(cpu, &access);
    }
    return result;
}

/* ---- the short way: what the mirrors know needs no checks, and nothing is to be noted ---- */

INLINE uint8_t *mirrored_logical(const struct cpu *cpu, uint32_t segment, uint32_t offset,
                                 uint32_t bytes, uint32_t access)
{
    const struct segment_cache *seg = &cpu->segment_cache[segment];
    uint64_t span = access & ACCESS_WRITE ? seg->write_span : seg->read_span;
    if (UNLIKELY((uint64_t)offset + bytes > span)) {
        return NULL;
    }
    return mirrored(cpu, cpu->mirror, seg->base + offset, bytes, access);
}

/* ---- a page not in the mirror, every day ---- */

/* What quiet_walk() says besides an entry, which has PAGE_PRESENT and PAGE_ACCESSED. */
#define WALK_UNKNOWN          0u
#define WALK_ABSENT_TABLE     2u /* the directory entry is not present */
#define WALK_ABSENT_PAGE      4u /* the table entry is not present */
#define WALK_FINDS_NOTHING(w) (((w)&PAGE_PRESENT) == 0)

/* A walk that finds both entries present and accessed in RAM: the second one, its rights cut down
 * to those of both. Or one of the above. */
INLINE uint32_t quiet_walk(const struct cpu *cpu, uint32_t linear)
{
    const uint32_t wanted = PAGE_PRESENT | PAGE_ACCESSED, a20 = cpu->state.a20_mask;
    const uint32_t pde_at = ((cpu->state.cr3 & PAGE_MASK) + (linear >> 22) * 4) & a20;
    if (UNLIKELY(!is_ram(cpu, pde_at))) {
        return WALK_UNKNOWN;
    }
    const uint32_t pde = host_load(cpu->bus.ram + pde_at, 4);
    const uint32_t pte_at = ((pde & PAGE_MASK) + ((linear >> 12) & 0x3FF) * 4) & a20;
    if (UNLIKELY((pde & wanted) != wanted)) {
        return pde & PAGE_PRESENT ? WALK_UNKNOWN : WALK_ABSENT_TABLE;
    }
    if (is_large_page(cpu, pde)) {
        return pde & LARGE_PAGE_RESERVED ? WALK_UNKNOWN : large_page_part(pde, linear);
    }
    if (UNLIKELY(!is_ram(cpu, pte_at))) {
        return WALK_UNKNOWN;
    }
    const uint32_t pte = host_load(cpu->bus.ram + pte_at, 4);
    if (UNLIKELY((pte & wanted) != wanted)) {
        return pte & PAGE_PRESENT ? WALK_UNKNOWN : WALK_ABSENT_PAGE;
    }
    return pte & (pde | ~(PAGE_WRITABLE | PAGE_USER)) & ~TLB_LARGE;
}

/* Rights, and D for a write, that an entry has to have for this access. */
INLINE uint32_t needed_of_entry(const struct cpu *cpu, uint32_t user, uint32_t access)
{
    const bool obeys = user || (cpu->state.cr0 & CR0_WP);
    const uint32_t write = PAGE_DIRTY | (obeys ? PAGE_WRITABLE : 0);
    return (user ? PAGE_USER : 0) | (access & ACCESS_WRITE ? write : 0);
}

/* What locate_everyday() has found out. */
struct everyday {
    uint8_t *host; /* the access may be done there; NULL: see path */
    uint32_t path; /* enum trap_path, raised; PATH_NONE with no host: locate() has to see to it */
};

/* A walk has met an entry that is not present. */
static struct everyday everyday_fault(struct cpu *cpu, uint32_t found, uint32_t linear,
                                      uint32_t access)
{
    const uint32_t user = cpu->state.cpl == 3 ? ACCESS_USER : 0;
    const uint32_t path =
        found == WALK_ABSENT_TABLE ? PATH_pf_not_present_directory : PATH_pf_not_present_table;
    tlb_drop_data(cpu, tlb_data_index(linear));
    charge(cpu, cpu->timing->tlb_miss);
    const struct everyday result = {
        NULL, trap_raise_page(cpu, path, page_fault_code(0, access | user), linear)};
    return result;
}

/* What locate() does, in short, for an access inside its segment, whose page is in the
 * TLB or found by a walk that changes nothing in memory, and is RAM: TLB and mirror are filled; or
 * whose page is not present, and the fault is raised. Else, or if it is not aligned, nothing is
 * changed. */
INLINE struct everyday find_everyday(struct cpu *cpu, uint32_t linear, uint32_t bytes,
                                     uint32_t access)
{
    const struct everyday unknown = {NULL, PATH_NONE};
    const uint32_t page = linear & PAGE_MASK, index = tlb_data_index(linear);
    const uint32_t user = cpu->state.cpl == 3;
    struct tlb_entry_state *slot = &cpu->state.tlb_data[index];
    if ((linear & (bytes - 1)) || !(cpu->state.cr0 & CR0_PG) || cpu->journal ||
        (cpu->watch & (WATCH_DATA | WATCH_OBSERVED))) {
        return unknown;
    }
    const bool hit = slot->linear == (page | TLB_VALID);
    const uint32_t entry = hit ? slot->physical | PAGE_PRESENT : quiet_walk(cpu, linear);
    if (UNLIKELY(WALK_FINDS_NOTHING(entry))) {
        return entry == WALK_UNKNOWN ? unknown : everyday_fault(cpu, entry, linear, access);
    }
    const uint32_t for_write = needed_of_entry(cpu, user, ACCESS_WRITE);
    const uint32_t needed = access & ACCESS_WRITE ? for_write : needed_of_entry(cpu, user, 0);
    const uint32_t physical = entry & PAGE_MASK & cpu->state.a20_mask;
    if ((entry & needed) != needed || !is_ram(cpu, physical)) {
        return unknown;
    }
    bool writes = !cpu->page_chunks[physical / PAGE_BYTES] && (entry & for_write) == for_write;
    if (access & ACCESS_WRITE) {
        if (UNLIKELY(!writes)) {
            return unknown;
        }
        note_page_written(cpu, physical);
    } else if (cpu->bus.page_written) {
        writes = writes && cpu->bus.page_written[physical / PAGE_BYTES];
    }
    if (!hit) {
        charge(cpu, cpu->timing->tlb_miss);
        slot->linear = page | TLB_VALID;
        slot->physical = entry & (tlb_kept_bits(cpu) | TLB_LARGE);
        cpu->large_filled |= entry & TLB_LARGE;
        cpu->data_mirrors[!user][index].read_tag = MIRROR_INVALID;
        cpu->data_mirrors[!user][index].write_tag = MIRROR_INVALID;
    }
    struct data_mirror *mirror = &cpu->data_mirrors[user][index];
    cpu->data_filled = 1;
    mirror->read_tag = page;
    mirror->write_tag = writes ? page : MIRROR_INVALID;
    mirror->addend = (uintptr_t)cpu->bus.ram + physical - page;
    const struct everyday found = {cpu->bus.ram + (physical | (linear & ~PAGE_MASK)), PATH_NONE};
    return found;
}

static struct everyday locate_everyday(struct cpu *cpu, uint32_t segment, uint32_t offset,
                                       uint32_t bytes, uint32_t access)
{
    const struct everyday unknown = {NULL, PATH_NONE};
    const struct segment_cache *seg = &cpu->segment_cache[segment];
    const uint64_t span = access & ACCESS_WRITE ? seg->write_span : seg->read_span;
    return (uint64_t)offset + bytes > span ? unknown
                                           : find_everyday(cpu, seg->base + offset, bytes, access);
}

/* The mirror is filled and the same variant runs again. Where the walk has used up the slice it is
 * the careful variant, which ends it. */
const struct uop *missed_flat(struct cpu *cpu, const struct uop *uop)
{
    const struct missed_access *missed = &cpu->missed;
    const struct everyday found = find_everyday(cpu, missed->linear, missed->bytes, missed->access);
    if (UNLIKELY(found.path)) {
        cpu->uop = uop;
        return uop_fault(cpu, uop, found.path);
    }
    if (LIKELY(found.host && cpu->budget >= 0)) {
        return uop->run(cpu, uop);
    }
    return to_careful(cpu, uop);
}

/* Both short ways. */
INLINE struct everyday at_hand(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                               uint32_t access)
{
    const struct everyday known = {mirrored_logical(cpu, segment, offset, bytes, access),
                                   PATH_NONE};
    return known.host ? known : locate_everyday(cpu, segment, offset, bytes, access);
}

/* ---- logical ---- */

struct access read_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes)
{
    const struct everyday quick = at_hand(cpu, segment, offset, bytes, 0);
    if (LIKELY(quick.host)) {
        struct access done = {host_load(quick.host, bytes), PATH_NONE};
        return done;
    }
    struct write_cell cell;
    uint32_t path = quick.path ? quick.path : locate(cpu, segment, offset, bytes, 0, &cell);
    if (UNLIKELY(path)) {
        struct access failed = {0, path};
        return failed;
    }
    return load_cell(cpu, &cell, 0);
}

uint32_t write_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                       uint32_t value)
{
    const struct everyday quick = at_hand(cpu, segment, offset, bytes, ACCESS_WRITE);
    if (LIKELY(quick.host)) {
        host_store(quick.host, bytes, value);
        return PATH_NONE;
    }
    if (quick.path) {
        return quick.path;
    }
    struct write_cell cell;
    uint32_t path = locate(cpu, segment, offset, bytes, ACCESS_WRITE, &cell);
    if (LIKELY(!path)) {
        store_cell(cpu, &cell, value, 0);
    }
    return path;
}

uint32_t probe_write(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes)
{
    const struct everyday quick = at_hand(cpu, segment, offset, bytes, ACCESS_WRITE);
    if (LIKELY(quick.host)) {
        struct write_cell cell = {.linear = cpu->segment_cache[segment].base + offset,
                                  .physical = {(uint32_t)(quick.host - cpu->bus.ram), 0},
                                  .bytes = {bytes, 0}};
        cpu->cell = cell;
        return PATH_NONE;
    }
    return quick.path ? quick.path : locate(cpu, segment, offset, bytes, ACCESS_WRITE, &cpu->cell);
}

uint32_t cell_read(struct cpu *cpu)
{
    return load_cell(cpu, &cpu->cell, 0).value;
}

void cell_write(struct cpu *cpu, uint32_t value)
{
    store_cell(cpu, &cpu->cell, value, 0);
}

uint32_t check_logical(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                       uint32_t access)
{
    if (host_range(cpu, segment, offset, bytes, access)) {
        return PATH_NONE;
    }
    struct write_cell cell;
    uint32_t path = check_segment(cpu, segment, offset, bytes, access);
    if (path) {
        return path;
    }
    uint32_t linear = cpu->state.segments[segment].base + offset;
    return translate_pieces(cpu, linear, bytes, access | (cpu->state.cpl == 3 ? ACCESS_USER : 0),
                            &cell);
}

/* ---- implicit supervisor accesses ---- */

static uint32_t locate_system(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t access,
                              struct write_cell *cell)
{
    uint32_t path = translate_pieces(cpu, linear, bytes, access, cell);
    if (!path && !cell->bytes[1]) {
        fill_mirror(cpu, 0, linear, cell->physical[0], access);
    }
    return path;
}

struct access read_system_slow(struct cpu *cpu, uint32_t linear, uint32_t bytes)
{
    struct write_cell cell;
    uint32_t path = locate_system(cpu, linear, bytes, 0, &cell);
    if (UNLIKELY(path)) {
        struct access failed = {0, path};
        return failed;
    }
    return load_cell(cpu, &cell, 1);
}

uint32_t write_system_slow(struct cpu *cpu, uint32_t linear, uint32_t bytes, uint32_t value)
{
    struct write_cell cell;
    uint32_t path = locate_system(cpu, linear, bytes, ACCESS_WRITE, &cell);
    if (LIKELY(!path)) {
        store_cell(cpu, &cell, value, 1);
    }
    return path;
}

uint32_t probe_system(struct cpu *cpu, uint32_t linear, uint32_t bytes)
{
    if (mirrored(cpu, cpu->data_mirrors[0], linear, bytes, ACCESS_WRITE)) {
        return PATH_NONE;
    }
    struct write_cell cell;
    return locate_system(cpu, linear, bytes, ACCESS_WRITE, &cell);
}
