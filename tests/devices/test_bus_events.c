/* The bus and the event queue by themselves.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "devices/bus.h"
#include "devices/events.h"

struct trace {
    uint32_t count;
    uint16_t port[8];
    uint32_t size[8];
    uint32_t value[8];
};

static uint32_t trace_read(void *device, uint16_t port, uint32_t size, uint64_t now)
{
    struct trace *trace = device;

    (void)now;
    trace->port[trace->count] = port;
    trace->size[trace->count++] = size;
    return 0x44332211u >> (8 * (port & 3));
}

static void trace_write(void *device, uint16_t port, uint32_t size, uint32_t value, uint64_t now)
{
    struct trace *trace = device;

    (void)now;
    trace->port[trace->count] = port;
    trace->size[trace->count] = size;
    trace->value[trace->count++] = value;
}

static int setup(void **context)
{
    struct bus *bus = malloc(sizeof(*bus));

    bus_init(bus);
    *context = bus;
    return 0;
}

static int teardown(void **context)
{
    free(*context);
    return 0;
}

static void claim(struct bus *bus, struct trace *trace, uint16_t first, uint16_t last,
                  uint32_t width)
{
    struct port_claim port_claim = {first, last, width, trace_read, trace_write, trace};

    assert_int_equal(bus_claim_ports(bus, &port_claim), 1);
}

static void test_bus_byte_device_gets_bytes_in_ascending_order(void **context)
{
    struct trace trace = {0};
    claim(*context, &trace, 0x100, 0x103, 1);

    bus_port_write(*context, 0x100, 4, 0xDDCCBBAA, 0);

    assert_int_equal(trace.count, 4);
    assert_int_equal(trace.port[0], 0x100);
    assert_int_equal(trace.value[0], 0xAA);
    assert_int_equal(trace.port[3], 0x103);
    assert_int_equal(trace.value[3], 0xDD);
}

static void test_bus_wide_device_gets_one_access(void **context)
{
    struct trace trace = {0};
    claim(*context, &trace, 0x100, 0x103, 4);

    bus_port_write(*context, 0x100, 4, 0xDDCCBBAA, 0);

    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.size[0], 4);
}

static void test_bus_access_beyond_a_claim_is_split(void **context)
{
    struct trace trace = {0};
    claim(*context, &trace, 0x100, 0x103, 4);

    assert_int_equal(bus_port_read(*context, 0x102, 4, 0), 0xFFFF4433);
    assert_int_equal(trace.count, 2);
    assert_int_equal(trace.size[1], 1);
}

static void test_bus_port_ffff_wraps_to_0(void **context)
{
    struct trace trace = {0};
    claim(*context, &trace, 0, 0, 1);

    assert_int_equal(bus_port_read(*context, 0xFFFF, 2, 0), 0x11FF);
}

static void test_bus_later_claim_wins(void **context)
{
    struct trace first = {0};
    struct trace second = {0};
    claim(*context, &first, 0x100, 0x107, 1);
    claim(*context, &second, 0x104, 0x104, 1);

    bus_port_write(*context, 0x103, 2, 0, 0);

    assert_int_equal(first.count, 1);
    assert_int_equal(second.count, 1);
}

static void test_bus_full_table_refuses(void **context)
{
    struct port_claim port_claim = {.first = 1, .last = 1, .width = 1};
    for (uint32_t i = 0; i < BUS_CLAIMS_MAX; i++) {
        assert_int_equal(bus_claim_ports(*context, &port_claim), 1);
    }

    assert_int_equal(bus_claim_ports(*context, &port_claim), 0);
}

static void test_events_in_order_of_clock(void **context)
{
    struct events_state events;
    enum event_id id;
    uint64_t clock;
    (void)context;
    events_reset(&events);
    events_post(&events, EVENT_PIT_CHANNEL0, 300);
    events_post(&events, EVENT_KEYBOARD, 200);

    assert_int_equal(events_next_clock(&events), 200);
    assert_int_equal(events_take_due(&events, 199, &id, &clock), 0);
    assert_int_equal(events_take_due(&events, 1000, &id, &clock), 1);
    assert_int_equal(id, EVENT_KEYBOARD);
    assert_int_equal(clock, 200);
    assert_int_equal(events_next_clock(&events), 300);
}

static void test_events_of_one_clock_in_order_of_id(void **context)
{
    struct events_state events;
    enum event_id id;
    uint64_t clock;
    (void)context;
    events_reset(&events);
    events_post(&events, EVENT_COM1_TRANSMIT, 100);
    events_post(&events, EVENT_PIT_CHANNEL0, 100);

    events_take_due(&events, 100, &id, &clock);
    assert_int_equal(id, EVENT_PIT_CHANNEL0);
    events_take_due(&events, 100, &id, &clock);
    assert_int_equal(id, EVENT_COM1_TRANSMIT);
    assert_int_equal(events_take_due(&events, UINT64_MAX, &id, &clock), 0);
}

static void test_events_post_replaces_and_cancel_forgets(void **context)
{
    struct events_state events;
    (void)context;
    events_reset(&events);
    events_post(&events, EVENT_KEYBOARD, 100);

    events_post(&events, EVENT_KEYBOARD, 50);
    assert_int_equal(events_next_clock(&events), 50);
    events_cancel(&events, EVENT_KEYBOARD);

    assert_true(events_next_clock(&events) == CLOCK_NEVER);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bus_byte_device_gets_bytes_in_ascending_order),
        CASE(test_bus_wide_device_gets_one_access),
        CASE(test_bus_access_beyond_a_claim_is_split),
        CASE(test_bus_port_ffff_wraps_to_0),
        CASE(test_bus_later_claim_wins),
        CASE(test_bus_full_table_refuses),
        CASE(test_events_in_order_of_clock),
        CASE(test_events_of_one_clock_in_order_of_id),
        CASE(test_events_post_replaces_and_cancel_forgets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
