/* What the guest gets from the host at its start: the folder of --share, the program of exec.
 * It comes as a disk that holds one cpio archive; the guest unpacks it at /host.
 *
 *   .job/program   the ELF file       .job/argv   its arguments, each ended by a 0 byte
 *   everything else                   what is in the shared folder
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/disk_file.h"
#include "emu/err.h"
#include "emu/machine.h"

/* A file of the host that is put into /host under another name. */
struct job_file {
    const char *path;
    const char *name; /* one name, without / */
};

struct job {
    const char *share; /* folder, NULL: none */
    const struct job_file *files;
    uint32_t file_count;
    const char *program;    /* of exec, NULL: none */
    char *const *arguments; /* the program as given, and what follows */
    int count;              /* of them */
};

/* The disk for a machine of this configuration; NULL with *err filled: one line that names the
 * file and what would be right. */
struct disk_file *job_disk(const struct job *job, const struct machine_config *config,
                           struct err *err);

/* What the guest's init writes to PORT_EXIT when the program has ended: this and the status that
 * wait() gave it. */
#define JOB_ENDED 0x58000000u

enum job_end { JOB_OTHER, JOB_EXITED, JOB_SIGNALED };

/* How a program ended, from the value written to PORT_EXIT; *number: its status, or the signal. */
enum job_end job_decode(uint32_t exit_value, int *number);
