/* See clock_table.h. SPDX-License-Identifier: MIT */
#include "clock_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

FILE *table_open(const char *name)
{
    char path[1000];
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, sizeof path, "%.*s/data/%s", (int)(slash - __FILE__), __FILE__, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

bool table_next(FILE *file, struct table_row *row)
{
    do {
        if (!fgets(row->text, sizeof row->text, file)) {
            return false;
        }
    } while (row->text[0] == '#');
    row->text[strcspn(row->text, "\n")] = 0;
    row->count = 0;
    for (char *rest = row->text; rest;) {
        assert_true(row->count < TABLE_COLUMNS);
        row->cell[row->count++] = rest;
        rest = strchr(rest, '\t');
        if (rest) {
            *rest++ = 0;
        }
    }
    return true;
}

bool cell_empty(const char *cell)
{
    return strcmp(cell, "-") == 0;
}

/* A factor and what it multiplies: 12, 4x, m, ts, 4(n-1), INT. */
static uint32_t term(const char **at, const struct clock_terms *terms)
{
    const struct {
        const char *name;
        uint32_t value;
    } names[] = {{"(n-1)", terms->n - 1}, {"ts", terms->ts}, {"INT", terms->interrupt},
                 {"n", terms->n},         {"x", terms->x},   {"m", terms->m}};
    char *end = NULL;
    uint32_t factor = (uint32_t)strtoul(*at, &end, 10);
    factor = end == *at ? 1 : factor;
    *at = end;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(*at, names[i].name, strlen(names[i].name)) == 0) {
            *at += strlen(names[i].name);
            return factor * names[i].value;
        }
    }
    return factor;
}

/* Of "n=0:5 n=1:13 n>1:12+3n" the piece that holds for n. */
static const char *piece(const char *cell, uint32_t n)
{
    for (const char *at = cell; (at = strstr(at, "n")) != NULL; at++) {
        if (at[1] != '=' && at[1] != '>') {
            continue;
        }
        char *end;
        const uint32_t bound = (uint32_t)strtoul(at + 2, &end, 10);
        if (*end == ':' && (at[1] == '=' ? n == bound : n > bound)) {
            return end + 1;
        }
    }
    return cell;
}

uint32_t cell_value(const char *cell, const struct clock_terms *terms)
{
    const char *at = piece(cell, terms->n);
    uint32_t sum = term(&at, terms);
    while (*at == '+' && at[1]) {
        at++;
        sum += term(&at, terms);
    }
    if (*at && *at != ' ' && strcmp(at, "+") != 0) {
        fail_msg("clocks '%s': what is '%s'", cell, at);
    }
    return sum;
}

void cell_range(const char *cell, uint32_t *least, uint32_t *most)
{
    char *end;
    *least = (uint32_t)strtoul(cell, &end, 10);
    *most = *end == '-' ? (uint32_t)strtoul(end + 1, NULL, 10) : *least;
}

bool cell_cases(const char *cell, uint32_t *first, uint32_t *second)
{
    char *end;
    *first = (uint32_t)strtoul(cell, &end, 10);
    *second = *end == '|' ? (uint32_t)strtoul(end + 1, NULL, 10) : *first;
    return *end == '|';
}
