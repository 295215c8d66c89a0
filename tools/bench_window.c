/* What the window costs the machine: the bundled guest runs with its history, and after every
 * 16.7 ms of it a picture is made as the window makes it, with the session held, for each preset.
 *   bench_window [--least PERCENT] GUEST_FOLDER
 * One line for each preset: microseconds a picture (median), and the machine's speed at 60
 * pictures a second in per cent of its speed without any. CPU times of this thread, so a busy host
 * changes little. --least: exit status 1 if a preset leaves less.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/boot.h"
#include "emu/bundle.h"
#include "emu/ui_priv.h"

#define COLUMNS       160u
#define ROWS          50u
#define FRAME_SECONDS (1.0 / 60)
#define FRAMES        60u
#define BOOT_CLOCKS   300000000u
#define SLICE_CLOCKS  100000u
#define HISTORY_BYTES (256ull << 20)
#define RAM_BYTES     (64u << 20)

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const struct err *err)
{
    fprintf(stderr, "bench_window: %s\n", err->message);
    exit(2);
}

static int by_size(const void *one, const void *other)
{
    const double *a = one;
    const double *b = other;

    return (*a > *b) - (*a < *b);
}

/* Median seconds of one picture with this preset. */
static double measure(struct ui *ui, struct session *session, enum ui_preset preset)
{
    double took[FRAMES];

    ui_use_preset(ui, preset);
    for (uint32_t frame = 0; frame < FRAMES; frame++) {
        double from = seconds();
        while (seconds() - from < FRAME_SECONDS) {
            session_advance(session, SLICE_CLOCKS);
        }
        from = seconds();
        ui_picture_draw(&ui->picture, session, true);
        took[frame] = seconds() - from;
    }
    qsort(took, FRAMES, sizeof took[0], by_size);
    return took[FRAMES / 2];
}

static int measure_all(struct ui *ui, struct session *session, double least)
{
    int status = 0;

    printf("%-12s %10s %8s\n", "preset", "us/picture", "speed %");
    for (uint32_t preset = 0; preset < PRESET_COUNT; preset++) {
        double took = measure(ui, session, (enum ui_preset)preset);
        double percent = 100 * (1 - took / FRAME_SECONDS);
        printf("%-12s %10.0f %8.1f\n", preset_info((enum ui_preset)preset)->word, took * 1e6,
               percent);
        if (percent < least) {
            status = 1;
        }
    }
    return status;
}

static struct machine *open_machine(struct boot *boot, const struct bundle *bundle)
{
    struct machine_config config;
    struct machine_boot loader = {.context = boot, .load = boot_load};
    struct err err = {0};
    struct machine *machine;

    machine_config_defaults(&config);
    config.ram_bytes = RAM_BYTES;
    config.own_guest = 1;
    if (!boot_open(boot, bundle->kernel, bundle->ramdisk, "kernel.elf demo=counters console=ttyS0",
                   RAM_BYTES, &err)) {
        fail(&err);
    }
    machine = machine_create(&config, &err);
    if (!machine || !machine_boot(machine, &loader, &err)) {
        fail(&err);
    }
    return machine;
}

static void name_files(struct bundle *bundle, const char *folder)
{
    snprintf(bundle->kernel, sizeof bundle->kernel, "%s/kernel.elf", folder);
    snprintf(bundle->ramdisk, sizeof bundle->ramdisk, "%s/ramdisk.img", folder);
    snprintf(bundle->folder, sizeof bundle->folder, "%s", folder);
}

int main(int count, char **arguments)
{
    static struct bundle bundle;
    static struct boot boot;
    static struct ui ui;
    struct elf_symbols *symbols = elf_symbols_create();
    struct ui_options options = {.font = "builtin", .symbols = symbols};
    struct err err = {0};
    double least = 0;

    if (count == 4 && strcmp(arguments[1], "--least") == 0) {
        least = strtod(arguments[2], NULL);
    } else if (count != 2) {
        fprintf(stderr, "bench_window [--least PERCENT] GUEST_FOLDER\n");
        return 2;
    }
    name_files(&bundle, arguments[count - 1]);
    struct machine *machine = open_machine(&boot, &bundle);
    bundle_add_symbols(&bundle, symbols);
    struct session *session = session_create(machine, symbols, HISTORY_BYTES, &err);
    if (!session || !ui_open(&ui, &options, &err) ||
        !ui_picture_resize(&ui.picture, COLUMNS, ROWS)) {
        fail(&err);
    }
    session_start_run(session);
    while (machine_clock(machine) < BOOT_CLOCKS) {
        session_advance(session, SLICE_CLOCKS);
    }
    int status = measure_all(&ui, session, least);
    ui_picture_free(&ui.picture);
    session_destroy(session);
    machine_destroy(machine);
    elf_symbols_destroy(symbols);
    boot_close(&boot);
    return status;
}
