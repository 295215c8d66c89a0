/* Command line to machine: images, symbols, the machine itself.
 * SPDX-License-Identifier: MIT */
#include "emu/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console_debugger.h"
#include "emu/console_host.h"
#include "emu/host_time.h"
#include "emu/job.h"

/* Whether the bundled guest boots through its firmware, from the bundled or another disk. */
static bool boots_bundle(const struct program *program)
{
    const struct options *options = &program->options;

    return !options->bios && !options->kernel && !options->exec && !options->initrd;
}

/* The bundled disk is the first one, unless others are named. */
static bool has_bundled_disk(const struct program *program)
{
    return (boots_bundle(program) || program->options.exec) && program->options.disk_count == 0;
}

static bool starts_in_firmware(const struct program *program)
{
    return program->options.bios || boots_bundle(program);
}

static bool roms_open(struct program *program, struct err *err)
{
    struct options *options = &program->options;
    const char *firmware = options->bios ? options->bios : program->bundle.firmware;

    if (options->vgabios) {
        program->option_rom = rom_open_option(options->vgabios, err);
        options->machine.option_rom = program->option_rom;
        if (!program->option_rom) {
            return false;
        }
    }
    if (!starts_in_firmware(program)) {
        return true;
    }
    program->firmware = rom_open_firmware(firmware, err);
    options->machine.firmware = program->firmware;
    return program->firmware &&
           (!options->append || rom_set_command_line(program->firmware, options->append, err));
}

/* The words for the bundled kernel that is loaded for exec. */
static bool exec_command_line(const struct program *program, char *line, size_t bytes,
                              struct err *err)
{
    const struct options *options = &program->options;
    int length = snprintf(line, bytes, "kernel.elf exec=%s quiet%s%s%s",
                          console_exec_pipes(options) ? "pipe" : "terminal",
                          has_bundled_disk(program) ? " root=/dev/hda" : "",
                          options->append ? " " : "", options->append ? options->append : "");

    return (size_t)length < bytes ||
           err_set(err, "--append: the kernel's command line becomes too long");
}

/* The kernel that is loaded without firmware. */
static bool kernel_open(struct program *program, struct err *err)
{
    struct options *options = &program->options;
    const char *kernel =
        options->kernel && options->subject_path ? options->subject_path : options->kernel;
    const char *initrd = options->initrd;

    if (!kernel) {
        kernel = options->guest_kernel ? options->guest_kernel : program->bundle.kernel;
        initrd = initrd || has_bundled_disk(program) ? initrd : program->bundle.ramdisk;
    }
    if (options->exec &&
        !exec_command_line(program, options->command_line, sizeof(options->command_line), err)) {
        return false;
    }
    return boot_open(&program->boot, kernel, initrd, options->command_line,
                     options->machine.ram_bytes, err);
}

/* The bundled disk, never written, unless others are named; the archive for /host in the last
 * place. */
static bool disks_open(struct program *program, struct err *err)
{
    const struct options *options = &program->options;
    struct disk_file **disks = program->options.machine.disks;
    struct job job = {
        .share = options->share,
        .files = options->job_files,
        .file_count = options->job_file_count,
    };
    char bundled[sizeof(program->bundle.disk) + 16];
    uint32_t count = options->disk_count;

    for (uint32_t i = 0; i < count; i++) {
        disks[i] = disk_file_open(options->disks[i], err);
        if (!disks[i]) {
            return false;
        }
    }
    if (count == 0 && has_bundled_disk(program)) {
        snprintf(bundled, sizeof(bundled), "%s,snapshot", program->bundle.disk);
        disks[0] = disk_file_open(bundled, err);
        if (!disks[0]) {
            return false;
        }
    }
    if (options->exec) {
        job.program = options->subject_path ? options->subject_path : options->arguments[0];
        job.arguments = options->arguments;
        job.count = options->argument_count;
    }
    if (!job.share && !job.program && !job.file_count) {
        return true;
    }
    disks[PC_DISKS - 1] = job_disk(&job, &options->machine, err);
    return disks[PC_DISKS - 1] != NULL;
}

static bool symbols_open(struct program *program, struct err *err)
{
    program->symbols = elf_symbols_create();
    if (!program->symbols) {
        return err_set(err, "no memory");
    }
    if (program->options.kernel) {
        elf_symbols_add_file(program->symbols, program->options.kernel, NULL);
    } else if (!program->options.headless || program->options.gdb || program->options.trace.kinds ||
               console_debugger_wanted(&program->options)) {
        bundle_add_symbols(&program->bundle, program->symbols);
    }
    return true;
}

bool program_open(struct program *program, struct err *err)
{
    struct options *options = &program->options;
    struct machine_boot loader = {.context = &program->boot, .load = boot_load};

    if (!options->kernel && !options->bios &&
        (!bundle_find(&program->bundle, err) || !bundle_has_disk(&program->bundle, err))) {
        return false;
    }
    options->machine.own_guest = !options->kernel && !options->bios;
    if (options->rtc_from_host) {
        options->machine.rtc_epoch = host_time_epoch();
    }
    options->machine.stop_on_halt = options->headless || options->on_halt == ON_HALT_STOP ? 1 : 0;
    if (!roms_open(program, err) || (!program->firmware && !kernel_open(program, err)) ||
        !disks_open(program, err) || !symbols_open(program, err) ||
        !program_origin_fill(program, err)) {
        return false;
    }
    if (options->moment && !moment_fits(options->moment, &options->machine, options->replay, err)) {
        return false;
    }
    program->machine = machine_create(&options->machine, err);
    if (!program->machine ||
        (!program->firmware && !machine_boot(program->machine, &loader, err))) {
        return false;
    }
    if (options->moment) {
        machine_set_log(program->machine, &options->moment->log);
    }
    if (options->trace.kinds) {
        program->trace = trace_open(program->machine, program->symbols, &options->trace, err);
    }
    return !options->trace.kinds || program->trace;
}

void program_close(struct program *program)
{
    machine_destroy(program->machine);
    elf_symbols_destroy(program->symbols);
    boot_close(&program->boot);
    rom_close(program->firmware);
    rom_close(program->option_rom);
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        disk_file_close(program->options.machine.disks[i]);
    }
    moment_words_free(&program->origin.options);
    moment_words_free(&program->origin.words);
}

/* The kernel's executable, for its debug information. */
const char *program_kernel_file(const struct program *program)
{
    return program->options.kernel         ? program->options.kernel
           : program->options.bios         ? NULL
           : program->options.guest_kernel ? program->options.guest_kernel
                                           : program->bundle.kernel;
}
