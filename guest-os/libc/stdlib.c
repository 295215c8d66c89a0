/* Sorting, searching, copies of texts. SPDX-License-Identifier: MIT */
#include "libc/include/stdlib.h"

#include "libc/include/string.h"

typedef int comparison(const void *, const void *);

static void swap(char *a, char *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char c = a[i];

        a[i] = b[i];
        b[i] = c;
    }
}

/* Let the element at `place` sink in the heap of `count`: parents are not less than children. */
static void sink(char *base, size_t place, size_t count, size_t bytes, comparison *compare)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child >= count) {
            return;
        }
        if (child + 1 < count && compare(base + child * bytes, base + (child + 1) * bytes) < 0) {
            child++;
        }
        if (compare(base + place * bytes, base + child * bytes) >= 0) {
            return;
        }
        swap(base + place * bytes, base + child * bytes, bytes);
        place = child;
    }
}

/* Heap sort: no memory of its own, never slow. See: Knuth, 5.2.3. */
void qsort(void *first, size_t count, size_t bytes, comparison *compare)
{
    for (size_t place = count / 2; place-- > 0;) {
        sink(first, place, count, bytes, compare);
    }
    while (count > 1) {
        count--;
        swap(first, (char *)first + count * bytes, bytes);
        sink(first, 0, count, bytes, compare);
    }
}

void *bsearch(const void *wanted, const void *first, size_t count, size_t bytes,
              comparison *compare)
{
    const char *base = first;

    while (count > 0) {
        const char *middle = base + count / 2 * bytes;
        int order = compare(wanted, middle);

        if (order == 0) {
            return (void *)(uintptr_t)middle;
        }
        if (order > 0) {
            base = middle + bytes;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return NULL;
}

char *strndup(const char *text, size_t most)
{
    size_t length = strnlen(text, most);
    char *copy = malloc(length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *strdup(const char *text)
{
    return strndup(text, strlen(text));
}
