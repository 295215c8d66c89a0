/* privtest: the instructions that only the kernel may use, those that IOPL governs, the one that is
 * silently without effect and those that leak. Each is tried by a child, in user mode.
 * See: Intel SDM vol. 3, 5.9. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/wait.h>

#include "user/demo/show.h"

#define FLAG_INTERRUPT 0x200u

static char memory[64]; /* where the instructions store to and load from */

/* Each attempt is one instruction; what it would do to the machine does not matter, since a child
 * that gets past it ends at once. */
#define ATTEMPT(name, ...)                                                                         \
    static void try_##name(void)                                                                   \
    {                                                                                              \
        __asm__ volatile(__VA_ARGS__);                                                             \
    }

ATTEMPT(hlt, "hlt")
ATTEMPT(lgdt, "lgdt %0" : : "m"(memory))
ATTEMPT(lidt, "lidt %0" : : "m"(memory))
ATTEMPT(lldt, "lldt %%ax" : : "a"(0))
ATTEMPT(ltr, "ltr %%ax" : : "a"(0))
ATTEMPT(lmsw, "lmsw %%ax" : : "a"(1))
ATTEMPT(clts, "clts")
ATTEMPT(invlpg, "invlpg %0" : : "m"(memory))
ATTEMPT(write_cr0, "movl %%eax, %%cr0" : : "a"(0))
ATTEMPT(read_cr3, "movl %%cr3, %%eax" : : : "eax")
ATTEMPT(write_dr7, "movl %%eax, %%db7" : : "a"(0))
ATTEMPT(rdmsr, "rdmsr" : : "c"(0x10) : "eax", "edx")
ATTEMPT(wrmsr, "wrmsr" : : "c"(0x10), "a"(0), "d"(0))
ATTEMPT(cli, "cli")
ATTEMPT(sti, "sti")
ATTEMPT(in, "inb $0x60, %%al" : : : "eax")
ATTEMPT(out, "outb %%al, $0x80" : : "a"(0))
ATTEMPT(sgdt, "sgdt %0" : "=m"(memory))
ATTEMPT(sidt, "sidt %0" : "=m"(memory))
ATTEMPT(smsw, "smsw %%ax" : : : "eax")
ATTEMPT(str, "str %%ax" : : : "eax")

/* POPF with IF = 0 is no fault: the flag just stays as it is. */
static void try_popf(void)
{
    uint32_t flags;

    __asm__ volatile("pushfl\n\t"
                     "andl %1, (%%esp)\n\t"
                     "popfl\n\t"
                     "pushfl\n\t"
                     "popl %0"
                     : "=r"(flags)
                     : "i"(~FLAG_INTERRUPT)
                     : "cc");
    _exit(flags & FLAG_INTERRUPT ? 0 : 1);
}

static const struct {
    const char *name, *class;
    void (*attempt)(void);
    bool refused; /* SIGSEGV, since the processor raises #GP */
} table[] = {
    {"HLT", "privileged", try_hlt, true},
    {"LGDT", "privileged", try_lgdt, true},
    {"LIDT", "privileged", try_lidt, true},
    {"LLDT", "privileged", try_lldt, true},
    {"LTR", "privileged", try_ltr, true},
    {"LMSW", "privileged", try_lmsw, true},
    {"CLTS", "privileged", try_clts, true},
    {"INVLPG", "privileged", try_invlpg, true},
    {"MOV CR0, EAX", "privileged", try_write_cr0, true},
    {"MOV EAX, CR3", "privileged", try_read_cr3, true},
    {"MOV DR7, EAX", "privileged", try_write_dr7, true},
    {"RDMSR", "privileged", try_rdmsr, true},
    {"WRMSR", "privileged", try_wrmsr, true},
    {"CLI", "by IOPL", try_cli, true},
    {"STI", "by IOPL", try_sti, true},
    {"IN", "by IOPL and bitmap", try_in, true},
    {"OUT", "by IOPL and bitmap", try_out, true},
    {"POPF", "silent: IF stays", try_popf, false},
    {"SGDT", "harmless leak", try_sgdt, false},
    {"SIDT", "harmless leak", try_sidt, false},
    {"SMSW", "harmless leak", try_smsw, false},
    {"STR", "harmless leak", try_str, false},
};

int main(void)
{
    show_title("privtest", "A3", "what user mode may not do",
               "run to the next exception: #GP, error code 0, at the very instruction");
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int status = 0, pid = fork();
        char words[80];
        bool holds;

        if (pid == 0) {
            table[i].attempt();
            _exit(0);
        }
        waitpid(pid, &status, 0);
        holds = table[i].refused ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV : status == 0;
        snprintf(words, sizeof(words), "%-13s %-19s %s", table[i].name, table[i].class,
                 WIFSIGNALED(status) ? signal_name_of(WTERMSIG(status)) : "no signal");
        show_check(holds, words);
    }
    return show_end("privtest");
}
