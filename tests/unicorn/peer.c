/* See peer.h.
 * See: 80386 PRM 14 (real-address mode), 14.6 (differences from the 8086): offsets beyond FFFFh.
 * SPDX-License-Identifier: MIT */
#include "tests/unicorn/peer.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/isa.h"

#define VECTORS_END 0x400u
#define FLUSH_EVERY 20000u /* runs between two flushes of translated code */

/* ---- hooks ---- */

static void on_code(uc_engine *engine, uint64_t address, uint32_t size, void *user)
{
    struct peer *peer = user;
    (void)size;
    if (address == peer->linear && (peer->begun == 0 || peer->piece->repeats)) {
        peer->begun++;
        return;
    }
    peer->next = (uint32_t)address;
    peer->stopped = 1;
    uc_emu_stop(engine);
}

static void on_interrupt(uc_engine *engine, uint32_t vector, void *user)
{
    struct peer *peer = user;
    peer->out->vector = vector;
    uc_emu_stop(engine);
}

static bool on_invalid(uc_engine *engine, void *user)
{
    struct peer *peer = user;
    (void)engine;
    peer->out->vector = 6;
    return false;
}

/* Does the access lie in a segment, begin in it and run over its end, or neither? */
enum place { OUTSIDE, CROSSING, INSIDE };

static enum place place_in(const struct peer *peer, uint32_t segment, uint32_t address, int size)
{
    const uint32_t offset = address - ((uint32_t)peer->piece->before.selectors[segment] << 4);
    if (offset > LIMIT) {
        return OUTSIDE;
    }
    return offset + (uint32_t)size - 1 > LIMIT ? CROSSING : INSIDE;
}

/* Unicorn lets everything pass. The instruction may use one or two segments; an access that is
 * in one of them and over the end of the other tells nothing. */
static void note_limits(struct peer *peer, uint32_t address, int size, bool is_write)
{
    const bool is_target = is_write && peer->piece->string;
    uint32_t inside = 0, crossing = SEG_COUNT;
    peer->unclear |= address < VECTORS_END; /* the vector table: what is raised is in doubt */
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        if (peer->piece->segments >> n & 1) {
            const enum place place = place_in(peer, n, address, size);
            inside |= place == INSIDE;
            crossing = place == CROSSING ? n : crossing;
        }
    }
    /* nor does one that begins beyond all with 16-bit addresses: the second half of a pair */
    peer->unclear |= crossing < SEG_COUNT ? inside : !inside && peer->piece->address16;
    if (!inside && peer->beyond == NO_VECTOR) {
        if (crossing == SEG_COUNT) {
            crossing = is_target ? (uint32_t)SEG_ES : peer->piece->segment;
        }
        peer->beyond = crossing == SEG_SS ? 12 : 13;
    }
}

static void on_memory(uc_engine *engine, uc_mem_type type, uint64_t address, int size,
                      int64_t value, void *user)
{
    struct peer *peer = user;
    struct outcome *out = peer->out;
    (void)engine, (void)value;
    note_limits(peer, (uint32_t)address, size, type == UC_MEM_WRITE);
    if (type == UC_MEM_WRITE && out->writes < MOST_WRITES - 3) {
        out->written[out->writes++] = (struct written){(uint32_t)address, (uint32_t)size};
    }
}

static bool on_unmapped(uc_engine *engine, uc_mem_type type, uint64_t address, int size,
                        int64_t value, void *user)
{
    struct peer *peer = user;
    (void)engine, (void)value;
    peer->unclear |= type == UC_MEM_FETCH_UNMAPPED;
    note_limits(peer, (uint32_t)address, size, type == UC_MEM_WRITE_UNMAPPED);
    return false;
}

static uint32_t on_in(uc_engine *engine, uint32_t port, int size, void *user)
{
    (void)engine, (void)port, (void)size, (void)user;
    return 0xFFFFFFFFu;
}

static void on_out(uc_engine *engine, uint32_t port, int size, uint32_t value, void *user)
{
    (void)engine, (void)port, (void)size, (void)value, (void)user;
}

/* uc_hook_add() wants any function as a pointer to void. */
static void *any(void (*function)(void))
{
    void *pointer;
    memcpy(&pointer, &function, sizeof pointer);
    return pointer;
}
#define ANY(function) any((void (*)(void))(function))

