/* Core files: what a program had in its memory and registers when a signal ended it, as an ELF file
 * that a debugger reads: notes about the process and each thread, then its memory, region by
 * region. Code is not written, it is in the program's file; pages that are not there are holes.
 * Interrupts are on. See: core(5); ELF specification; struct elf_prstatus and elf_prpsinfo of
 * Linux's <sys/procfs.h>. SPDX-License-Identifier: MIT */
#include "support/core_dump.h"

#include "common/text.h"
#include "files/file.h"
#include "heart/scheduler.h"
#include "support/elf.h"
#include "support/program_stack.h"
#include "support/x87.h"

#define NOTE_STATUS    1
#define NOTE_X87       2
#define NOTE_PROCESS   3
#define NOTE_AUXILIARY 6
#define NOTE_SIGNAL    0x53494749u
#define X87_BYTES      108 /* FNSAVE */

char core_pattern[NAME_BYTES] = "core";

struct core_status {
    int32_t signal, code, error;         /* of the signal */
    uint32_t current_signal;             /* once more, 16 bits */
    uint32_t pending, blocked;           /* the first 32 */
    int32_t pid, parent, group, session; /* of the thread */
    struct timeval times[4];             /* user, system, and those of children */
    uint32_t registers[17];              /* as ptrace has them: see put_thread */
    uint32_t x87_valid;                  /* 1: a note with it follows */
};

struct core_process {
    char state, letter, is_zombie, nice;
    uint32_t flags;
    uint16_t user, group_of_users;
    int32_t pid, parent, group, session;
    char name[16], arguments[80]; /* texts */
};

/* A file that grows; nothing more is written after an error, or behind the limit. */
struct core {
    struct node *node;
    uint8_t *page;   /* room for one */
    uint32_t offset; /* of what comes next */
    uint32_t limit;  /* RLIMIT_CORE, bytes */
    int32_t error;
};

static void put(struct core *core, const void *from, uint32_t bytes)
{
    uint32_t left = core->offset < core->limit ? core->limit - core->offset : 0;
    int32_t result = 0;

    if (core->error >= 0) {
        result = node_write(core->node, core->offset, from, bytes < left ? bytes : left);
    }
    core->error = result < 0 ? result : core->error;
    core->offset += bytes;
}

static void put_note(struct core *core, uint32_t type, const void *from, uint32_t bytes)
{
    const struct {
        uint32_t name_bytes, bytes, type;
        char name[8];
    } head = {5, bytes, type, "CORE"};

    put(core, &head, sizeof(head));
    put(core, from, bytes); /* all are multiples of four */
}

static int32_t parent_of(const struct process *process)
{
    return process->leader->parent == NULL ? 0 : process->leader->parent->pid;
}

static void put_thread(struct core *core, struct process *thread, const struct siginfo *info)
{
    const struct trap_frame *frame = thread->frame;
    struct core_status status = {
        .signal = thread == current ? info->si_signo : 0,
        .current_signal = thread == current ? (uint32_t)info->si_signo : 0,
        .pending = (uint32_t)thread->pending.set,
        .blocked = (uint32_t)thread->blocked,
        .pid = thread->pid,
        .parent = parent_of(thread),
        .group = thread->group,
        .session = thread->session,
        .registers = {frame->ebx, frame->ecx, frame->edx, frame->esi, frame->edi, frame->ebp,
                      frame->eax, frame->ds & 0xFFFF, frame->es & 0xFFFF, frame->fs & 0xFFFF,
                      frame->gs & 0xFFFF, (uint32_t)thread->call_number, frame->eip,
                      frame->cs & 0xFFFF, frame->eflags, frame->esp, frame->ss & 0xFFFF},
        .x87_valid = x87_save(thread),
    };

    put_note(core, NOTE_STATUS, &status, sizeof(status));
    put_note(core, NOTE_X87, thread->x87.words, X87_BYTES);
}

static void put_process(struct core *core)
{
    const struct address_space *space = current->space;
    uint32_t bytes = space->environment - space->arguments;
    struct core_process process = {
        .letter = 'R',
        .nice = (char)current->nice,
        .user = (uint16_t)current->uid,
        .group_of_users = (uint16_t)current->gid,
        .pid = current->leader->pid,
        .parent = parent_of(current),
        .group = current->group,
        .session = current->session,
    };

    copy_text(process.name, current->name, sizeof(process.name));
    bytes = bytes < sizeof(process.arguments) ? bytes : sizeof(process.arguments);
    if (copy_from_user(process.arguments, space->arguments, bytes) == 0) {
        for (uint32_t i = 0; i + 1 < bytes; i++) {
            process.arguments[i] = process.arguments[i] == '\0' ? ' ' : process.arguments[i];
        }
        process.arguments[bytes - 1] = '\0';
    }
    put_note(core, NOTE_PROCESS, &process, sizeof(process));
}

