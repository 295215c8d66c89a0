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

/* A piece of a text; its length, PIECE_BYTES if it goes on, or an error. */
static int32_t read_piece(bool from_user, uint32_t text, char piece[PIECE_BYTES])
{
    int32_t length;

    if (from_user) {
        length = copy_text_from_user(piece, text, PIECE_BYTES);
        return length == -E2BIG ? PIECE_BYTES : length;
    }
    length = (int32_t)strlen((const char *)text);
    length = length < PIECE_BYTES ? length : PIECE_BYTES;
    memcpy(piece, (const char *)text, (size_t)(length + (length < PIECE_BYTES)));
    return length;
}

static int32_t put_word(struct writer *writer, uint32_t word)
{
    int32_t result = space_write(writer->space, writer->words, &word, WORD);

    writer->words += WORD;
    return result;
}

/* Bytes of a text with its null byte, or -E...; with a writer it is copied. */
static int32_t walk_text(bool from_user, uint32_t text, struct writer *writer)
{
    char piece[PIECE_BYTES];
    uint32_t bytes = 0;
    int32_t length = PIECE_BYTES;

    while (length == PIECE_BYTES) {
        uint32_t part;
        int32_t result = 0;

        length = read_piece(from_user, text + bytes, piece);
        if (length < 0 || bytes > TEXTS_LIMIT) {
            return length < 0 ? length : -E2BIG;
        }
        part = (uint32_t)length + (length < PIECE_BYTES);
        if (writer != NULL) { /* another thread may have made it longer since it was counted */
            result = part > writer->texts_end - writer->texts
                         ? -E2BIG
                         : space_write(writer->space, writer->texts, piece, part);
            writer->texts += part;
        }
        if (result != 0) {
            return result;
        }
        bytes += part;
    }
    return (int32_t)bytes;
}

/* Count the texts of a list; or, with a writer, copy as many with their addresses, and a 0. */
static int32_t walk_list(struct text_list *list, struct writer *writer)
{
    uint32_t count = 0, bytes = 0;

    while (writer == NULL || count < list->count) {
        bool is_first = count < list->first_count;
        uint32_t text = 0;
        int32_t result = 0;

        if (is_first) {
            text = (uint32_t)list->first[count];
        } else if (list->vector != 0) {
            result = read_word(list, list->vector + (count - list->first_count) * WORD, &text);
        }
        if (result != 0) {
            return result;
        }
        if (text == 0) {
            break;
        }
        result = writer == NULL ? 0 : put_word(writer, writer->texts);
        result = result != 0 ? result : walk_text(!is_first && list->from_user, text, writer);
        if (result < 0) {
            return result;
        }
        bytes += (uint32_t)result;
        count++;
        if (bytes + count * WORD > TEXTS_LIMIT) {
            return -E2BIG;
        }
    }
    list->count = count;
    list->bytes = bytes;
    return writer == NULL ? 0 : put_word(writer, 0);
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
    result = result != 0 ? result : walk_list(&arguments, NULL);
    result = result != 0 ? result : walk_list(&environment, NULL);
    if (result == 0 && arguments.bytes + environment.bytes > TEXTS_LIMIT) {
        result = -E2BIG;
    }
    result = result != 0 ? result : place_stack(image, &arguments, &environment, &writer);
    result = result != 0 ? result : put_word(&writer, arguments.count);
    result = result != 0 ? result : walk_list(&arguments, &writer);
    result = result != 0 ? result : walk_list(&environment, &writer);
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
