/* Building, finding and dropping decoded blocks.
 * A block holds up to 64 instructions of one physical page and one mode (its key). An
 * instruction that straddles two pages, code outside RAM and code in pages that keep being
 * rewritten run one instruction at a time, from a scratch block. None of this is
 * observable: neither by the guest nor in clocks.
 * See: docs/architecture.md, "Blocks".
 * SPDX-License-Identifier: MIT */

#include "cpu/block.h"
#include "cpu/decode.h"
#include "cpu/isa.h"

#define CHUNK_BYTES      128u
#define MAX_INSTRUCTION  LOOSE_BYTES
#define MAX_BLOCK_CLOCKS 60000u
/* head + (instruction + breakpoint + observer) * 64 + links + end + links */
#define MAX_BLOCK_SLOTS (1 + 64 * 3 + 3)
/* Rewritten so often, a page is decoded anew each time, for so many blocks; then it is tried
 * again: a frame that has become another program's is not rewritten any more. */
#define VOLATILE_DROPS 64u
#define VOLATILE_START 255u
#define VOLATILE_AGAIN 32u

const union uop_slot unresolved_block = {
    .head = {.clocks = UNRESOLVED_CLOCKS, .clocks_taken = UNRESOLVED_CLOCKS}};

static const struct uop_links unresolved_links = {
    .taken = &unresolved_block, .next = &unresolved_block, .unused = {0, 0}};

/* ---- building ---- */

struct builder {
    struct cpu *cpu;
    union uop_slot *slots; /* [0] is the head */
    uint32_t used;         /* slots so far */
    uint32_t bytes;        /* code bytes so far */
    uint32_t insns;        /* instructions so far */
    uint32_t clocks;       /* static clocks so far */
    uint32_t refill;       /* m of the first instruction */
    uint32_t row;          /* enum insn_id of the first instruction */
    uint32_t key;          /* BLOCK_KEY_* */
    uint32_t linear;       /* of the first byte */
    bool ended;            /* a branch or an instruction that ends blocks is in */
    bool branch;           /* the last is a branch: its links end the block */
};

/* A micro-op before an instruction, that looks and goes on. */
static void append_look(struct builder *b, handler *run, uint32_t row)
{
    struct uop *uop = &b->slots[b->used++].uop;
    memset(uop, 0, sizeof *uop);
    uop->run = run;
    uop->imm = row;
    uop->handler_id = H_block_end; /* never run careful; steps do not build these */
    uop->eip_offset = (uint16_t)b->bytes;
    uop->clocks_left = (uint16_t)b->clocks; /* made "left" by finish() */
    uop->insns_left = (uint8_t)b->insns;
}

/* Which of the variants of its body it runs. */
static handler *const *variant(const struct builder *b, const struct decoded *decoded)
{
    if (decoded->careful) {
        return careful_handlers;
    }
    if (decoded->narrow) {
        return narrow_handlers;
    }
    const uint32_t segment = decoded->uop.segment; /* DS where there is no operand in memory */
    const bool flat = segment == SEG_ES || segment == SEG_SS || segment == SEG_DS;
    return flat && (b->key & BLOCK_KEY_FLAT) ? flat_handlers : fast_handlers;
}

static void append(struct builder *b, const struct decoded *decoded)
{
    struct uop *uop = &b->slots[b->used++].uop;
    *uop = decoded->uop;
    uop->run = variant(b, decoded)[uop->handler_id];
    uop->eip_offset = (uint16_t)b->bytes;
    uop->clocks_left = (uint16_t)b->clocks;
    uop->insns_left = (uint8_t)b->insns;
    if (b->insns == 0) {
        b->refill = decoded->refill;
        b->row = decoded->row;
    }
    b->bytes += uop->length;
    b->clocks += decoded->clocks;
    b->insns++;
    b->ended = decoded->ends_block || decoded->is_branch;
    if (decoded->is_branch) {
        uop->imm += (uint32_t)uop->eip_offset + uop->length;
        uop->src = (uint8_t)decoded->clocks_taken;
        b->slots[b->used++].links = unresolved_links;
        b->branch = true;
    }
}

