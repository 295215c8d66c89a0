/* All that a processor needs from outside: RAM, the slow physical accesses for
 * everything else, ports and interrupt acknowledge. The deadline in clocks is an
 * argument of cpu_run().
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct cpu_bus {
    void *context;       /* handed back as the first argument */
    uint8_t *ram;        /* guest RAM, page aligned; physical 0 is ram[0] */
    uint32_t ram_bytes;  /* multiple of 4096, at most 3 GiB */
    uint32_t hole_first; /* physical range inside RAM that is not RAM (video), page aligned */
    uint32_t hole_end;   /* first byte after the hole; hole_first == hole_end: no hole */
    /* One byte per RAM page, set to 1 when the page is written; may be NULL. The CPU must be
     * told with cpu_watch_writes() when the owner has cleared bytes. */
    uint8_t *page_written;
    /* Physical access that is not RAM. size 1, 2 or 4 bytes, inside one page; `now`: clock at
     * the start of the instruction plus what it has been charged so far. */
    uint32_t (*read)(void *context, uint32_t physical, uint32_t size, uint64_t now);
    void (*write)(void *context, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);
    uint32_t (*port_read)(void *context, uint16_t port, uint32_t size, uint64_t now);
    void (*port_write)(void *context, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
    /* The FERR# pin changes: an x87 error with CR0.NE clear; may be NULL. */
    void (*fpu_error)(void *context, uint32_t level, uint64_t now);
    /* IA32_APIC_BASE, low half, which a local APIC outside keeps; both NULL: there is none. A write
     * returns 0 for a value that is refused. */
    uint32_t (*apic_base)(void *context);
    uint32_t (*set_apic_base)(void *context, uint32_t value, uint64_t now);
    /* Both INTA cycles; returns the vector. */
    uint8_t (*acknowledge)(void *context, uint64_t now);
};
