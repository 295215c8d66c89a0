/* The bus: who answers at which port or physical address.
 *
 *   port 0000h..FFFFh --> owner table (one byte per port) --> claim --> device
 *   physical address  --> list of range claims            --> claim --> device
 *
 * A claim says how wide an access its device takes at once; a wider one, or one that
 * reaches beyond the claim, is split into bytes in ascending order, as the ISA bus does.
 * Ports and addresses nobody claims read as all ones; writes to them are lost.
 * Also here: the wire by which a device drives a line of another one.
 * NOT IMPLEMENTED: 16-bit cycles to 8-bit ports with wait states (no clocks are added).
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define BUS_PORTS      0x10000
#define BUS_CLAIMS_MAX 40
#define BUS_RANGES_MAX 8

/* An output pin and what it leads to. `set` may be NULL: not connected. */
struct line_wire {
    void (*set)(void *context, uint32_t number, uint32_t level); /* level 0 or 1 */
    void *context;                                               /* first argument of set */
    uint32_t number;                                             /* which input over there */
};

/* in: level 0 or 1 */
static inline void line_set(const struct line_wire *line, uint32_t level)
{
    if (line->set) {
        line->set(line->context, line->number, level);
    }
}

struct port_claim {
    uint16_t first; /* port */
    uint16_t last;  /* port, inclusive */
    uint32_t width; /* widest access taken at once: 1, 2 or 4 bytes */
    uint32_t (*read)(void *device, uint16_t port, uint32_t size, uint64_t now);
    void (*write)(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
    void *device; /* first argument of both */
};

struct range_claim {
    uint32_t first; /* physical address */
    uint32_t last;  /* physical address, inclusive */
    uint32_t width; /* widest access taken at once: 1 or 4 bytes */
    uint32_t (*read)(void *device, uint32_t physical, uint32_t size, uint64_t now);
    void (*write)(void *device, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);
    void *device; /* first argument of both */
};

/* Wires: set once, never saved. */
struct bus {
    struct port_claim ports[BUS_CLAIMS_MAX];
    struct range_claim ranges[BUS_RANGES_MAX];
    uint32_t port_claims;     /* 0..BUS_CLAIMS_MAX */
    uint32_t range_claims;    /* 0..BUS_RANGES_MAX */
    uint8_t owner[BUS_PORTS]; /* 0 = nobody, else index into ports + 1 */
};

void bus_init(struct bus *bus);
/* Claim ports or addresses; a later claim wins over an earlier one.
 * out: 1, or 0 if the table is full (a fault of the caller's wiring). */
uint32_t bus_claim_ports(struct bus *bus, const struct port_claim *claim);
uint32_t bus_claim_range(struct bus *bus, const struct range_claim *claim);

/* in: size 1, 2 or 4 bytes; now = clock of the access */
uint32_t bus_port_read(struct bus *bus, uint16_t port, uint32_t size, uint64_t now);
void bus_port_write(struct bus *bus, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
uint32_t bus_memory_read(struct bus *bus, uint32_t physical, uint32_t size, uint64_t now);
void bus_memory_write(struct bus *bus, uint32_t physical, uint32_t size, uint32_t value,
                      uint64_t now);
