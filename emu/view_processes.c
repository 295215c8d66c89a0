/* The tree of processes, one line each, and below (or beside) it the chosen process in full: what
 * its control block has, both stacks, and last every member of the kernel's structure by name.
 * Links: pid + 1; LINK_TOPIC + topic.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/view_page.h"
#include "emu/view_panels.h"

#define WIDE_COLUMNS 150u /* tree and control block side by side */
#define TREE_COLUMNS 74u
#define NAME_COLUMN  6u
#define STATE_COLUMN 32u
#define FIELD_COLUMN 10u
#define DEPTH_MOST   10u

struct tree {
    const struct session_processes *processes;
    struct view_page *page;
    uint8_t drawn[SESSION_PROCESSES_MAX]; /* 1: has its line */
    int32_t above[SESSION_PROCESSES_MAX]; /* pid of the one whose line it stands below, -1: none */
    char prefix[DEPTH_MOST * 4 + 16];     /* UTF-8, in front of the name */
};

static const struct pen plain = {ROLE_TEXT, 0, 0};
static const struct pen dim = {ROLE_DIM, 0, 0};
static const struct pen label = {ROLE_LABEL, 0, 0};

static bool number_of(const struct guest_process *guest, enum guest_number number, uint32_t *value)
{
    *value = guest->numbers[number];
    return (guest->numbers_known >> number & 1) != 0;
}

static bool is_kernel_thread(const struct guest_process *guest)
{
    uint32_t value;

    return number_of(guest, GUEST_KERNEL_THREAD, &value) && value != 0;
}

/* ---- the tree ---- */

/* A glyph beside the word, so that states differ without colour. */
static const char *state_glyph(const char *state)
{
    static const char *const glyphs[][2] = {
        {"running", "►"}, {"ready", "●"},  {"waiting", "○"},
        {"stopped", "■"}, {"zombie", "Z"}, {"new", "+"},
    };

    for (uint32_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
        if (strcmp(state, glyphs[i][0]) == 0) {
            return glyphs[i][1];
        }
    }
    return " ";
}

static const char *mark_of(const struct guest_process *guest)
{
    if (guest->is_also) {
        return " (idle: kernel)";
    }
    if (is_kernel_thread(guest)) {
        return " (kernel thread)";
    }
    return guest->program >= 0 && guest->program != guest->pid ? " (thread)" : "";
}

static void show_line(const struct tree *tree, uint32_t index)
{
    const struct session_process *process = &tree->processes->list[index];
    const struct guest_process *guest = &process->guest;
    bool chosen = index == tree->processes->selected;
    struct pen pen = {guest->is_current        ? ROLE_CURRENT
                      : guest->state[0] == 'z' ? ROLE_DIM
                                               : ROLE_TEXT,
                      (guest->is_current ? CELL_BOLD : 0) | (chosen ? CELL_REVERSE : 0),
                      (uint32_t)guest->pid + 1};
    struct pen branch = {ROLE_DIM, 0, pen.link};
    uint32_t column;

    view_page_at(tree->page, 0, pen, "%5" PRId32, guest->pid);
    column = view_page_at(tree->page, NAME_COLUMN, branch, "%s", tree->prefix);
    column = view_page_at(tree->page, column, pen, "%s", guest->name);
    view_page_at(tree->page, column, branch, "%s", mark_of(guest));
    column = column + 1 > STATE_COLUMN ? column + 16 : STATE_COLUMN;
    column = view_page_at(tree->page, column, (struct pen){pen.role, 0, pen.link}, "%s %-8s",
                          state_glyph(guest->state), guest->state);
    if (process->is_parked) { /* an arrow from the children to their parent */
        column =
            view_page_at(tree->page, column, (struct pen){ROLE_KEY, CELL_BOLD, pen.link}, "◄─");
        view_page_at(tree->page, column, branch, " %s", process->waits);
    } else if (process->is_fresh) {
        view_page_at(tree->page, column, (struct pen){ROLE_CHANGED, 0, pen.link},
                     guest->user_known & 1u << REG_EAX && guest->user[REG_EAX] == 0
                         ? "has never run; saved EAX = 0"
                         : "has never run");
    } else if (strcmp(guest->state, "waiting") == 0) {
        view_page_at(tree->page, column, branch, "%s%s%s", process->waits,
                     process->call[0] ? " in " : "", process->call);
    } else {
        view_page_at(tree->page, column, branch, "%s%s", process->call[0] ? "in " : "",
                     process->call);
    }
    tree->page->row++;
}

