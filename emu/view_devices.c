/* The devices as the kernel finds them: interrupt controllers with the request that would be
 * delivered next, timer with the time to its next tick, serial lines, keyboard, clock, disks, and
 * the APICs when they are on. What a device would answer is computed on a copy.
 * See: the data sheets named in devices/NAME.h.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "devices/clock_ratio.h"
#include "emu/view_list.h"
#include "emu/view_panels.h"

#define GLYPH_NEXT 0x25BAu
#define PIT_HZ     1193182u
#define IRQ_NONE   16u

static const char *const irq_names[16] = {
    "timer", "keyboard", "(slave)", "COM2", "COM1", "",    "",       "",
    "clock", "",         "",        "",     "",     "FPU", "disk 1", "disk 2",
};

static const struct pen plain = {ROLE_TEXT, 0, 0};
static const struct pen dim = {ROLE_DIM, 0, 0};

static void heading(struct view_list *list, enum topic topic, const char *text)
{
    view_list_print(list, 0, topic_pen(ROLE_LABEL, CELL_BOLD, topic), "%s", text);
}

/* Clocks in words: "12 345 clocks, 123.45 us". */
static void time_text(const struct view_context *context, uint64_t clocks, char *text, size_t bytes)
{
    uint64_t hz = context->view->clock_hz;
    char number[32];

    view_decimal(clocks, number);
    if (hz == 0) {
        snprintf(text, bytes, "%s clocks", number);
        return;
    }
    uint64_t ns = clocks / hz * 1000000000u + clocks % hz * 1000000000u / hz;
    snprintf(text, bytes, "%s clocks = %" PRIu64 ".%02" PRIu64 " us", number, ns / 1000,
             ns % 1000 / 10);
}

/* ---- 8259A ---- */

/* Which line would be acknowledged now; IRQ_NONE: none. */
static uint32_t next_irq(const struct pic_pair_state *state)
{
    struct pic_pair_state copy = *state;
    struct pic pic = {&copy};

    if (!pic_output(state)) {
        return IRQ_NONE;
    }
    pic_acknowledge_first(&pic);
    uint32_t level = copy.master.inta_level;
    if (level < 8 && (copy.master.icw3 >> level & 1)) {
        uint8_t vector = pic_acknowledge_second(&pic);
        return 8u + (vector & 7u);
    }
    return level < 8 ? level : IRQ_NONE;
}

static void list_line(struct view_list *list, const struct pic_pair_state *pic, uint32_t irq,
                      uint32_t next)
{
    const struct pic_state *chip = irq < 8 ? &pic->master : &pic->slave;
    uint32_t bit = 1u << irq % 8;
    bool requests = pic_requests(chip) & bit;
    bool serviced = chip->isr & bit;
    bool masked = chip->imr & bit;
    bool here = irq == next;
    enum grid_role role = here ? ROLE_CURRENT : requests || serviced ? ROLE_TEXT : ROLE_DIM;
    uint32_t weight = here ? CELL_BOLD : 0;
    uint32_t row = view_list_row(list);
    struct grid *grid = list->grid;
    struct rect area = list->area;

    grid_put(grid, area, 0, row, (struct pen){role, weight, 0}, here ? GLYPH_NEXT : 0);
    grid_print(grid, area, 2, row, (struct pen){role, weight, 0}, "%2" PRIu32 " %-9s", irq,
               irq_names[irq]);
    grid_print(grid, area, 15, row, topic_pen(role, weight, TOPIC_GATE), "%02" PRIX32,
               (chip->icw2 & 0xF8u) + irq % 8);
    grid_text(grid, area, 20, row, topic_pen(role, weight, TOPIC_IRR), requests ? "1" : "-");
    grid_text(grid, area, 24, row, topic_pen(role, weight, TOPIC_ISR), serviced ? "1" : "-");
    grid_text(grid, area, 28, row, topic_pen(role, weight, TOPIC_IMR), masked ? "1" : "-");
    grid_text(grid, area, 33, row, (struct pen){role, weight, 0},
              here                 ? "the most urgent: comes first"
              : serviced           ? "its handler has not sent EOI yet"
              : requests && masked ? "asks, but is masked"
              : requests           ? "asks, waits its turn"
                                   : "");
}

