/* The machine's disks: what is on them, at which moment, and when the files follow.
 *
 * Writes go to the overlay of the present. FLUSH CACHE makes the file equal to the present, the
 * first time that this flush happens: a replay repeats none, as with bytes that leave.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "emu/machine.h"
#include "emu/machine_priv.h"

uint32_t machine_disk_read(void *context, uint32_t disk, uint32_t sector, uint8_t *bytes)
{
    struct machine *machine = context;

    return machine->config.disks[disk] &&
           disk_file_read(machine->config.disks[disk], machine->overlays.disks[disk], sector,
                          bytes);
}

uint32_t machine_disk_write(void *context, uint32_t disk, uint32_t sector, const uint8_t *bytes)
{
    struct machine *machine = context;

    if (!machine->config.disks[disk] || sector >= disk_file_sectors(machine->config.disks[disk])) {
        return 0;
    }
    disk_overlay_put(&machine->overlays.disks[disk], sector, bytes);
    machine->state.progress.disk_writes++;
    if (!machine->muted && machine->state.progress.disk_writes > machine->disk_writes) {
        machine->disk_writes = machine->state.progress.disk_writes;
    }
    return 1;
}

void machine_disk_flush(void *context, uint32_t disk)
{
    struct machine *machine = context;
    uint64_t number = machine->state.progress.disk_flushes++;

    if (!machine->muted && number >= machine->disk_flushes && machine->config.disks[disk]) {
        machine->disk_flushes = number + 1;
        /* The file remembers a failure for machine_write_disks(): the guest must not see it, or
         * a replay would differ. */
        disk_file_write(machine->config.disks[disk], machine->overlays.disks[disk], NULL);
    }
}

bool machine_disks_create(struct machine *machine)
{
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        machine->overlays.disks[i] = machine->config.disks[i] ? disk_overlay_create() : NULL;
        if (machine->config.disks[i] && !machine->overlays.disks[i]) {
            return false;
        }
    }
    return true;
}

void machine_disks_describe(const struct machine *machine, struct ata_drive *drives)
{
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        const struct disk_file *disk = machine->config.disks[i];

        drives[i].sectors = disk ? disk_file_sectors(disk) : 0;
        drives[i].read_only = disk && disk_file_mode(disk) == DISK_READ_ONLY;
    }
}

void machine_hold_disks(struct machine *machine, struct machine_disks *moment)
{
    *moment = machine->overlays;
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        if (moment->disks[i]) {
            disk_overlay_hold(moment->disks[i]);
        }
    }
}

void machine_release_disks(struct machine_disks *moment)
{
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        disk_overlay_release(moment->disks[i]);
        moment->disks[i] = NULL;
    }
}

void machine_put_disks(struct machine *machine, const struct machine_disks *moment)
{
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        struct disk_overlay *old = machine->overlays.disks[i];

        if (old && moment->disks[i]) {
            machine->overlays.disks[i] = disk_overlay_hold(moment->disks[i]);
            disk_overlay_release(old);
        }
    }
}

bool machine_write_disks(struct machine *machine, struct err *err)
{
    bool good = true;

    if (machine->state.progress.disk_writes < machine->disk_writes) {
        return true; /* in the past */
    }
    for (uint32_t i = 0; i < PC_DISKS; i++) {
        if (machine->config.disks[i]) {
            good = disk_file_write(machine->config.disks[i], machine->overlays.disks[i],
                                   good ? err : NULL) &&
                   good;
        }
    }
    return good;
}
