/* Variables, local ones and aliases. Exported variables are also in the environment of the programs
 * that the shell starts. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/sh/sh.h"

struct variable {
    char *name;
    char *value; /* of malloc; NULL: not set, only marked */
    bool exported, readonly;
    struct variable *next; /* in the order of the names */
};

/* What a variable was before `local`, or before `name=value command`. */
struct local {
    char *name;
    char *value; /* NULL: it was not set */
    bool exported, readonly;
    struct local *next;
};

static struct variable *first;
static struct local *locals;
static size_t local_count;

bool is_name(const char *text, size_t length)
{
    if (length == 0 || isdigit(text[0])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isalnum(text[i]) && text[i] != '_') {
            return false;
        }
    }
    return true;
}

static struct variable *find(const char *name)
{
    struct variable *variable = first;

    while (variable != NULL && strcmp(variable->name, name) != 0) {
        variable = variable->next;
    }
    return variable;
}

const char *variable_get(const char *name)
{
    const struct variable *variable = find(name);

    return variable == NULL ? NULL : variable->value;
}

static struct variable *find_or_make(const char *name)
{
    struct variable *variable = find(name), **at = &first;

    if (variable != NULL) {
        return variable;
    }
    variable = calloc(1, sizeof(*variable));
    if (variable == NULL) {
        fputs("sh: out of memory\n", stderr);
        exit(STATUS_ERROR);
    }
    while (*at != NULL && strcmp((*at)->name, name) < 0) {
        at = &(*at)->next;
    }
    variable->name = strdup(name);
    variable->next = *at;
    *at = variable;
    return variable;
}

/* The environment follows the variable. */
static void publish(const struct variable *variable)
{
    if (variable->exported && variable->value != NULL) {
        setenv(variable->name, variable->value, 1);
    } else {
        unsetenv(variable->name);
    }
}

static void give(struct variable *variable, const char *value)
{
    char *copy = value == NULL ? NULL : strdup(value);
    bool was_public = variable->exported;

    free(variable->value);
    variable->value = copy;
    variable->exported = variable->exported || (value != NULL && shell.options['a']);
    if (variable->exported || was_public) {
        publish(variable);
    }
}

bool variable_set(const char *name, const char *value)
{
    struct variable *variable = find_or_make(name);

    if (variable->readonly) {
        shell_error("%s: is read only", name);
        return false;
    }
    give(variable, value);
    return true;
}

void variable_export(const char *name)
{
    struct variable *variable = find_or_make(name);

    variable->exported = true;
    publish(variable);
}

void variable_protect(const char *name)
{
    find_or_make(name)->readonly = true;
}

bool variable_unset(const char *name)
{
    struct variable *variable = find(name);

    if (variable != NULL && variable->readonly) {
        shell_error("%s: is read only", name);
        return false;
    }
    if (variable != NULL) {
        give(variable, NULL);
        variable->exported = false;
    }
    return true;
}

/* ---- local variables ---- */

void variable_local(const char *name, const char *value)
{
    struct variable *variable = find_or_make(name);
    struct local *local = malloc(sizeof(*local));

    if (local == NULL) {
        return;
    }
    *local =
        (struct local){variable->name, variable->value == NULL ? NULL : strdup(variable->value),
                       variable->exported, variable->readonly, locals};
    locals = local;
    local_count++;
    if (value != NULL) {
        variable_set(name, value);
    }
}

size_t locals_mark(void)
{
    return local_count;
}

void locals_undo(size_t mark)
{
    while (local_count > mark) {
        struct local *local = locals;
        struct variable *variable = find_or_make(local->name);

        variable->exported = local->exported;
        variable->readonly = local->readonly;
        free(variable->value);
        variable->value = local->value;
        publish(variable);
        locals = local->next;
        free(local);
        local_count--;
    }
}

/* ---- all of them ---- */

void variables_start(void)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        char *sign = strchr(*entry, '=');

        if (sign != NULL && is_name(*entry, (size_t)(sign - *entry))) {
            char *name = strndup(*entry, (size_t)(sign - *entry));
            struct variable *variable = find_or_make(name);

            variable->value = strdup(sign + 1);
            variable->exported = true;
            free(name);
        }
    }
    find_or_make("IFS")->exported = false; /* not from outside */
    unsetenv("IFS");
    variable_set("IFS", " \t\n");
}

void print_quoted(const char *text)
{
    putchar('\'');
    while (*text != '\0') {
        int plain = (int)strcspn(text, "'"), quotes = (int)strspn(text + plain, "'");

        printf(quotes > 0 ? "%.*s'\"%.*s\"'" : "%.*s", plain, text, quotes, text + plain);
        text += plain + quotes;
    }
    putchar('\'');
}

void variables_print(char what)
{
    for (const struct variable *variable = first; variable != NULL; variable = variable->next) {
        if ((what == 'e' && !variable->exported) || (what == 'r' && !variable->readonly) ||
            (what == 'a' && variable->value == NULL)) {
            continue;
        }
        printf("%s%s", what == 'e' ? "export " : what == 'r' ? "readonly " : "", variable->name);
        if (variable->value != NULL) {
            putchar('=');
            print_quoted(variable->value);
        }
        putchar('\n');
    }
}

/* ---- aliases ---- */

struct alias {
    char *name, *value;
    struct alias *next;
};
static struct alias *aliases;

const char *alias_get(const char *name)
{
    for (const struct alias *alias = aliases; alias != NULL; alias = alias->next) {
        if (strcmp(alias->name, name) == 0) {
            return alias->value;
        }
    }
    return NULL;
}

static void alias_remove(const char *name)
{
    for (struct alias **at = &aliases; *at != NULL; at = &(*at)->next) {
        struct alias *alias = *at;

        if (strcmp(alias->name, name) == 0) {
            *at = alias->next;
            free(alias->name);
            free(alias->value);
            free(alias);
            return;
        }
    }
}

static void alias_add(const char *name, const char *value)
{
    struct alias *alias = calloc(1, sizeof(*alias));

    alias_remove(name);
    if (alias != NULL) {
        *alias = (struct alias){strdup(name), strdup(value), aliases};
        aliases = alias;
    }
}

static void alias_print(const char *name, const char *value)
{
    printf("%s=", name);
    print_quoted(value);
    putchar('\n');
}

int builtin_alias(char **argv)
{
    int result = 0;

    if (argv[1] == NULL) {
        for (const struct alias *alias = aliases; alias != NULL; alias = alias->next) {
            alias_print(alias->name, alias->value);
        }
    }
    for (argv++; *argv != NULL; argv++) {
        char *sign = strchr(*argv, '=');

        if (sign == NULL || sign == *argv) {
            const char *value = alias_get(*argv);

            if (value == NULL) {
                fprintf(stderr, "alias: %s: not found\n", *argv);
                result = 1;
            } else {
                alias_print(*argv, value);
            }
            continue;
        }
        alias_add(arena_text(*argv, (size_t)(sign - *argv)), sign + 1);
    }
    return result;
}

int builtin_unalias(char **argv)
{
    int result = 0;

    if (argv[1] != NULL && strcmp(argv[1], "-a") == 0) {
        while (aliases != NULL) {
            alias_remove(aliases->name);
        }
        return 0;
    }
    for (argv++; *argv != NULL; argv++) {
        result |= alias_get(*argv) == NULL;
        alias_remove(*argv);
    }
    return result;
}
