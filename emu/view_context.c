/* What several views derive from the state alone: modes, segments, the two stacks, names.
 * See: 80386 PRM 5.1 (descriptors), 7.1 (TSS), 9.6 (frames).
 * SPDX-License-Identifier: MIT */
#include "emu/view_context.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TSS_TYPE_AVAILABLE 0x9u /* 32-bit TSS, 80386 PRM figure 7-3 */
#define TSS_TYPE_BUSY      0xBu
#define FRAME_BYTES        20u /* SS ESP EFLAGS CS EIP of an inner-level 32-bit gate */

bool view_read32(const struct view_context *context, uint32_t linear, uint32_t *value)
{
    uint8_t bytes[4];

    if (!context->read || !context->read(context->read_context, linear, bytes, sizeof bytes)) {
        return false;
    }
    *value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
             (uint32_t)bytes[3] << 24;
    return true;
}

bool view_read_physical32(const struct view_context *context, uint32_t physical, uint32_t *value)
{
    uint8_t bytes[4];

    if (!context->read_physical ||
        !context->read_physical(context->read_context, physical, bytes, sizeof bytes)) {
        return false;
    }
    *value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
             (uint32_t)bytes[3] << 24;
    return true;
}

const struct journal_entry *view_step_ahead(const struct view_context *context)
{
    const struct session_view *view = context->view;

    return view->position.micro_count > 0 && view->position.micro < view->journal.count
               ? &view->journal.entries[view->position.micro]
               : NULL;
}

const char *view_request_fate(const struct cpu_state *cpu)
{
    if (!cpu->interrupt_line) {
        return NULL;
    }
    if (!(cpu->eflags & EFLAGS_IF)) {
        return "pending: waits for STI (IF=0)";
    }
    if (cpu->shadow == SHADOW_STI) {
        return "pending: delivered one instruction after STI";
    }
    if (cpu->shadow == SHADOW_MOVSS) {
        return "pending: delivered one instruction after SS was loaded";
    }
    return "delivered next";
}

const char *view_find_symbol(const struct view_context *context, uint32_t linear, uint32_t *offset)
{
    if (!context->symbols) {
        return NULL;
    }
    return elf_symbols_find_in(context->symbols, context->program, linear, offset);
}

bool view_symbol(const struct view_context *context, uint32_t linear, char *text, size_t bytes)
{
    uint32_t offset = 0;
    const char *name = view_find_symbol(context, linear, &offset);

    text[0] = '\0';
    if (!name) {
        return false;
    }
    if (offset == 0) {
        snprintf(text, bytes, "%s", name);
    } else {
        snprintf(text, bytes, "%s+%" PRIX32, name, offset);
    }
    return true;
}

bool view_is_user(const struct cpu_state *cpu)
{
    return cpu->cpl == 3;
}

bool view_is_protected(const struct cpu_state *cpu)
{
    return (cpu->cr0 & CR0_PE) && !(cpu->eflags & EFLAGS_VM);
}

bool view_segment_base(const struct view_context *context, uint32_t selector, uint32_t *base)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    uint32_t table = selector & 4 ? cpu->ldtr.base : cpu->gdtr.base;
    uint32_t limit = selector & 4 ? cpu->ldtr.limit : cpu->gdtr.limit;
    uint32_t low;
    uint32_t high;

    if (!view_is_protected(cpu)) {
        *base = selector << 4;
        return true;
    }
    if ((selector & 0xFFFCu) == 0 || (selector & 0xFFF8u) + 7 > limit ||
        !view_read32(context, table + (selector & 0xFFF8u), &low) ||
        !view_read32(context, table + (selector & 0xFFF8u) + 4, &high)) {
        return false;
    }
    *base = low >> 16 | (high & 0xFFu) << 16 | (high & 0xFF000000u);
    return true;
}

bool view_tss_stack(const struct view_context *context, uint32_t *ss0, uint32_t *esp0)
{
    const struct segment_state *tr = &context->view->state.cpu.tr;
    uint32_t type = tr->attributes & 0xFu;

    if (!tr->usable || (type != TSS_TYPE_AVAILABLE && type != TSS_TYPE_BUSY)) {
        return false;
    }
    if (!view_read32(context, tr->base + 4, esp0) || !view_read32(context, tr->base + 8, ss0)) {
        return false;
    }
    *ss0 &= 0xFFFFu;
    return *ss0 != 0;
}

struct view_boundary view_boundary(const struct view_context *context)
{
    const struct session_view *view = context->view;
    const struct cpu_state *cpu = &view->state.cpu;
    struct view_boundary boundary = {cpu->cpl, cpu->segments[SEG_SS].selector, cpu->gpr[REG_ESP]};
    uint32_t taken =
        view->position.micro < view->journal.count ? view->position.micro : view->journal.count;

