/* demo [run | NAME | ID]: the demonstrations by topic, with the ids of the concepts; `run`: all of
 * them, one after the other, to see whether all is as expected; or those whose name begins so
 * (`demo fork`) or that belong to a concept (`demo C5`). SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
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
    {"Protection", "A3", "privtest", "", "the instructions that user mode may not use"},
    {"Protection", "A7", "spin", "check", "the timer takes the processor back"},
    {"Protection", "A11", "goals", "", "one attempt against each goal of protection"},
    {"Crossing", "B6", "nested", "", "the timer interrupts the kernel: three words, not five"},
    {"Crossing", "B11", "argrace", "", "an argument changes after the check, in vain"},
    {"Processes", "C5", "forkdemo", "", "fork returns twice; variables are copied"},
    {"Processes", "C6", "execdemo", "", "what execve loses and what it keeps"},
    {"Processes", "C7", "childways", "", "a child each way: what is shared, what is copied"},
    {"Processes", "C8", "winproc", "", "CreateProcess and its ten parameters"},
    {"Processes", "C9", "systemdemo", "", "system() is fork, exec and wait"},
    {"Processes", "C10", "whenfails", "", "how fork, exec and wait fail"},
    {"Processes", "C12", "zombie", "", "ended, but not yet collected"},
    {"Processes", "C13", "waitdemo", "", "what waitpid tells, macro by macro"},
    {"Processes", "C14", "ids", "", "pid, parent, group, session, the largest pid"},
    {"Processes", "C19", "threads", "", "instruction streams in one address space"},
    {"Processes", "C20", "build.sh", "", "from source to process: a program made by as"},
    {"Processes", "C21", "rights", "", "files, memory, calls: what is refused"},
    {"Processes", "C22", "orphan", "", "whose child is it when the parent ends first?"},
    {"Signals", "D1", "sigsources", "", "exceptions, people and calls send signals"},
    {"Signals", "D2", "pollvsignal", "", "asking again and again, or being told"},
    {"Signals", "D4", "sigdemo", "", "handlers, masks, what a handler is told"},
    {"Signals", "D4", "sigdemo", "alt", "a handler on a stack of its own"},
    {"Signals", "D6", "coredemo", "", "a core file, and what a debugger finds in it"},
    {"Signals", "D5", "sigtable", "", "every signal and its default action, with the proof"},
    {"Signals", "D5", "sigtable", "--lecture", "what slides say, judged line by line"},
    {"Signals", "D10", "userthreads", "", "threads made of a timer's signal"},
    {"Signals", "D10", "sigiodemo", "", "input that announces itself by SIGIO"},
    {"Signals", "D10", "minivm", "", "a signal as a virtual machine's interrupt"},
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

/* Is row `i` meant by the word? */
static bool is_meant(size_t i, const char *word)
{
    return strcmp(word, "run") == 0 || strcasecmp(word, table[i].concept) == 0 ||
           strncmp(word, table[i].name, strlen(word)) == 0;
}

static void list(const char *own)
{
    const char *topic = "";
    char path[PATH_BYTES];

    for (size_t i = 0; i < ROWS; i++) {
        if (!find(own, table[i].name, path)) {
            continue;
        }
        if (strcmp(topic, table[i].topic) != 0) {
            topic = table[i].topic;
            printf("%s\n", topic);
        }
        printf("  %-4s %-11s %-9s %s\n", table[i].concept, table[i].name, table[i].argument,
               table[i].words);
    }
    puts("They are in /demo; `demo fork` runs one, `demo C5` those of a concept, `demo run` all.");
}

int main(int argc, char **argv)
{
    char path[PATH_BYTES];
    int failures = 0, count = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2) {
        list(argv[0]);
        return 0;
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (is_meant(i, argv[1]) && find(argv[0], table[i].name, path)) {
            failures += !run(path, table[i].name, table[i].argument);
            count++;
        }
    }
    if (count == 0) {
        printf("demo: %s: no demonstration has this name or concept; `demo` lists them\n", argv[1]);
        return 1;
    }
    if (count > 1) {
        printf("demo: %d demonstrations were not as expected\n", failures);
    }
    return failures > 0;
}
