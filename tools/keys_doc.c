/* Prints the tables of keys, presets, themes and window commands as docs/keys.md has them.
 * keys_doc              the tables on standard output
 * keys_doc --check FILE exit status 1 and the first table that the page does not have so
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/ui_priv.h"

#define TABLES      4u
#define TABLE_BYTES 16384u

/* What may stand in a cell: a bar would end it, a star begin italics. */
static void put(char *table, const char *text)
{
    size_t used = strlen(table);

    for (; *text && used + 4 < TABLE_BYTES; text++) {
        if (*text == '|' || *text == '*' || *text == '<' || *text == '>') {
            table[used++] = '\\';
        }
        table[used++] = *text;
    }
    table[used] = '\0';
}

static void put_code(char *table, const char *text)
{
    size_t used = strlen(table);

    if (!text[0]) {
        return;
    }
    used += (size_t)snprintf(table + used, TABLE_BYTES - used, "`");
    for (; *text && used + 4 < TABLE_BYTES; text++) {
        if (*text == '|') {
            table[used++] = '\\';
        }
        table[used++] = *text;
    }
    snprintf(table + used, TABLE_BYTES - used, "`");
}

static void put_plain(char *table, const char *text)
{
    size_t used = strlen(table);

    snprintf(table + used, TABLE_BYTES - used, "%s", text);
}

/* "F2  T" as two keys. */
static void put_keys(char *table, const char *keys)
{
    char copy[32];
    bool first = true;

    if (strncmp(keys, "Ctrl", 4) == 0) {
        put_plain(table, "<kbd>Ctrl</kbd> ");
        keys += 4;
        keys += strspn(keys, " ");
    }
    snprintf(copy, sizeof copy, "%s", keys);
    for (char *key = strtok(copy, " "); key; key = strtok(NULL, " ")) {
        put_plain(table, first ? "<kbd>" : " <kbd>");
        put_plain(table, strcmp(key, "<") == 0 ? "&lt;" : strcmp(key, ">") == 0 ? "&gt;" : key);
        put_plain(table, "</kbd>");
        first = false;
    }
}

static void make_keys(char *table)
{
    const struct ui_action_info *row;

    put_plain(table, "| key | does | command | with Shift | command |\n|---|---|---|---|---|\n");
    for (size_t index = 0; (row = ui_action_row(index)) != NULL; index++) {
        put_plain(table, "| ");
        put_keys(table, row->keys);
        put_plain(table, " | ");
        put(table, row->text);
        put_plain(table, " | ");
        put_code(table, row->command);
        put_plain(table, " | ");
        put(table, row->shifted ? row->shifted : "");
        put_plain(table, " | ");
        put_code(table, row->back);
        put_plain(table, " |\n");
    }
}

static void make_presets(char *table)
{
    put_plain(table, "| key | preset | shows |\n|---|---|---|\n");
    for (uint32_t index = 0; index < PRESET_COUNT; index++) {
        const struct ui_preset_info *preset = preset_info((enum ui_preset)index);
        char key[2] = {preset->key, '\0'};
        put_plain(table, "| ");
        put_keys(table, key);
        put_plain(table, " | ");
        put_code(table, preset->word);
        put_plain(table, " | ");
        put(table, preset->text);
        put_plain(table, " |\n");
    }
}

static void make_themes(char *table)
{
    put_plain(table, "| theme | |\n|---|---|\n");
    for (uint32_t index = 0; index < THEME_COUNT; index++) {
        put_plain(table, "| ");
        put_code(table, paint_theme_word((enum paint_theme)index));
        put_plain(table, " | ");
        put(table, paint_theme_text((enum paint_theme)index));
        put_plain(table, " |\n");
    }
}

static void make_commands(char *table)
{
    const char *name;
    const char *text;

    put_plain(table, "| command | |\n|---|---|\n");
    for (size_t index = 0; ui_command_help(index, &name, &text); index++) {
        put_plain(table, "| ");
        put_code(table, name);
        put_plain(table, " | ");
        put(table, text);
        put_plain(table, " |\n");
    }
}

static void (*const makers[TABLES])(char *table) = {make_keys, make_presets, make_themes,
                                                    make_commands};

/* Every table stands in the page as it is, with no row more. */
static int check(const char *path)
{
    FILE *file = fopen(path, "re");
    char *page = calloc(1, 1u << 20);
    char *table = calloc(1, TABLE_BYTES);
    int status = 0;

    if (!file || !page || !table || fread(page, 1, (1u << 20) - 1, file) == 0) {
        printf("%s can not be read\n", path);
        status = 1;
    }
    for (uint32_t index = 0; index < TABLES && status == 0; index++) {
        table[0] = '\0';
        makers[index](table);
        const char *at = strstr(page, table);
        if (!at || at[strlen(table)] != '\n') {
            printf("%s: should have this table:\n%s", path, table);
            status = 1;
        }
    }
    if (file) {
        fclose(file);
    }
    free(page);
    free(table);
    return status;
}

int main(int count, char **arguments)
{
    char *table;

    if (count == 3 && strcmp(arguments[1], "--check") == 0) {
        return check(arguments[2]);
    }
    for (uint32_t index = 0; index < TABLES; index++) {
        table = calloc(1, TABLE_BYTES);
        if (table) {
            makers[index](table);
            printf("%s\n", table);
        }
        free(table);
    }
    return 0;
}