/* "Clocks before" become "clocks left", the end is put behind, the head is filled. */
static void finish(struct builder *b, uint32_t physical)
{
    if (!b->branch) {
        struct uop *end = &b->slots[b->used++].uop;
        memset(end, 0, sizeof *end);
        end->run = (b->key & BLOCK_KEY_FLAT ? flat_handlers : fast_handlers)[H_block_end];
        end->handler_id = H_block_end;
        end->eip_offset = (uint16_t)b->bytes;
        end->clocks_left = (uint16_t)b->clocks;
        end->insns_left = (uint8_t)b->insns;
        b->slots[b->used++].links = unresolved_links;
    }
    uint32_t uops = b->used - 1; /* the last slot is links */
    for (uint32_t i = 1; i < uops; i++) {
        struct uop *uop = &b->slots[i].uop;
        uop->clocks_left = (uint16_t)(b->clocks - uop->clocks_left);
        uop->insns_left = (uint8_t)(b->insns - uop->insns_left);
    }
    flags_drop_unread(b->slots, 1, uops);
    for (uint32_t i = 1; i + 1 < uops; i++) {
        struct uop *uop = &b->slots[i].uop;
        const struct uop *second = &b->slots[i + 1].uop;
        handler *fused = NULL;
        if (uop->run == flat_handlers[uop->handler_id] &&
            second->run == flat_handlers[second->handler_id]) {
            fused = fused_handler_flat(uop->handler_id, second->handler_id);
        } else if (uop->run == fast_handlers[uop->handler_id] &&
                   second->run != careful_handlers[second->handler_id]) {
            fused = fused_handler(uop->handler_id, second->handler_id);
        }
        uop->run = fused ? fused : uop->run;
    }
    struct uop_head head = {.clocks = b->clocks,
                            .clocks_taken = b->clocks + b->refill,
                            .insns = b->insns,
                            .physical = physical,
                            .key = b->key,
                            .row = b->row,
                            .bytes = (uint16_t)b->bytes,
                            .slots = (uint16_t)(b->used - 1)};
    b->slots[0].head = head;
}

/* Does an observer want to see this instruction, as far as the block's code can tell? */
static bool is_observed(const struct cpu *cpu, uint32_t linear)
{
    const uint32_t wanted = cpu->observation.wanted;
    return wanted >> EVENT_INSTRUCTION & 1 ||
           (wanted >> EVENT_PLACE & 1 && place_near(cpu, linear));
}

/* Decode instructions from RAM until the page, the limit or a block-ending one stops it.
 * returns false if even the first does not end inside the page. */
static bool build_in_page(struct builder *b, uint32_t physical, uint32_t limit)
{
    struct cpu *cpu = b->cpu;
    uint32_t room = PAGE_BYTES - (physical & ~PAGE_MASK);
    const uint8_t *code = cpu->bus.ram + physical;
    while (!b->ended && b->insns < limit && b->clocks < MAX_BLOCK_CLOCKS) {
        struct decoded decoded;
        if (b->bytes == room || decode_instruction(code + b->bytes, room - b->bytes, b->key,
                                                   &cpu->config, &decoded) != DECODE_OK) {
            break;
        }
        if (decoded.raises && b->insns) {
            break; /* gets a block of its own, so that the one before it stays clean */
        }
        if (UNLIKELY(cpu->breakpoint_count) && !(b->key & BLOCK_KEY_SINGLE) &&
            breakpoint_near(cpu, b->linear + b->bytes)) {
            append_look(b, uop_breakpoint, 0);
        }
        if (UNLIKELY(is_observed(cpu, b->linear + b->bytes)) && !(b->key & BLOCK_KEY_SINGLE)) {
            append_look(b, uop_observe, decoded.row);
        }
        append(b, &decoded);
    }
    return b->insns > 0;
}

