/* test_mapping: checks mapped files, memory that several processes share, and what a contiguous
 * area can not have instead. Runs on a Linux host too, with the same results.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/check.h"
#include "user/mmu.h"

#define PAGE   4096
#define FAILED ((char *)-1)

static void test_mapped_file(void)
{
    int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *memory;
    char page[PAGE];

    for (int i = 0; i < 3; i++) {
        memset(page, 'a' + i, PAGE);
        write(fd, page, i == 2 ? 10 : PAGE);
    }
    memory = (char *)mmap_raw(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 1);
    check(memory != FAILED && memory[0] == 'b' && memory[PAGE + 9] == 'c' && memory[PAGE + 10] == 0,
          "a file from its second page on, and zeros behind its end");
    memory[0] = 'x';
    check(lseek(fd, PAGE, SEEK_SET) == PAGE && read(fd, page, 1) == 1 && page[0] == 'b',
          "what is written there is not in the file");
    munmap(memory, 2 * PAGE);
    close(fd);
    unlink("/tmp/mapped");
    check(mmap_raw(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == UINT32_MAX && errno == EBADF,
          "no such descriptor");
}

/* What one contiguous area can not have. */
static void test_one_area(void)
{
    check(mmap_raw(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
                  UINT32_MAX &&
              errno == ENODEV,
          "nothing can be shared");
    check(mmap_raw(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == UINT32_MAX &&
              errno == EOPNOTSUPP,
          "all of the area can be read and written");
    check(mmap_raw(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                  UINT32_MAX &&
              errno == ENOMEM && sbrk(1 << 20) == (void *)-1 && errno == ENOMEM,
          "it does not grow");
    check(write(1, (void *)0x70000000, 1) == -1 && errno == EFAULT, "nor may the kernel leave it");
}

static void test_shared_memory(void)
{
    volatile char *memory = (volatile char *)mmap_raw(NULL, PAGE, PROT_READ | PROT_WRITE,
                                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *moved;
    int pid = fork();

    if (pid == 0) {
        *memory = 5;
        exit(0);
    }
    waitpid(pid, NULL, 0);
    check(*memory == 5, "shared memory is the same after fork");
    munmap((void *)(uintptr_t)memory, PAGE);
    moved =
        (char *)mmap_raw(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    moved[1] = 'm';
    moved = (char *)mremap_raw(moved, PAGE, 40 * PAGE, MREMAP_MAYMOVE, NULL);
    check(moved != FAILED && moved[1] == 'm' && moved[39 * PAGE] == 0, "mremap to a larger place");
    check(madvise(moved, PAGE, MADV_DONTNEED) == 0 && moved[1] == 0, "MADV_DONTNEED: zeros again");
    munmap(moved, 40 * PAGE);
}

int main(void)
{
    test_mapped_file();
    if (mmu_has_pages()) {
        test_shared_memory();
    } else {
        test_one_area();
    }
    return check_summary("test_mapping", 2);
}
