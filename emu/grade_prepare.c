/* Making the machine that a spec asks for.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emu/grade_run_priv.h"

bool grade_run_wrong(struct grade_runner *run, struct grade_position at, const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return err_set(run->err, "%.200s:%" PRIu32 ":%" PRIu32 ": %.290s", run->path, at.line,
                   at.column, text);
}

static bool path_of(struct grade_runner *run, struct grade_position at, const char *name,
                    char *path)
{
    int length = name[0] == '/' ? snprintf(path, 4096, "%s", name)
                                : snprintf(path, 4096, "%s/%s", run->folder, name);

    return length < 4096 || grade_run_wrong(run, at, "the path is too long");
}

/* Options of the machine that a spec may choose; everything else is the command line's. */
static bool may_choose(struct grade_runner *run, const char *word)
{
    static const char *const allowed[] = {"--cpu",    "--timing", "--mem",      "--clock",
                                          "--apic",   "--rtc",    "--seed",     "--jitter",
                                          "--append", "--initrd", "--on-reset", "--disk"};

    if (word[0] != '-') {
        return true;
    }
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        size_t length = strlen(allowed[i]);

        if (strncmp(word, allowed[i], length) == 0 &&
            (word[length] == '\0' || word[length] == '=')) {
            return true;
        }
    }
    return grade_run_wrong(run, run->spec->options_position, "%.60s: not an option of the machine",
                           word);
}

/* Files that options name lie where the spec's other files do, and are never written. */
static bool images_find(struct grade_runner *run, struct options *options)
{
    struct grade_position at = run->spec->options_position;

    if (options->initrd) {
        if (!path_of(run, at, options->initrd, run->image_paths[PC_DISKS])) {
            return false;
        }
        options->initrd = run->image_paths[PC_DISKS];
    }
    for (uint32_t i = 0; i < options->disk_count; i++) {
        if (!strstr(options->disks[i], ",snapshot") && !strstr(options->disks[i], ",ro")) {
            return grade_run_wrong(run, at, "--disk %.200s: must be FILE,snapshot or FILE,ro",
                                   options->disks[i]);
        }
        if (!path_of(run, at, options->disks[i], run->image_paths[i])) {
            return false;
        }
        options->disks[i] = run->image_paths[i];
    }
    return true;
}

bool grade_run_options_make(struct grade_runner *run, struct options *options)
{
    const struct grade_spec *spec = run->spec;
    char **line = run->line;
    struct err err = {0};
    int count = 0;

    if (spec->subject != GRADE_KERNEL) {
        line[count++] = (char *)"exec";
    }
    for (uint32_t i = 0; i < spec->option_count; i++) {
        if (!may_choose(run, spec->options[i])) {
            return false;
        }
        line[count++] = (char *)spec->options[i];
    }
    line[count++] = (char *)"--";
    if (spec->subject == GRADE_SHELL) {
        line[count++] = (char *)"sh";
        line[count++] = (char *)"-c";
    }
    for (uint32_t i = 0; i < spec->word_count; i++) {
        line[count++] = (char *)spec->words[i];
    }
    if (!options_parse(options, count, line, &err)) {
        return grade_run_wrong(
            run, spec->options_position.line ? spec->options_position : spec->subject_position,
            "%s", err.message);
    }
    options->headless = 1;
    if (options->rtc_from_host) {
        return grade_run_wrong(run, spec->options_position,
                               "--rtc host: would be another run each time");
    }
    return images_find(run, options);
}

bool grade_run_paths_make(struct grade_runner *run, struct options *options)
{
    const struct grade_spec *spec = run->spec;
    struct bundle bundle;

    if (spec->subject == GRADE_SHELL) {
        if (!bundle_find(&bundle, run->err)) {
            return false;
        }
        snprintf(run->subject, sizeof(run->subject), "%.4000s/user/sh", bundle.folder);
    } else if (!path_of(run, spec->subject_position, spec->words[0], run->subject)) {
        return false;
    }
    options->subject_path = run->subject;
    if (spec->guest_kernel) {
        if (!path_of(run, spec->guest_kernel_position, spec->guest_kernel, run->guest_kernel)) {
            return false;
        }
        options->guest_kernel = run->guest_kernel;
    }
    for (uint32_t i = 0; i < spec->file_count; i++) {
        if (!path_of(run, spec->files[i].position, spec->files[i].path, run->file_paths[i])) {
            return false;
        }
        run->files[i] = (struct job_file){.path = run->file_paths[i], .name = spec->files[i].name};
    }
    options->job_files = run->files;
    options->job_file_count = spec->file_count;
    return true;
}

struct grade_position grade_run_blame(const struct grade_runner *run, const char *message)
{
    const struct grade_spec *spec = run->spec;

    for (uint32_t i = 0; i < spec->file_count; i++) {
        if (strncmp(message, run->file_paths[i], strlen(run->file_paths[i])) == 0) {
            return spec->files[i].position;
        }
    }
    if (spec->guest_kernel && strncmp(message, run->guest_kernel, strlen(run->guest_kernel)) == 0) {
        return spec->guest_kernel_position;
    }
    return spec->subject_position;
}

bool grade_run_requirements_hold(struct grade_runner *run)
{
    const struct grade_outcome *outcome = run->outcome;

    for (uint32_t i = 0; i < run->spec->require_count; i++) {
        const struct grade_require *require = &run->spec->requires[i];
        const char *here = strcmp(require->what, "version") == 0  ? outcome->version
                           : strcmp(require->what, "timing") == 0 ? outcome->timing
                                                                  : NULL;
        char hash[20];

        for (uint32_t k = 0; !here && k < outcome->image_count; k++) {
            if (strcmp(require->what, outcome->images[k].what) == 0) {
                snprintf(hash, sizeof(hash), "%016" PRIx64, outcome->images[k].hash);
                here = hash;
            }
        }
        if (!here) {
            return grade_run_wrong(run, require->position, "%.40s: this run has none",
                                   require->what);
        }
        if (strcmp(here, require->value) != 0) {
            return grade_run_wrong(run, require->position, "is for %.40s %.40s; here it is %.40s",
                                   require->what, require->value, here);
        }
    }
    return true;
}

void grade_run_describe_machine(struct grade_runner *run)
{
    static const char *const timings[] = {"i486", "i386", "unit"};
    const struct machine_config *config = machine_get_config(run->machine);
    struct grade_outcome *outcome = run->outcome;

    outcome->image_count = moment_images(config, outcome->images);
    snprintf(outcome->version, sizeof(outcome->version), "%s", RINGSIDE_VERSION);
    snprintf(outcome->timing, sizeof(outcome->timing), "%s", timings[config->timing]);
}

void grade_run_symbols_make(struct grade_runner *run)
{
    const char *kernel = program_kernel_file(run->program);

    if (run->spec->subject != GRADE_KERNEL) {
        elf_symbols_add_file(run->program->symbols, kernel, NULL);
        elf_symbols_add_file(run->program->symbols, run->subject, NULL);
    } else {
        elf_symbols_add_file(run->program->symbols, run->subject, NULL);
    }
}

bool grade_run_script_open(struct grade_runner *run)
{
    const struct grade_spec *spec = run->spec;
    char path[4096];

    if (spec->typed) {
        run->script = input_script_of_text(spec->typed, run->path, run->err);
        return run->script != NULL;
    }
    if (!spec->input) {
        return true;
    }
    if (!path_of(run, spec->input_position, spec->input, path)) {
        return false;
    }
    run->script = input_script_open(path, run->err);
    return run->script || grade_run_wrong(run, spec->input_position, "%s", run->err->message);
}
