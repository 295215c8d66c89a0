/* Which explanation belongs to what is chosen in a panel.
 * SPDX-License-Identifier: MIT */
#include "cpu/trap.h"
#include "emu/explain.h"
#include "emu/view_panels.h"

static uint32_t topic_of_exception(uint32_t vector)
{
    static const uint8_t topics[20] = {
        TOPIC_DE,       TOPIC_DB, TOPIC_NMI,      TOPIC_BP,       TOPIC_OF,
        TOPIC_GATE,     TOPIC_UD, TOPIC_NM,       TOPIC_DF_FAULT, TOPIC_FPU,
        TOPIC_TS_FAULT, TOPIC_NP, TOPIC_SS_FAULT, TOPIC_GP,       TOPIC_PF_FAULT,
        TOPIC_GATE,     TOPIC_MF, TOPIC_AC_FAULT, TOPIC_GATE,     TOPIC_GATE,
    };

    return vector < 20 ? topics[vector] : (uint32_t)TOPIC_GATE;
}

static uint32_t topic_of_vector(const struct view_context *context, uint32_t vector)
{
    const struct pic_pair_state *pic = &context->view->state.pc.pic;

    if (vector < 20 && view_is_protected(&context->view->state.cpu)) {
        return topic_of_exception(vector);
    }
    if (vector - (pic->master.icw2 & 0xF8u) < 8 || vector - (pic->slave.icw2 & 0xF8u) < 8) {
        return TOPIC_PIC;
    }
    return vector == 0x80 ? TOPIC_SYSCALL : TOPIC_GATE;
}

static uint32_t topic_of_register(uint32_t jreg)
{
    switch (jreg) {
    case JREG_EIP:
        return TOPIC_EIP;
    case JREG_ESP:
        return TOPIC_ESP;
    case JREG_EFLAGS:
        return TOPIC_EFLAGS;
    case JREG_CPL:
        return TOPIC_CPL;
    case JREG_LDTR:
        return TOPIC_LDTR;
    case JREG_TR:
        return TOPIC_TR;
    case JREG_GDTR_BASE:
    case JREG_GDTR_LIMIT:
        return TOPIC_GDTR;
    case JREG_IDTR_BASE:
    case JREG_IDTR_LIMIT:
        return TOPIC_IDTR;
    case JREG_CR0:
        return TOPIC_CR0;
    case JREG_CR2:
        return TOPIC_CR2;
    case JREG_CR3:
        return TOPIC_CR3;
    case JREG_CR4:
        return TOPIC_CR4;
    default:
        return jreg >= JREG_FPU_CONTROL ? TOPIC_FPU
               : jreg >= JREG_ES        ? TOPIC_SELECTOR
                                        : TOPIC_GENERAL;
    }
}

static uint32_t topic_of_step(const struct journal_entry *entry)
{
    switch ((enum journal_kind)entry->kind) {
    case JOURNAL_FETCH:
        return TOPIC_FETCH;
    case JOURNAL_SEGMENT_CHECK:
        return TOPIC_SEGMENT_CHECK;
    case JOURNAL_TLB_HIT:
    case JOURNAL_TLB_MISS:
        return TOPIC_TLB;
    case JOURNAL_WALK_READ:
    case JOURNAL_WALK_WRITE:
        return entry->detail == 1 ? TOPIC_PDE : TOPIC_PTE;
    case JOURNAL_REGISTER:
        return topic_of_register(entry->detail);
    case JOURNAL_DELIVERY_STEP:
        return entry->detail - 1 < 13 ? TOPIC_U01 + entry->detail - 1 : TOPIC_COUNT;
    case JOURNAL_IRET_STEP:
        return TOPIC_IRET;
    case JOURNAL_FAULT:
        return topic_of_exception(trap_info(entry->detail)->vector);
    default:
        return TOPIC_COUNT;
    }
}

uint32_t panel_topic(enum ui_panel panel, uint32_t link, const struct view_context *context)
{
    const struct session_view *view = context->view;

    if (link == 0) {
        return TOPIC_COUNT;
    }
    switch (panel) {
    case PANEL_DISASSEMBLY:
        return TOPIC_EIP;
    case PANEL_VECTORS:
        return topic_of_vector(context, link - 1);
    case PANEL_MICROSTEPS:
        return link - 1 < view->journal.count ? topic_of_step(&view->journal.entries[link - 1])
                                              : (uint32_t)TOPIC_COUNT;
    default:
        return link - LINK_TOPIC < TOPIC_COUNT ? link - LINK_TOPIC : (uint32_t)TOPIC_COUNT;
    }
}
