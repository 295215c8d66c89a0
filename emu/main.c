/* The program: command line, images, machine, then the window or the console.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/boot.h"
#include "emu/bundle.h"
#include "emu/console_host.h"
#include "emu/host_time.h"
#include "emu/machine.h"
#include "emu/options.h"
#include "emu/window_host.h"

#define EXIT_TROUBLE 2

struct program {
    struct options options;
    struct bundle bundle;
    struct boot boot;
    struct elf_symbols *symbols;
    struct rom *firmware;   /* NULL: a kernel is loaded */
    struct rom *option_rom; /* NULL: none */
    struct machine *machine;
};

static int trouble(const struct err *err)
{
    fprintf(stderr, "ringside: %s\n", err->message);
    return EXIT_TROUBLE;
}

static int print_help(void)
{
    char *text = options_help();

    if (text) {
        fputs(text, stdout);
    }
    free(text);
    return 0;
}

/* Without a KERNEL: the bundled one and its ramdisk. */
static bool choose_images(struct program *program, const char **kernel, const char **initrd,
                          struct err *err)
{
    *kernel = program->options.kernel;
    *initrd = program->options.initrd;
    if (*kernel) {
        return true;
    }
    if (!bundle_find(&program->bundle, err)) {
        return false;
    }
    *kernel = program->bundle.kernel;
    *initrd = *initrd ? *initrd : program->bundle.ramdisk;
    return true;
}

static bool disks_open(struct program *program, struct err *err)
{
    struct disk_file **disks = program->options.machine.disks;

    for (uint32_t i = 0; i < program->options.disk_count; i++) {
        disks[i] = disk_file_open(program->options.disks[i], err);
        if (!disks[i]) {
            return false;
        }
    }
    return true;
}

static bool roms_open(struct program *program, struct err *err)
{
    struct options *options = &program->options;

    if (options->bios) {
        program->firmware = rom_open_firmware(options->bios, err);
        options->machine.firmware = program->firmware;
    }
    if (options->vgabios) {
        program->option_rom = rom_open_option(options->vgabios, err);
        options->machine.option_rom = program->option_rom;
    }
    return (!options->bios || program->firmware) && (!options->vgabios || program->option_rom);
}

/* The kernel that is loaded without firmware, and what of its symbols is known. */
static bool kernel_open(struct program *program, struct err *err)
{
    const char *kernel;
    const char *initrd;

    if (!choose_images(program, &kernel, &initrd, err) ||
        !boot_open(&program->boot, kernel, initrd, program->options.command_line,
                   program->options.machine.ram_bytes, err)) {
        return false;
    }
    elf_symbols_add_file(program->symbols, kernel, NULL);
    if (!program->options.kernel) {
        bundle_add_symbols(&program->bundle, program->symbols);
    }
    return true;
}

static bool program_open(struct program *program, struct err *err)
{
    struct machine_config *config = &program->options.machine;
    struct machine_boot loader = {.context = &program->boot, .load = boot_load};

    if (program->options.rtc_from_host) {
        config->rtc_epoch = host_time_epoch();
    }
    config->stop_on_halt =
        program->options.headless || program->options.on_halt == ON_HALT_STOP ? 1 : 0;
    program->symbols = elf_symbols_create();
    if (!program->symbols) {
        return err_set(err, "no memory");
    }
    if (!roms_open(program, err) || (!program->firmware && !kernel_open(program, err)) ||
        !disks_open(program, err)) {
        return false;
    }
    program->machine = machine_create(config, err);
    return program->machine && (program->firmware || machine_boot(program->machine, &loader, err));
}

static void program_close(struct program *program)
{
    machine_destroy(program->machine);
    elf_symbols_destroy(program->symbols);
    boot_close(&program->boot);
    rom_close(program->firmware);
    rom_close(program->option_rom);
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        disk_file_close(program->options.machine.disks[i]);
    }
}

int main(int count, char **arguments)
{
    static struct program program;
    struct err err = {0};
    int status;

    if (!options_parse(&program.options, count - 1, arguments + 1, &err)) {
        return trouble(&err);
    }
    if (program.options.show_help) {
        return print_help();
    }
    if (program.options.show_version) {
        printf("ringside %s\n", RINGSIDE_VERSION);
        return 0;
    }
    if (!program_open(&program, &err)) {
        program_close(&program);
        return trouble(&err);
    }
    status = program.options.headless
                 ? console_host_run(program.machine, &program.options, program.symbols)
                 : window_host_run(program.machine, &program.options, program.symbols);
    if (!machine_write_disks(program.machine, &err)) {
        status = trouble(&err);
    }
    program_close(&program);
    return status;
}
