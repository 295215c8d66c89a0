/* Debug information: source lines and addresses (DWARF 5, section 6.2).
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <string.h>

#include "emu/dwarf_priv.h"

bool dwarf_unit_at(const struct dwarf_info *info, uint32_t address, Dwarf_Die *unit)
{
    const struct dwarf_name *function = dwarf_function_over(info, address);
    Dwarf_Die die;

    if (function && dwarf_die_at(info, function->die, &die)) {
        return dwarf_diecu(&die, unit, NULL, NULL) != NULL;
    }
    return dwarf_addrdie(info->dwarf, address, unit) != NULL;
}

/* "a/./b" and "a/x/../b" become "a/b". */
static void path_clean(char *to, size_t bytes, const char *from)
{
    size_t used = 0;

    if (*from == '/' && bytes > 1) {
        to[used++] = '/';
    }
    while (*from) {
        size_t length = strcspn(from, "/");
        bool up = length == 2 && from[0] == '.' && from[1] == '.';

        if (up && used > 0 && to[used - 1] != '/') {
            while (used > 0 && to[used - 1] != '/') {
                used--;
            }
            used -= used > 1;
        } else if (length && !(length == 1 && from[0] == '.')) {
            if (used && to[used - 1] != '/' && used + 1 < bytes) {
                to[used++] = '/';
            }
            length = used + length < bytes ? length : bytes - 1 - used;
            memcpy(to + used, from, length);
            used += length;
            from += length;
            from += strcspn(from, "/");
            length = 0;
        }
        from += length;
        from += strspn(from, "/");
    }
    to[used] = '\0';
}

bool dwarf_line_at(const struct dwarf_info *info, uint32_t address, struct dwarf_line *line)
{
    Dwarf_Die unit;
    Dwarf_Lines *lines;
    Dwarf_Addr at;
    Dwarf_Line *found;
    size_t count;
    int number;

    if (!dwarf_unit_at(info, address, &unit)) {
        return false;
    }
    found = dwarf_getsrc_die(&unit, address);
    if (!found || dwarf_lineaddr(found, &at) != 0 || dwarf_lineno(found, &number) != 0 ||
        number <= 0 || dwarf_getsrclines(&unit, &lines, &count) != 0) {
        return false;
    }
    line->line = (uint32_t)number;
    line->first = (uint32_t)at;
    line->end = (uint32_t)at;
    const char *file = dwarf_linesrc(found, NULL, NULL);
    path_clean(line->file, sizeof(line->file), file ? file : "?");
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *next = dwarf_onesrcline(lines, i);

        if (next && dwarf_lineaddr(next, &at) == 0 && at > address &&
            (line->end <= address || at < line->end)) {
            line->end = (uint32_t)at;
        }
    }
    return line->end > address;
}

/* Whether `path` is `file`, or ends with it after a slash. */
static bool path_matches(const char *path, const char *file)
{
    char clean[DWARF_NAME_BYTES * 2];
    size_t length;
    size_t wanted = strlen(file);

    path_clean(clean, sizeof(clean), path);
    length = strlen(clean);
    return length >= wanted && strcmp(clean + length - wanted, file) == 0 &&
           (length == wanted || clean[length - wanted - 1] == '/' || file[0] == '/');
}

struct line_search {
    const struct dwarf_info *info;
    const char *file;
    uint32_t line;       /* wanted */
    uint32_t best;       /* least line with code that is not before it; 0: none yet */
    uint32_t *addresses; /* of `best`, ascending */
    uint32_t limit;      /* of addresses */
    uint32_t count;
};

static void address_insert(struct line_search *search, uint32_t address)
{
    const struct dwarf_name *function = dwarf_function_over(search->info, address);
    uint32_t at = 0;

    for (uint32_t i = 0; i < search->count; i++) {
        const struct dwarf_name *other = dwarf_function_over(search->info, search->addresses[i]);

        if (other == function) {
            if (address < search->addresses[i]) {
                search->addresses[i] = address;
            }
            return;
        }
    }
    while (at < search->count && search->addresses[at] < address) {
        at++;
    }
    if (search->count < search->limit) {
        memmove(search->addresses + at + 1, search->addresses + at,
                (search->count - at) * sizeof(*search->addresses));
        search->addresses[at] = address;
        search->count++;
    }
}

static void unit_search(struct line_search *search, Dwarf_Die *unit)
{
    Dwarf_Lines *lines;
    const char *last = NULL;
    bool matches = false;
    size_t count;

    if (dwarf_getsrclines(unit, &lines, &count) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *row = dwarf_onesrcline(lines, i);
        const char *file = row ? dwarf_linesrc(row, NULL, NULL) : NULL;
        Dwarf_Addr address = 0;
        bool statement = false;
        bool end = false;
        int line = 0;

        if (!file || dwarf_lineno(row, &line) != 0 || dwarf_lineaddr(row, &address) != 0) {
            continue;
        }
        if (file != last) {
            matches = path_matches(file, search->file);
            last = file;
        }
        dwarf_linebeginstatement(row, &statement);
        dwarf_lineendsequence(row, &end);
        if (!matches || !statement || end || address == 0 || line < (int)search->line ||
            (search->best && line > (int)search->best)) {
            continue;
        }
        if (!search->best || line < (int)search->best) {
            search->best = (uint32_t)line;
            search->count = 0;
        }
        address_insert(search, (uint32_t)address);
    }
}

uint32_t dwarf_line_addresses(const struct dwarf_info *info, const char *file, uint32_t line,
                              uint32_t *addresses, uint32_t limit, uint32_t *found)
{
    struct line_search search = {
        .info = info, .file = file, .line = line, .addresses = addresses, .limit = limit};
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type;

    while (file[0] && dwarf_get_units(info->dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
        if (type == DW_UT_compile) {
            unit_search(&search, &die);
        }
    }
    *found = search.best;
    return search.count;
}
