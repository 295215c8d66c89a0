/* The processes of the guest as gdb's threads. A thread's number is its pid; what runs while there
 * are no processes, and the idle process, are GDB_THREAD_CPU. Whoever the kernel calls current has
 * the processor's registers; between that word and the switch of stacks, for a few instructions,
 * these are still those of the one before.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb_stub_priv.h"

#define PAGE_BYTES     4096u
#define PAGE_PRESENT   1u
#define XML_LINE_BYTES 256u

int32_t gdb_thread_of(const struct guest_process *process)
{
    return process->is_also || process->pid == 0 ? GDB_THREAD_CPU : process->pid;
}

int32_t gdb_thread_running(struct gdb_stub *stub)
{
    int32_t pid;
    bool is_also;

    if (!stub->os || !guest_os_current(stub->os, stub->machine, &pid, &is_also)) {
        return GDB_THREAD_CPU;
    }
    return is_also || pid == 0 ? GDB_THREAD_CPU : pid;
}

void gdb_threads_refresh(struct gdb_stub *stub)
{
    if (!stub->processes_known) {
        stub->processes_known = 1;
        stub->process_count = stub->os ? guest_os_processes(stub->os, stub->machine,
                                                            stub->processes, GUEST_PROCESSES_MAX)
                                       : 0;
    }
}

static const struct guest_process *find(struct gdb_stub *stub, int32_t thread)
{
    gdb_threads_refresh(stub);
    for (uint32_t i = 0; i < stub->process_count; i++) {
        if (gdb_thread_of(&stub->processes[i]) == thread) {
            return &stub->processes[i];
        }
    }
    return NULL;
}

const struct guest_process *gdb_thread_sleeper(struct gdb_stub *stub, int32_t thread)
{
    if (thread <= 0 || thread == gdb_thread_running(stub)) {
        return NULL;
    }
    return find(stub, thread);
}

bool gdb_thread_exists(struct gdb_stub *stub, int32_t thread)
{
    return thread == gdb_thread_running(stub) || find(stub, thread) != NULL;
}

bool gdb_thread_number(const char **text, int32_t *thread)
{
    bool negative = **text == '-';
    uint32_t value;

    *text += negative;
    if (!gdb_number32(text, &value) || value > INT32_MAX) {
        return false;
    }
    *thread = negative ? -1 : (int32_t)value;
    return !negative || value == 1;
}

void gdb_thread_describe(struct gdb_stub *stub, int32_t thread, char *text, size_t bytes)
{
    const struct guest_process *process = find(stub, thread);
    uint32_t offset = 0;
    const char *symbol;

    if (!process) {
        snprintf(text, bytes, "processor");
        return;
    }
    symbol = process->waiting_for ? elf_symbols_find(stub->symbols, process->waiting_for, &offset)
                                  : NULL;
    snprintf(text, bytes, "%s, %s%s%s", process->name[0] ? process->name : "unnamed",
             process->is_current ? "running" : process->state, symbol ? " for " : "",
             symbol ? symbol : "");
}

/* ---- memory of a process that sleeps ---- */

/* Translate through a page directory that is not the present one. 80386 PRM 5.2. */
static bool walk(struct machine *machine, uint32_t directory, uint32_t linear, uint32_t *physical)
{
    uint32_t entry;

    if (!machine_read_physical(machine, (directory & ~0xFFFu) + (linear >> 22) * 4, &entry, 4) ||
        !(entry & PAGE_PRESENT) ||
        !machine_read_physical(machine, (entry & ~0xFFFu) + (linear >> 12 & 0x3FF) * 4, &entry,
                               4) ||
        !(entry & PAGE_PRESENT)) {
        return false;
    }
    *physical = (entry & ~0xFFFu) | linear % PAGE_BYTES;
    return true;
}

bool gdb_thread_read(struct gdb_stub *stub, int32_t thread, uint32_t linear, void *bytes,
                     uint32_t size)
{
    const struct guest_process *sleeper = gdb_thread_sleeper(stub, thread);
    uint8_t *to = bytes;

    if (!sleeper || !sleeper->directory) {
        return machine_read_linear(stub->machine, linear, bytes, size);
    }
    while (size) {
        uint32_t room = PAGE_BYTES - linear % PAGE_BYTES;
        uint32_t piece = size < room ? size : room;
        uint32_t physical;

        if (!walk(stub->machine, sleeper->directory, linear, &physical) ||
            !machine_read_physical(stub->machine, physical, to, piece)) {
            return false;
        }
        linear += piece;
        to += piece;
        size -= piece;
    }
    return true;
}

/* ---- the list ---- */

/* Text between quotes of XML. */
static void xml_text(const char *text, char *to, size_t bytes)
{
    size_t used = 0;

    for (; *text && used + 1 < bytes; text++) {
        to[used++] = strchr("<>&\"'", *text) ? '_' : *text;
    }
    to[used] = '\0';
}

static size_t xml_thread(struct gdb_stub *stub, int32_t thread, char *to, size_t room)
{
    char plain[96];
    char text[96];

    gdb_thread_describe(stub, thread, plain, sizeof(plain));
    xml_text(plain, text, sizeof(text));
    return (size_t)snprintf(to, room, "<thread id=\"%" PRIx32 "\">%s</thread>", (uint32_t)thread,
                            text);
}

char *gdb_threads_xml(struct gdb_stub *stub)
{
    size_t room;
    size_t used;
    char *xml;

    gdb_threads_refresh(stub);
    room = XML_LINE_BYTES * (stub->process_count + 2);
    xml = malloc(room);
    if (!xml) {
        return NULL;
    }
    used = (size_t)snprintf(xml, room, "<?xml version=\"1.0\"?><threads>");
    if (!find(stub, gdb_thread_running(stub))) {
        used += xml_thread(stub, gdb_thread_running(stub), xml + used, room - used);
    }
    for (uint32_t i = 0; i < stub->process_count; i++) {
        used += xml_thread(stub, gdb_thread_of(&stub->processes[i]), xml + used, room - used);
    }
    snprintf(xml + used, room - used, "</threads>");
    return xml;
}