const char *peer_open(struct peer *peer)
{
    uc_hook hooks[8];
    memset(peer, 0, sizeof *peer);
    peer->ram = aligned_alloc(4096, RAM_BYTES);
    if (!peer->ram || uc_open(UC_ARCH_X86, UC_MODE_16, &peer->engine) != UC_ERR_OK) {
        return "uc_open fails";
    }
    memset(peer->ram, 0, RAM_BYTES);
    if (uc_mem_map_ptr(peer->engine, 0, RAM_BYTES, UC_PROT_ALL, peer->ram) != UC_ERR_OK) {
        return "uc_mem_map_ptr fails";
    }
    const uint64_t cr0 = CR0_ET;
    uc_reg_write(peer->engine, UC_X86_REG_CR0, &cr0);
    uc_context_alloc(peer->engine, &peer->context);
    uc_context_save(peer->engine, peer->context);
    uc_hook_add(peer->engine, &hooks[0], UC_HOOK_CODE, ANY(on_code), peer, 1, 0);
    uc_hook_add(peer->engine, &hooks[1], UC_HOOK_INTR, ANY(on_interrupt), peer, 1, 0);
    uc_hook_add(peer->engine, &hooks[2], UC_HOOK_INSN_INVALID, ANY(on_invalid), peer, 1, 0);
    uc_hook_add(peer->engine, &hooks[3], UC_HOOK_MEM_READ, ANY(on_memory), peer, 1, 0);
    uc_hook_add(peer->engine, &hooks[4], UC_HOOK_MEM_WRITE, ANY(on_memory), peer, 1, 0);
    uc_hook_add(peer->engine, &hooks[5], UC_HOOK_INSN, ANY(on_in), peer, 1, 0, UC_X86_INS_IN);
    uc_hook_add(peer->engine, &hooks[6], UC_HOOK_INSN, ANY(on_out), peer, 1, 0, UC_X86_INS_OUT);
    uc_hook_add(peer->engine, &hooks[7], UC_HOOK_MEM_UNMAPPED, ANY(on_unmapped), peer, 1, 0);
    return NULL;
}

/* ---- registers ---- */

#define REGISTERS 16
static int names[REGISTERS] = {UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX,    UC_X86_REG_EBX,
                               UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI,    UC_X86_REG_EDI,
                               UC_X86_REG_ES,  UC_X86_REG_CS,  UC_X86_REG_SS,     UC_X86_REG_DS,
                               UC_X86_REG_FS,  UC_X86_REG_GS,  UC_X86_REG_EFLAGS, UC_X86_REG_EIP};

static void put_registers(struct peer *peer, const struct registers *r)
{
    uint64_t values[REGISTERS];
    void *places[REGISTERS];
    uc_context_restore(peer->engine, peer->context); /* or faults would add up to a double one */
    uc_x86_mmr gdtr = {0, r->gdtr.base, r->gdtr.limit, 0};
    uc_x86_mmr idtr = {0, r->idtr.base, r->idtr.limit, 0};
    for (uint32_t n = 0; n < REGISTERS; n++) {
        values[n] = n < 8 ? r->gpr[n] : n < 14 ? r->selectors[n - 8] : n < 15 ? r->eflags : r->eip;
        places[n] = &values[n];
    }
    uc_reg_write_batch(peer->engine, names, places, REGISTERS);
    uc_reg_write(peer->engine, UC_X86_REG_GDTR, &gdtr);
    uc_reg_write(peer->engine, UC_X86_REG_IDTR, &idtr);
}

static void get_registers(struct peer *peer, struct registers *r)
{
    uint64_t values[REGISTERS] = {0};
    void *places[REGISTERS];
    uc_x86_mmr gdtr, idtr;
    for (uint32_t n = 0; n < REGISTERS; n++) {
        places[n] = &values[n];
    }
    uc_reg_read_batch(peer->engine, names, places, REGISTERS);
    for (uint32_t n = 0; n < 8; n++) {
        r->gpr[n] = (uint32_t)values[n];
    }
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        r->selectors[n] = (uint16_t)values[8 + n];
    }
    r->eflags = (uint32_t)values[14];
    r->eip = (uint32_t)values[15];
    uc_reg_read(peer->engine, UC_X86_REG_GDTR, &gdtr);
    uc_reg_read(peer->engine, UC_X86_REG_IDTR, &idtr);
    r->gdtr = (struct table_state){(uint32_t)gdtr.base, gdtr.limit};
    r->idtr = (struct table_state){(uint32_t)idtr.base, idtr.limit};
}

/* ---- the delivery: 80386 PRM, page INT, REAL-ADDRESS-MODE ---- */

static bool push(struct peer *peer, struct outcome *out, uint32_t value)
{
    const uint32_t sp = (out->after.gpr[REG_ESP] - 2) & LIMIT;
    if (sp == LIMIT) {
        return false;
    }
    const uint32_t at = ((uint32_t)out->after.selectors[SEG_SS] << 4) + sp;
    memcpy(peer->ram + at, &value, 2);
    out->after.gpr[REG_ESP] = (out->after.gpr[REG_ESP] & ~LIMIT) | sp;
    out->written[out->writes++] = (struct written){at, 2};
    return true;
}

/* A frame without room: #SS, whose own frame has none either, and so on: shutdown. */
static void deliver(struct peer *peer, struct outcome *out)
{
    uint16_t gate[2];
    memcpy(gate, peer->ram + out->vector * 4, 4);
    const uint32_t esp = out->after.gpr[REG_ESP], sp = esp & LIMIT;
    if (sp == 1 || sp == 3 || sp == 5) {
        out->vector = SHUT_DOWN;
        return;
    }
    push(peer, out, out->after.eflags);
    push(peer, out, out->after.selectors[SEG_CS]);
    push(peer, out, out->after.eip);
    out->after.eflags &= ~(EFLAGS_IF | EFLAGS_TF | EFLAGS_AC | EFLAGS_RF);
    out->after.eip = gate[0];
    out->after.selectors[SEG_CS] = gate[1];
}