/* ---- watching code ---- */

static uint32_t chunk_mask(uint32_t physical, uint32_t bytes)
{
    uint32_t first = (physical & ~PAGE_MASK) / CHUNK_BYTES;
    uint32_t last = ((physical & ~PAGE_MASK) + bytes - 1) / CHUNK_BYTES;
    return (0xFFFFFFFFu >> (31 - last)) & (0xFFFFFFFFu << first);
}

/* A page gets its first decoded code: writes to it must be seen from now on. */
static void watch_page(struct cpu *cpu, uint32_t physical)
{
    uintptr_t page = (uintptr_t)cpu->bus.ram + (physical & PAGE_MASK);
    for (uint32_t user = 0; user < 2; user++) {
        for (uint32_t i = 0; i < TLB_DATA_ENTRIES; i++) {
            struct data_mirror *mirror = &cpu->data_mirrors[user][i];
            if (mirror->write_tag != MIRROR_INVALID && mirror->addend + mirror->write_tag == page) {
                mirror->write_tag = MIRROR_INVALID;
            }
        }
    }
}

/* RAM [physical, +bytes), all in one page, holds code that must not change unseen. */
static void watch_code(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    uint32_t page = physical / PAGE_BYTES;
    if (!cpu->page_chunks[page]) {
        watch_page(cpu, physical);
    }
    cpu->page_chunks[page] |= chunk_mask(physical, bytes);
}

/* ---- the scratch block ---- */

/* A repeated string instruction may overwrite itself; the next iteration then obeys the new
 * bytes, kept block or not. Bytes that are no RAM may differ each time they are read: so that it
 * does not matter where the instruction is cut, they are read for every iteration.
 * first: physical address of its first byte. */
static void watch_scratch(struct cpu *cpu, uint32_t first, uint32_t last, uint32_t bytes)
{
    uint32_t in_page = PAGE_BYTES - (first & ~PAGE_MASK);
    uint32_t before = bytes < in_page ? bytes : in_page;
    if (is_ram(cpu, first)) {
        watch_code(cpu, first, before);
    }
    if (before < bytes && is_ram(cpu, last)) {
        watch_code(cpu, last & PAGE_MASK, bytes - before);
    }
    cpu->leave |= is_ram(cpu, first) && is_ram(cpu, last) ? 0 : LEAVE_EVENT;
}

static struct loose_instruction *loose_at(struct cpu *cpu, uint32_t physical)
{
    return &cpu->loose[(physical ^ physical >> 12) % LOOSE_ENTRIES];
}

/* Where a loose instruction's bytes are now: in one page or two. */
static uint32_t code_bytes(const struct cpu *cpu, uint32_t first, uint32_t second, uint32_t length,
                           uint8_t bytes[LOOSE_BYTES])
{
    const uint32_t in_page = PAGE_BYTES - (first & ~PAGE_MASK);
    const uint32_t before = length < in_page ? length : in_page;
    if (!is_ram(cpu, first) || (before < length && !is_ram(cpu, second))) {
        return 0;
    }
    memcpy(bytes, cpu->bus.ram + first, before);
    memcpy(bytes + before, cpu->bus.ram + second, length - before);
    return length;
}

/* The instruction at state.eip as it was decoded before, if its bytes are still the same. Looks at
 * its second page as decoding would: the bytes in the first must have been the same till there.
 * *failed: that page could not be reached, the fault is raised. */
