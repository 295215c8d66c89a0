/* The commands that have to run in the shell's own process, and a few that are too small for one of
 * their own. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define PATH_BYTES   256
#define SCRIPT_BYTES 100000

static int count_of(char **argv)
{
    int count = 0;

    while (argv[count] != NULL) {
        count++;
    }
    return count;
}

static int builtin_cd(char **argv)
{
    const char *target = argv[1] != NULL ? argv[1] : variable_get("HOME");
    char path[PATH_BYTES];

    if (target != NULL && strcmp(target, "-") == 0) {
        target = variable_get("OLDPWD");
    }
    if (target == NULL || chdir(target) != 0) {
        fprintf(stderr, "cd: %s: %s\n", target == NULL ? "?" : target, strerror(errno));
        return 1;
    }
    if (variable_get("PWD") != NULL) {
        variable_set("OLDPWD", variable_get("PWD"));
    }
    if (getcwd(path, sizeof(path)) != NULL) {
        variable_set("PWD", path);
    }
    return 0;
}

static int builtin_pwd(char **argv)
{
    char path[PATH_BYTES];

    (void)argv;
    if (getcwd(path, sizeof(path)) == NULL) {
        perror("pwd");
        return 1;
    }
    puts(path);
    return 0;
}

static int builtin_exit(char **argv)
{
    exit(argv[1] != NULL ? atoi(argv[1]) & 0xFF : shell.status);
}

static int builtin_export(char **argv)
{
    if (argv[1] == NULL) {
        variables_print(true);
    }
    for (argv++; *argv != NULL; argv++) {
        char *sign = strchr(*argv, '=');
        char *name = sign == NULL ? *argv : arena_text(*argv, (size_t)(sign - *argv));

        if (!is_name(name, strlen(name))) {
            fprintf(stderr, "export: not a name: %s\n", name);
            return 1;
        }
        if (sign != NULL) {
            variable_set(name, sign + 1);
        }
        variable_export(name);
    }
    return 0;
}

static int builtin_unset(char **argv)
{
    for (argv++; *argv != NULL; argv++) {
        variable_unset(*argv);
    }
    return 0;
}

/* set -x, set +x, set -- words */
static int builtin_set(char **argv)
{
    static char **own; /* the arguments that set made, of malloc */
    int count;

    if (argv[1] == NULL) {
        variables_print(false);
        return 0;
    }
    if (strcmp(argv[1], "-x") == 0 || strcmp(argv[1], "+x") == 0) {
        shell.trace = argv[1][0] == '-';
        return 0;
    }
    argv += strcmp(argv[1], "--") == 0;
    count = count_of(argv);
    own = malloc((size_t)(count + 1) * sizeof(*own));
    own[0] = shell.arguments[0];
    for (int i = 1; i <= count; i++) {
        own[i] = argv[i] == NULL ? NULL : strdup(argv[i]);
    }
    shell.arguments = own;
    return 0;
}

static int builtin_shift(char **argv)
{
    int by = argv[1] == NULL ? 1 : atoi(argv[1]);
    char *name = shell.arguments[0];

    if (by < 0 || by >= count_of(shell.arguments)) {
        return 1;
    }
    shell.arguments += by;
    shell.arguments[0] = name;
    return 0;
}

static int builtin_break(char **argv)
{
    shell.leave_loops = argv[1] == NULL ? 1 : atoi(argv[1]);
    shell.is_continue = strcmp(argv[0], "continue") == 0;
    return 0;
}

static int builtin_return(char **argv)
{
    shell.is_return = true;
    return argv[1] == NULL ? shell.status : atoi(argv[1]) & 0xFF;
}

static int builtin_eval(char **argv)
{
    struct text text = {0};

    for (argv++; *argv != NULL; argv++) {
        text_add_all(&text, *argv);
        text_add(&text, ' ');
    }
    return text.length == 0 ? 0 : run_source(text.bytes, "eval");
}

