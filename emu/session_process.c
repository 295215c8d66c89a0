/* Processes of the guest, for expressions (pid, process.NAME) and `info processes`.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/session_priv.h"

_Static_assert((int)EXPRESSION_WORD_BYTES == (int)GUEST_NAME_BYTES, "a name is a text");

#define DESCRIPTION_MOST (64u << 10) /* bytes */

/* With the description beside the file, FILE.os, or as the bundled kernel is; NULL: it does not
 * fit. What is wrong with a description that is there goes into session->os_error. */
static struct guest_os *os_open(struct session *session, const struct dwarf_info *info,
                                const char *file)
{
    char path[1024];
    uint8_t *text = NULL;
    size_t size = 0;
    struct err err = {0};
    struct guest_os *os;

    snprintf(path, sizeof(path), "%.1000s.os", file);
    if (!file_read(path, DESCRIPTION_MOST, &text, &size, NULL)) {
        return guest_os_open(info, guest_os_bundled(), NULL);
    }
    os = guest_os_open(info, (const char *)text, &err);
    free(text);
    snprintf(session->os_error, sizeof(session->os_error), "%.190s", err.message);
    return os;
}

/* With the first file that has the structures. */
const struct guest_os *session_os(struct session *session)
{
    if (session->os_tried) {
        return session->os;
    }
    session->os_tried = 1;
    for (uint32_t file = 1; !session->os && elf_symbols_path(session->symbols, file); file++) {
        const struct dwarf_info *info =
            elf_symbols_is_shared(session->symbols, file) ? NULL : session_info_of(session, file);

        if (info) {
            session->os = os_open(session, info, elf_symbols_path(session->symbols, file));
        }
    }
    return session->os;
}

/* All processes, to be freed; NULL: none are known. */
static struct guest_process *processes(struct session *session, uint32_t *count)
{
    const struct guest_os *os = session_os(session);
    struct guest_process *list = os ? calloc(GUEST_PROCESSES_MAX, sizeof(*list)) : NULL;

    *count = list ? guest_os_processes(os, session->machine, list, GUEST_PROCESSES_MAX) : 0;
    return list;
}

static bool field_of(const struct guest_process *process, const char *name, int64_t *number)
{
    const struct {
        const char *name;
        int64_t value;
    } fields[] = {
        {"pid", process->pid},
        {"parent", process->parent},
        {"group", process->group},
        {"program", process->program},
        {"address", process->address},
        {"directory", process->directory},
        {"stack_top", process->stack_top},
    };

    for (uint32_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(fields[i].name, name) == 0) {
            *number = fields[i].value;
            return true;
        }
    }
    for (uint32_t i = 0; i < GUEST_NUMBER_COUNT; i++) {
        if (strcmp(guest_number_word((enum guest_number)i), name) == 0) {
            *number = (int32_t)process->numbers[i];
            return (process->numbers_known >> i & 1) != 0;
        }
    }
    return false;
}

static bool name_of_current(struct session *session, struct expression_value *value)
{
    int32_t pid;

    *value = (struct expression_value){.is_text = 1};
    return session_os(session) &&
           guest_os_brief(session->os, session->machine, 0, &pid, value->text);
}

bool session_process_value(struct session *session, const char *name,
                           struct expression_value *value)
{
    struct guest_process *list;
    uint32_t count;
    int64_t number = 0;
    bool found = false;

    if (strcmp(name, "process.name") == 0) {
        return name_of_current(session, value);
    }
    if (strcmp(name, "pid") == 0) {
        int32_t pid;
        bool is_also;

        if (!session_os(session) ||
            !guest_os_current(session->os, session->machine, &pid, &is_also)) {
            return false;
        }
        *value = expression_integer((uint64_t)(int64_t)pid, 4, true);
        return true;
    }
    if (strncmp(name, "process.", 8) != 0) {
        return false;
    }
    list = processes(session, &count);
    for (uint32_t i = 0; i < count && !found; i++) {
        found = list[i].is_current && field_of(&list[i], name + 8, &number);
    }
    free(list);
    *value = expression_integer((uint64_t)number, 4, number < 0 || number <= INT32_MAX);
    return found;
}

void session_list_processes(struct session *session)
{
    uint32_t count;
    struct guest_process *list = processes(session, &count);

    for (uint32_t i = 0; i < count; i++) {
        session_print(session, "%s%c %5" PRId32 "  parent %5" PRId32 "  %-8s %s", i ? "\n" : "",
                      list[i].is_current ? '>' : ' ', list[i].pid, list[i].parent, list[i].state,
                      list[i].name);
    }
    if (count == 0) {
        session_say(session, "%s",
                    session->os_error[0]
                        ? session->os_error
                        : "no processes are known: this kernel's structures are not");
    }
    free(list);
}
