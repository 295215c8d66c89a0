/* test_memory: checks mmap, munmap and mprotect for memory without a file. Runs on a Linux host
 * too, with the same results. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"
#include "user/mmu.h"

#define PAGE   4096
#define FAILED ((char *)-1)

static char *map(char *wish, size_t bytes, uint32_t access, uint32_t flags)
{
    return (char *)mmap_raw(wish, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* How a child ends that reads, or writes, this byte: 0, or the signal. */
static int touch(volatile char *byte, bool write_it)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        char c = *byte;

        if (write_it) {
            *byte = c;
        }
        exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_map(void)
{
    char *memory = map(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, 0);

    check(memory != FAILED && memory[0] == 0 && memory[3 * PAGE - 1] == 0, "new memory is zero");
    memory[PAGE] = 5;
    check(touch(memory + PAGE, true) == 0 && memory[PAGE] == 5, "a child has a copy");
    check(munmap(memory + PAGE, PAGE) == 0, "munmap in the middle");
    check(touch(memory, true) == 0 && touch(memory + 2 * PAGE, true) == 0, "the rest stays");
    check(touch(memory + PAGE, false) == (mmu_has_pages() ? SIGSEGV : 0), "the middle is gone");
    check(map(memory + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED) == memory + PAGE &&
              memory[PAGE] == 0,
          "MAP_FIXED puts new memory there");
    check(munmap(memory, 3 * PAGE) == 0 && touch(memory, false) == (mmu_has_pages() ? SIGSEGV : 0),
          "munmap of all");
}

static void test_protect(void)
{
    char *memory = map(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, 0);

    memory[0] = memory[PAGE] = 7;
    check(mprotect(memory + PAGE, PAGE, PROT_READ) == 0, "mprotect: only reading");
    check(touch(memory + PAGE, false) == 0 && touch(memory + PAGE, true) == SIGSEGV,
          "then writing is a mistake");
    check(touch(memory, true) == 0 && touch(memory + 2 * PAGE, true) == 0, "but not beside it");
    check(mprotect(memory + PAGE, PAGE, PROT_NONE) == 0 && touch(memory + PAGE, false) == SIGSEGV,
          "PROT_NONE");
    check(mprotect(memory, 3 * PAGE, PROT_READ | PROT_WRITE) == 0 && memory[PAGE] == 7 &&
              touch(memory + PAGE, true) == 0,
          "and back, with what was there");
    memory[PAGE] = 8;
    check(memory[PAGE] == 8, "writing works again");
    munmap(memory, 3 * PAGE);
}

static void test_errors(void)
{
    errno = 0;
    check(map(NULL, 0, PROT_READ, 0) == FAILED && errno == EINVAL, "no bytes: EINVAL");
    errno = 0;
    check(map((char *)1, PAGE, PROT_READ, MAP_FIXED) == FAILED && errno == EINVAL,
          "not a page: EINVAL");
    errno = 0;
    check(munmap((void *)5, PAGE) == -1 && errno == EINVAL, "munmap: EINVAL");
    errno = 0;
    check(mprotect((void *)(0x70000000), PAGE, PROT_READ | PROT_WRITE) == -1 && errno == ENOMEM,
          "mprotect of nothing: ENOMEM");
    errno = 0;
    check(map(NULL, 0xFFFFF000u, PROT_READ, 0) == FAILED && errno == ENOMEM, "too much: ENOMEM");
}

static uint32_t word_at_gs(uint32_t offset)
{
    uint32_t value;

    __asm__ volatile("movl %%gs:(%1), %0" : "=r"(value) : "r"(offset));
    return value;
}

static bool move_segment(struct user_desc *segment)
{
    bool good = set_thread_area(segment) == 0;

    __asm__ volatile("movl %0, %%gs" : : "r"(segment->entry_number * 8 + 3));
    return good;
}

static void handler(int signal_number)
{
    (void)signal_number;
}

static void test_thread_area(void)
{
    static uint32_t data[4] = {11, 22, 33, 44};
    struct user_desc segment = {(uint32_t)-1, (uint32_t)data, 0xFFFFF,
                                USER_DESC_32BIT | USER_DESC_PAGES | 0x40};
    int status = -1, pid;

    check(move_segment(&segment) && segment.entry_number != (uint32_t)-1,
          "set_thread_area chooses an entry");
    check(word_at_gs(4) == 22, "GS reaches the data");
    pid = fork();
    if (pid == 0) {
        segment.base_addr = (uint32_t)&data[2];
        exit(word_at_gs(4) == 22 && move_segment(&segment) && word_at_gs(4) == 44 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    check(status == 0, "a child has it, and can have another");
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    check(word_at_gs(0) == 11, "the parent's segment stays, also after a handler");
}

int main(void)
{
    test_map();
    if (mmu_has_pages()) {
        test_protect();
    } else {
        check(mprotect(map(NULL, PAGE, PROT_READ | PROT_WRITE, 0), PAGE, PROT_READ) == -1 &&
                  errno == EOPNOTSUPP,
              "an area has one set of rights");
    }
    test_errors();
    test_thread_area();
    return check_summary("test_memory", 4);
}
