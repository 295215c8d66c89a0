/* Options, positional parameters and the commands about variables. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

/* The options by letter and by name, in the order that set -o shows. */
static const struct {
    char letter;
    char name[12];
} options[] = {
    {'e', "errexit"},   {'f', "noglob"},    {'i', "interactive"}, {'m', "monitor"},
    {'n', "noexec"},    {'s', "stdin"},     {'x', "xtrace"},      {'v', "verbose"},
    {'C', "noclobber"}, {'a', "allexport"}, {'b', "notify"},      {'u', "nounset"},
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void set_option(char letter, bool on)
{
    shell.options[(uint8_t)letter] = on;
    if (letter == 'm' && on && shell.terminal < 0) {
        jobs_start();
    }
}

bool options_set(const char *letters, bool on)
{
    for (; *letters != '\0'; letters++) {
        size_t i = 0;

        while (i < OPTIONS && options[i].letter != *letters) {
            i++;
        }
        if (i == OPTIONS) {
            shell_error("set: option not known: %c", *letters);
            return false;
        }
        set_option(*letters, on);
    }
    return true;
}

bool option_named(const char *name, bool on)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strcmp(options[i].name, name) == 0) {
            set_option(options[i].letter, on);
            return true;
        }
    }
    shell_error("set: option not known: %s", name);
    return false;
}

char *options_text(void)
{
    struct text text = {0};

    for (size_t i = OPTIONS; i-- > 0;) {
        if (shell.options[(uint8_t)options[i].letter]) {
            text_add(&text, options[i].letter);
        }
    }
    return text_of(&text);
}

static void print_options(bool as_commands)
{
    if (!as_commands) {
        puts("Current option settings");
    }
    for (size_t i = 0; i < OPTIONS; i++) {
        bool on = shell.options[(uint8_t)options[i].letter];

        if (as_commands) {
            printf("set %so %s\n", on ? "-" : "+", options[i].name);
        } else {
            printf("%-16s%s\n", options[i].name, on ? "on" : "off");
        }
    }
}

void arguments_set(char **argv)
{
    int count = count_words(argv);
    char **own = malloc(((size_t)count + 2) * sizeof(*own));

    if (own == NULL) {
        shell_error("out of memory");
        return;
    }
    own[0] = shell.arguments[0];
    for (int i = 0; i < count; i++) {
        own[i + 1] = strdup(argv[i]);
    }
    own[count + 1] = NULL;
    shell.arguments = own;
    variable_set("OPTIND", "1");
}

/* set [-+abCefmnuvx] [-+o NAME] [--] [WORD...] */
int builtin_set(char **argv)
{
    bool replace = false;

    if (argv[1] == NULL) {
        variables_print('a');
        return 0;
    }
    for (argv++; *argv != NULL && (argv[0][0] == '-' || argv[0][0] == '+'); argv++) {
        bool on = argv[0][0] == '-';

        if (strcmp(*argv, "--") == 0) {
            replace = true;
            argv++;
            break;
        }
        if (strcmp(*argv, "-") == 0) {
            shell.options['x'] = shell.options['v'] = false;
            argv++;
            break;
        }
        if (argv[0][1] == 'o' && argv[0][2] == '\0') {
            if (argv[1] == NULL) {
                print_options(!on);
                return 0;
            }
            if (!option_named(*++argv, on)) {
                return STATUS_ERROR;
            }
        } else if (!options_set(*argv + 1, on)) {
            return STATUS_ERROR;
        }
    }
    if (*argv != NULL || replace) {
        arguments_set(argv);
    }
    return 0;
}

int builtin_shift(char **argv)
{
    int by = argv[1] == NULL ? 1 : atoi(argv[1]);
    char *name = shell.arguments[0];

    if (by < 0 || by >= count_words(shell.arguments)) {
        shell_error("shift: can not shift so many");
        return STATUS_ERROR;
    }
    shell.arguments += by;
    shell.arguments[0] = name;
    return 0;
}

/* ---- variables ---- */

/* The name of "name" or "name=value", whose value is then given; NULL: not a name, told. */
static char *take_name(const char *command, char *word)
{
    char *sign = strchr(word, '=');
    char *name = sign == NULL ? word : arena_text(word, (size_t)(sign - word));

    if (!is_name(name, strlen(name))) {
        shell_error("%s: not a name: %s", command, name);
        return NULL;
    }
    return sign == NULL || variable_set(name, sign + 1) ? name : NULL;
}

