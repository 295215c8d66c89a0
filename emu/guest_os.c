/* Processes of a guest's kernel. What a description says is turned into offsets once; then lists
 * are walked in the machine's memory through the present page tables.
 * SPDX-License-Identifier: MIT */
#include "emu/guest_os.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_STEPS   4u
#define SAVED_MAX    16u
#define PID_MOST     4194304 /* no kernel numbers higher */
#define LINE_BYTES   256u
#define NOT_REGISTER 0xFFu
#define STRUCT_WORDS "struct "

/* A member, through pointers: each step but the last leads to a pointer to another structure. */
struct path {
    uint32_t count; /* steps, 0: not described */
    uint32_t offsets[PATH_STEPS];
    uint32_t bytes; /* of the member at the end */
};

enum field {
    FIELD_NEXT,
    FIELD_PID,
    FIELD_NAME,
    FIELD_STATE,
    FIELD_PARENT,
    FIELD_GROUP,
    FIELD_PROGRAM,
    FIELD_WAITING,
    FIELD_DIRECTORY,
    FIELD_STACK,
    FIELD_SAVED,
    FIELD_FRAME,
    FIELD_COUNT
};

struct guest_os {
    const struct dwarf_info *info;
    char structure[DWARF_NAME_BYTES]; /* of a process */
    uint32_t first;                   /* address of the variable with the list's beginning */
    uint32_t current;                 /* address of the variable with the running one */
    uint32_t also;                    /* address of the process outside the list, 0: none */
    struct path fields[FIELD_COUNT];
    char state[DWARF_NAME_BYTES];    /* member of FIELD_STATE */
    uint64_t state_type;             /* enumeration, 0: none */
    uint32_t saved_count;            /* words at FIELD_SAVED */
    uint8_t saved[SAVED_MAX];        /* DWARF's number of the register, or NOT_REGISTER */
    uint32_t user[GUEST_USER_COUNT]; /* offsets in the structure at FIELD_FRAME */
    uint32_t user_known;             /* bit n: user[n] counts */
};

static const char *const field_words[FIELD_COUNT] = {
    [FIELD_NEXT] = "next",           [FIELD_PID] = "pid",         [FIELD_NAME] = "name",
    [FIELD_STATE] = "state",         [FIELD_PARENT] = "parent",   [FIELD_GROUP] = "group",
    [FIELD_PROGRAM] = "program",     [FIELD_WAITING] = "waiting", [FIELD_STACK] = "stack",
    [FIELD_DIRECTORY] = "directory", [FIELD_SAVED] = "saved",     [FIELD_FRAME] = "frame",
};

static const char *const register_names[DWARF_REGISTERS] = {"eax", "ecx", "edx", "ebx", "esp",
                                                            "ebp", "esi", "edi", "eip"};
