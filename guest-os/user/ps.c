/* ps: all processes, with parent, group, session, state and time used.
 * SPDX-License-Identifier: MIT */
#include "user/process_list.h"

int main(void)
{
    static struct process_entry entries[PROCESSES_MOST];
    int count = read_processes(entries);

    puts("  PID  PPID  PGID   SID S   TIME COMMAND");
    for (int i = 0; i < count; i++) {
        const struct process_entry *entry = &entries[i];
        int hundredths = entry->fields[FIELD_USER] + entry->fields[FIELD_SYSTEM];

        printf("%5d %5d %5d %5d %c %3d.%02d %s\n", entry->pid, entry->fields[FIELD_PARENT],
               entry->fields[FIELD_GROUP], entry->fields[FIELD_SESSION], entry->state,
               hundredths / 100, hundredths % 100, entry->command);
    }
    return count == 0;
}
