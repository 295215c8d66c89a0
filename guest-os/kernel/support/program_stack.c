/* The first stack of a program: at its top, downwards, the texts of envp and argv, the auxiliary
 * vector, the addresses of envp's and argv's texts, argc. Everything is counted before anything is
 * copied, so it may be as long as the limit allows. Interrupts are on. See: System V ABI i386,
 * "Process initialization"; getauxval(3). SPDX-License-Identifier: MIT */
#include "support/program_stack.h"

#include "calls/random.h"
#include "common/text.h"

#define TEXTS_LIMIT  0x00020000u /* bytes of all texts and their addresses: 128 KiB */
#define STACK_AREA   0x00010000u /* reserved at the start, besides them; then it grows */
#define STACK_LEAST  0x00004000u /* base and bound: left below the program, besides them */
#define RANDOM_BYTES 16  /* at the very top: what C libraries begin their random numbers with */
#define PIECE_BYTES  256 /* copied at once */
#define WORD         sizeof(uint32_t)

enum {
    AUX_NULL = 0,
    AUX_PHDR = 3,
    AUX_PHENT = 4,
    AUX_PHNUM = 5,
    AUX_PAGESZ = 6,
    AUX_BASE = 7,
    AUX_FLAGS = 8,
    AUX_ENTRY = 9,
    AUX_UID = 11,
    AUX_EUID = 12,
    AUX_GID = 13,
    AUX_EGID = 14,
    AUX_CLKTCK = 17,
    AUX_SECURE = 23,
    AUX_RANDOM = 25,
    AUX_EXECFN = 31
};

/* A list of texts: the kernel's own first, then an array of addresses that ends with 0. */
struct text_list {
    const char *const *first; /* the kernel's */
    uint32_t first_count;
    uint32_t vector; /* address of the array, 0 none */
    bool from_user;  /* it and its texts are in the program's memory */
    uint32_t count;  /* of all texts */
    uint32_t bytes;  /* of all texts with their null bytes */
};

/* The place that is filled from the bottom up. */
struct writer {
    struct address_space *space; /* being built */
    uint32_t texts;              /* where the next text goes */
    uint32_t texts_end;          /* no text may go beyond */
    uint32_t words;              /* where the next word goes */
};

static int32_t read_word(const struct text_list *list, uint32_t address, uint32_t *word)
{
    if (list->from_user) {
        return copy_from_user(word, address, WORD);
    }
    *word = *(const uint32_t *)address;
    return 0;
}

/* A piece of a text; its length, less than PIECE_BYTES if it ends there, or an error. */
static int32_t read_piece(const struct text_list *list, uint32_t text, char *piece)
{
    if (list->from_user) {
        int32_t length = copy_text_from_user(piece, text, PIECE_BYTES);

        return length == -E2BIG ? PIECE_BYTES : length;
    }
    for (uint32_t i = 0; i < PIECE_BYTES; i++) {
        piece[i] = ((const char *)text)[i];
        if (piece[i] == '\0') {
            return (int32_t)i;
        }
    }
    return PIECE_BYTES;
}

/* Length of a text with its null byte, at most about `limit`; or an error. */
static int32_t text_bytes(const struct text_list *list, uint32_t text, uint32_t limit)
{
    char piece[PIECE_BYTES];
    uint32_t bytes = 0;
    int32_t length = PIECE_BYTES;

    while (length == PIECE_BYTES && bytes <= limit) {
        length = read_piece(list, text + bytes, piece);
        if (length < 0) {
            return length;
        }
        bytes += (uint32_t)length;
    }
    return (int32_t)bytes + 1;
}

static int32_t count_texts(struct text_list *list)
{
    for (uint32_t i = 0; i < list->first_count; i++) {
        list->bytes += strlen(list->first[i]) + 1;
    }
    list->count = list->first_count;
    for (uint32_t at = list->vector; at != 0; at += WORD) {
        uint32_t text;
        int32_t result = read_word(list, at, &text);

        if (result == 0 && text == 0) {
            break;
        }
        if (result == 0) {
            result = text_bytes(list, text, TEXTS_LIMIT);
        }
        if (result < 0) {
            return result;
        }
        list->bytes += (uint32_t)result;
        list->count++;
        if (list->bytes + list->count * WORD > TEXTS_LIMIT) {
            return -E2BIG;
        }
    }
    return 0;
}

static int32_t put_word(struct writer *writer, uint32_t word)
{
    int32_t result = space_write(writer->space, writer->words, &word, WORD);

    writer->words += WORD;
    return result;
}

/* Copy one text, piece by piece, and store where it is. Another thread may have made it longer
 * since it was counted. */