static void list_pic(struct view_list *list, const struct view_context *context)
{
    const struct cpu_state *cpu = &context->view->state.cpu;
    const struct pic_pair_state *pic = &context->view->state.pc.pic;
    const char *fate = view_request_fate(cpu);
    uint32_t next = next_irq(pic);

    heading(list, TOPIC_PIC, "Interrupt controllers (8259A pair)");
    uint32_t row = view_list_row(list);
    uint32_t column = grid_print(list->grid, list->area, 2, row, topic_pen(ROLE_TEXT, 0, TOPIC_IF),
                                 "INTR=%" PRIu32 "  EFLAGS.IF=%d  ", cpu->interrupt_line,
                                 (cpu->eflags & EFLAGS_IF) != 0);
    grid_text(list->grid, list->area, column, row,
              (struct pen){fate ? ROLE_CURRENT : ROLE_DIM, fate ? CELL_BOLD : 0, 0},
              fate ? fate : "no request");
    view_list_print(list, 1, (struct pen){ROLE_LABEL, 0, 0}, "IRQ line      vec  IRR ISR IMR");
    for (uint32_t irq = 0; irq < 16; irq++) {
        list_line(list, pic, irq, next);
    }
    if (pic->master.init_step != PIC_READY || pic->slave.init_step != PIC_READY) {
        view_list_print(list, 2, (struct pen){ROLE_WARNING, 0, 0},
                        "! not set up: initialization words are missing");
    }
}

/* ---- 8254 ---- */

static void list_pit(struct view_list *list, const struct view_context *context)
{
    static const char *const uses[3] = {"IRQ 0", "refresh", "speaker"};
    static const char *const modes[8] = {"0 once, at the end", "1 one-shot",   "2 periodic",
                                         "3 square wave",      "4 strobe",     "5 strobe",
                                         "2 periodic",         "3 square wave"};
    const struct session_view *view = context->view;
    struct pit_state copy = view->state.pc.pit;
    struct pit pit = {.state = &copy, .clock_hz = view->clock_hz};
    uint64_t now = view->state.cpu.clock;
    uint64_t due = view->state.pc.events.slots[EVENT_PIT_CHANNEL0].clock;
    char text[96];

    view_list_row(list);
    heading(list, TOPIC_PIT, "Hardware timer (8254), 1.193182 MHz");
    if (view->clock_hz == 0) {
        return;
    }
    for (uint32_t channel = 0; channel < PIT_CHANNELS; channel++) {
        const struct pit_channel_state *state = &copy.channels[channel];
        uint32_t row = view_list_row(list);
        uint32_t column = grid_print(list->grid, list->area, 2, row, plain, "%" PRIu32 " %-8s",
                                     channel, uses[channel]);
        if (!state->count_written) {
            grid_text(list->grid, list->area, column, row, dim, "no count written");
            continue;
        }
        column =
            grid_print(list->grid, list->area, column, row, topic_pen(ROLE_TEXT, 0, TOPIC_PIT_MODE),
                       "mode %-18s ", modes[state->control >> 1 & 7]);
        uint32_t period = state->loaded;
        uint32_t millihertz = period ? (uint32_t)(PIT_HZ * (uint64_t)1000 / period) : 0;
        grid_print(list->grid, list->area, column, row, plain,
                   "count %5u of %5" PRIu32 " (%" PRIu32 ".%03" PRIu32 " Hz) OUT %" PRIu32
                   " GATE %u",
                   pit_count(&pit, channel, now), period, millihertz / 1000, millihertz % 1000,
                   pit_out(&pit, channel, now), state->gate);
    }
    if (due != CLOCK_NEVER && due >= now) {
        time_text(context, due - now, text, sizeof text);
        view_list_print(list, 4, plain, "next change of OUT 0 in %s", text);
    }
}

/* ---- 16550 ---- */

static void list_uart(struct view_list *list, const struct view_context *context,
                      const struct uart_state *uart, const char *name)
{
    uint32_t divisor = uart->divisor ? uart->divisor : 65536u;
    uint32_t stop = uart->lcr & 4 ? 2 : 1;
    const char *parity = !(uart->lcr & 8) ? "N" : uart->lcr & 0x10 ? "E" : "O";
    char text[96];

    view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_LCR),
                    "%s %" PRIu32 " baud %u%s%" PRIu32 "  IER %02X LCR %02X MCR %02X MSR %02X%s",
                    name, UART_HZ / 16u / divisor, 5u + (uart->lcr & 3u), parity, stop, uart->ier,
                    uart->lcr, uart->mcr, uart->msr, uart->fcr & 1 ? "  FIFO on" : "");
    view_list_print(list, 7, topic_pen(uart->received.count ? ROLE_TEXT : ROLE_DIM, 0, TOPIC_UART),
                    "received %u, on the line %u, to send %u%s%s%s", uart->received.count,
                    uart->line.count, uart->transmits.count,
                    uart->ier & 1 ? ", interrupt on data" : "",
                    uart->ier & 2 ? ", interrupt when empty" : "",
                    uart->mcr & 8 ? "" : ", OUT2=0: no interrupts");
    if (uart->transmit_end != CLOCK_NEVER && uart->transmit_end >= context->view->state.cpu.clock) {
        time_text(context, uart->transmit_end - context->view->state.cpu.clock, text, sizeof text);
        view_list_print(list, 7, plain, "sends %02X, done in %s", uart->shift, text);
    }
}

