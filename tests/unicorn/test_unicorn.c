/* Our processor against Unicorn's in real mode: one random instruction with random registers at a
 * time; every register, every byte written, what is raised and where it leads must agree.
 *   test_unicorn [SEED [PIECES]]
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/isa.h"
#include "tests/unicorn/peer.h"
#include "tests/unicorn/subject.h"

#define DEFAULT_PIECES 400000u
#define MOST_SHOWN     20u
#define WHOLE_EVERY    65536u /* pieces between two comparisons of all RAM */

struct test {
    struct piece piece;
    struct peer peer;
    struct subject subject;
    struct outcome theirs, ours;
    uint8_t *pattern; /* what RAM holds before each piece, RAM_BYTES */
    uint64_t compared, useless, raised, differences;
};

static uint8_t *ram_of(struct test *test, bool ours)
{
    return ours ? test->subject.ram : test->peer.ram;
}

static void put_code(struct test *test)
{
    const uint32_t at = piece_linear(&test->piece);
    memcpy(test->subject.ram + at, test->piece.code, CODE_BYTES);
    memcpy(test->peer.ram + at, test->piece.code, CODE_BYTES);
}

static void restore(struct test *test, bool ours, const struct outcome *out)
{
    uint8_t *ram = ram_of(test, ours);
    const uint32_t at = piece_linear(&test->piece);
    memcpy(ram + at, test->pattern + at, CODE_BYTES);
    for (uint32_t n = 0; n < out->writes; n++) {
        const struct written *w = &out->written[n];
        if (w->address + w->bytes <= RAM_BYTES) {
            memcpy(ram + w->address, test->pattern + w->address, w->bytes);
            if (ours) {
                cpu_ram_written(test->subject.cpu, w->address, w->bytes);
            }
        }
    }
}

static bool same_bytes(struct test *test, const struct outcome *out, uint32_t *where)
{
    for (uint32_t n = out->first; n < out->writes; n++) {
        const struct written *w = &out->written[n];
        *where = w->address;
        if (w->address + w->bytes > RAM_BYTES ||
            memcmp(test->subject.ram + w->address, test->peer.ram + w->address, w->bytes) != 0) {
            return false;
        }
    }
    return true;
}

static const char *difference(struct test *test)
{
    static char text[80];
    const struct registers *a = &test->theirs.after, *b = &test->ours.after;
    uint32_t where = 0;
    if (test->theirs.vector != test->ours.vector) {
        return "vector";
    }
    if (test->ours.vector == SHUT_DOWN) {
        return NULL;
    }
    for (uint32_t n = 0; n < 8; n++) {
        if (a->gpr[n] != b->gpr[n]) {
            return "general register";
        }
    }
    for (uint32_t n = 0; n < SEG_COUNT; n++) {
        if (a->selectors[n] != b->selectors[n]) {
            return "segment register";
        }
    }
    if (a->eip != b->eip) {
        return "eip";
    }
    if ((a->eflags ^ b->eflags) & ~test->piece.undefined) {
        return "flags";
    }
    if (memcmp(&a->gdtr, &b->gdtr, sizeof a->gdtr) || memcmp(&a->idtr, &b->idtr, sizeof a->idtr)) {
        return "table register";
    }
    if (!same_bytes(test, &test->theirs, &where) || !same_bytes(test, &test->ours, &where)) {
        snprintf(text, sizeof text, "memory at %" PRIx32, where);
        return text;
    }
    return NULL;
}

static void print_registers(const char *title, const struct registers *r, uint32_t vector)
{
    static const char *const gprs[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segments[6] = {"es", "cs", "ss", "ds", "fs", "gs"};
    printf("  %-7s", title);
    for (int n = 0; n < 8; n++) {
        printf(" %s=%08" PRIx32, gprs[n], r->gpr[n]);
    }
    printf("\n         ");
    for (int n = 0; n < SEG_COUNT; n++) {
        printf(" %s=%04x", segments[n], r->selectors[n]);
    }
    printf(" eip=%08" PRIx32 " eflags=%08" PRIx32 " vector=%" PRIx32 " gdtr=%x:%x idtr=%x:%x\n",
           r->eip, r->eflags, vector, r->gdtr.base, r->gdtr.limit, r->idtr.base, r->idtr.limit);
}

static void show(struct test *test, const char *what, uint64_t seed)
{
    const struct piece *piece = &test->piece;
    if (test->differences++ >= MOST_SHOWN) {
        return;
    }
    printf("%s (%s), seed %" PRIu64 ", %" PRIu64 ":", insn_table[piece->row].id, what, seed,
           test->compared);
    for (uint32_t n = 0; n < piece->length && n < CODE_BYTES; n++) {
        printf(" %02x", piece->code[n]);
    }
    printf("\n");
    print_registers("before", &piece->before, NO_VECTOR);
    print_registers("Unicorn", &test->theirs.after, test->theirs.vector);
    print_registers("ours", &test->ours.after, test->ours.vector);
}

static void one_piece(struct test *test, uint64_t seed)
{
    piece_make(&test->piece);
    put_code(test);
    const bool useful = peer_run(&test->peer, &test->piece, &test->theirs);
    subject_run(&test->subject, &test->piece, &test->ours);
    const char *what = useful ? difference(test) : NULL;
    if (what) {
        show(test, what, seed);
    }
    restore(test, false, &test->theirs);
    restore(test, true, &test->ours);
    test->compared += useful;
    test->useless += !useful;
    test->raised += useful && test->theirs.vector != NO_VECTOR;
}

static void open_all(struct test *test, uint64_t seed)
{
    const char *why = peer_open(&test->peer);
    test->pattern = malloc(RAM_BYTES);
    if (why || !test->pattern) {
        fprintf(stderr, "test_unicorn: %s\n", why ? why : "no memory");
        exit(1);
    }
    subject_open(&test->subject);
    test->piece.seed = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    for (uint32_t n = 0; n < RAM_BYTES; n += 4) {
        const uint32_t value = piece_random(&test->piece) & 0x7F7F7F7F;
        memcpy(test->pattern + n, &value, 4);
    }
    memcpy(test->subject.ram, test->pattern, RAM_BYTES);
    memcpy(test->peer.ram, test->pattern, RAM_BYTES);
}

int main(int argc, char **argv)
{
    static struct test test;
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    const uint64_t pieces = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_PIECES;
    open_all(&test, seed);
    for (uint64_t n = 1; n <= pieces; n++) {
        one_piece(&test, seed);
        if ((n % WHOLE_EVERY == 0 || n == pieces) &&
            (memcmp(test.subject.ram, test.pattern, RAM_BYTES) != 0 ||
             memcmp(test.peer.ram, test.pattern, RAM_BYTES) != 0)) {
            printf("a write that nobody has told of, within the last %u pieces\n", WHOLE_EVERY);
            return 1;
        }
    }
    printf("seed %" PRIu64 ": %" PRIu64 " instructions compared, %" PRIu64 " raised something, "
           "%" PRIu64 " left out, %" PRIu64 " differences\n",
           seed, test.compared, test.raised, test.useless, test.differences);
    return test.differences ? 1 : 0;
}