/* Whose line it stands below: its parent, of a thread its program, of the rest the kernel's own. */
static int32_t above(const struct session_processes *processes, const struct guest_process *guest)
{
    if (guest->is_also) {
        return -1;
    }
    if (guest->program >= 0 && guest->program != guest->pid) {
        return guest->program;
    }
    for (uint32_t i = 0; i < processes->count; i++) {
        if (processes->list[i].guest.pid == guest->parent && &processes->list[i].guest != guest) {
            return guest->parent;
        }
    }
    return processes->count && processes->list[processes->count - 1].guest.is_also ? 0 : -1;
}

static uint32_t next_below(const struct tree *tree, int32_t pid, uint32_t from)
{
    while (
        from < tree->processes->count &&
        (tree->drawn[from] || above(tree->processes, &tree->processes->list[from].guest) != pid)) {
        from++;
    }
    return from;
}

/* A process and all below it. Garbage may be a circle: each is drawn once. */
static void show_branch(struct tree *tree, uint32_t index, uint32_t depth)
{
    size_t length = strlen(tree->prefix);
    int32_t pid = tree->processes->list[index].guest.pid;
    uint32_t child;

    tree->drawn[index] = 1;
    show_line(tree, index);
    if (depth == DEPTH_MOST) {
        return;
    }
    if (length >= strlen("├─")) { /* what the line's own branch becomes for those below it */
        char *branch = tree->prefix + length - strlen("├─");

        memcpy(branch, strcmp(branch, "├─") == 0 ? "│ " : "  ",
               strcmp(branch, "├─") == 0 ? sizeof("│ ") : sizeof("  "));
    }
    length = strlen(tree->prefix);
    child = next_below(tree, pid, 0);
    while (child < tree->processes->count) {
        uint32_t next;

        tree->drawn[child] = 1;
        next = next_below(tree, pid, child + 1);
        strcpy(tree->prefix + length, next < tree->processes->count ? "├─" : "└─");
        show_branch(tree, child, depth + 1);
        tree->prefix[length] = '\0';
        child = next_below(tree, pid, 0);
    }
}

static void show_tree(struct view_page *page, const struct session_processes *processes)
{
    struct tree tree = {.processes = processes, .page = page};

    view_page_at(page, 0, label, "  pid name");
    view_page_at(page, STATE_COLUMN, label, "state      waits for, or what it does");
    page->row++;
    for (uint32_t index = 0; index < processes->count; index++) {
        tree.above[index] = above(processes, &processes->list[index].guest);
    }
    for (uint32_t index = 0; index < processes->count; index++) {
        if (!tree.drawn[index] && tree.above[index] < 0) {
            tree.prefix[0] = '\0';
            show_branch(&tree, index, 0);
        }
    }
    for (uint32_t index = 0; index < processes->count; index++) {
        if (!tree.drawn[index]) { /* below something that is not there */
            tree.prefix[0] = '\0';
            show_branch(&tree, index, 0);
        }
    }
    if (processes->dropped) {
        view_page_line(page, dim, "and %" PRIu32 " more", processes->dropped);
    }
}

/* ---- the control block ---- */

