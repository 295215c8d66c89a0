/* What a machine was made of, as words that make it again: for moments.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "emu/program.h"

static bool add_pair(struct moment_words *words, const char *name, const char *value)
{
    return !value || (moment_words_add(words, "%s", name) && moment_words_add(words, "%s", value));
}

/* Options whose value is a word of a list; the same lists as options.c, in the order of the enums.
 */
static bool add_machine(struct moment_words *words, const struct machine_config *config)
{
    static const char *const levels[] = {"i386", "i486", "i586", "i686"};
    static const char *const timings[] = {"i486", "i386", "unit"};

    return add_pair(words, "--cpu", levels[config->level]) &&
           add_pair(words, "--timing", timings[config->timing]) &&
           moment_words_add(words, "--mem=%" PRIu64 "K", config->ram_bytes / 1024) &&
           moment_words_add(words, "--clock=%" PRIu64, config->clock_hz) &&
           moment_words_add(words, "--rtc=%" PRIu64, config->rtc_epoch) &&
           moment_words_add(words, "--seed=%" PRIu64, config->seed) &&
           (!config->jitter || moment_words_add(words, "--jitter")) &&
           add_pair(words, "--apic", config->apics ? "on" : "off") &&
           add_pair(words, "--on-reset", config->reboot_on_reset ? "reboot" : "stop");
}

static bool add_images(struct moment_words *words, const struct options *options)
{
    bool good = add_pair(words, "--bios", options->bios) &&
                add_pair(words, "--vgabios", options->vgabios) &&
                add_pair(words, "--initrd", options->initrd) &&
                add_pair(words, "--append", options->append) &&
                add_pair(words, "--share", options->share);

    for (uint32_t i = 0; i < options->disk_count; i++) {
        good = good && add_pair(words, "--disk", options->disks[i]);
    }
    return good;
}

bool program_origin_fill(struct program *program, struct err *err)
{
    const struct options *options = &program->options;
    struct moment_origin *origin = &program->origin;
    const struct boot *boot = &program->boot;
    bool good;

    origin->version = RINGSIDE_VERSION;
    origin->exec = options->exec;
    good =
        add_machine(&origin->options, &options->machine) && add_images(&origin->options, options);
    if (options->exec) {
        for (int i = 0; i < options->argument_count; i++) {
            good = good && moment_words_add(&origin->words, "%s", options->arguments[i]);
        }
    } else {
        for (int i = 0; i < options->kernel_word_count; i++) {
            good = good && moment_words_add(&origin->words, "%s", options->kernel_words[i]);
        }
    }
    if (boot->kernel) {
        origin->kernel_hash = XXH3_64bits(boot->kernel, boot->kernel_bytes);
    }
    if (boot->initrd) {
        origin->initrd_hash = XXH3_64bits(boot->initrd, boot->initrd_bytes);
    }
    if (!good) { /* too many words: no moments, but everything else */
        moment_words_free(&origin->options);
        moment_words_free(&origin->words);
        program->options.machine.origin = NULL;
        return !options->moment_file ||
               err_set(err, "--moment: the command line is too long to be kept");
    }
    program->options.machine.origin = origin;
    return true;
}
