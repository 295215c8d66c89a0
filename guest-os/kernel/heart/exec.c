/* execve: another program in the same process. Everything is built in a new address space first, so
 * that an error can still be returned to the old program; then the spaces change places.
 * Interrupts are on. See: execve(2); ELF specification, chapters 1 and 2; System V ABI i386,
 * "Process initialization". SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/log.h"
#include "support/ramdisk.h"

#define PATH_BYTES     128
#define VECTOR_LIMIT   64          /* texts in argv and envp together */
#define TEXT_LIMIT     PAGE_SIZE   /* bytes of all texts */
#define TEXT_AREA      0x00010000u /* at the top of the stack: texts, vectors, auxiliary vector */
#define AUX_PAIRS      6
#define ELF_MAGIC      0x464C457Fu /* 7Fh "ELF" */
#define ELF_32_LITTLE  0x00010101u /* class 32, little endian, version 1 */
#define ELF_EXECUTABLE 2
#define ELF_386        3
#define SEGMENT_LOAD   1
#define SEGMENT_WRITE  2u
#define SEGMENTS_MAX   16

enum { AUX_NULL = 0, AUX_PHDR = 3, AUX_PHENT = 4, AUX_PHNUM = 5, AUX_PAGESZ = 6, AUX_ENTRY = 9 };

struct elf_header {
    uint32_t magic;         /* ELF_MAGIC */
    uint32_t kind;          /* ELF_32_LITTLE in the low 24 bits */
    uint8_t padding[8];     /* ignored */
    uint16_t type, machine; /* ELF_EXECUTABLE, ELF_386 */
    uint32_t version;       /* ignored */
    uint32_t entry;         /* first instruction */
    uint32_t segments_at;   /* file offset of the segment table */
    uint32_t sections_at;   /* ignored */
    uint32_t flags;         /* ignored */
    uint16_t header_bytes;  /* ignored */
    uint16_t segment_bytes; /* sizeof(struct elf_segment) */
    uint16_t segment_count; /* entries of the table */
    uint16_t unused[3];     /* ignored */
};

struct elf_segment {
    uint32_t type;         /* SEGMENT_LOAD, or ignored */
    uint32_t offset;       /* in the file */
    uint32_t address;      /* in memory */
    uint32_t physical;     /* ignored */
    uint32_t file_bytes;   /* to copy */
    uint32_t memory_bytes; /* the rest is zero */
    uint32_t flags;        /* SEGMENT_WRITE */
    uint32_t alignment;    /* ignored */
};

struct image {
    struct address_space *space; /* being built */
    uint32_t entry;              /* EIP to start with */
    uint32_t end;                /* after the last segment */
    uint32_t segment_table;      /* address in memory of the program's segment table, 0 unknown */
    uint32_t segment_count;      /* entries there */
    uint32_t stack;              /* ESP to start with */
};

/* ---- the program's file ---- */

static int32_t load_segment(struct image *image, const struct ramdisk_file *file,
                            const struct elf_segment *segment)
{
    uint32_t end = segment->address + segment->memory_bytes;
    int32_t result;

    if (segment->file_bytes > segment->memory_bytes || segment->offset > file->bytes ||
        segment->file_bytes > file->bytes - segment->offset || end < segment->address ||
        end > STACK_TOP - STACK_LIMIT) {
        return -ENOEXEC;
    }
    result = space_add_region(image->space, page_down(segment->address), page_up(end),
                              segment->flags & SEGMENT_WRITE ? REGION_WRITE : 0);
    if (result == 0) {
        result = space_write(image->space, segment->address, file->data + segment->offset,
                             segment->file_bytes);
    }
    image->end = end > image->end ? end : image->end;
    return result;
}

