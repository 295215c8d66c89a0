/* The description of a kernel's processes, turned into offsets once with its debug information.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/guest_os_priv.h"

static const char *const field_words[FIELD_COUNT] = {[FIELD_NEXT] = "next",
                                                     [FIELD_PID] = "pid",
                                                     [FIELD_NAME] = "name",
                                                     [FIELD_STATE] = "state",
                                                     [FIELD_PARENT] = "parent",
                                                     [FIELD_GROUP] = "group",
                                                     [FIELD_PROGRAM] = "program",
                                                     [FIELD_WAITING] = "waiting",
                                                     [FIELD_STACK] = "stack",
                                                     [FIELD_DIRECTORY] = "directory",
                                                     [FIELD_SAVED] = "saved",
                                                     [FIELD_FRAME] = "frame",
                                                     [FIELD_BASE] = "base",
                                                     [FIELD_BOUND] = "bound",
                                                     [FIELD_REGIONS] = "regions",
                                                     [FIELD_FILES] = "files",
                                                     [FIELD_REGION_COUNT] = "region-count",
                                                     [FIELD_HANDLERS] = "handlers",
#define X(name, word) [FIELD_NUMBERS + GUEST_##name] = (word),
                                                     GUEST_NUMBERS(X)
#undef X
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
           "frame frame trap_frame\n"
           "hz tick_hz\n"
           "ticks ticks\n"
           "session session\n"
           "owner uid\n"
           "effective euid\n"
           "owner-group gid\n"
           "terminal terminal>tty.device\n"
           "nice nice\n"
           "slice slice_left\n"
           "rounds rounds_left\n"
           "user-ticks user_ticks\n"
           "system-ticks system_ticks\n"
           "start start_tick\n"
           "wake wake_tick\n"
           "wake-set wake_set\n"
           "call call_number\n"
           "kernel-thread is_kernel_thread\n"
           "pending pending.set\n"
           "pending-all leader>process.together.pending.set\n"
           "blocked blocked\n"
           "signal-stack signal_stack.ss_sp\n"
           "signal-stack-bytes signal_stack.ss_size\n"
           "status wait_status\n"
           "base space>address_space.base\n"
           "bound space>address_space.bound\n"
           "regions space>address_space.regions region\n"
           "region-count space>address_space.region_count\n"
           "region start end flags node\n"
           "region-flags write grows heap none shared sealed\n"
           "files descriptors>descriptor_table.files file\n"
           "file operations flags offset users node>node.device node>node.number tty>tty.name\n"
           "handlers handlers>signal_handlers.actions kernel_sigaction\n"
           "handler sa_handler\n"
           "reason self the end of a child (wait)\n"
           "reason .wake_tick time to pass (sleep)\n"
           "reason .blocked a signal (pause)\n"
           "reason .awaited a signal (sigtimedwait)\n"
           "reason .vfork_waits its vfork child\n"
           "reason .together the end of its threads\n"
           "reason stack a futex\n"
           "reason poll_channel any of several files (poll)\n"
           "reason hand something to write back\n"
           "reason ttys a terminal\n";
}

/* ---- the description ---- */

/* MEMBER, or MEMBER>STRUCTURE.MEMBER and so on. */
static bool path_parse(const struct guest_os *os, const char *structure, char *text,
                       struct path *path, struct err *err)
{
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
    snprintf(os->frame_name, sizeof(os->frame_name), "%s", structure);
    return os->user_known != 0 ||
           err_set(err, "frame: no member of struct %s is called like a register", structure);
}

/* "reason PLACE WORDS": PLACE is self, stack, .MEMBER or a variable. */
static bool reason_parse(struct guest_os *os, char **words, uint32_t count, struct err *err)
{
    struct reason *reason = &os->reasons[os->reason_count];
    size_t used = 0;

    if (os->reason_count == REASONS_MAX || count < 3) {
        return err_set(err, count < 3 ? "reason: needs a place and words" : "too many reasons");
    }
    reason->kind = strcmp(words[1], "self") == 0    ? REASON_SELF
                   : strcmp(words[1], "stack") == 0 ? REASON_STACK
                   : words[1][0] == '.'             ? REASON_MEMBER
                                                    : REASON_VARIABLE;
    if (reason->kind == REASON_MEMBER &&
        !dwarf_member(os->info, os->structure, words[1] + 1, &reason->first, &reason->bytes)) {
        return err_set(err, "struct %s has no member %s", os->structure, words[1] + 1);
    }
    if (reason->kind == REASON_VARIABLE &&
        !dwarf_variable(os->info, words[1], &reason->first, &reason->bytes)) {
        return err_set(err, "there is no variable %s", words[1]);
    }
    for (uint32_t i = 2; i < count && used < sizeof(reason->words); i++) {
        used += (size_t)snprintf(reason->words + used, sizeof(reason->words) - used, "%s%s",
                                 i > 2 ? " " : "", words[i]);
    }
    os->reason_count++;
    return true;
}

/* "region START END FLAGS FILE", "file KIND ...": members of the structure that the line before
 * has named; - stands for one that there is not. */
