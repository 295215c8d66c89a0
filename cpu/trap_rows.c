/* Does the table know what its bodies raise? Column `traps` of isa.def against the vector of a
 * fault that a body has just raised; several rows may share a body, then one of them must list it.
 * For debug builds, which stop at a fault that no row lists: the table is wrong, or the body is.
 * See: isa.h, TRAPS_*.
 * SPDX-License-Identifier: MIT */
#include "cpu/trap_rows.h"

#include "cpu/isa.h"
#include "cpu/trap.h"

#define VECTOR(n) (1u << (n))
/* An access: segment limits and rights, the page, its alignment. */
#define VECTORS_ACCESS  (VECTOR(12) | VECTOR(13) | VECTOR(14) | VECTOR(17))
#define VECTORS_SEGMENT (VECTOR(10) | VECTOR(11) | VECTORS_ACCESS)

static const struct {
    uint32_t traps;   /* TRAPS_* */
    uint32_t vectors; /* bit n: vector n */
} vectors_of[] = {
    {TRAPS_RMW | TRAPS_PUSH | TRAPS_POP, VECTORS_ACCESS},
    {TRAPS_BRANCH | TRAPS_CPL | TRAPS_IOPL | TRAPS_CR | TRAPS_MSR, VECTOR(13)},
    {TRAPS_DIVIDE, VECTOR(0)},
    {TRAPS_IO, VECTOR(13) | VECTOR(14)},
    {TRAPS_SEGMENT, VECTORS_SEGMENT},
    {TRAPS_FAR, VECTORS_SEGMENT | VECTOR(1)},             /* the trap bit of a TSS */
    {TRAPS_INT, VECTORS_SEGMENT | VECTOR(1) | VECTOR(8)}, /* a vector beyond the IDT in real mode */
    {TRAPS_FORM | TRAPS_REGISTER | TRAPS_PROTECTED | TRAPS_UD, VECTOR(6)},
    {TRAPS_BOUND, VECTOR(5)},
    {TRAPS_NM, VECTOR(7)},
    {TRAPS_MF, VECTOR(16)},
    {TRAPS_DEBUG, VECTOR(1)},
};

static uint32_t vectors_of_row(const struct insn_info *row)
{
    uint32_t vectors = 0;
    for (uint32_t i = 0; i < sizeof vectors_of / sizeof vectors_of[0]; i++) {
        vectors |= row->traps & vectors_of[i].traps ? vectors_of[i].vectors : 0;
    }
    return vectors;
}

static bool has_handler(const struct insn_info *row, uint32_t handler_id)
{
    for (uint32_t form = 0; form < FORM_COUNT; form++) {
        if (row->handlers[form] == handler_id) {
            return true;
        }
    }
    return false;
}

bool trap_is_listed(uint32_t handler_id, uint32_t path)
{
    const uint32_t vector = trap_info(path)->vector;
    bool found = false;
    /* what `raise` raises is the decoder's: any row may have no right to be executed */
    for (uint32_t row = 1; row < INSN_COUNT && handler_id != H_raise; row++) {
        if (has_handler(&insn_table[row], handler_id)) {
            found = true;
            if (vectors_of_row(&insn_table[row]) & VECTOR(vector)) {
                return true;
            }
        }
    }
    return !found; /* of no row: a micro-op that raises, the end of a block */
}