    /* from the last to the first, so that the oldest value stays */
    for (uint32_t index = taken; index-- > 0;) {
        const struct journal_entry *entry = &view->journal.entries[index];
        if (entry->kind != JOURNAL_REGISTER) {
            continue;
        }
        if (entry->detail == JREG_CPL) {
            boundary.cpl = entry->previous;
        } else if (entry->detail == JREG_SS) {
            boundary.ss = entry->previous;
        } else if (entry->detail == JREG_ESP) {
            boundary.esp = entry->previous;
        }
    }
    return boundary;
}

/* The user's SS:ESP in the frame that the last entry from user mode left under ESP0. */
static bool user_stack_in_frame(const struct view_context *context, struct view_stack *user,
                                uint32_t kernel_base, uint32_t esp0)
{
    uint32_t frame[5]; /* EIP CS EFLAGS ESP SS */

    for (uint32_t index = 0; index < 5; index++) {
        if (!view_read32(context, kernel_base + esp0 - FRAME_BYTES + index * 4, &frame[index])) {
            return false;
        }
    }
    if ((frame[1] & 3) != 3 || (frame[4] & 3) != 3 || frame[1] > 0xFFFF || frame[4] > 0xFFFF) {
        return false;
    }
    user->ss = frame[4];
    user->esp = frame[3];
    user->from = "in the trap frame";
    return view_segment_base(context, user->ss, &user->base);
}

static void use_current(struct view_stack *stack, const struct cpu_state *cpu)
{
    stack->known = true;
    stack->in_use = true;
    stack->ss = cpu->segments[SEG_SS].selector;
    stack->base = cpu->segments[SEG_SS].base;
    stack->width = cpu->segments[SEG_SS].attributes & ATTR_BIG ? 4 : 2;
    stack->esp = stack->width == 4 ? cpu->gpr[REG_ESP] : cpu->gpr[REG_ESP] & 0xFFFFu;
    stack->from = "SS:ESP now";
}

/* Inside a delivery, between the change of level and that of ESP: what has been pushed so far. */
static uint32_t pushed_down_to(const struct session_view *view, uint32_t base, uint32_t top)
{
    uint32_t lowest = top;

    for (uint32_t index = 0; index < view->position.micro && index < view->journal.count; index++) {
        const struct journal_entry *entry = &view->journal.entries[index];
        uint32_t offset = entry->address - base;
        if (entry->kind == JOURNAL_MEMORY_WRITE && top - offset <= 64 && offset < lowest) {
            lowest = offset;
        }
    }
    return lowest;
}

void view_find_stacks(const struct view_context *context, struct view_stack *user,
                      struct view_stack *kernel)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    struct view_boundary boundary = view_boundary(context);
    bool user_mode = view_is_user(cpu);
    uint32_t ss0 = 0;
    uint32_t esp0 = 0;
    uint32_t base0 = 0;

    *user = (struct view_stack){.width = 4, .from = "none entered yet"};
    *kernel = (struct view_stack){.width = 4, .from = "no task register yet"};
    use_current(user_mode ? user : kernel, cpu);
    bool has_tss =
        view_is_protected(cpu) || (cpu->eflags & EFLAGS_VM)
            ? view_tss_stack(context, &ss0, &esp0) && view_segment_base(context, ss0, &base0)
            : false;
    if (!has_tss) {
        return;
    }
    if (user_mode) {
        kernel->known = true;
        kernel->ss = ss0;
        kernel->esp = esp0;
        kernel->base = base0;
        kernel->from = "TSS SS0:ESP0";
        kernel->top = esp0;
        return;
    }
    if (boundary.cpl == 3 && cpu->gpr[REG_ESP] == boundary.esp) {
        kernel->ss = ss0;
        kernel->base = base0;
        kernel->esp = pushed_down_to(context->view, base0, esp0);
        kernel->width = 4;
        kernel->from = "being entered";
    }
    /* ESP0 tells where this kernel stack begins only if ESP is near below it */
    if (base0 == kernel->base && kernel->esp <= esp0 && esp0 - kernel->esp < 0x10000) {
        kernel->top = esp0;
    }
    user->from = kernel->top != 0 ? "not in a trap frame" : "none: the kernel's own work";
    if (boundary.cpl == 3) {
        user->ss = boundary.ss;
        user->esp = boundary.esp;
        user->from = "SS:ESP before step";
        user->known = view_segment_base(context, user->ss, &user->base);
    } else if (kernel->top != 0 && kernel->esp <= esp0 - FRAME_BYTES) {
        user->known = user_stack_in_frame(context, user, base0, esp0);
    }
}

