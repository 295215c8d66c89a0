/* batch [FILE]: a batch system: runs the jobs of a list one after the other, without a shell and
 * without anybody there. As process 1 (init=/bin/batch) it powers the machine off at the end.
 * Each line of FILE (/etc/batch) is a program with its arguments; # begins a remark.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 256
#define WORDS_MOST 16
#define MS_NS      1000000
#define SECOND_MS  1000

static int milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_MS + now.tv_nsec / MS_NS;
}

/* Cut a line into words; their number. */
static int words_of(char *line, char *words[WORDS_MOST + 1])
{
    int count = 0;

    line[strcspn(line, "#\n")] = '\0';
    for (char *word = strtok(line, " \t"); word != NULL && count < WORDS_MOST;
         word = strtok(NULL, " \t")) {
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

/* Process 1 also collects what its jobs leave behind. */
static int wait_for(int pid)
{
    int status = 0, ended;

    do {
        ended = waitpid(-1, &status, 0);
    } while (ended != pid && (ended >= 0 || errno == EINTR));
    return status;
}

static bool run_job(int number, char *const *words)
{
    int before = milliseconds(), status, pid;

    printf("batch: job %d: %s\n", number, words[0]);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execvp(words[0], words);
        perror(words[0]);
        _exit(127);
    }
    status = pid < 0 ? -1 : wait_for(pid);
    if (WIFSIGNALED(status)) {
        printf("batch: job %d ended by SIG%s", number, signal_name_of(WTERMSIG(status)));
    } else {
        printf("batch: job %d ended with status %d", number, WEXITSTATUS(status));
    }
    printf(" after %d ms\n", milliseconds() - before);
    return status == 0;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "/etc/batch";
    char line[LINE_BYTES], *words[WORDS_MOST + 1];
    FILE *file = fopen(path, "r");
    int jobs = 0, failures = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (file == NULL) {
        perror(path);
    } else {
        while (fgets(line, sizeof(line), file) != NULL) {
            if (words_of(line, words) > 0) {
                failures += !run_job(++jobs, words);
            }
        }
        fclose(file);
        printf("batch: %d jobs, %d without success\n", jobs, failures);
    }
    if (getpid() == 1) {
        sync();
        reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, NULL);
    }
    return file == NULL || failures > 0;
}