static void put_notes(struct core *core, const struct siginfo *info)
{
    uint32_t auxiliary[AUXILIARY_BYTES / sizeof(uint32_t)] = {0};

    put_thread(core, current, info);
    copy_from_user(auxiliary, current->space->auxiliary, sizeof(auxiliary));
    put_process(core);
    put_note(core, NOTE_SIGNAL, info, sizeof(*info));
    put_note(core, NOTE_AUXILIARY, auxiliary, sizeof(auxiliary));
    for (struct process *thread = process_first; thread != NULL; thread = thread->next) {
        if (thread->leader == current->leader && thread != current &&
            thread->state != PROCESS_ZOMBIE) {
            put_thread(core, thread, info);
        }
    }
}

static bool is_written(const struct region *region)
{
    return (region->flags & REGION_NONE) == 0 &&
           (region->node == NULL || (region->flags & (REGION_WRITE | REGION_SHARED)) || base_bound);
}

/* ELF header and segment table; the notes are behind that, at notes_at..notes_end, and then memory.
 */
static void put_headers(struct core *core, const struct region *regions, uint32_t count,
                        uint32_t notes_at, uint32_t notes_end)
{
    const struct elf_header header = {
        .magic = ELF_MAGIC,
        .kind = ELF_32_LITTLE,
        .type = ELF_CORE,
        .machine = ELF_386,
        .version = 1,
        .segments_at = sizeof(header),
        .header_bytes = sizeof(header),
        .segment_bytes = sizeof(struct elf_segment),
        .segment_count = (uint16_t)(count + 1),
    };
    struct elf_segment segment = {
        .type = SEGMENT_NOTE, .offset = notes_at, .file_bytes = notes_end - notes_at};
    uint32_t at = page_up(notes_end);

    put(core, &header, sizeof(header));
    put(core, &segment, sizeof(segment));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes = regions[i].end - regions[i].start;
        bool is_none = (regions[i].flags & REGION_NONE) != 0;

        segment = (struct elf_segment){
            .type = SEGMENT_LOAD,
            .offset = at,
            .address = regions[i].start,
            .file_bytes = is_written(&regions[i]) ? bytes : 0,
            .memory_bytes = bytes,
            .flags = is_none ? 0 : 5 | (regions[i].flags & REGION_WRITE ? SEGMENT_WRITE : 0),
            .alignment = PAGE_SIZE,
        };
        at += segment.file_bytes;
        put(core, &segment, sizeof(segment));
    }
}

static void put_region(struct core *core, const struct region *region)
{
    for (uint32_t page = region->start; page < region->end; page += PAGE_SIZE) {
        if (region->node != NULL) { /* it may not have been read yet */
            space_fault(current->space, page, false);
        }
        if (space_read(current->space, page, core->page, PAGE_SIZE) == 0) {
            put(core, core->page, PAGE_SIZE);
        } else {
            core->offset += PAGE_SIZE;
        }
    }
}

static int32_t put_all(struct core *core, const struct siginfo *info)
{
    const struct address_space *space = current->space;
    uint32_t notes_at = sizeof(struct elf_header) +
                        (space->region_count + 1) * (uint32_t)sizeof(struct elf_segment);
    uint32_t notes_end, end;

    core->offset = notes_at;
    put_notes(core, info);
    notes_end = core->offset;
    core->offset = 0;
    put_headers(core, space->regions, space->region_count, notes_at, notes_end);
    core->offset = page_up(notes_end);
    for (uint32_t i = 0; i < space->region_count && core->error >= 0; i++) {
        if (is_written(&space->regions[i])) {
            put_region(core, &space->regions[i]);
        }
    }
    end = core->offset < core->limit ? core->offset : core->limit;
    if (core->error >= 0 && core->node->size < end) {
        core->error = node_truncate(core->node, end);
    }
    return core->error;
}

bool core_dump(const struct siginfo *info)
{
    uint32_t limit = current->leader->together.limits[RLIMIT_CORE].rlim_cur;
    uint32_t frame;
    struct core core;
    struct file *file;

    if (limit < PAGE_SIZE || current->uid != current->euid || core_pattern[0] == '\0' ||
        file_open(NULL, core_pattern, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600, &file) != 0) {
        return false;
    }
    frame = frame_allocate();
    core = (struct core){file->node, physical_to_pointer(frame), 0, limit, 0};
    if (frame == 0 || !S_ISREG(file->node->mode) || file->node->links > 1 ||
        node_truncate(file->node, 0) != 0 || put_all(&core, info) < 0) {
        core.error = -1;
    }
    if (frame != 0) {
        frame_release(frame);
    }
    file_put(file);
    return core.error >= 0;
}