/* ---- what Unicorn does not know ---- */

/* A fault that leaves all as it was. */
static void fault(struct peer *peer, struct outcome *out, uint32_t vector)
{
    peer->faulted = 1;
    out->after = peer->piece->before;
    out->vector = vector;
    out->first = out->writes;
}

static bool is_software(uint32_t row)
{
    return row == INSN_INT3 || row == INSN_INT_Ib || row == INSN_INTO;
}

/* The offset that RETF took off the stack. */
static uint32_t popped_offset(const struct peer *peer)
{
    const struct registers *before = &peer->piece->before;
    const uint32_t at = ((uint32_t)before->selectors[SEG_SS] << 4) + (before->gpr[REG_ESP] & LIMIT);
    uint32_t offset = 0;
    memcpy(&offset, peer->ram + at, peer->piece->size16 ? 2 : 4);
    return offset;
}

/* RETF takes its second word from behind the segment instead of from its begin; POPA does not
 * touch the place of ESP, which the manual's "throw away Pop()" does. */
static bool wraps_between_pops(const struct piece *piece)
{
    const uint32_t sp = piece->before.gpr[REG_ESP] & LIMIT, size = piece->size16 ? 2 : 4;
    if (piece->row == INSN_RETF || piece->row == INSN_RETF_Iw) {
        return sp + 2 * size > LIMIT;
    }
    return piece->row == INSN_POPA && ((sp + 3 * size) & LIMIT) + size - 1 > LIMIT;
}

bool peer_run(struct peer *peer, const struct piece *piece, struct outcome *out)
{
    if (wraps_between_pops(piece)) {
        return false;
    }
    peer->piece = piece;
    peer->out = out;
    peer->linear = piece_linear(piece);
    peer->begun = peer->stopped = peer->faulted = peer->unclear = 0;
    peer->beyond = NO_VECTOR;
    out->vector = NO_VECTOR;
    out->writes = out->first = 0;
    if (piece->before.eip + piece->length - 1 > LIMIT) {
        fault(peer, out, 13); /* fetched beyond the end of CS */
        deliver(peer, out);
        return true;
    }
    if (piece->raises == PATH_ud_lock || piece->raises == PATH_ud_register_form) {
        fault(peer, out, 6); /* Unicorn takes LOCK everywhere and dies of JMP far with a register */
        deliver(peer, out);
        return true;
    }
    if (piece->beyond < SEG_COUNT && !piece->raises) {
        fault(peer, out, piece->beyond == SEG_SS ? 12 : 13);
        deliver(peer, out);
        return true;
    }
    if (++peer->runs % FLUSH_EVERY == 0) { /* its own flush of a full buffer goes astray */
        uc_ctl_flush_tlb(peer->engine);
    }
    uc_ctl_remove_cache(peer->engine, peer->linear, peer->linear + CODE_BYTES);
    put_registers(peer, &piece->before);
    const uc_err err = uc_emu_start(peer->engine, peer->linear, 0xFFFFFFFFu, 0, 0);
    get_registers(peer, &out->after);
    out->after.eflags |= EFLAGS_ONE;
    if (piece->row == INSN_RETF || piece->row == INSN_RETF_Iw) {
        out->after.eip = popped_offset(peer); /* the hook at the second pop spoils EIP */
    } else if (peer->stopped) {               /* by on_code(): EIP is a linear address then */
        out->after.eip = peer->next - ((uint32_t)out->after.selectors[SEG_CS] << 4);
    }
    if (err == UC_ERR_INSN_INVALID) {
        out->vector = 6;
    }
    /* begun twice: it has written to the block of code it is in */
    const bool twice = peer->stopped && peer->next == peer->linear && !piece->repeats;
    /* of CMPS it reads the second operand first */
    const bool swapped = piece->row == INSN_CMPSB || piece->row == INSN_CMPSV;
    if (peer->unclear || (twice && out->writes) ||
        (peer->beyond != NO_VECTOR && (piece->repeats || swapped))) {
        return false;
    }
    const uint32_t next = piece->before.eip + piece->length;
    const char initial = insn_table[piece->row].mnemonic[0];
    if (next == LIMIT + 1 && out->after.eip == next && (initial == 'j' || initial == 'l')) {
        return false; /* a jump to what follows, taken or not */
    }
    if (peer->beyond != NO_VECTOR) {
        fault(peer, out, peer->beyond);
    } else if (out->vector == NO_VECTOR && !peer->stopped && piece->row != INSN_HLT) {
        fault(peer, out, 6); /* gave up, which it does not always tell */
    } else if (out->vector == NO_VECTOR && out->after.eip > LIMIT && out->after.eip != next) {
        fault(peer, out, 13); /* branched beyond the end of CS */
    }
    if (out->vector != NO_VECTOR) {
        const bool software = is_software(piece->row) && !peer->faulted;
        out->after.eip = piece->before.eip + (software ? piece->length : 0);
        deliver(peer, out);
    }
    return true;
}
