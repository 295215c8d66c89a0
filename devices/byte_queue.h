/* A first-in first-out queue of up to 16 bytes, kept at the front of its array with zeros
 * behind, so that equal contents are equal bytes whatever happened before.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BYTE_QUEUE_SIZE 16

struct byte_queue_state {
    uint8_t bytes[BYTE_QUEUE_SIZE]; /* oldest first; zero from `count` on */
    uint8_t count;                  /* 0..16 */
    uint8_t reserved[5];            /* 0 */
    uint16_t marks;                 /* bit i: byte i is marked (a serial line's break) */
};
_Static_assert(sizeof(struct byte_queue_state) == 24, "no padding");

static inline void byte_queue_clear(struct byte_queue_state *queue)
{
    for (uint32_t i = 0; i < BYTE_QUEUE_SIZE; i++) {
        queue->bytes[i] = 0;
    }
    queue->count = 0;
    queue->marks = 0;
}

/* Append one byte; false if there is no room. */
static inline bool byte_queue_push(struct byte_queue_state *queue, uint8_t byte)
{
    if (queue->count >= BYTE_QUEUE_SIZE) {
        return false;
    }
    queue->bytes[queue->count++] = byte;
    return true;
}

/* The same with a mark. */
static inline bool byte_queue_push_marked(struct byte_queue_state *queue, uint8_t byte)
{
    if (!byte_queue_push(queue, byte)) {
        return false;
    }
    queue->marks = (uint16_t)(queue->marks | 1u << (queue->count - 1));
    return true;
}

/* Take the oldest byte; 0 from an empty queue. */
static inline uint8_t byte_queue_pop(struct byte_queue_state *queue)
{
    uint8_t first = queue->bytes[0];

    if (queue->count == 0) {
        return 0;
    }
    for (uint32_t i = 1; i < BYTE_QUEUE_SIZE; i++) {
        queue->bytes[i - 1] = queue->bytes[i];
    }
    queue->bytes[BYTE_QUEUE_SIZE - 1] = 0;
    queue->marks >>= 1;
    queue->count--;
    return first;
}

/* A loaded queue is canonical: count in range, zeros behind. */
static inline bool byte_queue_is_valid(const struct byte_queue_state *queue)
{
    if (queue->count > BYTE_QUEUE_SIZE || queue->marks >> queue->count) {
        return false;
    }
    for (uint32_t i = queue->count; i < BYTE_QUEUE_SIZE; i++) {
        if (queue->bytes[i] != 0) {
            return false;
        }
    }
    for (uint32_t i = 0; i < sizeof(queue->reserved); i++) {
        if (queue->reserved[i] != 0) {
            return false;
        }
    }
    return true;
}