static int32_t put_text(struct writer *writer, const struct text_list *list, uint32_t text)
{
    char piece[PIECE_BYTES];
    int32_t result = put_word(writer, writer->texts);
    int32_t length = PIECE_BYTES;

    while (result == 0 && length == PIECE_BYTES) {
        length = read_piece(list, text, piece);
        if (length >= 0) {
            uint32_t bytes = (uint32_t)length + (length < PIECE_BYTES);

            result = bytes > writer->texts_end - writer->texts
                         ? -E2BIG
                         : space_write(writer->space, writer->texts, piece, bytes);
            writer->texts += bytes;
            text += bytes;
        } else {
            result = length;
        }
    }
    return result;
}

/* All texts of a list, their addresses and the 0 that ends those. */
static int32_t put_list(struct writer *writer, const struct text_list *list)
{
    struct text_list own = {.from_user = false};
    int32_t result = 0;

    for (uint32_t i = 0; i < list->count && result == 0; i++) {
        uint32_t text;

        if (i < list->first_count) {
            result = put_text(writer, &own, (uint32_t)list->first[i]);
            continue;
        }
        result = read_word(list, list->vector + (i - list->first_count) * WORD, &text);
        if (result == 0) {
            result = put_text(writer, list, text);
        }
    }
    return result != 0 ? result : put_word(writer, 0);
}

static int32_t put_auxiliary(struct writer *writer, const struct program_image *image,
                             uint32_t path_at)
{
    const uint32_t auxiliary[] = {
        AUX_PAGESZ, PAGE_SIZE,
        AUX_CLKTCK, USER_HZ,
        AUX_PHDR,   image->segment_table,
        AUX_PHENT,  sizeof(struct elf_segment),
        AUX_PHNUM,  image->segment_count,
        AUX_BASE,   0,
        AUX_FLAGS,  0,
        AUX_ENTRY,  image->entry,
        AUX_UID,    current->uid,
        AUX_EUID,   image->euid,
        AUX_GID,    current->gid,
        AUX_EGID,   image->egid,
        AUX_SECURE, image->euid != current->uid || image->egid != current->gid,
        AUX_RANDOM, image->stack_top - RANDOM_BYTES,
        AUX_EXECFN, path_at,
        AUX_NULL,   0,
    };

    _Static_assert(sizeof(auxiliary) == AUXILIARY_BYTES, "room is left for so many");
    image->space->auxiliary = writer->words;
    return space_write(writer->space, writer->words, auxiliary, sizeof(auxiliary));
}

/* Reserve the stack; ESP is where argc goes. */
static int32_t place_stack(struct program_image *image, const struct text_list *arguments,
                           const struct text_list *environment, struct writer *writer)
{
    uint32_t text_bytes_all = arguments->bytes + environment->bytes;
    uint32_t words = 1 + arguments->count + 1 + environment->count + 1;
    struct address_space *space = image->space;

    image->stack_top = space_stack_top(space);
    if (image->stack_top < text_bytes_all + words * WORD + STACK_LEAST) {
        return -E2BIG;
    }
    space->texts_end = image->stack_top - RANDOM_BYTES - (strlen(image->path) + 1);
    space->arguments = space->texts_end - text_bytes_all;
    space->environment = space->arguments + arguments->bytes;
    image->stack = (space->arguments - AUXILIARY_BYTES - words * WORD) & ~15u;
    *writer = (struct writer){space, space->arguments, space->texts_end, image->stack};
    return space_add_region(space,
                            base_bound ? FIRST_USER_PAGE : page_down(image->stack) - STACK_AREA,
                            image->stack_top, REGION_WRITE | REGION_GROWS);
}

int32_t program_stack_build(struct program_image *image, const struct exec_vectors *vectors)
{
    struct text_list arguments = {
        vectors->first, vectors->first_count, vectors->argv, vectors->from_user, 0, 0};
    struct text_list environment = {NULL, 0, vectors->envp, vectors->from_user, 0, 0};
    uint32_t random[RANDOM_BYTES / WORD];
    struct writer writer;
    int32_t result = 0;

    if (vectors->first_count > 0 && arguments.vector != 0) { /* a script: its path is argv[1] */
        uint32_t word;

        result = read_word(&arguments, arguments.vector, &word);
        arguments.vector += result == 0 && word != 0 ? WORD : 0;
    }
    result = result != 0 ? result : count_texts(&arguments);
    result = result != 0 ? result : count_texts(&environment);
    if (result == 0 && arguments.bytes + environment.bytes > TEXTS_LIMIT) {
        result = -E2BIG;
    }
    result = result != 0 ? result : place_stack(image, &arguments, &environment, &writer);
    result = result != 0 ? result : put_word(&writer, arguments.count);
    result = result != 0 ? result : put_list(&writer, &arguments);
    result = result != 0 ? result : put_list(&writer, &environment);
    result = result != 0 ? result : put_auxiliary(&writer, image, image->space->texts_end);
    if (result == 0) {
        result = space_write(image->space, image->space->texts_end, image->path,
                             strlen(image->path) + 1);
    }
    random_bytes(random, sizeof(random));
    return result != 0
               ? result
               : space_write(image->space, image->stack_top - RANDOM_BYTES, random, sizeof(random));
}