static void list_serial(struct view_list *list, const struct view_context *context)
{
    view_list_row(list);
    heading(list, TOPIC_UART, "Serial lines (16550)");
    list_uart(list, context, &context->view->state.pc.com1, "COM1");
    list_uart(list, context, &context->view->state.pc.com2, "COM2");
}

/* ---- 8042 and MC146818 ---- */

static void list_keyboard(struct view_list *list, const struct view_context *context)
{
    const struct kbd_state *kbd = &context->view->state.pc.keyboard;

    view_list_row(list);
    heading(list, TOPIC_KBD, "Keyboard (8042)");
    view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_KBD),
                    "status %02X: output buffer %s, command byte %02X: %s%s%s", kbd->status,
                    kbd->status & 1 ? "FULL" : "empty", kbd->memory[0],
                    kbd->memory[0] & 1 ? "IRQ 1 on" : "IRQ 1 off",
                    kbd->memory[0] & 0x40 ? ", translates to set 1" : "",
                    kbd->memory[0] & 0x10 ? ", keyboard off" : "");
    view_list_print(list, 2, plain,
                    "last byte %02X, waiting: %u of keys, %u of answers; A20 by it %s", kbd->output,
                    kbd->keys.count, kbd->replies.count, kbd_a20(kbd) ? "open" : "closed");
}

static void list_clock(struct view_list *list, const struct view_context *context)
{
    const struct session_view *view = context->view;
    struct cmos_state copy = view->state.pc.cmos;
    const struct cmos cmos = {.state = &copy, .clock_hz = view->clock_hz};
    uint64_t now = view->state.cpu.clock;
    uint8_t at[16];

    view_list_row(list);
    heading(list, TOPIC_RTC, "Clock with battery (MC146818)");
    if (view->clock_hz == 0) {
        return;
    }
    for (uint32_t index = 0; index < sizeof at; index++) {
        at[index] = cmos_peek(&cmos, index, now);
    }
    uint32_t b = at[CMOS_B];
    const char *digits = b & 4 ? "binary" : "BCD";
    view_list_print(list, 2, plain, "%02X%02X-%02X-%02X %02X:%02X:%02X (%s, %s hours)",
                    cmos_peek(&cmos, CMOS_CENTURY, now), at[CMOS_YEAR], at[CMOS_MONTH],
                    at[CMOS_DAY], at[CMOS_HOUR], at[CMOS_MINUTE], at[CMOS_SECOND], digits,
                    b & 2 ? "24" : "12");
    view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_RTC_B),
                    "A %02X B %02X C %02X D %02X  index %02X%s%s%s%s", at[CMOS_A], b, at[CMOS_C],
                    at[CMOS_D], copy.index, b & 0x80 ? ", stopped for setting" : "",
                    b & 0x40 ? ", periodic interrupt" : "", b & 0x20 ? ", alarm" : "",
                    b & 0x10 ? ", interrupt each second" : "");
}

/* ---- ATA ---- */

static void list_disk(struct view_list *list, const struct view_context *context, uint32_t channel)
{
    static const char *const phases[ATA_PHASE_COUNT] = {
        "ready",
        "BSY: does a command",
        "BSY: reads from the platter",
        "DRQ: the driver reads",
        "BSY: begins a write",
        "DRQ: the driver writes",
        "BSY: writes to the platter",
        "BSY: resets",
        "held in reset",
    };
    const struct ata_state *ata = &context->view->state.pc.ata[channel];
    uint64_t due = context->view->state.pc.events.slots[channel ? EVENT_ATA1 : EVENT_ATA0].clock;
    uint64_t now = context->view->state.cpu.clock;
    bool idle = ata->phase == ATA_READY;
    char text[96];

    view_list_print(list, 2, topic_pen(idle ? ROLE_TEXT : ROLE_CURRENT, 0, TOPIC_ATA_STATUS),
                    "channel %" PRIu32 ", %s: %s%s", channel + 1,
                    ata->device & ATA_DEVICE_SLAVE ? "slave" : "master",
                    ata->phase < ATA_PHASE_COUNT ? phases[ata->phase] : "?",
                    ata->interrupt ? ", asks for IRQ" : "");
    if (!idle) {
        view_list_print(list, 4, plain,
                        "command %02X, sector %" PRIu32 ", byte %u of %u, %u sectors left",
                        ata->command, ata->sector, ata->position, ata->length, ata->left);
    } else if (ata->failed) {
        view_list_print(list, 4, (struct pen){ROLE_WARNING, 0, 0},
                        "! command %02X failed, error %02X", ata->command, ata->error);
    }
    if (due != CLOCK_NEVER && due >= now) {
        time_text(context, due - now, text, sizeof text);
        view_list_print(list, 4, plain, "done in %s", text);
    }
}