/* "{2 17}" of a set of signals. */
static const char *signal_set(uint32_t set, char text[96])
{
    size_t used = (size_t)snprintf(text, 96, "{");

    for (uint32_t signal = 1; signal <= 32; signal++) {
        if (set >> (signal - 1) & 1) {
            used +=
                (size_t)snprintf(text + used, 96 - used, "%s%" PRIu32, used > 1 ? " " : "", signal);
        }
        if (used > 80) {
            break;
        }
    }
    snprintf(text + used, 96 - used, "}");
    return text;
}

static void show_identity(struct view_page *page, const struct session_process *process)
{
    const struct guest_process *guest = &process->guest;
    uint32_t session;
    uint32_t terminal;
    uint32_t real;
    uint32_t effective;
    uint32_t group;

    page->link = LINK_TOPIC + TOPIC_PID;
    view_page_field(page, FIELD_COLUMN, "who",
                    "pid %" PRId32 ", parent %" PRId32 ", program %" PRId32 ", group %" PRId32,
                    guest->pid, guest->parent, guest->program, guest->group);
    if (number_of(guest, GUEST_SESSION, &session)) {
        bool has = number_of(guest, GUEST_TERMINAL, &terminal) && terminal != 0;
        char device[32] = "none";

        if (has) {
            snprintf(device, sizeof(device), "device %" PRIu32 ":%" PRIu32, terminal >> 8,
                     terminal & 0xFF);
        }
        view_page_field(page, FIELD_COLUMN, "", "session %" PRIu32 ", terminal: %s", session,
                        device);
    }
    if (number_of(guest, GUEST_OWNER, &real) && number_of(guest, GUEST_EFFECTIVE, &effective) &&
        number_of(guest, GUEST_OWNER_GROUP, &group)) {
        page->link = LINK_TOPIC + TOPIC_OWNER;
        view_page_field(page, FIELD_COLUMN, "owner",
                        "user %" PRIu32 ", with the rights of %" PRIu32 "%s, group %" PRIu32, real,
                        effective, effective == 0 ? " (root)" : "", group);
    }
}

static void show_schedule(struct view_page *page, const struct session_processes *processes,
                          const struct session_process *process)
{
    const struct guest_process *guest = &process->guest;
    uint32_t nice;
    uint32_t slice;
    uint32_t user;
    uint32_t kernel;
    uint32_t start;
    uint32_t wake;
    uint32_t is_set;

    page->link = LINK_TOPIC + TOPIC_PROCESS_STATE;
    view_page_field(page, FIELD_COLUMN, "state", "%s%s%s%s%s", guest->state,
                    process->call[0] ? ", in the call " : "", process->call,
                    process->waits[0] ? ", waits for " : "", process->waits);
    if (number_of(guest, GUEST_NICE, &nice) && number_of(guest, GUEST_SLICE, &slice)) {
        page->link = LINK_TOPIC + TOPIC_PRIORITY;
        view_page_field(page, FIELD_COLUMN, "priority",
                        "nice %" PRId32 "; %" PRIu32
                        " ticks left of its turn since the last switch",
                        (int32_t)nice, slice);
    }
    if (number_of(guest, GUEST_USER_TICKS, &user) &&
        number_of(guest, GUEST_SYSTEM_TICKS, &kernel) && number_of(guest, GUEST_START, &start)) {
        page->link = LINK_TOPIC + TOPIC_PROCESS_TIMES;
        view_page_field(page, FIELD_COLUMN, "times",
                        "user %" PRIu32 " ticks, kernel %" PRIu32 " ticks; made at tick %" PRIu32
                        " of %" PRIu32 "; %" PRIu32 " a second",
                        user, kernel, start, processes->ticks, processes->hz);
    }
    if (number_of(guest, GUEST_WAKE_SET, &is_set) && is_set &&
        number_of(guest, GUEST_WAKE, &wake)) {
        view_page_field(page, FIELD_COLUMN, "awaited", "tick %" PRIu32 ", %" PRId32 " from now",
                        wake, (int32_t)(wake - processes->ticks));
    }
}