static bool parts_parse(struct guest_os *os, const char *structure, struct path *parts,
                        uint32_t parts_count, char **words, uint32_t count, struct err *err)
{
    bool good = count == parts_count + 1;

    if (!good || structure[0] == '\0') {
        return err_set(err, "%s: needs %" PRIu32 " members, and %ss before it", words[0],
                       parts_count, words[0]);
    }
    for (uint32_t i = 0; good && i < parts_count; i++) {
        parts[i] = (struct path){0};
        good = strcmp(words[i + 1], "-") == 0 ||
               path_parse(os, structure, words[i + 1], &parts[i], err);
    }
    return good;
}

/* What is told in a way of its own; *taken: it was one of these. */
static bool special_take(struct guest_os *os, char **words, uint32_t count, bool *taken,
                         struct err *err)
{
    *taken = true;
    if (strcmp(words[0], "reason") == 0) {
        return reason_parse(os, words, count, err);
    }
    if (strcmp(words[0], "region") == 0) {
        return parts_parse(os, os->region_name, os->region, REGION_PARTS, words, count, err);
    }
    if (strcmp(words[0], "handler") == 0) {
        return parts_parse(os, os->handler_name, &os->handler, 1, words, count, err);
    }
    if (strcmp(words[0], "file") == 0) {
        return parts_parse(os, os->file_name, os->file, FILE_PARTS, words, count, err);
    }
    if (strcmp(words[0], "region-flags") == 0) {
        for (os->flag_count = 0; os->flag_count < FLAGS_MAX && os->flag_count + 1 < count;
             os->flag_count++) {
            snprintf(os->flags[os->flag_count], sizeof(os->flags[0]), "%s",
                     words[os->flag_count + 1]);
        }
        return true;
    }
    if (strcmp(words[0], "hz") == 0) {
        return variable(os, words[1], &os->hz, err);
    }
    if (strcmp(words[0], "ticks") == 0) {
        return variable(os, words[1], &os->ticks, err);
    }
    *taken = false;
    return true;
}

/* "regions MEMBER STRUCTURE", "files MEMBER STRUCTURE". */
static bool array_parse(struct guest_os *os, enum field field, char **words, uint32_t count,
                        struct err *err)
{
    char *name = field == FIELD_REGIONS    ? os->region_name
                 : field == FIELD_HANDLERS ? os->handler_name
                                           : os->file_name;
    char structure[DWARF_NAME_BYTES + sizeof(STRUCT_WORDS)];
    struct dwarf_type type;
    uint64_t id;

    if (count != 3) {
        return err_set(err, "%s: needs a member and the structure of its elements", words[0]);
    }
    snprintf(structure, sizeof(structure), STRUCT_WORDS "%.*s", DWARF_NAME_BYTES - 1, words[2]);
    if (!dwarf_type_named(os->info, structure, &id) || !dwarf_type_get(os->info, id, &type) ||
        type.bytes == 0) {
        return err_set(err, "there is no struct %s", words[2]);
    }
    snprintf(name, sizeof(os->file_name), "%s", words[2]);
    os->region_bytes = field == FIELD_REGIONS ? type.bytes : os->region_bytes;
    os->handler_bytes = field == FIELD_HANDLERS ? type.bytes : os->handler_bytes;
    return true;
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
    if (!path_parse(os, os->structure, words[1], path, err)) {
        return false;
    }
    if (field == FIELD_STATE) {
        snprintf(os->state, sizeof(os->state), "%s", words[1]);
    }
    if (field == FIELD_SAVED) {
        return saved_parse(os, words + 2, count - 2, err);
    }
    if (field == FIELD_REGIONS || field == FIELD_FILES || field == FIELD_HANDLERS) {
        return array_parse(os, field, words, count, err);
    }
    if (field == FIELD_FRAME) {
        return count == 3 ? frame_parse(os, words[2], err)
                          : err_set(err, "frame: needs a member and the frame's structure");
    }
    return count == 2 || err_set(err, "%s: one member only", words[0]);
}

static bool line_take(struct guest_os *os, char **words, uint32_t count, struct err *err)
{
    bool taken;

    if (count < 2) {
        return err_set(err, "%s: of what?", words[0]);
    }
    if (!special_take(os, words, count, &taken, err)) {
        return false;
    }
    if (taken) {
        return true;
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

const char *guest_number_word(enum guest_number number)
{
    return number < GUEST_NUMBER_COUNT ? field_words[FIELD_NUMBERS + number] : "";
}

const char *guest_os_region_flag(const struct guest_os *os, uint32_t bit)
{
    return bit < os->flag_count ? os->flags[bit] : NULL;
}

const char *guest_os_structure(const struct guest_os *os, const struct dwarf_info **info)
{
    *info = os->info;
    return os->structure;
}

const char *guest_os_saved(const struct guest_os *os, uint32_t index)
{
    if (index >= os->saved_count) {
        return NULL;
    }
    return os->saved[index] == NOT_REGISTER ? "" : register_names[os->saved[index]];
}