/* ---- APICs ---- */

/* The numbers of the bits set, "20 EF"; "-" if there are none. */
static void name_vectors(const uint32_t bits[8], char *text, size_t bytes)
{
    size_t used = 0;

    snprintf(text, bytes, "-");
    for (uint32_t vector = 0; vector < 256 && used + 4 < bytes; vector++) {
        if (bits[vector / 32] >> vector % 32 & 1) {
            used += (size_t)snprintf(text + used, bytes - used, "%s%02" PRIX32, used ? " " : "",
                                     vector);
        }
    }
}

static void list_local_apic(struct view_list *list, const struct view_context *context)
{
    static const char *const names[LVT_COUNT] = {"timer", "LINT0", "LINT1", "error"};
    const struct local_apic_state *apic = &context->view->state.pc.apics.local;
    uint64_t now = context->view->state.cpu.clock;
    uint64_t due = local_apic_timer_clock(apic, now);
    char text[96];

    heading(list, TOPIC_APIC, "Local APIC");
    view_list_print(list, 2, plain, "%s, ID %" PRIX32 ", task priority %02" PRIX32 "%s",
                    local_apic_enabled(apic) ? "on" : "off", apic->id >> 24, apic->task_priority,
                    apic->spurious & 0x100u ? "" : ", switched off in the spurious vector");
    name_vectors(apic->irr, text, sizeof text);
    view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_IRR), "requested (IRR): %s", text);
    name_vectors(apic->isr, text, sizeof text);
    view_list_print(list, 2, topic_pen(ROLE_TEXT, 0, TOPIC_ISR), "in service (ISR): %s", text);
    for (uint32_t entry = 0; entry < LVT_COUNT; entry++) {
        uint32_t value = apic->lvt[entry];
        view_list_print(list, 2, value & LVT_MASKED ? dim : plain, "%s: vector %02" PRIX32 "%s%s",
                        names[entry], value & 0xFFu, value & LVT_MASKED ? ", masked" : "",
                        (value >> 8 & 7) == APIC_EXTINT ? ", asks the 8259A (ExtINT)"
                        : (value >> 8 & 7) == APIC_NMI  ? ", NMI"
                                                        : "");
    }
    if (due != CLOCK_NEVER && due >= now) {
        time_text(context, due - now, text, sizeof text);
        view_list_print(list, 2, plain, "timer: count %" PRIu32 ", ends in %s",
                        local_apic_timer_count(apic, now), text);
    }
}

static void list_io_apic(struct view_list *list, const struct view_context *context)
{
    const struct io_apic_state *apic = &context->view->state.pc.apics.io;
    uint32_t masked = 0;

    heading(list, TOPIC_IO_APIC, "I/O APIC");
    for (uint32_t pin = 0; pin < IO_APIC_PINS; pin++) {
        uint32_t low = apic->low[pin];
        if (low & 0x10000u) {
            masked++;
            continue;
        }
        view_list_print(
            list, 2, plain, "input %2" PRIu32 ": vector %02" PRIX32 " to %02" PRIX32 ", %s%s%s",
            pin, low & 0xFFu, apic->high[pin] >> 24, low & 0x8000u ? "level" : "edge",
            apic->pins >> pin & 1 ? ", high" : "", low & 0x4000u ? ", waits for EOI" : "");
    }
    view_list_print(list, 2, dim, "%" PRIu32 " inputs masked", masked);
}

static uint32_t list_all(struct view_list *list, const struct view_context *context)
{
    const struct pc_state *pc = &context->view->state.pc;

    list_pic(list, context);
    if (pc->apics.local.present) {
        view_list_row(list);
        list_local_apic(list, context);
        list_io_apic(list, context);
    }
    list_pit(list, context);
    list_serial(list, context);
    list_keyboard(list, context);
    list_clock(list, context);
    view_list_row(list);
    heading(list, TOPIC_ATA, "Disks (ATA)");
    list_disk(list, context, 0);
    list_disk(list, context, 1);
    return list->count;
}

void view_devices(struct grid *grid, struct rect area, const struct view_context *context,
                  bool focused, int32_t scroll)
{
    uint32_t total = 0;

    area = panel_title(grid, area, focused, PANEL_DEVICES);
    if (scroll > 0) {
        struct view_list counting =
            view_list_begin(grid, rect_part(area, 0, 0, area.columns, 0), 0, 0);
        total = list_all(&counting, context);
    }
    struct view_list list = view_list_begin(grid, area, scroll, total);
    list_all(&list, context);
}
