/* System registers: descriptor tables, LDTR, TR, CR, DR, TR6-7, MSRs, caches, TLB, CPUID, RDTSC;
 * CPL and mode are checked by the decoder.
 * Debug registers only hold values: no breakpoints yet. Test registers read as 0.
 * See: 80386 PRM 4, 10, 17; i486 PRM 4.1.3 (CR0), 26 (CPUID, INVLPG); 11.1 (TS, EM, MP).
 * SPDX-License-Identifier: MIT */
#include "cpu/cpuid.h"
#include "cpu/exec.h"

#ifdef EXEC_CAREFUL

#include "cpu/segment.h"
#include "cpu/timing.h"

/* ---- GDTR, IDTR ---- */

/* The base behind the limit; 16-bit operands have 24 bits of it. */
#define TABLE_BASE_AT(uop, at) ((uop)->flags & UOP_ADDRESS16 ? ((at) + 2) & 0xFFFF : (at) + 2)

#define LOAD_TABLE(table, bits, name)                                                              \
    const uint32_t at = effective_address(cpu, uop);                                               \
    LOAD(16, limit, uop->segment, at);                                                             \
    LOAD(32, base, uop->segment, TABLE_BASE_AT(uop, at));                                          \
    journal_register(cpu, JREG_##name##_BASE, cpu->state.table.base, base &(bits));                \
    journal_register(cpu, JREG_##name##_LIMIT, cpu->state.table.limit, limit);                     \
    cpu->state.table.base = base & (bits);                                                         \
    cpu->state.table.limit = limit;                                                                \
    tables_changed(cpu);                                                                           \
    NEXT
#define STORE_TABLE(table, bits)                                                                   \
    const uint32_t at = effective_address(cpu, uop);                                               \
    PROBE(32, cell, uop->segment, TABLE_BASE_AT(uop, at));                                         \
    STORE(16, uop->segment, at, cpu->state.table.limit);                                           \
    CELL_WRITE(32, cell, cpu->state.table.base &(bits));                                           \
    NEXT
#define BASE_24 0x00FFFFFFu
#define BASE_32 0xFFFFFFFFu

OP(lgdt_ms_m16)
{
    LOAD_TABLE(gdtr, BASE_24, GDTR);
}
OP(lgdt_ms_m32)
{
    LOAD_TABLE(gdtr, BASE_32, GDTR);
}
OP(lidt_ms_m16)
{
    LOAD_TABLE(idtr, BASE_24, IDTR);
}
OP(lidt_ms_m32)
{
    LOAD_TABLE(idtr, BASE_32, IDTR);
}
OP(sgdt_ms_m16)
{
    STORE_TABLE(gdtr, BASE_24);
}
OP(sgdt_ms_m32)
{
    STORE_TABLE(gdtr, BASE_32);
}
OP(sidt_ms_m16)
{
    STORE_TABLE(idtr, BASE_24);
}
OP(sidt_ms_m32)
{
    STORE_TABLE(idtr, BASE_32);
}

/* ---- LDTR, TR ---- */

/* A system descriptor of the GDT: `wrong` for a selector or type that does not do. */
static uint32_t fetch_system(struct cpu *cpu, uint32_t selector, uint32_t wrong, uint32_t local,
                             struct segment_load *load)
{
    const uint32_t code = selector & SELECTOR_INDEX;
    if (selector & SELECTOR_LOCAL) {
        return trap_raise(cpu, local, code);
    }
    return segment_fetch(cpu, selector, wrong, code, load);
}

static COLD uint32_t load_ldt(struct cpu *cpu, uint32_t selector)
{
    struct segment_load load = {0};
    if (is_null_selector(selector)) {
        load.state.selector = (uint16_t)selector;
    } else {
        const uint32_t code = selector & SELECTOR_INDEX;
        const uint32_t path =
            fetch_system(cpu, selector, PATH_gp_lldt_type, PATH_gp_lldt_ti, &load);
        if (path) {
            return path;
        }
        if (descriptor_type(load.descriptor.high) != TYPE_LDT) {
            return trap_raise(cpu, PATH_gp_lldt_type, code);
        }
        if (!(load.state.attributes & ATTR_PRESENT)) {
            return trap_raise(cpu, PATH_np_lldt, code);
        }
    }
    journal_register(cpu, JREG_LDTR, cpu->state.ldtr.selector, selector);
    cpu->state.ldtr = load.state;
    return PATH_NONE;
}

/* LTR marks the TSS busy, by a locked write. */
static COLD uint32_t load_task(struct cpu *cpu, uint32_t selector)
{
    struct segment_load load = {0};
    const uint32_t code = selector & SELECTOR_INDEX;
    if (is_null_selector(selector)) {
        return trap_raise(cpu, PATH_gp_ltr_null, 0);
    }
    uint32_t path = fetch_system(cpu, selector, PATH_gp_ltr_type, PATH_gp_ltr_type, &load);
    if (path) {
        return path;
    }
    const uint32_t type = descriptor_type(load.descriptor.high);
    if (type == TYPE_TSS16_BUSY || type == TYPE_TSS32_BUSY) {
        return trap_raise(cpu, PATH_gp_ltr_busy, code);
    }
    if (type != TYPE_TSS16_AVAILABLE && type != TYPE_TSS32_AVAILABLE) {
        return trap_raise(cpu, PATH_gp_ltr_type, code);
    }
    if (!(load.state.attributes & ATTR_PRESENT)) {
        return trap_raise(cpu, PATH_np_ltr, code);
    }
    load.state.attributes |= 2; /* busy: type 3 or B */
    path = write_system(cpu, load.descriptor.linear + 5, 1, load.state.attributes & 0xFF);
    if (!path) {
        journal_register(cpu, JREG_TR, cpu->state.tr.selector, selector);
        cpu->state.tr = load.state;
    }
    return path;
}

#define LOAD_SYSTEM(loader, selector)                                                              \
    const uint32_t path = loader(cpu, selector);                                                   \
    if (path) {                                                                                    \
        FAULT(path);                                                                               \
    }                                                                                              \
    NEXT

OP(lldt_ew_r16)
{
    LOAD_SYSTEM(load_ldt, GPR16(uop->dst));
}
OP(lldt_ew_m16)
{
    LOAD(16, selector, uop->segment, effective_address(cpu, uop));
    LOAD_SYSTEM(load_ldt, selector);
}
OP(ltr_ew_r16)
{
    LOAD_SYSTEM(load_task, GPR16(uop->dst));
}
OP(ltr_ew_m16)
{
    LOAD(16, selector, uop->segment, effective_address(cpu, uop));
    LOAD_SYSTEM(load_task, selector);
}

/* A 16-bit system register to a register of either width, or to memory. */
#define STORE_WORD_BODIES(name, value)                                                             \
    OP(name##_ew_r16)                                                                              \
    {                                                                                              \
        GPR16(uop->dst) = (uint16_t)(value);                                                       \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_ew_r32)                                                                              \
    {                                                                                              \
        GPR32(uop->dst) = (value);                                                                 \
        NEXT;                                                                                      \
    }                                                                                              \
    OP(name##_ew_m16)                                                                              \
    {                                                                                              \
        STORE(16, uop->segment, effective_address(cpu, uop), (value)&0xFFFFu);                     \
        NEXT;                                                                                      \
    }
STORE_WORD_BODIES(sldt, cpu->state.ldtr.selector)
STORE_WORD_BODIES(str, cpu->state.tr.selector)
STORE_WORD_BODIES(smsw, cpu->state.cr0)

/* ---- control registers ---- */

/* What CR0 becomes: bits that do not exist read 0, ET is wired to 1 from the 486 on. */
static uint32_t cr0_existing(const struct cpu *cpu, uint32_t value)
{
    const uint32_t of_386 = CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_PG;
    if (cpu->config.level == CPU_I386) {
        return value & of_386;
    }
    return (value & (of_386 | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD)) | CR0_ET;
}

static COLD void commit_cr0(struct cpu *cpu, uint32_t value)
{
    const uint32_t previous = cpu->state.cr0;
    journal_register(cpu, JREG_CR0, previous, value);
    cpu->state.cr0 = value;
    if ((previous ^ value) & (CR0_PG | CR0_WP)) {
        tlb_flush(cpu);
    }
    mode_changed(cpu);
}

static COLD uint32_t load_cr0(struct cpu *cpu, uint32_t value)
{
    if ((value & CR0_PG) && !(value & CR0_PE)) {
        return trap_raise(cpu, PATH_gp_cr0_pg_without_pe, 0);
    }
    if (cpu->config.level >= CPU_I486 && (value & CR0_NW) && !(value & CR0_CD)) {
        return trap_raise(cpu, PATH_gp_cr0_nw_without_cd, 0);
    }
    commit_cr0(cpu, cr0_existing(cpu, value));
    return PATH_NONE;
}

/* What CPUID announces: TSC, PSE, and from the i686 on PGE. */
static COLD uint32_t load_cr4(struct cpu *cpu, uint32_t value)
{
    const uint32_t global = cpu->config.level >= CPU_I686 ? CR4_PGE : 0;
    if (value & ~(CR4_TSD | CR4_PSE | global)) {
        return trap_raise(cpu, PATH_gp_cr4_none, 0);
    }
    journal_register(cpu, JREG_CR4, cpu->state.cr4, value);
    if ((cpu->state.cr4 ^ value) & (CR4_PSE | CR4_PGE)) {
        tlb_flush(cpu);
    }
    cpu->state.cr4 = value;
    return PATH_NONE;
}

static COLD uint32_t load_control(struct cpu *cpu, uint32_t reg, uint32_t value)
{
    switch (reg) {
    case 0:
        return load_cr0(cpu, value);
    case 2:
        journal_register(cpu, JREG_CR2, cpu->state.cr2, value);
        cpu->state.cr2 = value;
        return PATH_NONE;
    case 3:
        journal_register(cpu, JREG_CR3, cpu->state.cr3, value);
        cpu->state.cr3 = value;
        tlb_flush_local(cpu);
        return PATH_NONE;
    case 4:
        return load_cr4(cpu, value);
    default:
        return trap_raise(cpu, PATH_ud_control_register, 0);
    }
}

OP(mov_cd_rd)
{
    const uint32_t path = load_control(cpu, uop->dst, GPR32(uop->src));
    if (path) {
        FAULT(path);
    }
    charge(cpu, timing_mov_to_cr_extra(cpu, uop->dst));
    LEAVE;
}
OP(mov_rd_cd)
{
    const uint32_t values[] = {cpu->state.cr0, 0, cpu->state.cr2, cpu->state.cr3, cpu->state.cr4};
    if (uop->src >= 5 || uop->src == 1) {
        FAULT(trap_raise(cpu, PATH_ud_control_register, 0));
    }
    GPR32(uop->dst) = values[uop->src];
    NEXT;
}
/* PE can be set by LMSW, not cleared. */
OP(lmsw_ew_r16)
{
    commit_cr0(cpu, (cpu->state.cr0 & ~0xEu) | (GPR16(uop->dst) & 0xFu));
    LEAVE;
}
OP(lmsw_ew_m16)
{
    LOAD(16, value, uop->segment, effective_address(cpu, uop));
    commit_cr0(cpu, (cpu->state.cr0 & ~0xEu) | (value & 0xFu));
    LEAVE;
}
OP(clts)
{
    journal_register(cpu, JREG_CR0, cpu->state.cr0, cpu->state.cr0 & ~CR0_TS);
    cpu->state.cr0 &= ~CR0_TS;
    NEXT;
}

/* ---- debug and test registers ---- */

#define DR6_FIXED    0xFFFF0FF0u
#define DR6_WRITABLE 0x0000E00Fu
#define DR7_WRITABLE 0xFFFF2BFFu
#define DR7_FIXED    0x00000400u /* from the 486 on */

/* DR4 and DR5 are other names of DR6 and DR7. */
INLINE uint32_t debug_register(uint32_t number)
{
    return number == 4 || number == 5 ? number + 2 : number & 7;
}

/* Any access while DR7.GD is set: a fault, and the handler gets them back (80386 PRM 12.2.2). */
INLINE bool debug_registers_guarded(struct cpu *cpu)
{
    if (LIKELY(!(cpu->state.dr[7] & DR7_GD))) {
        return false;
    }
    cpu->state.dr[6] |= DR6_BD;
    return true;
}
#define CHECK_DEBUG_GUARD                                                                          \
    if (debug_registers_guarded(cpu)) {                                                            \
        FAULT(trap_raise(cpu, PATH_db_general_detect, 0));                                         \
    }

OP(mov_rd_dd)
{
    CHECK_DEBUG_GUARD
    GPR32(uop->dst) = cpu->state.dr[debug_register(uop->src)];
    NEXT_CHARGED(timing_mov_from_dr_extra(cpu, uop->src));
}
OP(mov_dd_rd)
{
    CHECK_DEBUG_GUARD
    const uint32_t number = debug_register(uop->dst);
    uint32_t value = GPR32(uop->src);
    if (number == 6) {
        value = (value & DR6_WRITABLE) | DR6_FIXED;
    } else if (number == 7) {
        value = (value & DR7_WRITABLE) | (cpu->config.level >= CPU_I486 ? DR7_FIXED : 0);
    }
    cpu->state.dr[number] = value;
    watch_changed(cpu);
    charge(cpu, timing_mov_to_dr_extra(cpu, uop->dst));
    LEAVE;
}
OP(mov_rd_td)
{
    GPR32(uop->dst) = 0;
    NEXT;
}
OP(mov_td_rd)
{
    LEAVE;
}

/* ---- caches and TLB: there are no caches to write back ---- */

OP(invd)
{
    NEXT;
}
OP(wbinvd)
{
    NEXT;
}
OP(invlpg_mb_m)
{
    const uint32_t linear = cpu->state.segments[uop->segment].base + effective_address(cpu, uop);
    const uint32_t entry = cpu->state.tlb_data[tlb_data_index(linear)].linear;
    charge(cpu, timing_invlpg_extra(cpu, entry == ((linear & PAGE_MASK) | TLB_VALID)));
    if (tlb_flush_page(cpu, linear)) {
        LEAVE;
    }
    NEXT; /* the page that is executed is known as before, the end of the block leads on */
}

/* ---- identification, time, model-specific registers ---- */

#define LEAF_EXTENSION 0x40000000u
#define MSR_TSC        0x10u
#define MSR_MICROCODE  0x8Bu /* IA32_BIOS_SIGN_ID of the P6 */
#define MSR_APIC_BASE  0x1Bu
#define MSR_MODE       0x40000000u
#define MSR_CLOCK      0x40000001u

#define APIC_BASE_ENABLE 0x800u

/* From the i586 on there may be a local APIC; the register that switches it came with the i686. */
static bool has_apic(const struct cpu *cpu, uint32_t level)
{
    return cpu->bus.apic_base && cpu->config.level >= level;
}

struct cpuid_values {
    uint32_t eax, ebx, ecx, edx;
};

static struct cpuid_values cpuid_leaf(const struct cpu *cpu, uint32_t leaf)
{
    const bool extended = cpu->config.level >= CPU_I586;
    struct cpuid_values vendor = {1, 0x756E6547, 0x6C65746E, 0x49656E69}; /* GenuineIntel */
    struct cpuid_values ringside = {LEAF_EXTENSION + 1, 0x676E6952, 0x65646973, 0x20555043};
    struct cpuid_values modes = {1, 0, 0, 0};
    struct cpuid_values basic = {cpuid_signature(cpu->config.level), 0, 0,
                                 cpuid_features(cpu->config.level)};
    if (has_apic(cpu, CPU_I586) && (cpu->bus.apic_base(cpu->bus.context) & APIC_BASE_ENABLE)) {
        basic.edx |= FEATURE_APIC;
    }
    if (extended && leaf == LEAF_EXTENSION) {
        return ringside;
    }
    if (extended && leaf == LEAF_EXTENSION + 1) {
        return modes;
    }
    return leaf == 0 ? vendor : basic; /* leaves above the last one read as the last */
}

OP(cpuid)
{
    const uint32_t leaf = GPR32(REG_EAX);
    const struct cpuid_values values = cpuid_leaf(cpu, leaf);
    GPR32(REG_EAX) = values.eax;
    GPR32(REG_EBX) = values.ebx;
    GPR32(REG_ECX) = values.ecx;
    GPR32(REG_EDX) = values.edx;
    NEXT_CHARGED(timing_cpuid_extra(cpu, leaf));
}

static void put_edx_eax(struct cpu *cpu, uint64_t value)
{
    GPR32(REG_EAX) = (uint32_t)value;
    GPR32(REG_EDX) = (uint32_t)(value >> 32);
}

/* The clock at which this instruction began. */
OP(rdtsc)
{
    if (UNLIKELY(cpu->state.cr4 & CR4_TSD) && cpu->state.cpl) {
        FAULT(trap_raise(cpu, PATH_gp_rdtsc, 0));
    }
    put_edx_eax(cpu, clock_in(cpu, uop) + cpu->state.time_stamp);
    NEXT;
}
OP(rdmsr)
{
    const uint32_t number = GPR32(REG_ECX);
    if (number == MSR_TSC || number == MSR_CLOCK) {
        const uint64_t since = number == MSR_TSC ? cpu->state.time_stamp : 0;
        put_edx_eax(cpu, clock_in(cpu, uop) + since);
        NEXT;
    }
    if (number == MSR_APIC_BASE && has_apic(cpu, CPU_I686)) {
        put_edx_eax(cpu, cpu->bus.apic_base(cpu->bus.context));
        NEXT;
    }
    if (number == MSR_MICROCODE && cpu->config.level >= CPU_I686) {
        put_edx_eax(cpu, 0); /* no update is loaded */
        NEXT;
    }
    if (number != MSR_MODE) {
        FAULT(trap_raise(cpu, PATH_gp_msr, 0));
    }
    put_edx_eax(cpu, cpu->state.mode_in_eflags);
    NEXT;
}
/* Only EFLAGS.MODE and the APIC's switch can be changed; the clock is what it is. */
OP(wrmsr)
{
    if (GPR32(REG_ECX) == MSR_APIC_BASE && has_apic(cpu, CPU_I686)) {
        if (GPR32(REG_EDX) ||
            !cpu->bus.set_apic_base(cpu->bus.context, GPR32(REG_EAX), clock_in(cpu, uop))) {
            FAULT(trap_raise(cpu, PATH_gp_msr, 0));
        }
        LEAVE;
    }
    if (GPR32(REG_ECX) == MSR_MICROCODE && cpu->config.level >= CPU_I686) {
        NEXT; /* what software does before it asks CPUID for the update's number */
    }
    if (GPR32(REG_ECX) != MSR_MODE || GPR32(REG_EDX) || GPR32(REG_EAX) > 1) {
        FAULT(trap_raise(cpu, PATH_gp_msr, 0));
    }
    cpu->state.mode_in_eflags = GPR32(REG_EAX);
    LEAVE;
}

#endif
