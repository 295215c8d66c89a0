/* The bundled guest's files.
 * SPDX-License-Identifier: MIT */
#include "emu/bundle.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Relative to the folder of the program: as built, as installed. */
static const char *const places[] = {"guest-os", "../share/ringside"};

static bool try_folder(struct bundle *bundle, const char *program_folder, const char *place)
{
    snprintf(bundle->folder, sizeof(bundle->folder), "%.3900s/%s", program_folder, place);
    snprintf(bundle->kernel, sizeof(bundle->kernel), "%s/kernel.elf", bundle->folder);
    snprintf(bundle->ramdisk, sizeof(bundle->ramdisk), "%s/ramdisk.img", bundle->folder);
    snprintf(bundle->firmware, sizeof(bundle->firmware), "%s/firmware.bin", bundle->folder);
    snprintf(bundle->disk, sizeof(bundle->disk), "%s/disk.img", bundle->folder);
    return access(bundle->kernel, R_OK) == 0 && access(bundle->ramdisk, R_OK) == 0;
}

bool bundle_find(struct bundle *bundle, struct err *err)
{
    char program[4096] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash;

    program[length > 0 ? length : 0] = '\0';
    slash = strrchr(program, '/');
    if (slash) {
        *slash = '\0';
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (try_folder(bundle, program, places[i])) {
            return true;
        }
    }
    return err_set(err,
                   "the bundled guest is not in %.300s/guest-os; build it, or name a KERNEL to run",
                   program);
}

bool bundle_has_disk(const struct bundle *bundle, struct err *err)
{
    const char *missing = access(bundle->firmware, R_OK) != 0 ? bundle->firmware
                          : access(bundle->disk, R_OK) != 0   ? bundle->disk
                                                              : NULL;

    return !missing || err_set(err, "%s: is missing; build it, or name a KERNEL to run", missing);
}

void bundle_add_symbols(const struct bundle *bundle, struct elf_symbols *symbols)
{
    static const char *const images[] = {"firmware.elf", "loader.elf", "kernel.elf"};
    char folder[4352];
    DIR *directory;
    struct dirent *entry;

    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        snprintf(folder, sizeof(folder), "%s/%s", bundle->folder, images[i]);
        elf_symbols_add_file(symbols, folder, NULL);
    }

    snprintf(folder, sizeof(folder), "%s/user", bundle->folder);
    directory = opendir(folder);
    while (directory && (entry = readdir(directory)) != NULL) {
        char path[4640];

        if (!strchr(entry->d_name, '.')) { /* without the stripped copies */
            snprintf(path, sizeof(path), "%s/%.255s", folder, entry->d_name);
            elf_symbols_add_file(symbols, path, NULL);
        }
    }
    if (directory) {
        closedir(directory);
    }
}