static int mark_names(char **argv, char what, void (*mark)(const char *name))
{
    const char *command = *argv++;

    if (*argv == NULL || strcmp(*argv, "-p") == 0) {
        variables_print(what);
        return 0;
    }
    argv += strcmp(*argv, "--") == 0;
    for (; *argv != NULL; argv++) {
        char *name = take_name(command, *argv);

        if (name == NULL) {
            return STATUS_ERROR;
        }
        mark(name);
    }
    return 0;
}

int builtin_export(char **argv)
{
    return mark_names(argv, 'e', variable_export);
}

int builtin_readonly(char **argv)
{
    return mark_names(argv, 'r', variable_protect);
}

int builtin_local(char **argv)
{
    if (shell.depth == 0) {
        shell_error("local: not in a function");
        return STATUS_ERROR;
    }
    for (argv++; *argv != NULL; argv++) {
        char *sign = strchr(*argv, '=');
        char *name = sign == NULL ? *argv : arena_text(*argv, (size_t)(sign - *argv));

        if (!is_name(name, strlen(name))) {
            shell_error("local: not a name: %s", name);
            return STATUS_ERROR;
        }
        variable_local(name, sign == NULL ? NULL : sign + 1);
    }
    return 0;
}

/* unset [-f | -v] NAME... */
int builtin_unset(char **argv)
{
    bool functions = false;

    for (argv++; *argv != NULL && argv[0][0] == '-'; argv++) {
        functions = argv[0][1] == 'f';
    }
    for (; *argv != NULL; argv++) {
        if (functions) {
            function_unset(*argv);
        } else if (!is_name(*argv, strlen(*argv))) {
            shell_error("unset: not a name: %s", *argv);
            return STATUS_ERROR;
        } else if (!variable_unset(*argv)) {
            return STATUS_ERROR;
        }
    }
    return 0;
}

/* ---- getopts ---- */

/* Where getopts is in a word like -abc; it begins anew when OPTIND is set to 1. */
static struct {
    int word;   /* OPTIND as it was left */
    int letter; /* the next one in that word */
} place = {1, 1};

static int end_of_options(const char *name, int word)
{
    place.word = word;
    place.letter = 1;
    variable_set("OPTIND", number_text(word));
    variable_set(name, "?");
    variable_unset("OPTARG");
    return 1;
}

/* The letter was not good: how that is told depends on a ":" at the start of the letters. */
static void option_error(const char *letters, const char *name, char letter, bool missing)
{
    char text[2] = {letter, '\0'};

    if (letters[0] == ':') {
        variable_set(name, missing ? ":" : "?");
        variable_set("OPTARG", text);
        return;
    }
    fprintf(stderr, "%s: %s -%c\n", shell.arguments[0],
            missing ? "argument is missing for" : "option not known:", letter);
    variable_set(name, "?");
    variable_unset("OPTARG");
}

/* getopts LETTERS NAME [WORD...] */
int builtin_getopts(char **argv)
{
    char **words =
        argv[1] != NULL && argv[2] != NULL && argv[3] != NULL ? argv + 2 : shell.arguments;
    int word = variable_get("OPTIND") == NULL ? 1 : atoi(variable_get("OPTIND"));
    const char *known;
    char letter, text[2];

    if (argv[1] == NULL || argv[2] == NULL) {
        fputs("usage: getopts LETTERS NAME [WORD...]\n", stderr);
        return STATUS_ERROR;
    }
    if (word != place.word) {
        place.letter = 1;
    }
    if (word < 1 || word >= count_words(words) || words[word][0] != '-' || words[word][1] == '\0') {
        return end_of_options(argv[2], word);
    }
    if (strcmp(words[word], "--") == 0) {
        return end_of_options(argv[2], word + 1);
    }
    letter = words[word][place.letter++];
    known = letter == ':' ? NULL : strchr(argv[1], letter);
    text[0] = letter;
    text[1] = '\0';
    if (known == NULL) {
        option_error(argv[1], argv[2], letter, false);
    } else if (known[1] != ':') {
        variable_set(argv[2], text);
        variable_unset("OPTARG");
    } else if (words[word][place.letter] != '\0' || words[word + 1] != NULL) {
        variable_set(argv[2], text);
        variable_set("OPTARG", words[word][place.letter] != '\0' ? words[word] + place.letter
                                                                 : words[++word]);
        place.letter = 0; /* the word is used up */
    } else {
        option_error(argv[1], argv[2], letter, true);
        place.letter = 0;
    }
    if (place.letter == 0 || words[word][place.letter] == '\0') {
        word++;
        place.letter = 1;
    }
    place.word = word;
    variable_set("OPTIND", number_text(word));
    return 0;
}