static void show_signals(struct view_page *page, const struct guest_process *guest)
{
    char one[96];
    char all[96];
    char blocked[96];
    uint32_t value[3];
    uint32_t stack;
    uint32_t bytes;

    if (number_of(guest, GUEST_PENDING, &value[0]) &&
        number_of(guest, GUEST_PENDING_ALL, &value[1]) &&
        number_of(guest, GUEST_BLOCKED, &value[2])) {
        page->link = LINK_TOPIC + TOPIC_SIGNALS;
        view_page_field(page, FIELD_COLUMN, "signals", "pending %s, for the program %s, blocked %s",
                        signal_set(value[0], one), signal_set(value[1], all),
                        signal_set(value[2], blocked));
    }
    if (number_of(guest, GUEST_SIGNAL_STACK, &stack) &&
        number_of(guest, GUEST_SIGNAL_STACK_BYTES, &bytes) && bytes) {
        view_page_field(page, FIELD_COLUMN, "", "signal stack %08" PRIX32 ", %" PRIu32 " bytes",
                        stack, bytes);
    }
}

/* PC and registers, as the trap frame keeps them: of the program, then of the kernel. */
static void show_registers(struct view_page *page, const struct session_process *process,
                           const struct session_process_detail *detail)
{
    static const char *const names[8] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
    const struct guest_process *guest = &process->guest;

    if (guest->user_known && !is_kernel_thread(guest) && !guest->is_also) {
        view_page_field(
            page, FIELD_COLUMN, "program", "PC %08" PRIX32 " %s  EFLAGS %08" PRIX32 "  %s",
            guest->user[GUEST_USER_EIP], detail->user_at, guest->user[GUEST_USER_EFLAGS],
            guest->is_current ? "(at its last trap)" : "(in the trap frame)");
        for (uint32_t half = 0; half < 8; half += 4) {
            uint32_t column = FIELD_COLUMN;
            for (uint32_t i = half; i < half + 4; i++) {
                bool zero = i == REG_EAX && process->is_fresh && guest->user[i] == 0;
                column = view_page_at(page, column,
                                      zero ? (struct pen){ROLE_CHANGED, CELL_BOLD, 0} : plain,
                                      "%s %08" PRIX32 "%s", names[i], guest->user[i],
                                      zero ? " ← fork returns 0 here  " : "  ");
            }
            page->row++;
        }
    }
    if (guest->known & 1u << DWARF_EIP) {
        view_page_field(
            page, FIELD_COLUMN, "kernel",
            "PC %08" PRIX32 "  SP %08" PRIX32 "  EBP %08" PRIX32 "  (on its kernel stack)",
            guest->registers[DWARF_EIP], guest->registers[DWARF_ESP], guest->registers[DWARF_EBP]);
    }
}

static void show_memory(struct view_page *page, const struct guest_process *guest,
                        const struct session_process_detail *detail)
{
    page->link = LINK_TOPIC + TOPIC_MEMORY_MAP;
    if (detail->guest.bound) {
        view_page_field(page, FIELD_COLUMN, "memory", "base %08" PRIX32 ", bound %08" PRIX32,
                        detail->guest.base, detail->guest.bound);
    } else {
        view_page_field(page, FIELD_COLUMN, "memory",
                        guest->directory ? "page directory at %08" PRIX32 " (physical)"
                                         : "none%.0" PRIX32,
                        guest->directory);
    }
    for (uint32_t i = 0; i < detail->guest.region_count; i++) {
        const struct guest_region *region = &detail->guest.regions[i];
        uint32_t column =
            view_page_at(page, FIELD_COLUMN, plain, "%08" PRIX32 "-%08" PRIX32 " %-18s",
                         region->start, region->end, detail->region_words[i]);

        if (!detail->guest.bound) {
            column = view_page_at(page, column, dim, " %3" PRIu32 " of %" PRIu32 " pages",
                                  detail->region_pages[i], (region->end - region->start) >> 12);
        }
        if (detail->region_shared[i]) {
            view_page_at(page, column, (struct pen){ROLE_CHANGED, 0, 0},
                         ", %" PRIu32 " copy-on-write", detail->region_shared[i]);
        }
        page->row++;
    }
    if (detail->guest.regions_all > detail->guest.region_count) {
        view_page_field(page, FIELD_COLUMN, "", "and %" PRIu32 " more",
                        detail->guest.regions_all - detail->guest.region_count);
    }
}

