/* The table of explanations and the search in it.
 * SPDX-License-Identifier: MIT */
#include "emu/explain.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct explanation explanations[TOPIC_COUNT] = {
#define EXPLAIN(ID, key, title, words, manual) {key, title, words, manual},
#include "emu/explain.def"
#undef EXPLAIN
};

const struct explanation *explanation(uint32_t topic)
{
    return topic < TOPIC_COUNT ? &explanations[topic] : NULL;
}

uint32_t explain_find(const char *word)
{
    size_t length = strlen(word);
    uint32_t found = TOPIC_COUNT;
    uint32_t matches = 0;

    for (uint32_t topic = 0; topic < TOPIC_COUNT; topic++) {
        if (strcasecmp(explanations[topic].key, word) == 0) {
            return topic;
        }
        if (length > 0 && strncasecmp(explanations[topic].key, word, length) == 0) {
            found = topic;
            matches++;
        }
    }
    return matches == 1 ? found : (uint32_t)TOPIC_COUNT;
}