static const union uop_slot *recall_loose(struct cpu *cpu, uint32_t linear, uint32_t physical,
                                          bool *failed)
{
    const struct loose_instruction *loose = loose_at(cpu, physical);
    const uint32_t key = cpu->key | BLOCK_KEY_SINGLE, length = loose->length;
    const uint32_t in_page = PAGE_BYTES - (physical & ~PAGE_MASK),
                   last = cpu->state.eip + length - 1;
    uint8_t bytes[LOOSE_BYTES];
    uint32_t second = 0;
    if (!length || loose->physical != physical || loose->key != key || last > cpu->cs_limit ||
        last < cpu->state.eip || cpu->config.undecoded || cpu->journal) {
        return NULL;
    }
    const uint32_t before = length < in_page ? length : in_page;
    if (!code_bytes(cpu, physical, 0, before, bytes) || memcmp(bytes, loose->bytes, before) != 0) {
        return NULL;
    }
    if (before < length) {
        const struct translation next = translate_fetch(cpu, linear + before);
        *failed = next.path != PATH_NONE;
        second = next.physical;
        if (*failed || !code_bytes(cpu, physical, second, length, bytes) ||
            memcmp(bytes, loose->bytes, length) != 0) {
            return NULL;
        }
    }
    memcpy(cpu->scratch, loose->slots, sizeof loose->slots);
    return cpu->scratch;
}

/* Is what was decoded there last no part of any block, because it goes on in the next page? */
static bool straddles(struct cpu *cpu, uint32_t physical)
{
    const struct loose_instruction *loose = loose_at(cpu, physical);
    return loose->physical == physical && (physical & ~PAGE_MASK) + loose->length > PAGE_BYTES;
}

static void remember_loose(struct cpu *cpu, uint32_t first, uint32_t key, const uint8_t *bytes,
                           uint32_t length)
{
    struct loose_instruction *loose = loose_at(cpu, first);
    loose->physical = first;
    loose->key = key;
    loose->length = length;
    memcpy(loose->bytes, bytes, length);
    memcpy(loose->slots, cpu->scratch, sizeof loose->slots);
}

/* Bytes of the instruction at state.eip one by one, over the page's end if need be; then decode.
 * returns NULL with the fault raised if a byte that is needed cannot be fetched. */
static const union uop_slot *build_scratch(struct cpu *cpu, uint32_t linear, uint32_t physical)
{
    uint8_t bytes[MAX_INSTRUCTION];
    uint32_t have = 0, first = physical;
    struct decoded decoded;
    uint32_t key = cpu->key | BLOCK_KEY_SINGLE;
    bool failed = false;
    const union uop_slot *recalled = recall_loose(cpu, linear, physical, &failed);
    if (recalled || failed) {
        return recalled;
    }
    bool in_ram = is_ram(cpu, physical);
    while (true) {
        uint32_t at = linear + have;
        if (cpu->state.eip + have > cpu->cs_limit || cpu->state.eip + have < cpu->state.eip) {
            trap_raise(cpu, PATH_gp_fetch_limit, 0);
            return NULL;
        }
        if (have && !(at & ~PAGE_MASK)) {
            struct translation next = translate_fetch(cpu, at);
            if (next.path) {
                return NULL;
            }
            physical = next.physical - have;
            in_ram = in_ram && is_ram(cpu, next.physical);
        }
        bytes[have] = (uint8_t)read_physical(cpu, physical + have, 1);
        have++;
        if (decode_instruction(bytes, have, key, &cpu->config, &decoded) == DECODE_OK) {
            break;
        }
    }
    struct builder b = {.cpu = cpu, .slots = cpu->scratch, .used = 1, .key = key, .linear = linear};
    append(&b, &decoded);
    finish(&b, physical);
    if (decoded.uop.flags & UOP_REPEATS) {
        watch_scratch(cpu, first, physical + have - 1, have);
    } else if (in_ram) {
        remember_loose(cpu, first, key, bytes, have);
    }
    return cpu->scratch;
}

/* ---- the arena ---- */

