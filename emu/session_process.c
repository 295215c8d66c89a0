/* Processes of the guest, for expressions (pid, process.NAME) and `info processes`.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/session_priv.h"

/* What reads the kernel's list, with the first file that has the structures; NULL: none has. */
static const struct guest_os *os_of(struct session *session)
{
    if (session->os_tried) {
        return session->os;
    }
    session->os_tried = 1;
    for (uint32_t file = 1; !session->os && elf_symbols_path(session->symbols, file); file++) {
        uint32_t address;
        uint32_t bytes;
        const struct dwarf_info *info =
            elf_symbols_is_shared(session->symbols, file) ? NULL : session_info_of(session, file);

        if (info && dwarf_variable(info, "current", &address, &bytes)) {
            session->os = guest_os_open(info, guest_os_bundled(), NULL);
        }
    }
    return session->os;
}

/* All processes, to be freed; NULL: none are known. */
static struct guest_process *processes(struct session *session, uint32_t *count)
{
    const struct guest_os *os = os_of(session);
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
    return false;
}

bool session_process_value(struct session *session, const char *name,
                           struct expression_value *value)
{
    struct guest_process *list;
    uint32_t count;
    int64_t number = 0;
    bool found = false;

    if (strcmp(name, "pid") == 0) {
        int32_t pid;
        bool is_also;

        if (!os_of(session) || !guest_os_current(session->os, session->machine, &pid, &is_also)) {
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
        session_say(session, "no processes are known: this kernel's structures are not");
    }
    free(list);
}
