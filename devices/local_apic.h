/* The processor's local APIC, at FEE00000h; one register in each 16 bytes, 32 bits wide.
 *
 *   8259A INT -> LINT0 --+                      +-> NMI
 *   (nothing) -> LINT1 --+                      |
 *   timer, error --------+--> LVT --> IRR, ISR -+-> INTR and the vector
 *   I/O APIC, ICR -------------------^
 *
 *   020h ID              080h TPR  090h APR  0A0h PPR   280h ESR        320h LVT timer
 *   030h version         0B0h EOI  0D0h LDR  0E0h DFR   300h, 310h ICR  350h LVT LINT0
 *   100h-170h ISR        180h-1F0h TMR  200h-270h IRR   380h, 390h count, 3E0h divide
 *   0F0h spurious vector                                360h LVT LINT1, 370h LVT error
 *
 * The timer counts processor clocks (--clock), divided by 1 to 128: a count of N ends after
 * exactly N times the divisor. A periodic timer that nobody hears (masked) costs no events.
 * Read or written in other pieces than aligned doublewords: parts of the register, and nothing.
 * NOT IMPLEMENTED: TSC deadline, performance and thermal entries (absent, maximum entry 3), SMI,
 * arbitration between several processors; an INIT to itself resets the whole machine.
 * See: Intel SDM volume 3, chapter "Advanced Programmable Interrupt Controller (APIC)".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "devices/events.h"
#include "devices/host_ends.h"
#include "devices/timer_jitter.h"

#define LOCAL_APIC_BYTES 0x1000u

#define LVT_MASKED   0x10000u
#define LVT_PERIODIC 0x20000u

#define APIC_BASE_ENABLE 0x800u /* IA32_APIC_BASE */
#define APIC_BASE_BSP    0x100u

/* Delivery modes of LVT, ICR and I/O APIC; bits 10:8 there. */
enum apic_delivery {
    APIC_FIXED,
    APIC_LOWEST,
    APIC_SMI,
    APIC_NMI = 4,
    APIC_INIT,
    APIC_STARTUP,
    APIC_EXTINT,
};

enum local_vector { LVT_TIMER, LVT_LINT0, LVT_LINT1, LVT_ERROR, LVT_COUNT };

/* One interrupt message, from wherever it comes. */
struct apic_message {
    uint32_t vector;      /* 0..255 */
    uint32_t delivery;    /* enum apic_delivery */
    uint32_t level;       /* 1: level triggered, the end of it is told to the I/O APIC */
    uint32_t logical;     /* 1: destination by LDR and DFR, 0: by ID */
    uint32_t destination; /* 0..FFh */
};

struct local_apic_state {
    uint32_t isr[8];         /* in service, one bit for each vector */
    uint32_t tmr[8];         /* level triggered */
    uint32_t irr[8];         /* requested */
    uint64_t timer_start;    /* clock at which timer_count was counted from */
    uint32_t timer_initial;  /* 380h */
    uint32_t timer_count;    /* ticks from timer_start to the first zero; 0: stopped */
    uint32_t timer_divide;   /* 3E0h: bits 3, 1, 0 */
    uint32_t base;           /* IA32_APIC_BASE, low half */
    uint32_t id;             /* 020h: bits 27:24 */
    uint32_t task_priority;  /* 080h: 0..FFh */
    uint32_t ldr;            /* 0D0h: bits 31:24 */
    uint32_t dfr;            /* 0E0h: bits 31:28, others 1 */
    uint32_t spurious;       /* 0F0h: bits 9:0, the low four 1 */
    uint32_t errors;         /* found since the last write to 280h */
    uint32_t errors_shown;   /* 280h */
    uint32_t command;        /* 300h, never busy */
    uint32_t destination;    /* 310h: bits 31:24 */
    uint32_t lvt[LVT_COUNT]; /* enum local_vector */
    uint32_t pins;           /* bit n: LINTn is high */
    uint32_t present;        /* 1: the machine has one */
    uint32_t reserved;       /* 0 */
};
_Static_assert(sizeof(struct local_apic_state) == 3 * 32 + 8 + 20 * 4, "no padding");

struct local_apic {
    struct local_apic_state *state;
    struct events_state *events;
    const struct pc_host *host;
    void (*end_of_level)(void *context, uint32_t vector); /* to the I/O APIC */
    void *context;
    struct timer_jitter_state *jitter; /* NULL: none */
};

/* As the RESET pin leaves it: enabled in IA32_APIC_BASE, switched off in the spurious vector. */
void local_apic_reset(struct local_apic *apic, uint32_t present);
/* Virtual wire mode, as firmware hands it over: LINT0 = ExtINT, LINT1 = NMI, switched on. */
void local_apic_virtual_wire(struct local_apic *apic, uint64_t now);
uint32_t local_apic_read(void *apic, uint32_t physical, uint32_t size, uint64_t now);
void local_apic_write(void *apic, uint32_t physical, uint32_t size, uint32_t value, uint64_t now);
void local_apic_event(struct local_apic *apic, uint64_t now);
/* EVENT_LOCAL_APIC_LATE is due: the expiry that jitter held back. */
void local_apic_late_event(struct local_apic *apic);
const char *local_apic_check(const struct local_apic_state *state);

/* Present and enabled in IA32_APIC_BASE. */
uint32_t local_apic_enabled(const struct local_apic_state *state);
/* Write IA32_APIC_BASE: only its enable bit can change. out: 1, or 0 if the value is refused. */
uint32_t local_apic_set_base(struct local_apic *apic, uint32_t value);
/* in: pin 0 or 1 (LINT0, LINT1), level 0 or 1 */
void local_apic_set_pin(struct local_apic *apic, uint32_t pin, uint32_t level);
/* A message of the I/O APIC. out: 1 if this processor was meant and has taken it. */
uint32_t local_apic_accept(struct local_apic *apic, const struct apic_message *message);
/* Whether a message would be for this processor. */
uint32_t local_apic_matches(const struct local_apic_state *state,
                            const struct apic_message *message);
/* A vector of 10h..FFh that is requested and not held back, or 0. */
uint32_t local_apic_pending(const struct local_apic_state *state);
/* LINT0 is open for the 8259A and it asks. */
uint32_t local_apic_external(const struct local_apic_state *state);
/* INTA for what is pending; the spurious vector if nothing is. */
uint8_t local_apic_acknowledge(struct local_apic *apic);

/* The timer. Its clock: of the next interrupt after `now`, or CLOCK_NEVER. */
uint64_t local_apic_timer_clock(const struct local_apic_state *state, uint64_t now);
uint32_t local_apic_timer_count(const struct local_apic_state *state, uint64_t now);
/* Count on from `now`, in phase: before something changes that the count depends on. */
void local_apic_timer_settle(struct local_apic_state *state, uint64_t now);
/* Post or cancel the event, after such a change. */
void local_apic_timer_post(struct local_apic *apic, uint64_t now);
/* Writes to the initial count and the divide configuration. */
void local_apic_timer_start(struct local_apic *apic, uint32_t count, uint64_t now);
void local_apic_timer_divide(struct local_apic *apic, uint32_t value, uint64_t now);