void blocks_drop_all(struct cpu *cpu)
{
    for (uint32_t i = 0; i < BLOCK_HASH_ENTRIES; i++) {
        cpu->block_hash[i].key = BLOCK_KEY_EMPTY;
    }
    for (uint32_t i = 0; i < LOOSE_ENTRIES; i++) {
        cpu->loose[i].length = 0;
    }
    for (uint32_t i = 1; i < cpu->arena_used; i += 1u + cpu->arena[i].head.slots) {
        uint32_t page = cpu->arena[i].head.physical / PAGE_BYTES;
        cpu->page_blocks[page] = 0;
        cpu->page_chunks[page] = 0;
        cpu->page_drops[page] = 0;
    }
    cpu->arena_used = 1; /* index 0 means "none" */
    cpu->generation++;
    cpu->leave |= LEAVE_EVENT;
}

static const union uop_slot *keep(struct cpu *cpu, struct builder *b, uint32_t physical)
{
    uint32_t index = cpu->arena_used;
    uint32_t page = physical / PAGE_BYTES;
    finish(b, physical);
    cpu->arena_used += b->used;
    b->slots[0].head.next_in_page = cpu->page_blocks[page];
    cpu->page_blocks[page] = index;
    watch_code(cpu, physical, b->bytes);
    struct block_entry *entry = &cpu->block_hash[block_hash_index(physical, b->key)];
    entry->physical = physical;
    entry->key = b->key;
    entry->head = b->slots;
    return b->slots;
}

/* A block that lost its place in the hash table is still in its page's list. */
static const union uop_slot *find_in_page(struct cpu *cpu, uint32_t physical, uint32_t key)
{
    for (uint32_t i = cpu->page_blocks[physical / PAGE_BYTES]; i;
         i = cpu->arena[i].head.next_in_page) {
        if (cpu->arena[i].head.physical == physical && cpu->arena[i].head.key == key) {
            struct block_entry *entry = &cpu->block_hash[block_hash_index(physical, key)];
            entry->physical = physical;
            entry->key = key;
            entry->head = &cpu->arena[i];
            return entry->head;
        }
    }
    return NULL;
}

static void note_fetch(struct cpu *cpu, uint32_t linear, uint32_t physical,
                       const union uop_slot *head)
{
    uint32_t length = head[1].uop.length;
    for (uint32_t done = 0; done < length; done += 4) {
        uint32_t size = length - done < 4 ? length - done : 4;
        struct journal_entry entry = {.kind = JOURNAL_FETCH,
                                      .address = linear + done,
                                      .physical = physical + done,
                                      .size = size};
        for (uint32_t i = 0; i < size; i++) {
            uint32_t at;
            if (cpu_peek_linear(cpu, linear + done + i, &at) && is_ram(cpu, at)) {
                entry.value |= (uint32_t)cpu->bus.ram[at] << (8 * i);
            }
        }
        journal_add(cpu, &entry);
    }
}

/* Is it no use to keep what is decoded from this page? */
static bool page_is_volatile(struct cpu *cpu, uint32_t page)
{
    if (LIKELY(cpu->page_drops[page] < VOLATILE_DROPS)) {
        return false;
    }
    cpu->page_drops[page]--;
    if (cpu->page_drops[page] < VOLATILE_DROPS) {
        cpu->page_drops[page] = VOLATILE_AGAIN;
        return false;
    }
    return true;
}

const union uop_slot *block_kept(struct cpu *cpu, uint32_t linear, uint32_t physical, uint32_t key)
{
    if (!is_ram(cpu, physical) || cpu->config.undecoded || (key & BLOCK_KEY_ODD) ||
        (linear & PAGE_MASK) == cpu->odd_page || page_is_volatile(cpu, physical / PAGE_BYTES)) {
        return NULL;
    }
    struct fetch_mirror *mirror = &cpu->fetch[tlb_instruction_index(linear)];
    cpu->fetch_filled = 1;
    mirror->tag = linear & PAGE_MASK;
    mirror->physical = physical & PAGE_MASK;
    const union uop_slot *head = block_lookup(cpu, physical, key);
    head = head ? head : find_in_page(cpu, physical, key);
    if (head) {
        return head;
    }
    if (cpu->arena_used + MAX_BLOCK_SLOTS > cpu->arena_slots) {
        blocks_drop_all(cpu);
    }
    struct builder b = {
        .cpu = cpu, .slots = &cpu->arena[cpu->arena_used], .used = 1, .key = key, .linear = linear};
    uint32_t limit = key & BLOCK_KEY_SINGLE ? 1 : cpu->config.block_limit;
    return build_in_page(&b, physical, limit) ? keep(cpu, &b, physical) : NULL;
}

