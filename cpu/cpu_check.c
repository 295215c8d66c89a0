/* Is a loaded state possible? Everything the processor takes for granted about its own state is
 * tested here, so that no file or caller can bring it into one that would harm the host.
 * Impossible on silicon but harmless combinations are let through.
 * SPDX-License-Identifier: MIT */
#include "cpu/cpu_priv.h"
#include "cpu/fpu.h"

#define EFLAGS_KNOWN                                                                               \
    (EFLAGS_ARITHMETIC | EFLAGS_ONE | EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL |            \
     EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | EFLAGS_AC | EFLAGS_ID)
#define CR0_KNOWN                                                                                  \
    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD |     \
     CR0_PG)
#define ATTRIBUTES_KNOWN 0xF0FFu
#define TLB_LINEAR_KNOWN (PAGE_MASK | TLB_VALID)
#define TLB_PHYSICAL_KNOWN                                                                         \
    (PAGE_MASK | TLB_WRITABLE | TLB_USER | TLB_DIRTY | TLB_LARGE | TLB_GLOBAL)

static const char *check_flags(const struct cpu_state *state)
{
    const uint32_t vm_level = state->eflags & EFLAGS_VM ? 3 : state->cpl;
    if (!(state->eflags & EFLAGS_ONE) || (state->eflags & ~EFLAGS_KNOWN)) {
        return "EFLAGS has bits that do not exist";
    }
    if (state->cr0 & ~CR0_KNOWN) {
        return "CR0 has bits that do not exist";
    }
    if ((state->cr0 & CR0_PG) && !(state->cr0 & CR0_PE)) {
        return "CR0.PG without CR0.PE";
    }
    if (state->cr4 & ~(CR4_TSD | CR4_PSE | CR4_PGE)) {
        return "CR4 has bits that do not exist";
    }
    if (state->cpl > 3) {
        return "CPL above 3";
    }
    if (!(state->cr0 & CR0_PE) && (state->cpl || (state->eflags & EFLAGS_VM))) {
        return "CPL or virtual-8086 mode without protection";
    }
    return vm_level == state->cpl ? NULL : "virtual-8086 mode outside CPL 3";
}

static const char *check_segment(const struct segment_state *segment)
{
    if (segment->usable > 1 || (segment->attributes & ~ATTRIBUTES_KNOWN)) {
        return "segment register with bits that do not exist";
    }
    return NULL;
}

static const char *check_segments(const struct cpu_state *state)
{
    for (uint32_t i = 0; i < SEG_COUNT; i++) {
        const char *wrong = check_segment(&state->segments[i]);
        if (wrong) {
            return wrong;
        }
    }
    if (check_segment(&state->ldtr) || check_segment(&state->tr)) {
        return "LDTR or TR with bits that do not exist";
    }
    if (!state->segments[SEG_CS].usable) {
        return "CS is null";
    }
    if (state->gdtr.limit > 0xFFFF || state->idtr.limit > 0xFFFF) {
        return "GDTR or IDTR limit above FFFFh";
    }
    return NULL;
}

static const char *check_pending(const struct cpu_state *state)
{
    if (state->activity > ACTIVITY_SHUTDOWN) {
        return "unknown activity";
    }
    if (state->shadow > SHADOW_MOVSS) {
        return "unknown interrupt shadow";
    }
    if ((state->interrupt_line | state->nmi_pending | state->nmi_blocked | state->rep_resumed |
         state->refill_pending | state->mode_in_eflags) > 1) {
        return "a yes-or-no field is neither 0 nor 1";
    }
    if (state->a20_mask != 0xFFFFFFFFu && state->a20_mask != 0xFFEFFFFFu) {
        return "A20 mask is neither of the two";
    }
    return state->gpr[REG_NONE] ? "a field that is always 0 is not" : NULL;
}

static const char *check_faults(const struct cpu_state *state)
{
    if (state->fault_count > 3) {
        return "more than three faults in the chain";
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (state->faults[i].path >= PATH_COUNT || state->faults[i].vector > 255) {
            return "fault chain names an unknown trap";
        }
    }
    return NULL;
}

static const char *check_fpu(const struct fpu_state *fpu, uint64_t clock)
{
    if ((fpu->control & ~(FPU_CONTROL_KNOWN | FPU_CONTROL_ONE)) || fpu->occupied > 0xFF ||
        fpu->opcode > 0x7FF || fpu->error_line > 1 || fpu->ignore_errors > 1) {
        return "x87 with bits that do not exist";
    }
    if (fpu->busy_until > clock && fpu->busy_until - clock > FPU_CONCURRENT_MOST) {
        return "x87 busy for longer than any instruction keeps it";
    }
    return NULL;
}

/* An entry may only hold what its place can: direct-mapped by linear page number. */
static const char *check_tlb(const struct tlb_entry_state *entries, uint32_t count,
                             uint32_t (*index)(uint32_t linear))
{
    for (uint32_t i = 0; i < count; i++) {
        const struct tlb_entry_state *entry = &entries[i];
        if (!(entry->linear & TLB_VALID)) {
            continue;
        }
        if ((entry->linear & ~TLB_LINEAR_KNOWN) || (entry->physical & ~TLB_PHYSICAL_KNOWN)) {
            return "TLB entry with bits that do not exist";
        }
        if (index(entry->linear) != i) {
            return "TLB entry in a place where its page can not be";
        }
    }
    return NULL;
}

static const char *check_counts(const struct cpu_state *state)
{
    uint64_t total = 0;
    uint64_t by_vector = 0;

    for (uint32_t kind = 0; kind < DELIVERY_KINDS; kind++) {
        total += state->delivered[kind];
    }
    for (uint32_t vector = 0; vector < 256; vector++) {
        by_vector += state->vectors[vector];
    }
    return total != state->deliveries || by_vector != total || state->delivered[DELIVERY_NONE]
               ? "counts of deliveries do not add up"
               : 0;
}

const char *cpu_check(const struct cpu_state *state)
{
    const char *wrong = check_flags(state);
    if (!wrong) {
        wrong = check_segments(state);
    }
    if (!wrong) {
        wrong = check_pending(state);
    }
    if (!wrong) {
        wrong = check_faults(state);
    }
    if (!wrong) {
        wrong = check_counts(state);
    }
    if (!wrong) {
        wrong = check_fpu(&state->fpu, state->clock);
    }
    if (!wrong) {
        wrong = check_tlb(state->tlb_data, TLB_DATA_ENTRIES, tlb_data_index);
    }
    if (!wrong) {
        wrong = check_tlb(state->tlb_instruction, TLB_INSTRUCTION_ENTRIES, tlb_instruction_index);
    }
    return wrong;
}
