/* execve: another program in the same process. Everything is built in a new address space first, so
 * that an error can still be returned to the old program; then the spaces change places.
 * Interrupts are on. See: execve(2); System V ABI i386,
 * "Process initialization". SPDX-License-Identifier: MIT */
#include "calls/path_argument.h"
#include "common/text.h"
#include "drivers/pit.h"
#include "files/file.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/elf.h"
#include "support/log.h"

#define SCRIPT_BYTES 128         /* of the first line of a script */
#define VECTOR_LIMIT 256         /* texts in argv and envp together */
#define TEXT_LIMIT   PAGE_SIZE   /* bytes of one text */
#define TEXT_AREA    0x00010000u /* at the top of the stack: texts, vectors, auxiliary vector */
#define RANDOM_BYTES 16 /* above the texts: what C libraries begin their random numbers with */
#define AUX_PAIRS    7

enum {
    AUX_NULL = 0,
    AUX_PHDR = 3,
    AUX_PHENT = 4,
    AUX_PHNUM = 5,
    AUX_PAGESZ = 6,
    AUX_ENTRY = 9,
    AUX_RANDOM = 25
};

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
static int32_t add_text(struct stack_builder *builder, uint32_t text, bool from_user, char *buffer)
{
    int32_t length;

    if (from_user) {
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
            result = builder->count < VECTOR_LIMIT - 2
                         ? add_text(builder, text, builder->from_user, buffer)
                         : -E2BIG;
        }
        if (result != 0) {
            return result;
        }
    }
    builder->words[builder->count++] = 0;
    return number;
}

/* argv: as it is, or for a script the interpreter's words before argv[1]. */
static int32_t add_arguments(struct stack_builder *builder, const struct exec_vectors *vectors,
                             char *buffer)
{
    uint32_t argv = vectors->argv;
    int32_t result = 0;

    for (uint32_t i = 0; i < vectors->first_count && result == 0; i++) {
        result = add_text(builder, (uint32_t)vectors->first[i], false, buffer);
    }
    if (result == 0 && vectors->first_count > 0 && argv != 0) {
        uint32_t word;

        result = read_word(builder, argv, &word);
        argv += result == 0 && word != 0 ? sizeof(uint32_t) : 0;
    }
    if (result == 0) {
        result = add_vector(builder, argv, buffer);
    }
    return result < 0 ? result : result + (int32_t)vectors->first_count;
}

/* Different for each program, and no secret. */
static int32_t add_random(struct address_space *space)
{
    uint32_t words[RANDOM_BYTES / sizeof(uint32_t)];
    uint32_t state = (uint32_t)pit_microseconds() | 1;

    for (uint32_t i = 0; i < RANDOM_BYTES / sizeof(uint32_t); i++) {
        state = state * 1664525 + 1013904223;
        words[i] = state;
    }
    return space_write(space, STACK_TOP - RANDOM_BYTES, words, RANDOM_BYTES);
}

/* At the top of the new stack, downwards: the texts, the auxiliary vector, envp, argv, argc. */
static int32_t build_stack(struct program_image *image, const struct exec_vectors *vectors,
                           char *buffer)
{
    struct stack_builder builder = {image, vectors->from_user, STACK_TOP - RANDOM_BYTES, 1, {0}};
    const uint32_t auxiliary[2 * AUX_PAIRS] = {
        AUX_PAGESZ, PAGE_SIZE,
        AUX_PHDR,   image->segment_table,
        AUX_PHENT,  ELF_SEGMENT_BYTES,
        AUX_PHNUM,  image->segment_count,
        AUX_ENTRY,  image->entry,
        AUX_RANDOM, STACK_TOP - RANDOM_BYTES,
        AUX_NULL,   0,
    };
    uint32_t words_bytes;
    int32_t result = add_arguments(&builder, vectors, buffer);

    if (result >= 0) {
        builder.words[0] = (uint32_t)result;
        result = add_vector(&builder, vectors->envp, buffer);
    }
    if (result < 0) {
        return result;
    }
    result = add_random(image->space);
    if (result != 0) {
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

static int32_t build_image(struct program_image *image, struct node *file,
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

/* The first line of a script, "#! interpreter [one word]", cut into first[0] and first[1]; false:
 * it is not a script. */
static bool read_script_line(struct node *file, char *text, struct exec_vectors *vectors)
{
    int32_t bytes = node_read(file, 0, text, SCRIPT_BYTES - 1);
    char *end, *word;

    if (bytes < 2 || text[0] != '#' || text[1] != '!') {
        return false;
    }
    text[bytes] = '\0';
    end = strchr(text, '\n');
    if (end == NULL) {
        return false;
    }
    while (end[-1] == ' ' || end[-1] == '\t') {
        end--;
    }
    *end = '\0';
    for (word = text + 2; *word == ' ' || *word == '\t'; word++) {}
    vectors->first[0] = word;
    vectors->first_count = 1;
    word = strchr(word, ' ');
    if (word != NULL) {
        *word++ = '\0';
        while (*word == ' ') {
            word++;
        }
        vectors->first[vectors->first_count++] = word;
    }
    return vectors->first[0][0] != '\0';
}

/* The file of a program and its directory, both with a user until path_release. */
static int32_t find_program(const char *path, struct path_end *end)
{
    int32_t result = path_walk(NULL, path, WALK_FOLLOW, end);

    if (result == 0) {
        result = S_ISREG(end->node->mode) ? node_permitted(end->node, X_OK) : -EACCES;
    }
    if (result != 0) {
        path_release(end);
    }
    return result;
}

static int32_t load(struct process *process, const char *path, struct node *file,
                    const struct exec_vectors *vectors)
{
    struct program_image image = {0};
    struct address_space *old = process->space;
    int32_t result;

    image.space = space_create();
    if (image.space == NULL) {
        return -ENOMEM;
    }
    result = build_image(&image, file, vectors);
    if (result != 0) {
        space_release(image.space);
        return result;
    }
    process->space = image.space;
    if (old != NULL) {
        space_use(image.space);
        space_release(old);
    }
    process->thread_set = false;
    process->argv = image.stack + sizeof(uint32_t);
    set_first_frame(process->frame, &image);
    forget_handlers(process);
    set_name(process, path);
    log_event(EVENT_EXEC, process->pid, image.entry);
    return 0;
}

int32_t exec_replace(struct process *process, const char *path, const struct exec_vectors *vectors)
{
    struct exec_vectors script = *vectors;
    char text[SCRIPT_BYTES];
    struct path_end end;
    int32_t result = find_program(path, &end);

    if (result != 0) {
        return result;
    }
    if (read_script_line(end.node, text, &script)) {
        path_release(&end);
        script.first[script.first_count++] = path;
        /* once more, with the interpreter; which is not a script itself */
        return vectors->first_count == 0 ? exec_replace(process, script.first[0], &script) : -ELOOP;
    }
    result = load(process, path, end.node, vectors);
    if (result != 0) {
        path_release(&end);
        return result;
    }
    node_put(process->program);
    node_put(process->program_directory);
    process->program = end.node;
    process->program_directory = end.directory;
    process->has_executed = true;
    files_exec(process);
    return 0;
}

int32_t sys_execve(struct trap_frame *frame)
{
    struct exec_vectors vectors = {.argv = frame->ecx, .envp = frame->edx, .from_user = true};
    char *path;
    int32_t result = path_take(frame->ebx, &path);

    if (result == 0) {
        result = exec_replace(current, path, &vectors);
        path_drop(path);
    }
    return result;
}