static const char *const exception_names[20] = {
    "#DE divide error",
    "#DB debug",
    "NMI",
    "#BP breakpoint",
    "#OF overflow",
    "#BR bound",
    "#UD invalid opcode",
    "#NM no coprocessor",
    "#DF double fault",
    "coprocessor segment",
    "#TS invalid TSS",
    "#NP segment missing",
    "#SS stack",
    "#GP protection",
    "#PF page fault",
    "reserved",
    "#MF coprocessor error",
    "#AC alignment",
    "machine check",
    "SIMD",
};

static const char *const irq_names[16] = {
    "IRQ 0 timer", "IRQ 1 keyboard", "IRQ 2 cascade", "IRQ 3 COM2", "IRQ 4 COM1", "IRQ 5",
    "IRQ 6",       "IRQ 7",          "IRQ 8 clock",   "IRQ 9",      "IRQ 10",     "IRQ 11",
    "IRQ 12",      "IRQ 13 FPU",     "IRQ 14 disk",   "IRQ 15",
};

const char *view_vector_name(const struct view_context *context, uint32_t vector)
{
    const struct pic_pair_state *pic = &context->view->state.pc.pic;
    uint32_t master = pic->master.icw2 & 0xF8u;
    uint32_t slave = pic->slave.icw2 & 0xF8u;

    if (vector < 20 && view_is_protected(&context->view->state.cpu)) {
        return exception_names[vector];
    }
    if (vector - master < 8) {
        return irq_names[vector - master];
    }
    if (vector - slave < 8) {
        return irq_names[8 + vector - slave];
    }
    if (vector == 0x80) {
        return "system call";
    }
    return vector < 20 ? exception_names[vector] : "";
}

const char *view_register_name(uint32_t jreg)
{
    static const char *const names[JREG_COUNT] = {
        [JREG_EAX] = "EAX",
        [JREG_ECX] = "ECX",
        [JREG_EDX] = "EDX",
        [JREG_EBX] = "EBX",
        [JREG_ESP] = "ESP",
        [JREG_EBP] = "EBP",
        [JREG_ESI] = "ESI",
        [JREG_EDI] = "EDI",
        [JREG_EIP] = "EIP",
        [JREG_EFLAGS] = "EFLAGS",
        [JREG_CPL] = "CPL",
        [JREG_ES] = "ES",
        [JREG_CS] = "CS",
        [JREG_SS] = "SS",
        [JREG_DS] = "DS",
        [JREG_FS] = "FS",
        [JREG_GS] = "GS",
        [JREG_LDTR] = "LDTR",
        [JREG_TR] = "TR",
        [JREG_GDTR_BASE] = "GDTR base",
        [JREG_GDTR_LIMIT] = "GDTR limit",
        [JREG_IDTR_BASE] = "IDTR base",
        [JREG_IDTR_LIMIT] = "IDTR limit",
        [JREG_CR0] = "CR0",
        [JREG_CR2] = "CR2",
        [JREG_CR3] = "CR3",
        [JREG_CR4] = "CR4",
        [JREG_FPU_CONTROL] = "x87 control",
        [JREG_FPU_STATUS] = "x87 status",
        [JREG_FPU_OCCUPIED] = "x87 not empty",
        [JREG_FPU_OPCODE] = "x87 opcode",
        [JREG_FPU_CODE] = "x87 code",
        [JREG_FPU_CODE_SELECTOR] = "x87 code selector",
        [JREG_FPU_DATA] = "x87 data",
        [JREG_FPU_DATA_SELECTOR] = "x87 data selector",
        [JREG_FPU_PINS] = "x87 pins",
    };
    static const char *const parts[24] = {
        "R0 31-0", "R0 63-32", "R0 79-64", "R1 31-0", "R1 63-32", "R1 79-64",
        "R2 31-0", "R2 63-32", "R2 79-64", "R3 31-0", "R3 63-32", "R3 79-64",
        "R4 31-0", "R4 63-32", "R4 79-64", "R5 31-0", "R5 63-32", "R5 79-64",
        "R6 31-0", "R6 63-32", "R6 79-64", "R7 31-0", "R7 63-32", "R7 79-64",
    };
    if (jreg >= JREG_FPU_REGISTERS && jreg < JREG_COUNT) {
        return parts[jreg - JREG_FPU_REGISTERS];
    }
    return jreg < JREG_COUNT ? names[jreg] : "?";
}

const char *view_decimal(uint64_t value, char text[32])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *out = text;

    for (int index = 0; index < count; index++) {
        if (index > 0 && (count - index) % 3 == 0) {
            *out++ = ' ';
        }
        *out++ = digits[index];
    }
    *out = '\0';
    return text;
}
