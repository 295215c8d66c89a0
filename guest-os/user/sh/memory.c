/* Memory of the shell: blocks that are used up in order and given back in reverse order.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/sh/sh.h"

#define BLOCK_BYTES 4000
#define ALIGNMENT   8u

struct arena_block {
    struct arena_block *before;
    size_t used, room; /* bytes */
    char bytes[];
};

static struct arena_block *last;

static void add_block(size_t bytes)
{
    size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct arena_block *block = malloc(sizeof(*block) + room);

    if (block == NULL) {
        fputs("sh: out of memory\n", stderr);
        exit(2);
    }
    *block = (struct arena_block){last, 0, room};
    last = block;
}

void *arena_allocate(size_t bytes)
{
    void *memory;

    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (last == NULL || last->room - last->used < bytes) {
        add_block(bytes);
    }
    memory = last->bytes + last->used;
    last->used += bytes;
    return memset(memory, 0, bytes);
}

char *arena_text(const char *from, size_t length)
{
    return memcpy(arena_allocate(length + 1), from, length);
}

char *arena_join(const char *a, const char *b)
{
    size_t length = strlen(a);
    char *both = arena_allocate(length + strlen(b) + 1);

    memcpy(both, a, length);
    strcpy(both + length, b);
    return both;
}

struct arena_block *arena_begin(void)
{
    struct arena_block *old = last;

    last = NULL;
    return old;
}

void arena_end(struct arena_block *old)
{
    last = old;
}

struct arena_mark arena_now(void)
{
    return (struct arena_mark){last, last == NULL ? 0 : last->used};
}

void arena_release(struct arena_mark mark)
{
    while (last != mark.block) {
        struct arena_block *before = last->before;

        free(last);
        last = before;
    }
    if (last != NULL) {
        last->used = mark.used;
    }
}

void text_add(struct text *text, char c)
{
    if (text->length + 2 > text->room) {
        char *longer;

        text->room = text->room == 0 ? 32 : text->room * 2;
        longer = arena_allocate(text->room);
        if (text->length > 0) {
            memcpy(longer, text->bytes, text->length);
        }
        text->bytes = longer;
    }
    text->bytes[text->length++] = c;
    text->bytes[text->length] = '\0';
}

void text_add_all(struct text *text, const char *from)
{
    while (*from != '\0') {
        text_add(text, *from++);
    }
}

char *text_of(const struct text *text)
{
    return text->length == 0 ? arena_text("", 0) : text->bytes;
}

void list_add(struct list *list, char *item)
{
    if (list->count + 2 > list->room) {
        char **longer;

        list->room = list->room == 0 ? 8 : list->room * 2;
        longer = arena_allocate(list->room * sizeof(*longer));
        if (list->count > 0) {
            memcpy(longer, list->items, list->count * sizeof(*longer));
        }
        list->items = longer;
    }
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}
