/* pstree: the processes as a tree, children below their parents. SPDX-License-Identifier: MIT */
#include "user/process_list.h"

static struct process_entry entries[PROCESSES_MOST];
static int count;

static void show_below(int parent, int depth)
{
    for (int i = 0; i < count; i++) {
        if (entries[i].fields[FIELD_PARENT] == parent) {
            printf("%*s%s (%d)\n", depth * 2, "", entries[i].name, entries[i].pid);
            show_below(entries[i].pid, depth + 1);
        }
    }
}

int main(void)
{
    count = read_processes(entries);
    show_below(0, 0);
    return count == 0;
}
