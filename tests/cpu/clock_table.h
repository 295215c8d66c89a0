/* Tables of published clocks (data/): reading their rows, and the value of a cell.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS 24u

struct table_row {
    char text[700];
    const char *cell[TABLE_COLUMNS]; /* "-" where nothing is published */
    uint32_t count;                  /* of cells */
};

/* The terms of an expression. */
struct clock_terms {
    uint32_t n;         /* iterations, levels, bits */
    uint32_t x;         /* parameters */
    uint32_t m;         /* components of the instruction at the target */
    uint32_t ts;        /* clocks of the task switch */
    uint32_t interrupt; /* clocks of INT on the same way */
};

/* data/<name>, beside this file. Fails the test if it is not there. */
FILE *table_open(const char *name);
/* The next row that is not a comment; false at the end. */
bool table_next(FILE *file, struct table_row *row);

bool cell_empty(const char *cell);
/* "12+3n", "n=0:5 n>0:7+4n", "15+4(n-1)", "94+4x+m", "37+ts", "INT+24", "6+" (its least). */
uint32_t cell_value(const char *cell, const struct clock_terms *terms);
/* "13-18", or one number for both. */
void cell_range(const char *cell, uint32_t *least, uint32_t *most);
/* "4|3": true. */
bool cell_cases(const char *cell, uint32_t *first, uint32_t *second);
