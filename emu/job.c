/* The guest's share of the host's files.
 * See: System V ABI, Intel386 supplement (ELF header); Linux wait(2), the layout of a status.
 * SPDX-License-Identifier: MIT */
#include "emu/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cpio.h"
#include "emu/elf_image.h"
#include "emu/file.h"

#define ARCHIVE_NAME   "the archive for /host"
#define ARGUMENT_BYTES (128u << 10) /* as much as execve() takes */

/* ---- the archive ---- */

static bool arguments_add(struct cpio *cpio, const struct job *job, struct err *err)
{
    char *text = malloc(ARGUMENT_BYTES);
    size_t used = 0;
    bool good = text != NULL || err_set(err, "no memory");

    for (int i = 0; good && i < job->count; i++) {
        size_t length = strlen(job->arguments[i]) + 1;

        if (length > ARGUMENT_BYTES - used) {
            good = err_set(err, "exec: the arguments have more than %u KiB", ARGUMENT_BYTES >> 10);
        } else {
            memcpy(text + used, job->arguments[i], length);
            used += length;
        }
    }
    good = good && cpio_add(cpio, CPIO_FILE, ".job/argv", 0444, text, used, err);
    free(text);
    return good;
}

static bool program_add(struct cpio *cpio, const struct job *job, struct err *err)
{
    uint8_t *bytes;
    size_t size;
    bool good;

    if (!file_read(job->program, cpio->limit, &bytes, &size, err)) {
        return false;
    }
    good = elf_program_check(bytes, size, job->program, err) &&
           cpio_add(cpio, CPIO_DIRECTORY, ".job", 0555, NULL, 0, err) &&
           cpio_add(cpio, CPIO_FILE, ".job/program", 0555, bytes, size, err) &&
           arguments_add(cpio, job, err);
    free(bytes);
    return good;
}

static bool files_add(struct cpio *cpio, const struct job *job, struct err *err)
{
    for (uint32_t i = 0; i < job->file_count; i++) {
        uint8_t *bytes;
        size_t size;
        bool good;

        if (!file_read(job->files[i].path, cpio->limit, &bytes, &size, err)) {
            return false;
        }
        good = cpio_add(cpio, CPIO_FILE, job->files[i].name, 0555, bytes, size, err);
        free(bytes);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool has_own_job(const char *folder)
{
    char path[4096];

    return (size_t)snprintf(path, sizeof(path), "%s/.job", folder) < sizeof(path) &&
           access(path, F_OK) == 0;
}

struct disk_file *job_disk(const struct job *job, const struct machine_config *config,
                           struct err *err)
{
    struct cpio cpio;

    if (job->program && job->share && has_own_job(job->share)) {
        err_set(err, "%s/.job: exec needs this name for itself; rename it", job->share);
        return NULL;
    }
    cpio_init(&cpio, config->ram_bytes / 2, (uint32_t)config->rtc_epoch);
    if ((job->program && !program_add(&cpio, job, err)) || !files_add(&cpio, job, err) ||
        (job->share && !cpio_add_folder(&cpio, job->share, err)) ||
        !cpio_finish(&cpio, DISK_SECTOR_BYTES, err)) {
        cpio_free(&cpio);
        return NULL;
    }
    return disk_file_of_memory(ARCHIVE_NAME, cpio.bytes, cpio.size, err);
}

enum job_end job_decode(uint32_t exit_value, int *number)
{
    if ((exit_value & 0xFFFF0000u) != JOB_ENDED) {
        return JOB_OTHER;
    }
    if (exit_value & 0x7F) {
        *number = (int)(exit_value & 0x7F);
        return JOB_SIGNALED;
    }
    *number = (int)(exit_value >> 8 & 0xFF);
    return JOB_EXITED;
}
