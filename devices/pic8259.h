/* Two 8259A interrupt controllers in the PC's cascade.
 *
 *   IRQ 0,1,3..7 --> master IR0..IR7 --> INT --> INTR of the CPU     ports 20h/21h
 *   IRQ 8..15    --> slave  IR0..IR7 --> INT --> master IR2          ports A0h/A1h
 *
 *   write even, D4=1        ICW1  - - - 1 LTIM - SNGL IC4
 *   write odd, after ICW1   ICW2 (vector base), ICW3 (cascade), ICW4 - - - SFNM BUF M/S AEOI uPM
 *   write even, D4=D3=0     OCW2  R SL EOI 0 0 L2 L1 L0
 *   write even, D4=0 D3=1   OCW3  - ESMM SMM 0 1 P RR RIS
 *   write odd               OCW1  interrupt mask register
 *   read even               request or service register (OCW3), or poll byte 80h + level
 *   read odd                mask register
 *   4D0h, 4D1h              ELCR: bit n = 1: input n is level triggered; not IRQ 0, 1, 2, 8, 13
 *
 * An edge is remembered until the first INTA cycle or until its line falls; the INT output
 * is a function of the state alone. There are no events: nothing happens by itself.
 * After reset (undefined in the data sheet) everything is masked, vectors 08h and 70h.
 * NOT IMPLEMENTED: MCS-80/85 mode (uPM = 0 behaves as 1), buffered mode.
 * See: Intel 8259A data sheet, order 231468; 82371SB (PIIX3) data sheet, "ELCR1", "ELCR2".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define PIC_LEVEL_NONE 8 /* no level between the two INTA cycles */

enum pic_init_step { PIC_READY, PIC_EXPECT_ICW2, PIC_EXPECT_ICW3, PIC_EXPECT_ICW4 };

struct pic_state {
    uint8_t lines;        /* one bit per IR input, as driven */
    uint8_t edges;        /* rising edge seen, not yet acknowledged */
    uint8_t isr;          /* in-service register */
    uint8_t imr;          /* interrupt mask register, 1 = masked */
    uint8_t lowest;       /* level of lowest priority, 0..7 */
    uint8_t icw1;         /* as written */
    uint8_t icw2;         /* vector base, multiple of 8 */
    uint8_t icw3;         /* master: levels with a slave; slave: its identity 0..7 */
    uint8_t icw4;         /* as written; 0 if ICW1 says that there is none */
    uint8_t init_step;    /* enum pic_init_step */
    uint8_t read_isr;     /* 1: even port reads the service register */
    uint8_t poll;         /* 1: the next read is a poll */
    uint8_t special_mask; /* 1: special mask mode */
    uint8_t rotate_aeoi;  /* 1: rotate at each automatic end of interrupt */
    uint8_t inta_level;   /* level frozen by the first INTA, 0..7, else PIC_LEVEL_NONE */
    uint8_t elcr;         /* edge/level control register, as written */
};

struct pic_pair_state {
    struct pic_state master;
    struct pic_state slave;
};
_Static_assert(sizeof(struct pic_pair_state) == 32, "no padding");

struct pic {
    struct pic_pair_state *state;
};

void pic_init(struct pic *pic, struct pic_pair_state *state);
/* The input lines stay as they are driven; pending edges are forgotten. */
void pic_reset(struct pic *pic);
/* After pic_reset(): no vectors, no slave; ICW1 to ICW4 have yet to come. */
void pic_power_on(struct pic *pic);
uint32_t pic_port_read(void *pic, uint16_t port, uint32_t size, uint64_t now);
void pic_port_write(void *pic, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
uint32_t pic_elcr_read(void *pic, uint16_t port, uint32_t size, uint64_t now);
void pic_elcr_write(void *pic, uint16_t port, uint32_t size, uint32_t value, uint64_t now);
const char *pic_check(const struct pic_pair_state *state);

/* Drive an input; a line_wire target.
 * in: irq 0..15 except 2; level 0 or 1 */
void pic_set_line(void *pic, uint32_t irq, uint32_t level);
/* The INT output of the master. */
uint32_t pic_output(const struct pic_pair_state *state);
/* First INTA: the master chooses its level, marks it in service. Second: the vector. */
void pic_acknowledge_first(struct pic *pic);
uint8_t pic_acknowledge_second(struct pic *pic);
/* The request register as software reads it: remembered edges or levels. */
uint8_t pic_requests(const struct pic_state *chip);
