/* The commands that have to run in the shell's own process: control, places, scripts, and the table
 * of all of them. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define READ_BYTES 4096

int count_words(char **argv)
{
    int count = 0;

    while (argv[count] != NULL) {
        count++;
    }
    return count;
}

/* ---- places ---- */

/* `path` with its "." and ".." and double slashes taken out. */
static char *tidy_path(const char *path)
{
    struct text text = {0};

    while (*path != '\0') {
        size_t length = strcspn(path, "/");

        if (length == 2 && strncmp(path, "..", 2) == 0) {
            while (text.length > 0 && text.bytes[--text.length] != '/') {}
        } else if (length > 0 && !(length == 1 && *path == '.')) {
            text_add(&text, '/');
            for (size_t i = 0; i < length; i++) {
                text_add(&text, path[i]);
            }
        }
        path += length;
        path += strspn(path, "/");
    }
    if (text.length == 0) {
        text_add(&text, '/');
    }
    text.bytes[text.length] = '\0';
    return text.bytes;
}

/* Where `cd target` leads, as the user sees it (links keep their names). */
static char *logical_path(const char *target)
{
    const char *here = variable_get("PWD");

    if (target[0] == '/') {
        return tidy_path(target);
    }
    return here == NULL ? NULL : tidy_path(arena_join(arena_join(here, "/"), target));
}

/* Along CDPATH; true: it was found there, and *target is its path. */
static bool search_cdpath(const char **target)
{
    const char *part = variable_get("CDPATH");

    while (part != NULL && **target != '/' && **target != '.') {
        const char *end = strchr(part, ':');
        size_t length = end == NULL ? strlen(part) : (size_t)(end - part);
        char *path =
            arena_join(arena_join(arena_text(part, length), length > 0 ? "/" : ""), *target);
        struct stat64 status;

        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            *target = path;
            return length > 0;
        }
        part = end == NULL ? NULL : end + 1;
    }
    return false;
}

static int builtin_cd(char **argv)
{
    bool physical = false, shown = false;
    char path[SHELL_PATH_BYTES];
    const char *target, *logical;

    for (argv++; *argv != NULL && argv[0][0] == '-' && strchr("LP-", argv[0][1]) != NULL &&
                 argv[0][1] != '\0';
         argv++) {
        physical = argv[0][1] == 'P';
    }
    target = *argv != NULL ? *argv : variable_get("HOME");
    if (target != NULL && strcmp(target, "-") == 0) {
        target = variable_get("OLDPWD");
        shown = true;
    }
    if (target == NULL) {
        fputs("cd: HOME or OLDPWD is not set\n", stderr);
        return STATUS_ERROR;
    }
    shown |= search_cdpath(&target);
    logical = physical ? NULL : logical_path(target);
    if (chdir(logical == NULL ? target : logical) != 0) {
        fprintf(stderr, "cd: %s: %s\n", target, strerror(errno));
        return STATUS_ERROR;
    }
    variable_set("OLDPWD", variable_get("PWD") == NULL ? "" : variable_get("PWD"));
    if (logical == NULL) {
        logical = getcwd(path, sizeof(path));
    }
    variable_set("PWD", logical == NULL ? "?" : logical);
    if (shown) {
        puts(variable_get("PWD"));
    }
    return 0;
}

static int builtin_pwd(char **argv)
{
    bool physical = argv[1] != NULL && strcmp(argv[1], "-P") == 0;
    char path[SHELL_PATH_BYTES];

    if (!physical && variable_get("PWD") != NULL) {
        puts(variable_get("PWD"));
        return 0;
    }
    if (getcwd(path, sizeof(path)) == NULL) {
        perror("pwd");
        return 1;
    }
    puts(path);
    return 0;
}

/* ---- control ---- */

/* A number from 0 on; -1: it is none, told. */
static int read_count(const char *name, const char *word)
{
    char *end;
    int value = strtol(word, &end, 10);

    if (*end != '\0' || end == word || value < 0) {
        shell_error("%s: not a number: %s", name, word);
        return -1;
    }
    return value;
}

static int builtin_exit(char **argv)
{
    int status = argv[1] != NULL ? read_count("exit", argv[1]) : shell.status;

    if (status >= 0) {
        shell_exit(status);
    }
    return STATUS_ERROR;
}

