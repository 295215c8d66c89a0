/* boundsdemo: what contiguous memory with base and bound can not do, and pages can. The same checks
 * in both modes of the kernel: mmu=base-bound expects each to fail. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "user/demo/show.h"
#include "user/mmu.h"

#define MIB  (1 << 20)
#define PAGE 4096
#define FAR  0x70000000 /* beyond every bound, and where no page is */

static bool pages;

/* `works` is what happened; with pages it should have, else not. */
static void compare(bool works, const char *words, const char *without)
{
    char line[128];

    snprintf(line, sizeof(line), "%-28s %s", words, works ? "works" : without);
    show_check(works == pages, line);
}

/* A child that does this; does it survive? */
static bool survives(void (*act)(void))
{
    int status = 0, pid = fork();

    if (pid == 0) {
        act();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status == 0;
}

static int deep(int level)
{
    volatile char room[PAGE];

    room[0] = (char)level;
    return level == 0 ? 0 : deep(level - 1) + room[0];
}

static void use_much_stack(void)
{
    deep(256);
}

static void write_to_text(void)
{
    volatile char *code = (volatile char *)(uintptr_t)use_much_stack;

    *code = *code;
}

static void write_far(void)
{
    *(volatile int *)FAR = 1;
}

static char *map(int pages_wanted, uint32_t access, uint32_t flags)
{
    return (char *)mmap_raw(NULL, (size_t)pages_wanted * PAGE, access, flags | MAP_ANONYMOUS, -1,
                            0);
}

static bool child_writes_to_parent(void)
{
    volatile char *memory = map(1, PROT_READ | PROT_WRITE, MAP_SHARED);

    if (memory == (char *)-1) {
        return false;
    }
    if (fork() == 0) {
        *memory = 1;
        _exit(0);
    }
    waitpid(-1, NULL, 0);
    return *memory == 1;
}

static void show_area(void)
{
    char text[128] = "";
    int fd = open("/proc/self/maps", O_RDONLY);
    uint32_t base, bound;

    read(fd, text, sizeof(text) - 1);
    close(fd);
    bound = (uint32_t)strtoul(text + 9, NULL, 16);
    base = (uint32_t)strtoul(text + 23, NULL, 16);
    printf("  base %08x, bound %08x: address %08x is %08x in memory\n", base, bound,
           (uint32_t)(uintptr_t)&pages, base + (uint32_t)(uintptr_t)&pages);
}

int main(void)
{
    char *memory;

    show_title("boundsdemo", "A5", "the drawbacks of base and bound",
               "MMU view: offset, bound, base; the memory map with its holes");
    pages = mmu_has_pages();
    if (pages) {
        puts("  this kernel uses pages; boot with mmu=base-bound to see the other");
    } else {
        show_area();
    }
    compare(sbrk(8 * MIB) != (void *)-1, "the heap grows by 8 MiB:", "ENOMEM");
    compare(survives(use_much_stack), "the stack grows to 1 MiB:", "SIGSEGV");
    compare(map(8 * MIB / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE) != (char *)-1,
            "8 MiB more by mmap:", "ENOMEM");
    compare(child_writes_to_parent(), "two processes share a page:", "ENODEV");
    memory = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    compare(mprotect(memory, PAGE, PROT_NONE) == 0, "a guard page:", "EOPNOTSUPP");
    compare(!survives(write_to_text), "code is protected:", "it can be overwritten");
    show_check(!survives(write_far), "but in both a wild address is SIGSEGV");
    return show_end("boundsdemo");
}
