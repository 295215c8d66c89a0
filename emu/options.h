/* The command line: one table says every option, what it takes, and its help.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/boot.h"
#include "emu/err.h"
#include "emu/machine.h"
#include "emu/trace.h"

struct job_file;
struct moment;

enum pace { PACE_DEFAULT, PACE_MAX, PACE_REAL };
enum on_halt { ON_HALT_DEFAULT, ON_HALT_STOP, ON_HALT_WAIT };

#define OPTIONS_REPEATED 16u

struct options {
    struct machine_config machine;                /* level, timing, memory, clock, RTC, reset */
    const char *kernel;                           /* NULL: the bundled guest */
    const char *initrd;                           /* NULL: none (or the bundled one) */
    const char *share;                            /* --share, NULL: none */
    const char *append;                           /* NULL: nothing */
    const char *input;                            /* --input, NULL: none */
    const char *serial[2];                        /* --serial, NULL: default */
    const char *disks[PC_DISKS];                  /* --disk, in the order given */
    const char *bios;                             /* NULL: none */
    const char *vgabios;                          /* NULL: none */
    const char *debugcon;                         /* NULL: stderr */
    const char *json;                             /* NULL: none */
    const char *record;                           /* NULL: none */
    const char *moment_file;                      /* --moment: save one at the end; NULL: no */
    const char *replay;                           /* replay: the file; NULL: not asked for */
    struct moment *moment;                        /* of replay, the caller's; NULL: none */
    const char *subject_path;                     /* where the program of exec or the kernel is, if
                                                     it is known by another name; NULL: not */
    const struct job_file *job_files;             /* the caller's: what else is put into /host */
    uint32_t job_file_count;                      /* of them */
    const char *guest_kernel;                     /* for exec; NULL: the bundled one */
    uint32_t grade;                               /* 1: grade SPEC...: words are in arguments */
    const char *grade_folder;                     /* --in, NULL: of each spec */
    const char *junit;                            /* --junit, NULL: none */
    const char *tap;                              /* --tap, NULL: none */
    uint32_t quiz;                                /* 1: --quiz */
    const char *gdb;                              /* --gdb: port or unix:PATH, NULL: none */
    const char *breaks[OPTIONS_REPEATED];         /* --break, in the order given */
    const char *scripts[OPTIONS_REPEATED];        /* --script and -x, in the order given */
    uint32_t break_count;                         /* uses of --break, 0..16 */
    uint32_t script_count;                        /* uses of --script, 0..16 */
    uint64_t max_clocks;                          /* UINT64_MAX: no limit */
    uint64_t max_instructions;                    /* UINT64_MAX: no limit */
    uint32_t max_seconds;                         /* 0: no limit */
    uint64_t history_bytes;                       /* UINT64_MAX: default of the front end */
    enum pace pace;                               /* PACE_DEFAULT: by the front end */
    enum on_halt on_halt;                         /* ON_HALT_DEFAULT: by the front end */
    uint32_t rtc_from_host;                       /* 1: --rtc host */
    uint32_t serial_count;                        /* uses of --serial, 0..2 */
    uint32_t disk_count;                          /* uses of --disk, 0..4 */
    struct trace_setup trace;                     /* kinds 0: no --trace */
    uint32_t exec;                                /* 1: exec PROGRAM; headless is 1 too */
    char *const *kernel_words;                    /* kernel and what follows */
    int kernel_word_count;                        /* of them */
    char *const *arguments;                       /* of exec: PROGRAM and what follows */
    int argument_count;                           /* of them */
    uint32_t counters;                            /* 1: --counters */
    uint32_t headless;                            /* 1: --headless */
    uint32_t tui;                                 /* 1: --tui */
    const char *preset;                           /* NULL: as the user has it */
    const char *theme;                            /* NULL: as the user has it */
    const char *font;                             /* NULL: as the user has it */
    uint32_t font_pixels;                         /* --font-size, 0: as the user has it */
    uint32_t show_help;                           /* 1: --help */
    uint32_t show_version;                        /* 1: --version */
    char command_line[BOOT_COMMAND_LINE_MAX + 1]; /* for the kernel: name, arguments, --append */
};

/* Parse `count` arguments (without the program's name). false with *err filled, one line that
 * names the argument and what would be right. The strings stay the caller's. */
bool options_parse(struct options *options, int count, char *const *arguments, struct err *err);
/* The text of --help, to be freed by the caller; NULL without memory. */
char *options_help(void);
/* A size with suffix K, M or G, in bytes; false if it is none. */
bool options_size(const char *text, uint64_t *bytes);