static int builtin_break(char **argv)
{
    int loops = argv[1] == NULL ? 1 : read_count(argv[0], argv[1]);

    if (loops == 0) {
        shell_error("%s: not a number of loops: 0", argv[0]);
    }
    if (loops > 0) {
        shell.leave_loops = loops < shell.loops ? loops : shell.loops;
        shell.is_continue = shell.leave_loops > 0 && strcmp(argv[0], "continue") == 0;
    }
    return loops < 0 ? STATUS_ERROR : 0;
}

static int builtin_return(char **argv)
{
    int status = argv[1] == NULL ? shell.status : read_count("return", argv[1]);

    shell.is_return = true;
    return status < 0 ? STATUS_ERROR : status;
}

static int builtin_eval(char **argv)
{
    struct text text = {0};

    for (argv++; *argv != NULL; argv++) {
        text_add_all(&text, *argv);
        text_add(&text, argv[1] == NULL ? '\n' : ' ');
    }
    return run_source(text_of(&text), "eval");
}

/* The whole file as one text (free it); NULL: errno says why. */
static char *read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), got;
    size_t length = 0, room = READ_BYTES;
    char *text = fd < 0 ? NULL : malloc(room);

    while (text != NULL && (got = read(fd, text + length, room - length - 1)) != 0) {
        char *longer = text;

        if (got > 0) {
            length += (size_t)got;
        }
        if (got > 0 && length + 1 == room) {
            longer = realloc(text, room *= 2);
        }
        if (got < 0 || longer == NULL) {
            free(text);
            longer = NULL;
        }
        text = longer;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (text != NULL) {
        text[length] = '\0';
    }
    return text;
}

/* A file for `.` is also looked for along PATH; it need not be executable. */
static char *find_source(const char *name)
{
    const char *part = strchr(name, '/') != NULL ? NULL : variable_get("PATH");

    while (part != NULL) {
        const char *end = strchr(part, ':');
        size_t length = end == NULL ? strlen(part) : (size_t)(end - part);
        char *path = arena_join(arena_join(arena_text(part, length), length > 0 ? "/" : ""), name);

        if (access(path, R_OK) == 0) {
            return path;
        }
        part = end == NULL ? NULL : end + 1;
    }
    return arena_join(name, "");
}

static int builtin_source(char **argv)
{
    int status;
    char *text;

    if (argv[1] == NULL) {
        return 0;
    }
    text = read_file(find_source(argv[1]));
    if (text == NULL) {
        shell_error("%s: %s", argv[1], strerror(errno));
        return STATUS_ERROR;
    }
    status = run_source(text, argv[1]);
    shell.is_return = false;
    free(text);
    return status;
}

static int builtin_exec(char **argv)
{
    int status;

    argv += argv[1] != NULL && strcmp(argv[1], "--") == 0;
    if (argv[1] == NULL) {
        return 0; /* only its redirections stay */
    }
    for (int i = 1; i <= SIGSYS && shell.interactive; i++) {
        if (i == SIGTSTP || i == SIGTTIN || i == SIGTTOU) {
            signal(i, SIG_DFL);
        }
    }
    execvp(argv[1], argv + 1);
    status = errno == ENOENT ? 127 : 126;
    fprintf(stderr, "exec: %s: %s\n", argv[1], strerror(errno));
    if (!shell.interactive) {
        shell_exit(status);
    }
    return status;
}

static int builtin_true(char **argv)
{
    (void)argv;
    return 0;
}

static int builtin_false(char **argv)
{
    (void)argv;
    return 1;
}

/* ---- the process ---- */

static void print_symbolic(uint32_t mask)
{
    static const char who[] = "ugo", letters[] = "rwx";

    for (int i = 0; i < 3; i++) {
        printf("%s%c=", i > 0 ? "," : "", who[i]);
        for (int bit = 0; bit < 3; bit++) {
            if ((mask >> (8 - 3 * i - bit) & 1) == 0) {
                putchar(letters[bit]);
            }
        }
    }
    putchar('\n');
}

int builtin_umask(char **argv)
{
    uint32_t old = (uint32_t)umask(0);
    char *end;
    uint32_t mask;

    umask(old);
    if (argv[1] == NULL) {
        printf("%04o\n", old);
        return 0;
    }
    if (strcmp(argv[1], "-S") == 0) {
        print_symbolic(old);
        return 0;
    }
    mask = strtoul(argv[1], &end, 8);
    if (*end != '\0' || mask > 0777) {
        fprintf(stderr, "umask: not a mask: %s\n", argv[1]);
        return STATUS_ERROR;
    }
    umask(mask);
    return 0;
}

static void print_time(clock_t ticks, char end)
{
    printf("%dm%d.%02d0000s%c", ticks / USER_HZ / 60, ticks / USER_HZ % 60,
           ticks % USER_HZ * 100 / USER_HZ, end);
}

