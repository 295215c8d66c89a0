/* /etc/inittab: what init does. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/init/init.h"

#define TABLE_BYTES 2048

/* The next word of *at, NULL at the end of the line; cuts it off. */
static char *next_word(char **at)
{
    char *word;

    *at += strspn(*at, " \t");
    word = *at;
    *at += strcspn(*at, " \t");
    if (**at != '\0') {
        *(*at)++ = '\0';
    }
    return *word == '\0' ? NULL : word;
}

static bool read_entry(struct entry *entry, char *line)
{
    char *action = next_word(&line), *terminal = next_word(&line);
    int count = 0;

    if (action == NULL || action[0] == '#' || terminal == NULL) {
        return false;
    }
    memset(entry, 0, sizeof(*entry));
    snprintf(entry->action, sizeof(entry->action), "%s", action);
    snprintf(entry->terminal, sizeof(entry->terminal), "%s", terminal);
    while (count < WORD_LIMIT - 1 && (entry->words[count] = next_word(&line)) != NULL) {
        count++;
    }
    return count > 0;
}

int table_read(struct entry entries[ENTRY_LIMIT])
{
    static char text[TABLE_BYTES];
    int fd = open("/etc/inittab", O_RDONLY | O_CLOEXEC), count = 0;
    int length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    char *line = text;

    if (length < 0) {
        perror("init: /etc/inittab");
        return 0;
    }
    close(fd);
    text[length] = '\0';
    while (*line != '\0' && count < ENTRY_LIMIT) {
        char *end = line + strcspn(line, "\n");
        bool more = *end != '\0';

        *end = '\0';
        count += read_entry(&entries[count], line);
        line = more ? end + 1 : end;
    }
    return count;
}