/* The whole file as one text (free it); NULL: errno says why. */
static char *read_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), length = 0, got = 0;
    char *text = fd < 0 ? NULL : malloc(SCRIPT_BYTES + 1);

    if (text != NULL) {
        while (length < SCRIPT_BYTES &&
               (got = read(fd, text + length, (size_t)(SCRIPT_BYTES - length))) > 0) {
            length += got;
        }
        text[length] = '\0';
    }
    if (fd >= 0) {
        close(fd);
    }
    if (got < 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int builtin_source(char **argv)
{
    char *text = argv[1] == NULL ? NULL : read_file(argv[1]);
    int status;

    if (text == NULL) {
        fprintf(stderr, "sh: %s: %s\n", argv[1] == NULL ? "." : argv[1], strerror(errno));
        return 127;
    }
    status = run_source(text, argv[1]);
    shell.is_return = false;
    free(text);
    return status;
}

static int builtin_exec(char **argv)
{
    if (argv[1] == NULL) {
        return 0; /* only its redirections stay */
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "exec: %s: %s\n", argv[1], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

/* read name ...: one line; the last name gets the rest. */
static int builtin_read(char **argv)
{
    struct text line = {0};
    char c = '\0';
    char *at;
    int got = 0;

    while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        text_add(&line, c);
    }
    at = line.length == 0 ? arena_text("", 0) : line.bytes;
    for (argv++; *argv != NULL; argv++) {
        char *end;

        at += strspn(at, " \t");
        end = argv[1] == NULL ? at + strlen(at) : at + strcspn(at, " \t");
        variable_set(*argv, arena_text(at, (size_t)(end - at)));
        at = end;
    }
    return got == 1 ? 0 : 1;
}

static int builtin_umask(char **argv)
{
    uint32_t mask = argv[1] == NULL ? 0 : (uint32_t)strtol(argv[1], NULL, 8);
    uint32_t old = (uint32_t)umask(mask);

    if (argv[1] == NULL) {
        umask(old);
        printf("%03o\n", old);
    }
    return 0;
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

static int builtin_echo(char **argv)
{
    bool newline = argv[1] == NULL || strcmp(argv[1], "-n") != 0;
    struct text line = {0};

    for (argv += newline ? 1 : 2; *argv != NULL; argv++) {
        text_add_all(&line, *argv);
        if (argv[1] != NULL) {
            text_add(&line, ' ');
        }
    }
    if (newline) {
        text_add(&line, '\n');
    }
    return line.length == 0 || fwrite(line.bytes, 1, line.length, stdout) == line.length ? 0 : 1;
}

/* ---- test ---- */

static bool test_file(char what, const char *path)
{
    struct stat64 status;
    bool exists = what == 'h' || what == 'L' ? lstat(path, &status) == 0 : stat(path, &status) == 0;

    if (!exists) {
        return false;
    }
    switch (what) {
    case 'f':
        return S_ISREG(status.st_mode);
    case 'd':
        return S_ISDIR(status.st_mode);
    case 'h':
    case 'L':
        return S_ISLNK(status.st_mode);
    case 'c':
        return S_ISCHR(status.st_mode);
    case 's':
        return status.st_size > 0;
    case 'x':
        return access(path, X_OK) == 0;
    default:
        return true; /* e, r, w */
    }
}

static bool test_two(const char *a, const char *sign, const char *b)
{
    int left = atoi(a), right = atoi(b);

    if (strcmp(sign, "=") == 0 || strcmp(sign, "==") == 0) {
        return strcmp(a, b) == 0;
    }
    if (strcmp(sign, "!=") == 0) {
        return strcmp(a, b) != 0;
    }
    return strcmp(sign, "-eq") == 0   ? left == right
           : strcmp(sign, "-ne") == 0 ? left != right
           : strcmp(sign, "-lt") == 0 ? left < right
           : strcmp(sign, "-le") == 0 ? left <= right
           : strcmp(sign, "-gt") == 0 ? left > right
           : strcmp(sign, "-ge") == 0 ? left >= right
                                      : false;
}

static bool test_words(char **words, int count)
{
    if (count > 0 && strcmp(words[0], "!") == 0) {
        return !test_words(words + 1, count - 1);
    }
    switch (count) {
    case 0:
        return false;
    case 1:
        return words[0][0] != '\0';
    case 2:
        if (strcmp(words[0], "-n") == 0 || strcmp(words[0], "-z") == 0) {
            return (words[1][0] != '\0') == (words[0][1] == 'n');
        }
        if (strcmp(words[0], "-t") == 0) {
            return isatty(atoi(words[1])) != 0;
        }
        return words[0][0] == '-' && test_file(words[0][1], words[1]);
    default:
        return test_two(words[0], words[1], words[2]);
    }
}

static int builtin_test(char **argv)
{
    int count = count_of(argv) - 1;

    if (strcmp(argv[0], "[") == 0) {
        if (count == 0 || strcmp(argv[count], "]") != 0) {
            fputs("[: a ] is missing\n", stderr);
            return 2;
        }
        count--;
    }
    return !test_words(argv + 1, count);
}

static int builtin_type(char **argv)
{
    if (argv[1] == NULL) {
        return 1;
    }
    printf("%s is %s\n", argv[1],
           builtin_find(argv[1]) != NULL ? "built into the shell" : "looked for along PATH");
    return 0;
}

static const struct {
    const char *name;
    builtin *run;
} table[] = {
    {".", builtin_source},       {":", builtin_true},      {"[", builtin_test},
    {"bg", builtin_bg},          {"break", builtin_break}, {"cd", builtin_cd},
    {"continue", builtin_break}, {"echo", builtin_echo},   {"eval", builtin_eval},
    {"exec", builtin_exec},      {"exit", builtin_exit},   {"export", builtin_export},
    {"false", builtin_false},    {"fg", builtin_fg},       {"jobs", builtin_jobs},
    {"kill", builtin_kill},      {"pwd", builtin_pwd},     {"read", builtin_read},
    {"return", builtin_return},  {"set", builtin_set},     {"shift", builtin_shift},
    {"test", builtin_test},      {"true", builtin_true},   {"type", builtin_type},
    {"umask", builtin_umask},    {"unset", builtin_unset}, {"wait", builtin_wait},
};

builtin *builtin_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return table[i].run;
        }
    }
    return NULL;
}
