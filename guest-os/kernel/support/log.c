/* Messages and the panic. SPDX-License-Identifier: MIT */
#include "support/log.h"

#include "common/text.h"
#include "drivers/console.h"
#include "drivers/power.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"

#define LINE_BYTES  256
#define STACK_SHOWN 12 /* return addresses, by a panic */

extern const char kernel_text_first[], kernel_text_end[]; /* kernel.ld */

/* A function of the kernel: mksymbols makes the table from the linked kernel, which is then linked
 * again with it; weak, because the first time it is not there. Ends with a null name. */
struct symbol {
    uint32_t address; /* of the first instruction; the table is in the order of addresses */
    const char *name; /* as in the source */
};
extern const struct symbol symbol_table[] __attribute__((weak));

static void print_list(const char *format, va_list arguments)
{
    char line[LINE_BYTES];

    vsnprintf(line, sizeof(line), format, arguments);
    console_write(line, strlen(line));
}

void print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_list(format, arguments);
    va_end(arguments);
}

/* An address as "name+offset" behind the number. */
static void print_address(uint32_t address)
{
    const struct symbol *found = NULL;

    for (const struct symbol *symbol = symbol_table; symbol != NULL && symbol->name != NULL;
         symbol++) {
        if (symbol->address <= address) {
            found = symbol;
        }
    }
    print("  %08x", address);
    if (found != NULL) {
        print(" %s+%x", found->name, address - found->address);
    }
    print("\n");
}

/* The kernel is compiled with frame pointers: EBP leads from call to call. */
static void print_stack(uint32_t ebp)
{
    print("called from:\n");
    for (uint32_t i = 0; i < STACK_SHOWN && ebp >= KERNEL_BASE && ebp % 4 == 0; i++) {
        const uint32_t *frame = (const uint32_t *)ebp;

        if (frame[1] < (uint32_t)kernel_text_first || frame[1] >= (uint32_t)kernel_text_end) {
            break;
        }
        print_address(frame[1]);
        if (frame[0] <= ebp) {
            break; /* the chain must go up the stack */
        }
        ebp = frame[0];
    }
}

static void print_frame(const struct trap_frame *frame)
{
    bool user = trap_from_user(frame);

    print("vector %u (%s) error %x in %s mode\n", frame->vector, trap_exception_name(frame->vector),
          frame->error_code, user ? "user" : "kernel");
    print_address(frame->eip);
    print("eip %08x cs %04x eflags %08x cr2 %08x cr3 %08x\n", frame->eip, frame->cs & 0xFFFF,
          frame->eflags, read_cr2(), read_cr3());
    print("eax %08x ebx %08x ecx %08x edx %08x\n", frame->eax, frame->ebx, frame->ecx, frame->edx);
    print("esi %08x edi %08x ebp %08x esp %08x\n", frame->esi, frame->edi, frame->ebp,
          user ? frame->esp : (uint32_t)&frame->esp);
}

static _Noreturn void finish_panic(const struct trap_frame *frame, uint32_t ebp, const char *format,
                                   va_list arguments)
{
    static bool panicking;

    interrupts_off();
    if (panicking) {
        power_end_by_panic(); /* something faulted in the lines below */
    }
    panicking = true;
    console_prepare_for_panic();
    print("\nKERNEL PANIC: ");
    print_list(format, arguments);
    print("\nin process %d (%s), system call %d\n", current->pid, current->name,
          current->call_number);
    if (frame != NULL) {
        print_frame(frame);
    }
    print_stack(ebp);
    power_end_by_panic();
}

_Noreturn void panic(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    finish_panic(NULL, (uint32_t)__builtin_frame_address(0), format, arguments);
}

_Noreturn void panic_with_frame(const struct trap_frame *frame, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    finish_panic(frame, frame->ebp, format, arguments);
}