/* Read the ELF headers and load every segment. -ENOEXEC: not a program for this machine. */
static int32_t load_program(struct image *image, const struct ramdisk_file *file)
{
    struct elf_header header;
    struct elf_segment segment;

    if (file->bytes < sizeof(header)) {
        return -ENOEXEC;
    }
    memcpy(&header, file->data, sizeof(header));
    if (header.magic != ELF_MAGIC || (header.kind & 0xFFFFFF) != ELF_32_LITTLE ||
        header.type != ELF_EXECUTABLE || header.machine != ELF_386 ||
        header.segment_bytes != sizeof(segment) || header.segment_count > SEGMENTS_MAX ||
        header.segments_at > file->bytes ||
        header.segment_count * sizeof(segment) > file->bytes - header.segments_at) {
        return -ENOEXEC;
    }
    image->entry = header.entry;
    image->segment_count = header.segment_count;
    for (uint32_t i = 0; i < header.segment_count; i++) {
        int32_t result = 0;

        memcpy(&segment, file->data + header.segments_at + i * sizeof(segment), sizeof(segment));
        if (segment.type == SEGMENT_LOAD && segment.memory_bytes > 0) {
            if (header.segments_at >= segment.offset &&
                header.segments_at - segment.offset < segment.file_bytes) {
                image->segment_table = segment.address + header.segments_at - segment.offset;
            }
            result = load_segment(image, file, &segment);
        }
        if (result != 0) {
            return result == -EINVAL ? -ENOEXEC : result;
        }
    }
    image->space->break_first = image->space->break_now = page_up(image->end);
    return space_add_region(image->space, page_up(image->end), page_up(image->end),
                            REGION_WRITE | REGION_HEAP);
}

/* ---- the arguments ---- */

struct stack_builder {
    struct image *image;
    bool from_user;               /* where the texts are */
    uint32_t text_at;             /* user address of the text copied last; they grow down */
    uint32_t count;               /* words so far */
    uint32_t words[VECTOR_LIMIT]; /* argc, argv, 0, envp, 0 */
};

static int32_t read_word(const struct stack_builder *builder, uint32_t address, uint32_t *word)
{
    if (builder->from_user) {
        return copy_from_user(word, address, sizeof(*word));
    }
    *word = *(const uint32_t *)address;
    return 0;
}

/* Copy one text to the new stack and put its new address into the words. `buffer` is TEXT_LIMIT
 * bytes of the kernel's. */
static int32_t add_text(struct stack_builder *builder, uint32_t text, char *buffer)
{
    int32_t length;

    if (builder->from_user) {
        length = copy_text_from_user(buffer, text, TEXT_LIMIT);
        if (length < 0) {
            return length;
        }
    } else {
        copy_text(buffer, (const char *)text, TEXT_LIMIT);
        length = (int32_t)strlen(buffer);
    }
    builder->text_at -= (uint32_t)length + 1;
    if (builder->text_at < STACK_TOP - TEXT_AREA / 2) {
        return -E2BIG;
    }
    builder->words[builder->count++] = builder->text_at;
    return space_write(builder->image->space, builder->text_at, buffer, (uint32_t)length + 1);
}

/* Add the texts of argv or envp and the 0 that ends it; returns their number or an error. */
static int32_t add_vector(struct stack_builder *builder, uint32_t vector, char *buffer)
{
    int32_t number = 0;

    for (; vector != 0; vector += sizeof(uint32_t), number++) {
        uint32_t text;
        int32_t result = read_word(builder, vector, &text);

        if (result == 0 && text == 0) {
            break;
        }
        if (result == 0) {
            /* room for the two zeros that end argv and envp */
            result = builder->count < VECTOR_LIMIT - 2 ? add_text(builder, text, buffer) : -E2BIG;
        }
        if (result != 0) {
            return result;
        }
    }
    builder->words[builder->count++] = 0;
    return number;
}

