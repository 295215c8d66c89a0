/* The environment of this program. SPDX-License-Identifier: MIT */
#include "libc/include/stdlib.h"

#include "libc/include/string.h"
#include "libc/include/unistd.h"

#include <stdbool.h>

static bool is_ours; /* environ is an array that setenv made */

/* The place of `name` in environ, or of the NULL at its end. */
static char **find(const char *name, size_t length)
{
    char **entry = environ;

    while (*entry != NULL && (strncmp(*entry, name, length) != 0 || (*entry)[length] != '=')) {
        entry++;
    }
    return entry;
}

char *getenv(const char *name)
{
    size_t length = strlen(name);
    char **entry = find(name, length);

    return *entry == NULL ? NULL : *entry + length + 1;
}

/* Room for one more entry. */
static bool grow(void)
{
    size_t count = 0;
    char **copy;

    while (environ[count] != NULL) {
        count++;
    }
    copy = malloc((count + 2) * sizeof(*copy));
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, environ, (count + 1) * sizeof(*copy));
    copy[count + 1] = NULL;
    if (is_ours) {
        free(environ);
    }
    environ = copy;
    is_ours = true;
    return true;
}

int setenv(const char *name, const char *value, int overwrite)
{
    size_t length = strlen(name);
    char **entry = find(name, length);
    char *text;

    if (*entry != NULL && !overwrite) {
        return 0;
    }
    text = malloc(length + strlen(value) + 2);
    if (text == NULL || (*entry == NULL && !grow())) {
        free(text);
        return -1;
    }
    strcpy(text, name);
    text[length] = '=';
    strcpy(text + length + 1, value);
    *find(name, length) = text; /* an old text may be the kernel's, so it is not freed */
    return 0;
}

int unsetenv(const char *name)
{
    char **entry = find(name, strlen(name));

    for (; *entry != NULL; entry++) {
        entry[0] = entry[1];
    }
    return 0;
}

int putenv(char *entry)
{
    const char *sign = strchr(entry, '=');

    if (sign == NULL) {
        return unsetenv(entry);
    }
    if (*find(entry, (size_t)(sign - entry)) == NULL && !grow()) {
        return -1;
    }
    *find(entry, (size_t)(sign - entry)) = entry;
    return 0;
}

int clearenv(void)
{
    environ[0] = NULL;
    return 0;
}
