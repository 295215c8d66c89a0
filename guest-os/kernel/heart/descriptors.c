/* GDT, LDT, TSS and IDT. With paging all segments are flat (base 0, 4 GiB): protection of memory is
 * done by pages; segments carry the privilege level. With base and bound the two segments of the
 * LDT are the current process's area. The TSS tells where the kernel stack is; the hardware's task
 * switching is used once, for the double fault of a kernel stack that is full: a task of its own
 * brings a stack of its own. See: Intel386 PRM 5.1, 7.1, 9.4, 9.8.8. SPDX-License-Identifier: MIT
 */
#include "heart/descriptors.h"

#include "heart/cpu.h"
#include "heart/memory.h"
#include "heart/trap.h"

#define SEGMENT_CODE     0x9Au /* present, ring 0, readable code */
#define SEGMENT_DATA     0x92u /* present, ring 0, writable data */
#define SEGMENT_TSS      0x89u /* present, ring 0, available 386 TSS */
#define SEGMENT_RING_3   0x60u
#define SEGMENT_FLAT     0xC0u /* limit counts pages, 32-bit */
#define SEGMENT_IN_PAGES 0x80u /* the part of SEGMENT_FLAT that is about the limit */
#define GATE_INTERRUPT   0x8Eu /* present, 386 interrupt gate: clears IF */
#define GATE_TASK        0x85u /* present, task gate */
#define SEGMENT_LDT      0x82u /* present, LDT */
#define GDT_ENTRIES      11    /* entries 6 to 8 are for threads' own segments */
#define DOUBLE_FAULT     9     /* entry of the other TSS */
#define LDT_ENTRY        10    /* entry of the LDT, with base and bound */
#define TSS_ENTRY        (TSS_SELECT / 8)

struct descriptor {
    uint16_t limit_low;  /* bits 0..15 of the limit */
    uint16_t base_low;   /* bits 0..15 of the base */
    uint8_t base_middle; /* bits 16..23 */
    uint8_t access;      /* SEGMENT_... */
    uint8_t limit_high;  /* bits 16..19 of the limit, SEGMENT_FLAT */
    uint8_t base_high;   /* bits 24..31 */
};

struct gate {
    uint16_t offset_low;  /* bits 0..15 of the entry point */
    uint16_t selector;    /* code segment of the entry point */
    uint8_t zero;         /* 0 */
    uint8_t access;       /* GATE_INTERRUPT | ring << 5 */
    uint16_t offset_high; /* bits 16..31 */
};

struct task_state {
    uint32_t link;        /* selector of the task before this one */
    uint32_t esp0;        /* top of the current process's kernel stack */
    uint32_t ss0;         /* KERNEL_DATA */
    uint32_t rings[4];    /* stacks of rings 1 and 2: not used */
    uint32_t cr3;         /* physical address; loaded by a switch, not saved */
    uint32_t eip, eflags; /* these and the rest: saved and loaded by a switch */
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs;
    uint32_t ldt;           /* selector, 0 */
    uint16_t trap_on_entry; /* 0 */
    uint16_t io_map;        /* offset of the I/O bitmap; past the limit: no port for programs */
};

struct table_register {
    uint16_t limit; /* bytes - 1 */
    uint32_t base;  /* linear address */
} __attribute__((packed));

uint32_t user_code = 3 * 8 | 3, user_data = 4 * 8 | 3;

static struct descriptor gdt[GDT_ENTRIES];
static struct descriptor ldt[2]; /* code and data of the current process's area */
static uint32_t kernel_base;     /* of the kernel's segments */
static struct gate idt[VECTOR_COUNT];
static struct task_state task_state;
static struct task_state double_fault_state;

static struct descriptor segment(uint32_t base, uint32_t limit, uint32_t access, uint32_t flags)
{
    return (struct descriptor){
        .limit_low = (uint16_t)limit,
        .base_low = (uint16_t)base,
        .base_middle = (uint8_t)(base >> 16),
        .access = (uint8_t)access,
        .limit_high = (uint8_t)(flags | (limit >> 16 & 0xF)),
        .base_high = (uint8_t)(base >> 24),
    };
}

/* A segment that holds one of the tables here. */
static struct descriptor system_segment(const void *table, uint32_t bytes, uint32_t access)
{
    return segment((uint32_t)table + kernel_base, bytes - 1, access, 0);
}

