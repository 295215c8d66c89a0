/* A PC with fake host ends for the tests of this folder: 100 MHz, 64 MiB, 2001-02-03 04:05:06;
 * on request with three small disks and APICs.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "devices/pc.h"

#define FIXTURE_HZ    100000000u
#define FIXTURE_EPOCH 981173106u
#define MICROSECOND   100u
#define SECOND        100000000ull

#define FIXTURE_DISK_SECTORS 40u

struct fixture {
    struct pc *pc;
    struct pc_state state;
    uint8_t bytes[256]; /* what left by byte_out */
    enum byte_channel channels[256];
    uint64_t byte_clocks[256];
    uint32_t byte_count;
    enum pc_request request; /* the last one */
    uint32_t request_value;
    uint32_t request_count;
    uint32_t interrupt_line;
    uint32_t a20;
    uint32_t ignore_errors;
    uint64_t next_event;
    uint8_t disks[PC_DISKS][FIXTURE_DISK_SECTORS][512];
};

static void fixture_byte_out(void *context, enum byte_channel channel, uint8_t byte, uint64_t now)
{
    struct fixture *fixture = context;
    uint32_t at = fixture->byte_count++ % 256;

    fixture->bytes[at] = byte;
    fixture->channels[at] = channel;
    fixture->byte_clocks[at] = now;
}

static void fixture_request(void *context, enum pc_request request, uint32_t value)
{
    struct fixture *fixture = context;

    fixture->request = request;
    fixture->request_value = value;
    fixture->request_count++;
}

static void fixture_interrupt_line(void *context, uint32_t level)
{
    ((struct fixture *)context)->interrupt_line = level;
}

static void fixture_a20_gate(void *context, uint32_t enabled)
{
    ((struct fixture *)context)->a20 = enabled;
}

static void fixture_ignore_errors(void *context, uint32_t level)
{
    ((struct fixture *)context)->ignore_errors = level;
}

static void fixture_next_event(void *context, uint64_t clock)
{
    ((struct fixture *)context)->next_event = clock;
}

static uint32_t fixture_disk_read(void *context, uint32_t disk, uint32_t sector, uint8_t *bytes)
{
    assert_true(disk < PC_DISKS && sector < FIXTURE_DISK_SECTORS);
    memcpy(bytes, ((struct fixture *)context)->disks[disk][sector], 512);
    return 1;
}

static uint32_t fixture_disk_write(void *context, uint32_t disk, uint32_t sector,
                                   const uint8_t *bytes)
{
    assert_true(disk < PC_DISKS && sector < FIXTURE_DISK_SECTORS);
    memcpy(((struct fixture *)context)->disks[disk][sector], bytes, 512);
    return 1;
}

static int fixture_make(void **context, uint32_t sectors)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct pc_config config = {.clock_hz = FIXTURE_HZ,
                               .ram_bytes = 64u << 20,
                               .rtc_epoch = FIXTURE_EPOCH,
                               .debugcon = 1,
                               .apics = sectors != 0,
                               .disks = {{.sectors = sectors},
                                         {.sectors = sectors, .read_only = 1},
                                         {.sectors = sectors}}};
    struct pc_host host = {.context = fixture,
                           .byte_out = fixture_byte_out,
                           .request = fixture_request,
                           .interrupt_line = fixture_interrupt_line,
                           .a20_gate = fixture_a20_gate,
                           .ignore_errors = fixture_ignore_errors,
                           .next_event_changed = fixture_next_event,
                           .disk_read = fixture_disk_read,
                           .disk_write = fixture_disk_write};

    fixture->pc = pc_init(malloc(pc_bytes()), &fixture->state, &config, &host);
    pc_reset(fixture->pc, 0);
    *context = fixture;
    return 0;
}

static inline int fixture_setup(void **context)
{
    return fixture_make(context, 0);
}

static inline int fixture_setup_disks(void **context)
{
    return fixture_make(context, FIXTURE_DISK_SECTORS);
}

static inline int fixture_teardown(void **context)
{
    struct fixture *fixture = *context;

    free(fixture->pc);
    free(fixture);
    return 0;
}

static inline uint32_t in8(struct fixture *fixture, uint16_t port, uint64_t now)
{
    return pc_port_read(fixture->pc, port, 1, now);
}

static inline void out8(struct fixture *fixture, uint16_t port, uint32_t value, uint64_t now)
{
    pc_port_write(fixture->pc, port, 1, value, now);
}

/* Vectors 20h and 28h, all lines open. */
static inline void open_interrupts(struct fixture *fixture)
{
    out8(fixture, 0x20, 0x11, 0);
    out8(fixture, 0x21, 0x20, 0);
    out8(fixture, 0x21, 0x04, 0);
    out8(fixture, 0x21, 0x01, 0);
    out8(fixture, 0xA0, 0x11, 0);
    out8(fixture, 0xA1, 0x28, 0);
    out8(fixture, 0xA1, 0x02, 0);
    out8(fixture, 0xA1, 0x01, 0);
}

#define FIXTURE_CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
