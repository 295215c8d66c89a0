/* The two 8259A interrupt controllers: sixteen lines, the second controller on line 2 of the first.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Lines 0..15 become vectors VECTOR_IRQ0.., all closed. */
void pic_initialise(void);

/* Let line `irq` through. */
void pic_open(uint32_t irq);

/* Tell the controllers that the interrupt was taken. False: it was spurious (no line was active
 * when the CPU asked, so the lowest line was named); there is nothing to handle. Interrupts are
 * off. */
bool pic_acknowledge(uint32_t irq);
