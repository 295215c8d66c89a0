/* Asks the system call ancestors(pids, count), number 1001h, everything that it should know.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYS_ANCESTORS  0x1001
#define KERNEL_ADDRESS 0xC0000F00u /* present, and no business of a program */
#define PIDS           16

static int ancestors(int *pids, int count)
{
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(SYS_ANCESTORS), "b"(pids), "c"(count)
                     : "memory");
    return result;
}

static void say(const char *what, const char *found)
{
    write(1, what, strlen(what));
    write(1, found, strlen(found));
    write(1, "\n", 1);
}

static const char *judged(int good)
{
    return good ? "right" : "wrong";
}

static const char *error_of(int result)
{
    return result == -EFAULT ? "EFAULT" : result == -EINVAL ? "EINVAL" : "no error, or another";
}

int main(void)
{
    int pids[PIDS] = {0};
    int first = getpid();
    int number = ancestors(pids, PIDS);

    if (number == -ENOSYS) {
        say("unknown", "");
        return 1;
    }
    say("known", "");
    say("parent: ", judged(number >= 1 && pids[0] == getppid()));
    if (fork() == 0) {
        int parent = getpid();

        say("number: ", judged(ancestors(pids, 0) == number + 1));
        if (fork() == 0) {
            ancestors(pids, PIDS);
            say("grandparent: ", judged(pids[0] == parent && pids[1] == first));
            pids[1] = 4711;
            ancestors(pids, 1);
            say("at most count: ", judged(pids[1] == 4711));
            _exit(0);
        }
        waitpid(-1, NULL, 0);
        _exit(0);
    }
    waitpid(-1, NULL, 0);
    say("count -1: ", error_of(ancestors(pids, -1)));
    say("address of the kernel: ", error_of(ancestors((int *)KERNEL_ADDRESS, 1)));
    say("address 0: ", error_of(ancestors((int *)0, 1)));
    return 0;
}
