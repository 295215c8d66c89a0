/* Dispatch of port and memory accesses to devices, by table only.
 * SPDX-License-Identifier: MIT */
#include "devices/bus.h"

static const struct port_claim *port_owner(const struct bus *bus, uint16_t port)
{
    uint32_t owner = bus->owner[port];

    return owner ? &bus->ports[owner - 1] : 0;
}

static const struct range_claim *range_owner(const struct bus *bus, uint32_t physical)
{
    for (uint32_t i = bus->range_claims; i > 0; i--) {
        const struct range_claim *claim = &bus->ranges[i - 1];

        if (physical >= claim->first && physical <= claim->last) {
            return claim;
        }
    }
    return 0;
}

/* Whether the device at `port` takes all `size` bytes in one access. */
static uint32_t takes_whole(const struct port_claim *claim, uint16_t port, uint32_t size)
{
    return claim && size <= claim->width && (uint32_t)port + size - 1 <= claim->last;
}

void bus_init(struct bus *bus)
{
    bus->port_claims = 0;
    bus->range_claims = 0;
    for (uint32_t port = 0; port < BUS_PORTS; port++) {
        bus->owner[port] = 0;
    }
}

uint32_t bus_claim_ports(struct bus *bus, const struct port_claim *claim)
{
    if (bus->port_claims == BUS_CLAIMS_MAX) {
        return 0;
    }
    bus->ports[bus->port_claims++] = *claim;
    for (uint32_t port = claim->first; port <= claim->last; port++) {
        bus->owner[port] = (uint8_t)bus->port_claims;
    }
    return 1;
}

uint32_t bus_claim_range(struct bus *bus, const struct range_claim *claim)
{
    if (bus->range_claims == BUS_RANGES_MAX) {
        return 0;
    }
    bus->ranges[bus->range_claims++] = *claim;
    return 1;
}

uint32_t bus_port_read(struct bus *bus, uint16_t port, uint32_t size, uint64_t now)
{
    const struct port_claim *claim = port_owner(bus, port);
    uint32_t value = 0;

    if (takes_whole(claim, port, size)) {
        return claim->read(claim->device, port, size, now);
    }
    for (uint32_t i = 0; i < size; i++) {
        uint16_t at = (uint16_t)(port + i);
        uint32_t byte;

        claim = port_owner(bus, at);
        byte = claim ? claim->read(claim->device, at, 1, now) & 0xFF : 0xFF;
        value |= byte << (8 * i);
    }
    return value;
}

void bus_port_write(struct bus *bus, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    const struct port_claim *claim = port_owner(bus, port);

    if (takes_whole(claim, port, size)) {
        claim->write(claim->device, port, size, value, now);
        return;
    }
    for (uint32_t i = 0; i < size; i++) {
        uint16_t at = (uint16_t)(port + i);

        claim = port_owner(bus, at);
        if (claim) {
            claim->write(claim->device, at, 1, (value >> (8 * i)) & 0xFF, now);
        }
    }
}

/* Whether one claim takes all of an access. */
static uint32_t range_whole(const struct range_claim *claim, uint32_t physical, uint32_t size)
{
    return claim && size <= claim->width && claim->last - physical >= size - 1;
}

uint32_t bus_memory_read(struct bus *bus, uint32_t physical, uint32_t size, uint64_t now)
{
    const struct range_claim *claim = range_owner(bus, physical);
    uint32_t value = 0;

    if (range_whole(claim, physical, size)) {
        return claim->read(claim->device, physical, size, now);
    }
    for (uint32_t i = 0; i < size; i++) {
        uint32_t byte;

        claim = range_owner(bus, physical + i);
        byte = claim ? claim->read(claim->device, physical + i, 1, now) & 0xFF : 0xFF;
        value |= byte << (8 * i);
    }
    return value;
}

void bus_memory_write(struct bus *bus, uint32_t physical, uint32_t size, uint32_t value,
                      uint64_t now)
{
    const struct range_claim *claim = range_owner(bus, physical);

    if (range_whole(claim, physical, size)) {
        claim->write(claim->device, physical, size, value, now);
        return;
    }
    for (uint32_t i = 0; i < size; i++) {
        claim = range_owner(bus, physical + i);
        if (claim) {
            claim->write(claim->device, physical + i, 1, (value >> (8 * i)) & 0xFF, now);
        }
    }
}