static const char *const user_names[GUEST_USER_COUNT] = {
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip", "eflags", "cs", "ss"};

const char *guest_os_bundled(void)
{
    return "structure process\n"
           "first process_first\n"
           "next next\n"
           "also process_idle\n"
           "current current\n"
           "pid pid\n"
           "name name\n"
           "state state\n"
           "parent parent>process.pid\n"
           "group group\n"
           "program leader>process.pid\n"
           "waiting waiting_for\n"
           "directory space>address_space.directory\n"
           "stack kernel_stack_top\n"
           "saved kernel_esp edi esi ebx ebp eip\n"
           "frame frame trap_frame\n";
}

/* ---- the description ---- */

/* MEMBER, or MEMBER>STRUCTURE.MEMBER and so on. */
static bool path_parse(const struct guest_os *os, char *text, struct path *path, struct err *err)
{
    const char *structure = os->structure;
    char *rest = text;

    while (rest) {
        char *member = rest;

        rest = strchr(member, '>');
        if (rest) {
            *rest++ = '\0';
        }
        if (path->count == PATH_STEPS) {
            return err_set(err, "%s: too many steps", text);
        }
        if (!dwarf_member(os->info, structure, member, &path->offsets[path->count], &path->bytes)) {
            return err_set(err, "struct %s has no member %s", structure, member);
        }
        path->count++;
        if (rest) {
            char *dot = strchr(rest, '.');

            if (!dot) {
                return err_set(err, "%s: after > comes STRUCTURE.MEMBER", rest);
            }
            *dot = '\0';
            structure = rest;
            rest = dot + 1;
        }
    }
    return true;
}

static bool variable(const struct guest_os *os, const char *name, uint32_t *address,
                     struct err *err)
{
    uint32_t bytes;

    return dwarf_variable(os->info, name, address, &bytes) ||
           err_set(err, "there is no variable %s", name);
}

/* The registers that lie where the saved stack pointer points, lowest address first. */
static bool saved_parse(struct guest_os *os, char **words, uint32_t count, struct err *err)
{
    if (count > SAVED_MAX) {
        return err_set(err, "saved: more than %u registers", SAVED_MAX);
    }
    os->saved_count = count;
    for (uint32_t i = 0; i < count; i++) {
        os->saved[i] = NOT_REGISTER;
        for (uint8_t number = 0; number < DWARF_REGISTERS; number++) {
            if (strcmp(words[i], register_names[number]) == 0) {
                os->saved[i] = number;
            }
        }
        if (os->saved[i] == NOT_REGISTER && strcmp(words[i], "-") != 0) {
            return err_set(err, "saved: %s is no register; - passes over a word", words[i]);
        }
    }
    return true;
}

/* The members of the trap frame are called like the registers. */
static bool frame_parse(struct guest_os *os, const char *structure, struct err *err)
{
    for (uint32_t i = 0; i < GUEST_USER_COUNT; i++) {
        uint32_t bytes;

        if (dwarf_member(os->info, structure, user_names[i], &os->user[i], &bytes)) {
            os->user_known |= 1u << i;
        }
    }
    return os->user_known != 0 ||
           err_set(err, "frame: no member of struct %s is called like a register", structure);
}

static bool field_parse(struct guest_os *os, enum field field, char **words, uint32_t count,
                        struct err *err)
{
    struct path *path = &os->fields[field];

    if (path->count) {
        return err_set(err, "%s: said twice", words[0]);
    }
    if (os->structure[0] == '\0') {
        return err_set(err, "%s: the line with structure must come first", words[0]);
    }
    if (!path_parse(os, words[1], path, err)) {
        return false;
    }
    if (field == FIELD_STATE) {
        snprintf(os->state, sizeof(os->state), "%s", words[1]);
    }
    if (field == FIELD_SAVED) {
        return saved_parse(os, words + 2, count - 2, err);
    }
    if (field == FIELD_FRAME) {
        return count == 3 ? frame_parse(os, words[2], err)
                          : err_set(err, "frame: needs a member and the frame's structure");
    }
    return count == 2 || err_set(err, "%s: one member only", words[0]);
}

static bool line_take(struct guest_os *os, char **words, uint32_t count, struct err *err)
{
    if (count < 2) {
        return err_set(err, "%s: of what?", words[0]);
    }
    if (strcmp(words[0], "structure") == 0) {
        snprintf(os->structure, sizeof(os->structure), "%s", words[1]);
        return true;
    }
    if (strcmp(words[0], "first") == 0) {
        return variable(os, words[1], &os->first, err);
    }
    if (strcmp(words[0], "current") == 0) {
        return variable(os, words[1], &os->current, err);
    }
    if (strcmp(words[0], "also") == 0) {
        return variable(os, words[1], &os->also, err);
    }
    for (uint32_t field = 0; field < FIELD_COUNT; field++) {
        if (strcmp(words[0], field_words[field]) == 0) {
            return field_parse(os, field, words, count, err);
        }
    }
    return err_set(err, "%s: no such word", words[0]);
}

static bool line_parse(struct guest_os *os, char *line, struct err *err)
{
    char *words[SAVED_MAX + 3];
    uint32_t count = 0;
    char *place = NULL;

    line[strcspn(line, "#")] = '\0';
    for (char *word = strtok_r(line, " \t\r", &place); word;
         word = strtok_r(NULL, " \t\r", &place)) {
        if (count == sizeof(words) / sizeof(words[0])) {
            return err_set(err, "too many words");
        }
        words[count++] = word;
    }
    return count == 0 || line_take(os, words, count, err);
}

/* What no list can do without. */
static bool complete(struct guest_os *os, struct err *err)
{
    struct dwarf_field state;
    struct dwarf_type type;
    char name[DWARF_NAME_BYTES + sizeof(STRUCT_WORDS)];
    uint64_t id;

    if (!os->first || !os->current || !os->fields[FIELD_NEXT].count ||
        !os->fields[FIELD_PID].count) {
        return err_set(err, "structure, first, next, current and pid must all be there");
    }
    snprintf(name, sizeof(name), STRUCT_WORDS "%s", os->structure);
    if (os->fields[FIELD_STATE].count == 1 && dwarf_type_named(os->info, name, &id) &&
        dwarf_field_named(os->info, id, os->state, &state) &&
        dwarf_type_get(os->info, state.type, &type) && type.kind == DWARF_ENUM) {
        os->state_type = state.type;
    }
    return true;
}

struct guest_os *guest_os_open(const struct dwarf_info *info, const char *description,
                               struct err *err)
{
    struct guest_os *os = calloc(1, sizeof(*os));
    struct err what = {0};
    uint32_t number = 1;

    if (!os) {
        err_set(err, "no memory");
        return NULL;
    }
    os->info = info;
    for (const char *at = description; *at; number++) {
        size_t length = strcspn(at, "\n");
        char line[LINE_BYTES];
        bool fits = length < sizeof(line);

        snprintf(line, sizeof(line), "%.*s", (int)(fits ? length : 0), at);
        if (!fits || !line_parse(os, line, &what)) {
            err_set(err, "description of the kernel, line %" PRIu32 ": %s", number,
                    fits ? what.message : "too long");
            guest_os_close(os);
            return NULL;
        }
        at += length + (at[length] == '\n');
    }
    if (!complete(os, &what)) {
        err_set(err, "description of the kernel: %s", what.message);
        guest_os_close(os);
        return NULL;
    }
    return os;
}

void guest_os_close(struct guest_os *os)
{
    free(os);
}

/* ---- memory ---- */

static bool read_word(struct machine *machine, uint32_t linear, uint32_t *value)
{
    return machine_read_linear(machine, linear, value, sizeof(*value));
}

/* Where the member lies; false: a pointer on the way leads nowhere. */
static bool path_follow(const struct path *path, struct machine *machine, uint32_t address,
                        uint32_t *member)
{
    if (path->count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < path->count; i++) {
        if (i > 0 && (!read_word(machine, address, &address) || address == 0)) {
            return false;
        }
        address += path->offsets[i];
    }
    *member = address;
    return true;
}

/* A number of 1, 2 or 4 bytes. */
static bool get(const struct guest_os *os, struct machine *machine, uint32_t process,
                enum field field, uint32_t *value)
{
    const struct path *path = &os->fields[field];
    uint32_t bytes = path->bytes < 4 ? path->bytes : 4;
    uint32_t member;

    *value = 0;
    return path_follow(path, machine, process, &member) &&
           machine_read_linear(machine, member, value, bytes);
}

static int32_t get_number(const struct guest_os *os, struct machine *machine, uint32_t process,
                          enum field field)
{
    uint32_t value;

    return get(os, machine, process, field, &value) ? (int32_t)value : -1;
}

static void read_name(const struct guest_os *os, struct machine *machine, uint32_t process,
                      char *name)
{
    const struct path *path = &os->fields[FIELD_NAME];
    uint32_t bytes = path->bytes < GUEST_NAME_BYTES ? path->bytes : GUEST_NAME_BYTES - 1;
    uint32_t member;

    memset(name, 0, GUEST_NAME_BYTES);
    if (!path_follow(path, machine, process, &member) ||
        !machine_read_linear(machine, member, name, bytes)) {
        name[0] = '\0';
    }
    for (char *at = name; *at; at++) {
        *at = *at >= ' ' && *at <= '~' ? *at : '?';
    }
}

/* PROCESS_READY is called "ready". */
static void read_state(const struct guest_os *os, struct machine *machine, uint32_t process,
                       char *text)
{
    char name[GUEST_NAME_BYTES];
    uint32_t value;

    text[0] = '\0';
    if (!get(os, machine, process, FIELD_STATE, &value)) {
        return;
    }
    if (!os->state_type || !dwarf_enum_name(os->info, os->state_type, value, name, sizeof(name))) {
        snprintf(text, GUEST_NAME_BYTES, "%" PRIu32, value);
        return;
    }
    const char *last = strrchr(name, '_');
    snprintf(text, GUEST_NAME_BYTES, "%s", last ? last + 1 : name);
    for (char *at = text; *at; at++) {
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    }
}

/* Where a process that does not run will go on. */
static void read_saved(const struct guest_os *os, struct machine *machine,
                       struct guest_process *process)
{
    uint32_t esp;

    if (!get(os, machine, process->address, FIELD_SAVED, &esp) || esp == 0) {
        return;
    }
    for (uint32_t i = 0; i < os->saved_count; i++) {
        uint32_t number = os->saved[i];

        if (number != NOT_REGISTER &&
            read_word(machine, esp + 4 * i, &process->registers[number])) {
            process->known |= 1u << number;
        }
    }
    process->registers[DWARF_ESP] = esp + 4 * os->saved_count;
    process->known |= 1u << DWARF_ESP;
}

static void read_user(const struct guest_os *os, struct machine *machine,
                      struct guest_process *process)
{
    uint32_t frame;

    if (!get(os, machine, process->address, FIELD_FRAME, &frame) || frame == 0) {
        return;
    }
    for (uint32_t i = 0; i < GUEST_USER_COUNT; i++) {
        if ((os->user_known >> i & 1) &&
            read_word(machine, frame + os->user[i], &process->user[i])) {
            process->user_known |= 1u << i;
        }
    }
}

static bool read_process(const struct guest_os *os, struct machine *machine, uint32_t address,
                         uint32_t current, struct guest_process *process)
{
    memset(process, 0, sizeof(*process));
    process->address = address;
    process->pid = get_number(os, machine, address, FIELD_PID);
    if (process->pid < 0 || process->pid > PID_MOST) {
        return false;
    }
    process->is_current = address == current;
    read_name(os, machine, address, process->name);
    read_state(os, machine, address, process->state);
    process->parent = get_number(os, machine, address, FIELD_PARENT);
    process->group = get_number(os, machine, address, FIELD_GROUP);
    process->program = get_number(os, machine, address, FIELD_PROGRAM);
    get(os, machine, address, FIELD_WAITING, &process->waiting_for);
    get(os, machine, address, FIELD_DIRECTORY, &process->directory);
    get(os, machine, address, FIELD_STACK, &process->stack_top);
    if (!process->is_current) {
        read_saved(os, machine, process);
    }
    read_user(os, machine, process);
    return true;
}

/* ---- for everybody ---- */

uint32_t guest_os_processes(const struct guest_os *os, struct machine *machine,
                            struct guest_process *list, uint32_t limit)
{
    uint32_t count = 0;
    uint32_t first = 0;
    uint32_t current = 0;
    bool running = false;

    if (limit < 2 || !read_word(machine, os->current, &current) || current == 0 ||
        !read_word(machine, os->first, &first)) {
        return 0;
    }
    for (uint32_t at = first; at != 0;) {
        if (count == limit - 1 || !read_process(os, machine, at, current, &list[count])) {
            return 0; /* garbage, or a circle */
        }
        running |= list[count++].is_current != 0;
        if (!get(os, machine, at, FIELD_NEXT, &at)) {
            return 0;
        }
        at = at == first ? 0 : at;
    }
    if (os->also && read_process(os, machine, os->also, current, &list[count])) {
        list[count].is_also = 1;
        running |= list[count++].is_current != 0;
    }
    return running ? count : 0;
}

bool guest_os_brief(const struct guest_os *os, struct machine *machine, uint32_t address,
                    int32_t *pid, char name[GUEST_NAME_BYTES])
{
    *pid = -1;
    name[0] = '\0';
    if ((address == 0 && !read_word(machine, os->current, &address)) || address == 0) {
        return false;
    }
    *pid = get_number(os, machine, address, FIELD_PID);
    read_name(os, machine, address, name);
    return *pid >= 0 && *pid <= PID_MOST;
}

bool guest_os_current(const struct guest_os *os, struct machine *machine, int32_t *pid,
                      bool *is_also)
{
    uint32_t current;

    if (!read_word(machine, os->current, &current) || current == 0) {
        return false;
    }
    *pid = get_number(os, machine, current, FIELD_PID);
    *is_also = os->also != 0 && current == os->also;
    return *pid >= 0 && *pid <= PID_MOST && (*is_also || *pid > 0);
}
