/* Prints the table of the debugger's commands as docs/debugger.md has it.
 * commands_doc              the table on standard output
 * commands_doc --check FILE exit status 1 and the first row that the page lacks
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session.h"

#define ROW_BYTES  1000u
#define PAGE_BYTES (1u << 20)

/* A bar in a cell of a table would end it. */
static void put_cell(char *row, size_t *used, const char *text)
{
    for (; *text && *used + 3 < ROW_BYTES; text++) {
        if (*text == '|') {
            row[(*used)++] = '\\';
        }
        row[(*used)++] = *text;
    }
    row[*used] = '\0';
}

/* "| `name` | text |"; false behind the last row. */
static bool row_make(size_t index, char *row)
{
    const char *name;
    const char *key;
    const char *text;
    size_t used = 0;

    if (!session_command_help(index, &name, &key, &text)) {
        return false;
    }
    put_cell(row, &used, "");
    used += (size_t)snprintf(row, ROW_BYTES, "| `");
    put_cell(row, &used, name);
    used += (size_t)snprintf(row + used, ROW_BYTES - used, "` | ");
    put_cell(row, &used, text);
    snprintf(row + used, ROW_BYTES - used, " |\n");
    return true;
}

static char *page_read(const char *path)
{
    FILE *file = fopen(path, "re");
    char *page = calloc(1, PAGE_BYTES);

    if (file && page && fread(page, 1, PAGE_BYTES - 1, file) == 0) {
        page[0] = '\0';
    }
    if (file) {
        fclose(file);
    }
    return page;
}

/* Every row stands in the page, and the page has no other commands. */
static int check(const char *path)
{
    char *page = page_read(path);
    const char *at = page ? strstr(page, "| command |") : NULL;
    char row[ROW_BYTES];
    int status = at ? 0 : 1;

    at = at ? strchr(at, '\n') : NULL;
    at = at ? strchr(at + 1, '\n') : NULL; /* behind the line of dashes */
    for (size_t i = 0; at && row_make(i, row); i++) {
        if (strncmp(at + 1, row, strlen(row)) != 0) {
            printf("%s: the table of commands should go on with\n%s", path, row);
            status = 1;
            break;
        }
        at += strlen(row);
    }
    if (status == 0 && at && at[1] == '|') {
        printf("%s: the table of commands has a row too many\n", path);
        status = 1;
    }
    free(page);
    return status;
}

int main(int count, char **arguments)
{
    char row[ROW_BYTES];

    if (count == 3 && strcmp(arguments[1], "--check") == 0) {
        return check(arguments[2]);
    }
    printf("| command | |\n|---|---|\n");
    for (size_t i = 0; row_make(i, row); i++) {
        fputs(row, stdout);
    }
    return 0;
}