int builtin_times(char **argv)
{
    struct tms used;

    (void)argv;
    times(&used);
    print_time(used.tms_utime, ' ');
    print_time(used.tms_stime, '\n');
    print_time(used.tms_cutime, ' ');
    print_time(used.tms_cstime, '\n');
    return 0;
}

/* ---- what a name means ---- */

static bool print_meaning(const char *name, bool short_form)
{
    const struct builtin_entry *entry = builtin_find(name);
    const char *alias = alias_get(name), *path = NULL;

    if (is_reserved(name)) {
        printf(short_form ? "%s\n" : "%s is a shell keyword\n", name);
    } else if (alias != NULL && short_form) {
        printf("alias %s=", name);
        print_quoted(alias);
        putchar('\n');
    } else if (alias != NULL) {
        printf("%s is an alias for %s\n", name, alias);
    } else if (function_exists(name)) {
        printf(short_form ? "%s\n" : "%s is a shell function\n", name);
    } else if (entry != NULL) {
        printf(short_form       ? "%s\n"
               : entry->special ? "%s is a special shell builtin\n"
                                : "%s is a shell builtin\n",
               name);
    } else {
        path = program_find(name);
        if (path == NULL) {
            if (!short_form) {
                printf("%s: not found\n", name);
            }
            return false;
        }
        if (short_form) {
            puts(path);
        } else {
            printf("%s is %s\n", name, path);
        }
    }
    return true;
}

int builtin_type(char **argv)
{
    int result = 0;

    for (argv++; *argv != NULL; argv++) {
        result = print_meaning(*argv, false) ? result : 127;
    }
    return result;
}

/* command [-v | -V | -p] NAME...: as if there were no function of that name. */
int builtin_command(char **argv)
{
    const struct builtin_entry *entry;
    bool short_form = argv[1] != NULL && strcmp(argv[1], "-v") == 0;

    if (argv[1] != NULL && (short_form || strcmp(argv[1], "-V") == 0)) {
        int result = 0;

        argv += argv[2] != NULL && strcmp(argv[2], "--") == 0;
        for (argv += 2; *argv != NULL; argv++) {
            result = print_meaning(*argv, short_form) ? result : 127;
        }
        return result;
    }
    argv += argv[1] != NULL && (strcmp(argv[1], "-p") == 0 || strcmp(argv[1], "--") == 0);
    argv++;
    if (*argv == NULL) {
        return 0;
    }
    entry = builtin_find(*argv);
    if (entry != NULL) {
        bool forgiving = shell.forgiving;
        int status;

        shell.forgiving = true;
        status = entry->run(argv);
        shell.forgiving = forgiving;
        return status;
    }
    return program_run(argv);
}

/* The special ones of POSIX 2.14 are marked. */
static const struct builtin_entry table[] = {
    {".", builtin_source, true},
    {":", builtin_true, true},
    {"[", builtin_test, false},
    {"alias", builtin_alias, false},
    {"bg", builtin_bg, false},
    {"break", builtin_break, true},
    {"cd", builtin_cd, false},
    {"command", builtin_command, false},
    {"continue", builtin_break, true},
    {"echo", builtin_echo, false},
    {"eval", builtin_eval, true},
    {"exec", builtin_exec, true},
    {"exit", builtin_exit, true},
    {"export", builtin_export, true},
    {"false", builtin_false, false},
    {"fg", builtin_fg, false},
    {"getopts", builtin_getopts, false},
    {"hash", builtin_true, false},
    {"jobs", builtin_jobs, false},
    {"kill", builtin_kill, false},
    {"local", builtin_local, true},
    {"printf", builtin_printf, false},
    {"pwd", builtin_pwd, false},
    {"read", builtin_read, false},
    {"readonly", builtin_readonly, true},
    {"return", builtin_return, true},
    {"set", builtin_set, true},
    {"shift", builtin_shift, true},
    {"test", builtin_test, false},
    {"times", builtin_times, true},
    {"trap", builtin_trap, true},
    {"true", builtin_true, false},
    {"type", builtin_type, false},
    {"umask", builtin_umask, false},
    {"unalias", builtin_unalias, false},
    {"unset", builtin_unset, true},
    {"wait", builtin_wait, false},
};

const char *builtin_name(size_t i)
{
    return i < sizeof(table) / sizeof(table[0]) ? table[i].name : NULL;
}

const struct builtin_entry *builtin_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}