static void show_files(struct view_page *page, const struct session_process_detail *detail)
{
    static const char *const access[4] = {"read", "write", "read and write", "?"};

    for (uint32_t i = 0; i < detail->guest.file_count; i++) {
        const struct guest_file *file = &detail->guest.files[i];
        uint32_t column;

        view_page_at(page, 0, (struct pen){ROLE_LABEL, 0, LINK_TOPIC + TOPIC_OPEN_FILES},
                     i == 0 ? "files" : "");
        column = view_page_at(page, FIELD_COLUMN, plain, "%2" PRIu32 "  %s %s", file->number,
                              detail->kinds[i], file->terminal);
        if (file->terminal[0] == '\0' && file->device) {
            column = view_page_at(page, column, plain, "device %" PRIu32 ":%" PRIu32,
                                  file->device >> 8, file->device & 0xFF);
        } else if (file->terminal[0] == '\0' && file->node) {
            column = view_page_at(page, column, plain, "node %" PRIu32 ", at byte %" PRIu32,
                                  file->node, file->offset);
        }
        view_page_at(page, column, dim, ", %s%s", access[file->flags & 3],
                     file->users > 1 ? ", shared" : "");
        page->row++;
    }
    if (detail->guest.files_all > detail->guest.file_count) {
        view_page_field(page, FIELD_COLUMN, "", "and %" PRIu32 " more",
                        detail->guest.files_all - detail->guest.file_count);
    }
}

static void show_members(struct view_page *page, const char *members)
{
    if (members[0] == '\0') {
        return;
    }
    page->link = LINK_TOPIC + TOPIC_PCB;
    view_page_heading(page, "All of it, as the kernel calls it");
    while (*members) {
        size_t length = strcspn(members, "\n");

        view_page_line(page, plain, "%.*s", (int)(length < 500 ? length : 500), members);
        members += length + (members[length] == '\n');
    }
}

/* ---- its two stacks ---- */

static void show_frames(struct view_page *page, const struct session_process_detail *detail)
{
    if (detail->frame_count) {
        view_page_line(page, label, "who called whom, the last first:");
    }
    for (uint32_t i = 0; i < detail->frame_count; i++) {
        const struct session_frame_line *frame = &detail->frames[i];

        view_page_line(page, (struct pen){frame->is_user ? ROLE_USER : ROLE_KERNEL, 0, 0}, " %s %s",
                       frame->is_user ? "U" : "K", frame->text);
        if (frame->is_trap) {
            view_page_line(page, dim, " ─── trap: what was interrupted ───");
        }
    }
}

static void show_word(struct view_page *page, uint32_t address, uint32_t word, const char *note,
                      bool is_end)
{
    view_page_at(page, 0, (struct pen){ROLE_CURRENT, CELL_BOLD, 0}, is_end ? "►" : "");
    view_page_at(page, 1, label, "%08" PRIX32, address);
    view_page_at(page, 10, plain, "%08" PRIX32 " %s", word, note);
    page->row++;
}

/* Words with the highest address on top, as stacks are drawn; `brief`: of those without a name only
 * the number. */
