/* kernel_main: from a CPU with paging on to two processes, idle and init. The order matters and
 * each line says what it gives to the next. Interrupts are off until the idle process turns them
 * on. SPDX-License-Identifier: MIT */
#include "boot/multiboot.h"
#include "boot/root.h"
#include "common/text.h"
#include "devices/platform_map.h"
#include "drivers/ata.h"
#include "drivers/console.h"
#include "drivers/keyboard.h"
#include "drivers/pic.h"
#include "drivers/pit.h"
#include "drivers/power.h"
#include "drivers/rtc.h"
#include "drivers/serial.h"
#include "drivers/tty.h"
#include "files/buffer.h"
#include "files/node.h"
#include "firmware/post_codes.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/kernel_thread.h"
#include "heart/memory.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "support/log.h"
#include "support/options.h"
#include "support/x87.h"

#define FIRST_MAPPED  0x01000000u /* what start.S mapped: 16 MiB */
#define ONE_MIB       0x00100000u
#define SLICE_DEFAULT 1 /* ticks: every one is a switch, if others are ready */

extern const char kernel_end[]; /* kernel.ld */

_Noreturn void kernel_main(uint32_t magic, uint32_t information_physical);

/* What the loader told, copied before its memory is used for something else. */
struct boot_facts {
    uint32_t ram_end;               /* physical, at most DIRECT_BYTES */
    struct multiboot_module module; /* the ramdisk; start == end: none */
};

static struct boot_facts read_loader_facts(uint32_t magic, uint32_t information_physical)
{
    const struct multiboot_information *information = physical_to_pointer(information_physical);
    struct boot_facts facts = {0};

    if (magic != MULTIBOOT_LOADER_MAGIC || information_physical >= FIRST_MAPPED ||
        (information->flags & MULTIBOOT_HAS_MEMORY) == 0) {
        panic("not started by a multiboot loader: magic %x, information at %x", magic,
              information_physical);
    }
    facts.ram_end = DIRECT_BYTES;
    if (information->upper_kib < (DIRECT_BYTES - ONE_MIB) / 1024) {
        facts.ram_end = ONE_MIB + information->upper_kib * 1024;
    }
    if ((information->flags & MULTIBOOT_HAS_COMMAND) && information->command_line < FIRST_MAPPED) {
        options_read(physical_to_pointer(information->command_line));
    }
    if ((information->flags & MULTIBOOT_HAS_MODULES) && information->module_count > 0 &&
        information->module_address < FIRST_MAPPED) {
        memcpy(&facts.module, physical_to_pointer(information->module_address),
               sizeof(facts.module));
    }
    if (facts.module.end > facts.ram_end || facts.module.start > facts.module.end) {
        panic("the ramdisk %x..%x is not in RAM", facts.module.start, facts.module.end);
    }
    return facts;
}

static void initialise_memory(const struct boot_facts *facts)
{
    if (strcmp(option_text("mmu", "paged"), "base-bound") == 0) {
        areas_initialise();
        descriptors_leave_paging();
    }
    frames_initialise((uint32_t)kernel_end - KERNEL_BASE, facts->ram_end, facts->module.start,
                      facts->module.end);
    if (!base_bound) {
        page_tables_initialise(facts->ram_end);
    }
    print("kernel: %u KiB of RAM, %u KiB free\n", facts->ram_end / 1024,
          frames_free() * (PAGE_SIZE / 1024));
}

/* panic=stack: call until the kernel stack is full. */
static __attribute__((noinline)) uint32_t fill_stack(uint32_t depth)
{
    volatile uint32_t used[64];

    used[depth % 64] = depth;
    return depth == UINT32_MAX ? 0 : fill_stack(depth + 1) + used[depth % 64];
}

/* What needs to sleep or to use files is done by process 1, before it becomes a program. `facts`:
 * of the boot loader. */
static void start_init(void *argument)
{
    const struct boot_facts *facts = argument;
    const char *program = option_text("init", "/bin/init");

    port_write8(PORT_POST, POST_KERNEL_DISK);
    buffers_initialise();
    ata_initialise();
    port_write8(PORT_POST, POST_KERNEL_ROOT);
    root_mount(facts->module.start, facts->module.end - facts->module.start);
    port_write8(PORT_POST, POST_KERNEL_INIT);
    if (strcmp(option_text("panic", ""), "stack") == 0) {
        print("kernel: %u calls deep\n", fill_stack(1));
    }
    print("kernel: starting %s\n", program);
    process_become_init(program, options_for_init());
}

_Noreturn void kernel_main(uint32_t magic, uint32_t information_physical)
{
    struct boot_facts facts;
    uint32_t hz;

    port_write8(PORT_POST, POST_KERNEL);
    console_initialise();
    if (!cpu_is_i486()) {
        print("kernel: this CPU is an i386; the kernel needs an i486 or later\n");
        power_end_run();
    }
    descriptors_initialise();
    trap_initialise(); /* from here on an exception is a panic with words, not a reset */
    facts = read_loader_facts(magic, information_physical);
    console_read_options();
    print("Ringside: the small kernel\n");
    if (strcmp(option_text("mode", ""), "strict") != 0) {
        trap_use_eflags_mode();
    }
    print("kernel: the interrupted mode is read from %s\n",
          trap_user_eflags() >> 31 ? "EFLAGS.MODE" : "CS");
    port_write8(PORT_POST, POST_KERNEL_HEAP);
    initialise_memory(&facts);
    trap_catch_double_faults();
    hz = option_number("hz", 100, PIT_LEAST_HZ, PIT_MOST_HZ);
    scheduler_initialise(hz, option_number("slice", SLICE_DEFAULT, 1, 1000));
    process_initialise();
    x87_initialise();
    if (kernel_thread_start("init", start_init, &facts) != 0) {
        panic("no memory for the first process");
    }

    if (strcmp(option_text("panic", ""), "now") == 0) {
        panic("asked for on the command line");
    }
    port_write8(PORT_POST, POST_KERNEL_IRQ);
    pic_initialise();
    pit_initialise(hz);
    realtime_set((uint64_t)rtc_seconds() * 1000000);
    tty_start();
    serial_start();
    keyboard_initialise();
    console_start();
    print("kernel: %u ticks a second\n", hz);
    idle();
}
