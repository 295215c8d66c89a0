/* What the fields on the screen mean: one paragraph each and where the manuals say it.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

enum topic {
#define EXPLAIN(ID, key, title, words, manual) TOPIC_##ID,
#include "emu/explain.def"
#undef EXPLAIN
    TOPIC_COUNT
};

/* Cells with the link LINK_TOPIC + topic lead to an explanation. No other link of a panel that has
 * such cells lies there. */
#define LINK_TOPIC 0xF7000000u

struct explanation {
    const char *key;    /* how `explain` knows it */
    const char *title;  /* the lecture's words, the manual's term behind */
    const char *words;  /* a paragraph */
    const char *manual; /* where to read on */
};

/* NULL from TOPIC_COUNT on. */
const struct explanation *explanation(uint32_t topic);
/* The topic of a key, without regard to case, or of the one key that begins like it; TOPIC_COUNT:
 * none or several. */
uint32_t explain_find(const char *word);