/* The kernel's own segments begin at `base`; and the processor reads the tables from there. */
static void load_tables(uint32_t base)
{
    struct table_register gdtr = {sizeof(gdt) - 1, (uint32_t)gdt + base};

    kernel_base = base;
    gdt[KERNEL_CODE / 8] = segment(base, 0xFFFFF, SEGMENT_CODE, SEGMENT_FLAT);
    gdt[KERNEL_DATA / 8] = segment(base, 0xFFFFF, SEGMENT_DATA, SEGMENT_FLAT);
    gdt[TSS_ENTRY] = system_segment(&task_state, sizeof(task_state), SEGMENT_TSS);

    __asm__ volatile("lgdt %0\n\t"
                     "ljmp %1, $1f\n" /* CS is only reloaded by a far jump */
                     "1:\n\t"
                     "movl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%ss\n\t"
                     "movl %3, %%fs\n\t"
                     "movl %3, %%gs\n\t"
                     "lldt %w4\n\t"
                     "ltr %w5"
                     :
                     : "m"(gdtr), "i"(KERNEL_CODE), "r"(KERNEL_DATA), "r"(0),
                       "r"(base == 0 ? 0 : LDT_ENTRY * 8), "r"(TSS_SELECT)
                     : "memory");
}

void descriptors_initialise(void)
{
    gdt[user_code / 8] = segment(0, 0xFFFFF, SEGMENT_CODE | SEGMENT_RING_3, SEGMENT_FLAT);
    gdt[user_data / 8] = segment(0, 0xFFFFF, SEGMENT_DATA | SEGMENT_RING_3, SEGMENT_FLAT);
    descriptors_set_thread(0, 0xFFFFF, true);
    task_state.ss0 = KERNEL_DATA;
    task_state.io_map = sizeof(task_state);
    load_tables(0);
}

void descriptors_leave_paging(void)
{
    /* no program may have a segment that is all memory */
    gdt[user_code / 8] = gdt[user_data / 8] = (struct descriptor){0};
    user_code = 0 * 8 | 7;
    user_data = 1 * 8 | 7;
    kernel_base = -KERNEL_BASE;
    gdt[LDT_ENTRY] = system_segment(ldt, sizeof(ldt), SEGMENT_LDT);
    load_tables(-KERNEL_BASE);
    paging_off();
    descriptors_load_gates();
}

void descriptors_set_area(uint32_t base, uint32_t bytes)
{
    uint32_t limit = bytes / PAGE_SIZE - 1;

    ldt[0] = segment(base, limit, SEGMENT_CODE | SEGMENT_RING_3, SEGMENT_FLAT);
    ldt[1] = segment(base, limit, SEGMENT_DATA | SEGMENT_RING_3, SEGMENT_FLAT);
}

void descriptors_set_thread(uint32_t base, uint32_t limit, bool in_pages)
{
    uint32_t flags = in_pages ? SEGMENT_FLAT : SEGMENT_FLAT & ~SEGMENT_IN_PAGES;

    gdt[THREAD_ENTRY] = segment(base, limit, SEGMENT_DATA | SEGMENT_RING_3, flags);
}

void descriptors_set_kernel_stack(uint32_t stack_top)
{
    task_state.esp0 = stack_top;
}

void descriptors_set_gate(uint32_t vector, uint32_t entry, uint32_t lowest_ring)
{
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = KERNEL_CODE,
        .access = (uint8_t)(GATE_INTERRUPT | lowest_ring << 5),
        .offset_high = (uint16_t)(entry >> 16),
    };
}

void descriptors_set_double_fault(void (*entry)(void), uint32_t stack_top)
{
    double_fault_state = (struct task_state){
        .esp0 = stack_top,
        .ss0 = KERNEL_DATA,
        .cr3 = read_cr3(),
        .eip = (uint32_t)entry,
        .eflags = 2, /* interrupts off */
        .esp = stack_top,
        .es = KERNEL_DATA,
        .cs = KERNEL_CODE,
        .ss = KERNEL_DATA,
        .ds = KERNEL_DATA,
        .io_map = sizeof(struct task_state),
    };
    gdt[DOUBLE_FAULT] =
        system_segment(&double_fault_state, sizeof(double_fault_state), SEGMENT_TSS);
    idt[VECTOR_DOUBLE_FAULT] = (struct gate){.selector = DOUBLE_FAULT * 8, .access = GATE_TASK};
}

void descriptors_interrupted(struct trap_frame *frame)
{
    const struct task_state *saved = &task_state;

    *frame = (struct trap_frame){
        .edi = saved->edi,
        .esi = saved->esi,
        .ebp = saved->ebp,
        .esp_of_pusha = saved->esp,
        .ebx = saved->ebx,
        .edx = saved->edx,
        .ecx = saved->ecx,
        .eax = saved->eax,
        .gs = saved->gs,
        .fs = saved->fs,
        .es = saved->es,
        .ds = saved->ds,
        .vector = VECTOR_DOUBLE_FAULT,
        .eip = saved->eip,
        .cs = saved->cs,
        .eflags = saved->eflags,
        .esp = saved->esp,
        .ss = saved->ss,
    };
}

void descriptors_load_gates(void)
{
    struct table_register idtr = {sizeof(idt) - 1, (uint32_t)idt + kernel_base};

    __asm__ volatile("lidt %0" : : "m"(idtr));
}
