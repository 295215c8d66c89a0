/* demo [run]: the demonstrations by topic, with the ids of the concepts; `run`: all of them, one
 * after the other, to see whether all is as expected. SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_BYTES 256

/* Files that are not there (yet) are not shown. */
static const struct {
    const char *topic, *concept, *name, *argument, *words;
} table[] = {
    {"Memory", "A5", "boundsdemo", "", "what base and bound can not do"},
    {"Memory", "A6", "samevar", "", "one address in two processes"},
    {"Memory", "A6", "samevar", "local", "the same on the stack"},
    {"Processes", "C5", "forkdemo", "", "fork returns twice; variables are copied"},
    {"Processes", "C6", "execdemo", "", "what execve loses and what it keeps"},
    {"Processes", "C7", "childways", "", "a child each way: what is shared, what is copied"},
    {"Processes", "C8", "winproc", "", "CreateProcess and its ten parameters"},
    {"Processes", "C9", "systemdemo", "", "system() is fork, exec and wait"},
    {"Processes", "C10", "whenfails", "", "how fork, exec and wait fail"},
    {"Processes", "C12", "zombie", "", "ended, but not yet collected"},
    {"Processes", "C13", "waitdemo", "", "what waitpid tells, macro by macro"},
    {"Processes", "C14", "ids", "", "pid, parent, group, session, the largest pid"},
    {"Processes", "C22", "orphan", "", "whose child is it when the parent ends first?"},
    {"Signals", "D1", "sigsources", "", "exceptions, people and calls send signals"},
    {"Signals", "D4", "sigdemo", "", "handlers, masks, what a handler is told"},
    {"Signals", "D4", "sigdemo", "alt", "a handler on a stack of its own"},
    {"Signals", "D6", "coredemo", "", "a core file, and what a debugger finds in it"},
    {"Signals", "D5", "sigtable", "", "every signal and its default action, with the proof"},
};
#define ROWS (sizeof(table) / sizeof(table[0]))

/* In /demo, or beside this program. */
static bool find(const char *own, const char *name, char path[PATH_BYTES])
{
    const char *slash = strrchr(own, '/');

    snprintf(path, PATH_BYTES, "/demo/%s", name);
    if (access(path, X_OK) == 0) {
        return true;
    }
    snprintf(path, PATH_BYTES, "%.*s%s", slash == NULL ? 0 : (int)(slash - own) + 1, own, name);
    return slash != NULL && access(path, X_OK) == 0;
}

static bool run(const char *path, const char *name, const char *argument)
{
    int status = -1, pid = fork();

    if (pid == 0) {
        execl(path, path, *argument == '\0' ? NULL : argument, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    if (status != 0) {
        printf("demo: %s %s ended with status %x\n", name, argument, (uint32_t)status);
    }
    return status == 0;
}

int main(int argc, char **argv)
{
    bool run_all = argc > 1 && strcmp(argv[1], "run") == 0;
    const char *topic = "";
    char path[PATH_BYTES];
    int failures = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < ROWS; i++) {
        if (!find(argv[0], table[i].name, path)) {
            continue;
        }
        if (run_all) {
            failures += !run(path, table[i].name, table[i].argument);
            continue;
        }
        if (strcmp(topic, table[i].topic) != 0) {
            topic = table[i].topic;
            printf("%s\n", topic);
        }
        printf("  %-4s %-11s %-4s %s\n", table[i].concept, table[i].name, table[i].argument,
               table[i].words);
    }
    if (run_all) {
        printf("demo: %d demonstrations were not as expected\n", failures);
    } else {
        puts("They are in /demo; `demo run` runs them all.");
    }
    return failures > 0;
}
