/* pstree [PID]: the processes as a tree, children below their parents. Marks what no process made:
 * pid 0, init, and the kernel's own threads. SPDX-License-Identifier: MIT */
#include <err.h>

#include "user/process_list.h"

#define INIT 1

static struct process_entry entries[PROCESSES_MOST];
static int count;

static const char *mark_of(const struct process_entry *entry)
{
    return entry->pid == INIT ? "  <- made by the kernel at start, ancestor of all processes"
           : entry->is_kernel ? "  <- a thread of the kernel: no program, no user memory"
                              : "";
}

static void show_below(int parent, int depth)
{
    for (int i = 0; i < count; i++) {
        const struct process_entry *entry = &entries[i];

        if (entry->fields[FIELD_PARENT] == parent && entry->pid != 0) {
            printf("%*s%s (%d)%s%s\n", depth * 2, "", entry->name, entry->pid,
                   entry->state == 'Z' ? " zombie" : "", mark_of(entry));
            show_below(entry->pid, depth + 1);
        }
    }
}

int main(int argc, char **argv)
{
    int root = argc > 1 ? atoi(argv[1]) : 0;

    count = read_processes(entries);
    if (root == 0) {
        puts("(0)  <- the kernel itself, when nobody is ready to run");
    }
    for (int i = 0; i < count && root != 0; i++) {
        if (entries[i].pid == root) {
            printf("%s (%d)\n", entries[i].name, root);
        }
    }
    show_below(root, 1);
    return finish_output(count == 0);
}
