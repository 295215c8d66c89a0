/* --help, out of the table of options.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/options.h"

static const struct {
    const char *name;
    const char *id;
    const char *value;
    const char *help;
} rows[] = {
#define OPTION(name, id, takes, value, help) {name, #id, value, help},
#include "emu/options.def"
#undef OPTION
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

char *options_help(void)
{
    static const char usage[] =
        "ringside: a 32-bit x86 PC that can be watched, stepped, and stepped back\n\n"
        "  ringside [OPTIONS] [KERNEL [KERNEL ARGS...]]\n"
        "  ringside exec [OPTIONS] [--] PROGRAM [ARGS...]\n"
        "  ringside replay [OPTIONS] MOMENT\n"
        "  ringside grade [--in DIR] [--json FILE] [--junit FILE] [--tap FILE] SPEC...\n\n"
        "KERNEL is a multiboot, plain 32-bit ELF or Linux (bzImage, vmlinux) file; without it the "
        "bundled guest starts.\n"
        "exec boots the bundled guest and runs PROGRAM, a static 32-bit ELF file of the host, in "
        "it;\n"
        "its exit status becomes ringside's, or 128 + signal.\n"
        "replay reopens a place that save-moment has kept; grade judges programs (docs/grading.md)."
        "\n\n";
    static const char statuses[] =
        "\nExit status: what the guest chose through port F4h; 0 power off; 2 trouble on the "
        "host's\n"
        "side; 70 triple fault; 72 halted for good; 74 guest kernel panic; 124 limit reached.\n"
        "Headless on a terminal, Ctrl-] leaves.\n";
    size_t room = sizeof(usage) + sizeof(statuses) + ROWS * 160;
    char *text = malloc(room);
    size_t used;

    if (!text) {
        return NULL;
    }
    used = (size_t)snprintf(text, room, "%s", usage);
    for (size_t i = 0; i < ROWS; i++) {
        char name[48];

        snprintf(name, sizeof(name), "%s %s", rows[i].name, rows[i].value);
        used += (size_t)snprintf(text + used, room - used, "  %-28s %s%s\n", name, rows[i].help,
                                 strcmp(rows[i].id, "OPTION_LATER") == 0 ? " (not in this version)"
                                                                         : "");
    }
    snprintf(text + used, room - used, "%s", statuses);
    return text;
}
