/* Inside a machine: shared by machine.c, machine_memory.c and machine_journal.c only.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdatomic.h>

#include "devices/seeded.h"
#include "emu/machine.h"
#include "emu/machine_observe.h"

#define MACHINE_PAGE_BYTES 4096u

/* Who observes: kinds are bits 1 << EVENT_*, 0: does not. */
struct observers {
    struct machine_observer points;
    struct machine_observer listeners[MACHINE_LISTENERS];
    struct machine_travels travels;
    uint32_t point_kinds;
    uint32_t listener_kinds[MACHINE_LISTENERS];
    uint32_t place_count[MACHINE_LISTENERS];        /* 0..PLACES_MAX */
    uint32_t places[MACHINE_LISTENERS][PLACES_MAX]; /* linear */
};

struct machine {
    struct machine_state state; /* .cpu is a copy, brought up to date by machine_state() */
    struct machine_config config;
    struct cpu *cpu;
    struct pc *pc;
    uint8_t *ram;                /* config.ram_bytes, page aligned, touched pages cost memory */
    uint8_t *page_written;       /* per page, by CPU and everybody else, since the last watch */
    uint8_t *page_touched;       /* per page: written at any time before the last watch */
    void *cpu_memory;            /* cpu_bytes() */
    void *pc_memory;             /* pc_bytes() */
    size_t cpu_memory_bytes;     /* of the mapping */
    uint32_t pages;              /* of RAM */
    uint32_t breakpoint_count;   /* 0..64 */
    uint32_t breakpoints[64];    /* linear, ascending */
    uint32_t breakpoints_paused; /* 1: as if there were none */
    struct observers observers;
    struct input_log log;
    struct machine_sink sink;
    struct machine_boot boot;
    struct machine_disks overlays;   /* what is written over the disks, at present */
    uint64_t disk_writes;            /* progress.disk_writes at the furthest */
    uint64_t disk_flushes;           /* flushes that have reached the files */
    uint64_t emitted[CHANNEL_COUNT]; /* bytes that have really left: the high-water marks */
    uint32_t muted;                  /* 1: nothing leaves, nothing is marked (journal) */
    uint32_t request;                /* enum pc_request, not yet acted on */
    uint32_t request_value;          /* of an exit */
    uint32_t stop_now;               /* 1: a sink wants to stop after this instruction */
    atomic_int stop_requested;       /* 1: machine_request_stop() */
};

/* The host's ends of the disks, and their making. */
uint32_t machine_disk_read(void *context, uint32_t disk, uint32_t sector, uint8_t *bytes);
uint32_t machine_disk_write(void *context, uint32_t disk, uint32_t sector, const uint8_t *bytes);
void machine_disk_flush(void *context, uint32_t disk);
bool machine_disks_create(struct machine *machine);
void machine_disks_describe(const struct machine *machine, struct ata_drive *drives);
/* A byte has left: is it a moment of the boot? */
void machine_note_stage(struct boot_state *boot, enum byte_channel channel, uint8_t byte,
                        uint64_t clock);
/* At RESET the board copies the ROMs to where software below 1 MiB looks for them. */
void machine_fill_shadow(struct machine *machine);
/* What the time stamp counter is at clock 0: a machine that has been on for up to 2^36 clocks. */
static inline uint64_t machine_time_stamp(const struct machine_config *config)
{
    return config->seed ? seeded_word(config->seed, SEEDED_TIME_STAMP) >> 28 : 0;
}
/* At a boundary: due events, requests of the guest, recorded inputs that are due. */
void machine_settle(struct machine *machine);
/* One cpu_step() that stops at the next event, at the next recorded input or at `limit`. */
enum machine_stop machine_step_once(struct machine *machine, uint64_t limit,
                                    struct cpu_step_info *info);
/* An input at the present clock; false if there is no room for it, or it can not be. */
bool machine_apply_input(struct machine *machine, const struct input_entry *entry);
/* The recorded input that comes next, or NULL. */
const struct input_entry *machine_input_ahead(const struct machine *machine);
