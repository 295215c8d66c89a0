/* Variables. Exported ones are also in the environment of the programs that the shell starts.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/sh/sh.h"

struct variable {
    char *name, *value; /* of malloc */
    bool exported;
    struct variable *next;
};

static struct variable *first;

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

static struct variable *make(const char *name)
{
    struct variable *variable = calloc(1, sizeof(*variable));

    variable->name = strdup(name);
    variable->next = first;
    first = variable;
    return variable;
}

void variable_set(const char *name, const char *value)
{
    struct variable *variable = find(name);
    char *copy = strdup(value);

    if (variable == NULL) {
        variable = make(name);
    }
    free(variable->value);
    variable->value = copy;
    if (variable->exported) {
        setenv(name, value, 1);
    }
}

void variable_export(const char *name)
{
    if (find(name) == NULL) {
        variable_set(name, "");
    }
    find(name)->exported = true;
    setenv(name, find(name)->value, 1);
}

void variable_unset(const char *name)
{
    for (struct variable **at = &first; *at != NULL; at = &(*at)->next) {
        struct variable *variable = *at;

        if (strcmp(variable->name, name) == 0) {
            *at = variable->next;
            free(variable->name);
            free(variable->value);
            free(variable);
            unsetenv(name);
            return;
        }
    }
}

void variables_start(void)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        char *sign = strchr(*entry, '=');

        if (sign != NULL && is_name(*entry, (size_t)(sign - *entry))) {
            char *name = strndup(*entry, (size_t)(sign - *entry));

            variable_set(name, sign + 1);
            find(name)->exported = true;
            free(name);
        }
    }
}

void variables_print(bool exported_only)
{
    for (const struct variable *variable = first; variable != NULL; variable = variable->next) {
        if (variable->exported || !exported_only) {
            printf("%s%s='%s'\n", exported_only ? "export " : "", variable->name, variable->value);
        }
    }
}