const union uop_slot *block_find(struct cpu *cpu, uint32_t single)
{
    if (cpu->state.eip > cpu->cs_limit) {
        trap_raise(cpu, PATH_gp_fetch_limit, 0);
        return NULL;
    }
    uint32_t linear = cpu->state.segments[SEG_CS].base + cpu->state.eip;
    struct translation at = translate_fetch(cpu, linear);
    if (UNLIKELY(at.path)) {
        return NULL;
    }
    uint32_t key = cpu->key | (single ? BLOCK_KEY_SINGLE : 0);
    const union uop_slot *head = NULL;
    if (UNLIKELY(straddles(cpu, at.physical))) {
        bool failed = false;
        head = recall_loose(cpu, linear, at.physical, &failed);
        if (failed) {
            return NULL;
        }
    }
    head = head ? head : block_kept(cpu, linear, at.physical, key);
    if (!head) {
        head = build_scratch(cpu, linear, at.physical);
    }
    if (UNLIKELY(cpu->journal) && head) {
        note_fetch(cpu, linear, at.physical, head);
    }
    return head;
}

/* ---- dropping ---- */

static void drop_links(struct cpu *cpu, uint32_t index)
{
    union uop_slot *head = &cpu->arena[index];
    head[head->head.slots].links.taken = &unresolved_block;
    head[head->head.slots].links.next = &unresolved_block;
}

static void drop_block(struct cpu *cpu, uint32_t index)
{
    const struct uop_head *head = &cpu->arena[index].head;
    struct block_entry *entry = &cpu->block_hash[block_hash_index(head->physical, head->key)];
    if (entry->head == &cpu->arena[index]) {
        entry->key = BLOCK_KEY_EMPTY;
    }
}

/* Drop what overlaps [physical, +bytes), all of it in one page; unchain the others. */
static void drop_in_page(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    uint32_t page = physical / PAGE_BYTES;
    uint32_t kept_chunks = 0;
    uint32_t *link = &cpu->page_blocks[page];
    bool is_volatile = cpu->page_drops[page] >= VOLATILE_DROPS;
    while (*link) {
        uint32_t index = *link;
        struct uop_head *head = &cpu->arena[index].head;
        bool overlaps =
            head->physical < physical + bytes && physical < head->physical + head->bytes;
        drop_links(cpu, index);
        if (overlaps || is_volatile) {
            drop_block(cpu, index);
            *link = head->next_in_page;
        } else {
            kept_chunks |= chunk_mask(head->physical, head->bytes);
            link = &head->next_in_page;
        }
    }
    cpu->page_chunks[page] = kept_chunks;
}

void blocks_written(struct cpu *cpu, uint32_t physical, uint32_t bytes)
{
    while (bytes) {
        uint32_t page = physical / PAGE_BYTES;
        uint32_t in_page = PAGE_BYTES - (physical & ~PAGE_MASK);
        uint32_t part = bytes < in_page ? bytes : in_page;
        if (page < cpu->ram_pages && (cpu->page_chunks[page] & chunk_mask(physical, part))) {
            if (cpu->page_drops[page] < VOLATILE_DROPS &&
                ++cpu->page_drops[page] == VOLATILE_DROPS) {
                cpu->page_drops[page] = VOLATILE_START;
            }
            drop_in_page(cpu, physical, part);
            cpu->leave |= LEAVE_EVENT;
        }
        physical += part;
        bytes -= part;
    }
}