static void show_words(struct view_page *page, uint32_t first, uint32_t count,
                       const uint32_t *words, const char (*notes)[40], bool brief)
{
    uint32_t nameless = 0;

    for (uint32_t i = count; i-- > 0;) {
        if (brief && i != 0 && notes[i][0] == '\0') {
            nameless++;
            continue;
        }
        if (nameless) {
            view_page_line(page, dim, "          ... %" PRIu32 " words: locals, kept registers",
                           nameless);
            nameless = 0;
        }
        show_word(page, first + 4 * i, words[i], notes[i], i == 0);
    }
}

static void show_stacks(struct view_page *page, const struct guest_process *guest,
                        const struct session_process_detail *detail)
{
    const char *empty = guest->stack_top == 0 ? " none is known" : " empty: it runs in user mode";
    uint32_t column;

    show_frames(page, detail);
    column =
        view_page_at(page, 0, (struct pen){ROLE_KERNEL, CELL_BOLD, LINK_TOPIC + TOPIC_TWO_STACKS},
                     "Kernel stack");
    view_page_at(page, column, label, "%s", detail->kernel_count ? "" : empty);
    page->row++;
    show_words(page, detail->kernel_first, detail->kernel_count, detail->kernel_words,
               detail->kernel_notes, true);
    column = view_page_at(
        page, 0, (struct pen){ROLE_USER, CELL_BOLD, LINK_TOPIC + TOPIC_TWO_STACKS}, "User stack");
    view_page_at(page, column, label, "%s", detail->user_count ? "" : " none: the kernel's own");
    page->row++;
    show_words(page, detail->user_first, detail->user_count, detail->user_words, detail->user_notes,
               false);
}

/* The control block; its stacks go to another page, if they are to stand beside it. */
static void show_process(struct view_page *page, struct view_page *stacks,
                         const struct session_processes *processes)
{
    const struct session_process *process = &processes->list[processes->selected];
    const struct session_process_detail *detail = &processes->detail;
    char heading[96];

    snprintf(heading, sizeof(heading), "Process %" PRId32 " %s%s", process->guest.pid,
             process->guest.name, processes->follows ? ": the one that runs" : ": chosen");
    page->link = LINK_TOPIC + TOPIC_PCB;
    view_page_heading(page, heading);
    show_identity(page, process);
    show_schedule(page, processes, process);
    show_signals(page, &process->guest);
    show_registers(page, process, detail);
    show_memory(page, &process->guest, detail);
    show_files(page, detail);
    if (stacks) {
        stacks->link = LINK_TOPIC + TOPIC_TWO_STACKS;
        view_page_heading(stacks, "Its stacks");
    }
    show_stacks(stacks ? stacks : page, &process->guest, detail);
    show_members(page, detail->members);
}

void view_processes(struct grid *grid, struct rect area, const struct view_context *context,
                    bool focused, int32_t scroll)
{
    const struct session_processes *processes = &context->view->processes;
    struct view_page page;

    area = panel_title(grid, area, focused, PANEL_PROCESSES);
    if (!processes->known || processes->count == 0) {
        if (processes->known && processes->error[0]) {
            grid_text(grid, area, 1, 0, (struct pen){ROLE_WARNING, 0, 0}, processes->error);
            return;
        }
        grid_text(grid, area, 1, 0, dim, "No processes: the kernel has made none yet,");
        grid_text(grid, area, 1, 1, dim, "or its structures are not described (KERNEL.os).");
        return;
    }
    bool wide = area.columns >= WIDE_COLUMNS;
    page = view_page_open(
        grid, rect_part(area, 0, 0, wide ? TREE_COLUMNS : area.columns, area.rows), scroll);
    show_tree(&page, processes);
    if (processes->selected >= processes->count) {
        view_page_line(&page, dim, "the process that was chosen is not there now");
        return;
    }
    if (wide) {
        struct view_page block = view_page_open(
            grid, rect_part(area, TREE_COLUMNS + 1, 0, area.columns - TREE_COLUMNS - 1, area.rows),
            scroll);
        show_process(&block, &page, processes);
    } else {
        show_process(&page, NULL, processes);
    }
}