/* At the top of the new stack, downwards: the texts, the auxiliary vector, envp, argv, argc. */
static int32_t build_stack(struct image *image, const struct exec_vectors *vectors, char *buffer)
{
    struct stack_builder builder = {image, vectors->from_user, STACK_TOP - 16, 1, {0}};
    const uint32_t auxiliary[2 * AUX_PAIRS] = {
        AUX_PAGESZ, PAGE_SIZE,
        AUX_PHDR,   image->segment_table,
        AUX_PHENT,  sizeof(struct elf_segment),
        AUX_PHNUM,  image->segment_count,
        AUX_ENTRY,  image->entry,
        AUX_NULL,   0,
    };
    uint32_t words_bytes;
    int32_t result = add_vector(&builder, vectors->argv, buffer);

    if (result >= 0) {
        builder.words[0] = (uint32_t)result;
        result = add_vector(&builder, vectors->envp, buffer);
    }
    if (result < 0) {
        return result;
    }
    words_bytes = builder.count * sizeof(uint32_t);
    image->stack = (builder.text_at - sizeof(auxiliary) - words_bytes) & ~15u;
    result = space_write(image->space, image->stack, builder.words, words_bytes);
    if (result != 0) {
        return result;
    }
    return space_write(image->space, image->stack + words_bytes, auxiliary, sizeof(auxiliary));
}

static int32_t build_image(struct image *image, const struct ramdisk_file *file,
                           const struct exec_vectors *vectors)
{
    uint32_t buffer = frame_allocate();
    int32_t result;

    if (buffer == 0) {
        return -ENOMEM;
    }
    result = load_program(image, file);
    if (result == 0) {
        result = space_add_region(image->space, STACK_TOP - TEXT_AREA, STACK_TOP,
                                  REGION_WRITE | REGION_GROWS);
    }
    if (result == 0) {
        result = build_stack(image, vectors, physical_to_pointer(buffer));
    }
    frame_release(buffer);
    return result == -EINVAL ? -ENOEXEC : result;
}

/* ---- the change ---- */

/* Registers of a program that starts: all zero but EIP, ESP, flags and selectors. */
static void set_first_frame(struct trap_frame *frame, const struct image *image)
{
    *frame = (struct trap_frame){
        .ds = USER_DATA,
        .es = USER_DATA,
        .eip = image->entry,
        .cs = USER_CODE,
        .eflags = trap_user_eflags(),
        .esp = image->stack,
        .ss = USER_DATA,
    };
}

/* Handlers were addresses in the old program; what is ignored stays ignored. */
static void forget_handlers(struct process *process)
{
    for (uint32_t signal = 1; signal <= NSIG; signal++) {
        if (process->actions[signal].sa_handler != SIG_IGN) {
            process->actions[signal] = (struct kernel_sigaction){.sa_handler = SIG_DFL};
        }
    }
}

static void set_name(struct process *process, const char *path)
{
    const char *last = path;

    for (; *path != '\0'; path++) {
        last = *path == '/' ? path + 1 : last;
    }
    copy_text(process->name, last, NAME_BYTES);
}

int32_t exec_replace(struct process *process, const char *path, const struct exec_vectors *vectors)
{
    struct image image = {0};
    struct ramdisk_file file;
    struct address_space *old = process->space;
    int32_t result;

    if (!ramdisk_find(path, &file)) {
        return -ENOENT;
    }
    image.space = space_create();
    if (image.space == NULL) {
        return -ENOMEM;
    }
    result = build_image(&image, &file, vectors);
    if (result != 0) {
        space_release(image.space);
        return result;
    }
    process->space = image.space;
    if (old != NULL) {
        space_use(image.space);
        space_release(old);
    }
    set_first_frame(process->frame, &image);
    forget_handlers(process);
    set_name(process, path);
    log_event(EVENT_EXEC, process->pid, image.entry);
    return 0;
}

int32_t sys_execve(struct trap_frame *frame)
{
    struct exec_vectors vectors = {frame->ecx, frame->edx, true};
    char path[PATH_BYTES];
    int32_t result = copy_text_from_user(path, frame->ebx, sizeof(path));

    if (result < 0) {
        return result;
    }
    return exec_replace(current, path, &vectors);
}
