/* execve: another program in the same process. Everything is built in a new address space first, so
 * that an error can still be returned to the old program; then the spaces change places.
 * Interrupts are on. See: execve(2); System V ABI i386,
 * "Process initialization". SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/elf.h"
#include "support/log.h"
#include "support/ramdisk.h"

#define PATH_BYTES   128
#define VECTOR_LIMIT 64          /* texts in argv and envp together */
#define TEXT_LIMIT   PAGE_SIZE   /* bytes of all texts */
#define TEXT_AREA    0x00010000u /* at the top of the stack: texts, vectors, auxiliary vector */
#define AUX_PAIRS    6

enum { AUX_NULL = 0, AUX_PHDR = 3, AUX_PHENT = 4, AUX_PHNUM = 5, AUX_PAGESZ = 6, AUX_ENTRY = 9 };

/* ---- the arguments ---- */

struct stack_builder {
    struct program_image *image;
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
static int32_t build_stack(struct program_image *image, const struct exec_vectors *vectors,
                           char *buffer)
{
    struct stack_builder builder = {image, vectors->from_user, STACK_TOP - 16, 1, {0}};
    const uint32_t auxiliary[2 * AUX_PAIRS] = {
        AUX_PAGESZ, PAGE_SIZE,         AUX_PHDR,  image->segment_table,
        AUX_PHENT,  ELF_SEGMENT_BYTES, AUX_PHNUM, image->segment_count,
        AUX_ENTRY,  image->entry,      AUX_NULL,  0,
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

static int32_t build_image(struct program_image *image, const struct ramdisk_file *file,
                           const struct exec_vectors *vectors)
{
    uint32_t buffer = frame_allocate();
    int32_t result;

    if (buffer == 0) {
        return -ENOMEM;
    }
    result = elf_load(image, file);
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
static void set_first_frame(struct trap_frame *frame, const struct program_image *image)
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
    struct program_image image = {0};
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
