/* The moves that gdb asks for, forwards and back.
 *
 * Forwards the machine runs with gdb's breakpoints and watches. Backwards the stretch before the
 * present, from checkpoint to checkpoint, is run again with them, and the last hit counts: a
 * breakpoint is hit before its instruction, a watchpoint is undone with the instruction that met
 * it. An interrupt between two instructions of a program that is stepped is passed over, with all
 * that happens in it, unless `monitor interrupts show` was said.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/gdb_stub_priv.h"

#define RANGE_STEPS 20000u /* single steps of a range between two looks at the line */
#define SIGNAL_TRAP 5u
#define SIGNAL_STOP 2u /* SIGINT */
#define OPCODE_IRET 0xCF
#define PREFIX_SIZE 0x66
#define PUSHED_MOST 16u /* bytes that a delivery within the kernel pushes */
#define MAY_PASS    (1u << EVENT_DELIVERY | 1u << EVENT_RETURN)

static const struct cpu_state *cpu_of(struct gdb_stub *stub)
{
    return &machine_state(stub->machine)->cpu;
}

static uint32_t linear_eip(struct gdb_stub *stub)
{
    const struct cpu_state *cpu = cpu_of(stub);

    return cpu->segments[SEG_CS].base + cpu->eip;
}

/* ---- points ---- */

static bool is_watch(const struct gdb_point *point)
{
    return point->kind >= GDB_WATCH_WRITE;
}

static uint32_t count_points(const struct gdb_stub *stub, bool watches)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < stub->point_count; i++) {
        count += is_watch(&stub->points[i]) == watches;
    }
    return count;
}

bool gdb_point_add(struct gdb_stub *stub, const struct gdb_point *point)
{
    bool watch = is_watch(point);

    for (uint32_t i = 0; i < stub->point_count; i++) {
        if (memcmp(&stub->points[i], point, sizeof(*point)) == 0) {
            return true;
        }
    }
    if (count_points(stub, watch) == (watch ? WATCHES_MAX : GDB_BREAKPOINTS_MAX)) {
        return false;
    }
    stub->points[stub->point_count++] = *point;
    stub->armed = 0;
    return true;
}

void gdb_point_remove(struct gdb_stub *stub, const struct gdb_point *point)
{
    for (uint32_t i = 0; i < stub->point_count; i++) {
        if (memcmp(&stub->points[i], point, sizeof(*point)) == 0) {
            stub->points[i] = stub->points[--stub->point_count];
            stub->armed = 0;
            return;
        }
    }
}

/* The index of a breakpoint here, or GDB_POINTS_MAX. */
static uint32_t breakpoint_here(struct gdb_stub *stub)
{
    uint32_t linear = linear_eip(stub);

    for (uint32_t i = 0; i < stub->point_count; i++) {
        if (!is_watch(&stub->points[i]) && stub->points[i].address == linear) {
            return i;
        }
    }
    return GDB_POINTS_MAX;
}

/* An instruction begins here, and at a breakpoint. */
static bool at_breakpoint(struct gdb_stub *stub)
{
    return breakpoint_here(stub) != GDB_POINTS_MAX && !machine_in_repetition(stub->machine) &&
           !machine_is_halted(stub->machine);
}

static bool on_event(void *context, const struct machine_event *event)
{
    struct gdb_stub *stub = context;

    stub->event_kinds |= 1u << event->kind;
    if (event->kind == EVENT_MEMORY) {
        if (!stub->watch_hit) {
            uint32_t point = stub->watch_points[event->watch % WATCHES_MAX];
            uint32_t first = stub->points[point].address;

            stub->watch_hit = 1;
            stub->hit_point = point;
            stub->hit_address = event->address > first ? event->address : first;
        }
        return true;
    }
    if (event->kind == EVENT_DELIVERY) {
        stub->delivery = *event;
        return stub->move == GDB_BACK_OVER;
    }
    return stub->move == GDB_PASS;
}

static void insert(uint32_t *list, uint32_t *count, uint32_t linear)
{
    uint32_t at = *count;

    for (uint32_t i = 0; i < *count; i++) {
        if (list[i] == linear) {
            return;
        }
    }
    while (at > 0 && list[at - 1] > linear) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = linear;
    ++*count;
}

void gdb_arm(struct gdb_stub *stub, bool arm)
{
    struct machine_observer observer = {.context = stub, .event = on_event};
    struct machine_watch watches[WATCHES_MAX] = {0};
    uint32_t list[GDB_BREAKPOINTS_MAX + 1] = {0};
    uint32_t kinds = 0;
    uint32_t count = 0;
    uint32_t watch_count = 0;

    if (arm && (stub->move == GDB_PASS || stub->move == GDB_BACK_OVER)) {
        kinds = MAY_PASS;
    }
    for (uint32_t i = 0; arm && i < stub->point_count; i++) {
        const struct gdb_point *point = &stub->points[i];

        if (is_watch(point)) {
            stub->watch_points[watch_count] = i;
            watches[watch_count++] = (struct machine_watch){
                .first = point->address,
                .last = point->address + point->bytes - 1,
                .reads = point->kind != GDB_WATCH_WRITE,
                .writes = point->kind != GDB_WATCH_READ,
            };
            kinds |= 1u << EVENT_MEMORY;
        } else {
            insert(list, &count, point->address);
        }
    }
    if (arm && stub->move == GDB_AWAIT) {
        insert(list, &count, stub->goal.linear);
    }
    machine_set_breakpoints(stub->machine, list, count);
    machine_set_watches(stub->machine, watches, watch_count);
    machine_observe(stub->machine, kinds, kinds ? &observer : NULL);
    stub->armed = arm;
}

/* ---- beginning and end ---- */

static void change_move(struct gdb_stub *stub, enum gdb_move move)
{
    bool armed_alike = move != GDB_PASS && move != GDB_BACK_OVER && move != GDB_AWAIT &&
                       stub->move != GDB_PASS && stub->move != GDB_BACK_OVER &&
                       stub->move != GDB_AWAIT;

    stub->move = move;
    if (!stub->armed || !armed_alike) {
        gdb_arm(stub, true);
    }
}

void gdb_move_begin(struct gdb_stub *stub, enum gdb_move move)
{
    stub->processes_known = 0;
    stub->watch_hit = 0;
    stub->idle = 0;
    stub->search_end = history_present(stub->history);
    change_move(stub, move);
}

static void set_goal(struct gdb_stub *stub)
{
    const struct cpu_state *cpu = cpu_of(stub);

    stub->goal = (struct gdb_goal){
        .esp = cpu->gpr[REG_ESP],
        .cpl = cpu->cpl,
        .cr3 = cpu->cr3,
        .linear = linear_eip(stub),
        .thread = gdb_thread_running(stub),
    };
}

void gdb_move_end(struct gdb_stub *stub, enum gdb_reason reason)
{
    stub->reason = reason;
    change_move(stub, GDB_REST);
    stub->processes_known = 0;
    stub->thread = gdb_thread_running(stub);
    gdb_reply_clear(stub);
    gdb_stop_reply(stub);
    gdb_send_reply(stub);
}

void gdb_move_interrupt(struct gdb_stub *stub)
{
    if (stub->move == GDB_BACK || stub->move == GDB_BACK_OVER) {
        history_go_to(stub->history, stub->search_end);
    }
    gdb_move_end(stub, GDB_BY_INTERRUPT);
}

static const char *reason_words(const struct gdb_stub *stub, char *text, size_t bytes)
{
    static const char *const watch_words[] = {
        [GDB_WATCH_WRITE] = "watch", [GDB_WATCH_READ] = "rwatch", [GDB_WATCH_ACCESS] = "awatch"};

    text[0] = '\0';
    if (stub->reason == GDB_BY_WATCH) {
        snprintf(text, bytes, "%s:%" PRIx32 ";", watch_words[stub->points[stub->hit_point].kind],
                 stub->hit_address);
    } else if (stub->reason == GDB_BY_BREAKPOINT && stub->hit_point < GDB_POINTS_MAX) {
        bool hard = stub->points[stub->hit_point].kind == GDB_BREAK_HARDWARE;

        if (hard ? stub->say_hwbreak : stub->say_swbreak) {
            snprintf(text, bytes, "%s:;", hard ? "hwbreak" : "swbreak");
        }
    } else if (stub->reason == GDB_BY_BEGIN || stub->reason == GDB_BY_END) {
        snprintf(text, bytes, "replaylog:%s;", stub->reason == GDB_BY_BEGIN ? "begin" : "end");
    }
    return text;
}

void gdb_stop_reply(struct gdb_stub *stub)
{
    static const uint8_t often[] = {REG_ESP, REG_EBP, DWARF_EIP};
    char words[64];

    gdb_reply(stub, "T%02x%sthread:%" PRIx32 ";",
              stub->reason == GDB_BY_INTERRUPT ? SIGNAL_STOP : SIGNAL_TRAP,
              reason_words(stub, words, sizeof(words)), (uint32_t)gdb_thread_running(stub));
    for (uint32_t i = 0; i < sizeof(often); i++) {
        gdb_reply(stub, "%02x:", often[i]);
        gdb_register_read(stub, NULL, often[i]);
        gdb_reply(stub, ";");
    }
}

/* The machine has ended; it can still be gone back from there. */
static void end_finally(struct gdb_stub *stub, enum machine_stop stop)
{
    char text[600];

    machine_explain_stop(stub->machine, stop, text, sizeof(text) - 1);
    strcat(text, "\n");
    gdb_say(stub, text);
    gdb_move_end(stub, GDB_BY_END);
}

/* ---- forwards ---- */

/* Whether the program that was interrupted is about to go on. */
static bool is_back(struct gdb_stub *stub)
{
    const struct cpu_state *cpu = cpu_of(stub);

    if (cpu->cpl != stub->goal.cpl) {
        return false;
    }
    if (stub->os) {
        return stub->goal.thread == gdb_thread_running(stub) &&
               (cpu->cpl == 3 || cpu->gpr[REG_ESP] >= stub->goal.esp);
    }
    return cpu->cr3 == stub->goal.cr3 && cpu->gpr[REG_ESP] >= stub->goal.esp;
}

static void end_at_breakpoint(struct gdb_stub *stub)
{
    stub->hit_point = breakpoint_here(stub);
    gdb_move_end(stub, GDB_BY_BREAKPOINT);
}

/* Whether what came instead of the next instruction is to be passed over. */
static bool passes(const struct gdb_stub *stub, const struct cpu_step_info *info, uint32_t cpl)
{
    if (!(info->what & STEP_DELIVERY) || stub->interrupts_shown) {
        return false;
    }
    if (info->kind == DELIVERY_INTR || info->kind == DELIVERY_NMI) {
        return true;
    }
    return info->kind == DELIVERY_EXCEPTION ? cpl == 3 && info->vector != 1 && info->vector != 3
                                            : stub->move == GDB_RANGE && cpl == 3;
}

/* One instruction; false: the move is over, or another one. */
static bool step_forward(struct gdb_stub *stub)
{
    struct cpu_step_info info = {0};
    enum machine_stop stop;
    struct gdb_goal goal = {0};
    uint32_t linear;

    if (!stub->interrupts_shown) {
        set_goal(stub);
        goal = stub->goal;
    }
    stop = history_step(stub->history, &info);
    linear = linear_eip(stub);
    if (stop != MACHINE_STOP_STEPPED && stop != MACHINE_STOP_HALTED) {
        end_finally(stub, stop);
    } else if (stub->watch_hit) {
        gdb_move_end(stub, GDB_BY_WATCH);
    } else if (passes(stub, &info, goal.cpl)) {
        stub->after_pass = stub->move;
        stub->goal = goal;
        change_move(stub, GDB_PASS);
    } else if (stub->move == GDB_STEP || stop == MACHINE_STOP_HALTED) {
        gdb_move_end(stub, GDB_BY_STEP);
    } else if (at_breakpoint(stub)) {
        end_at_breakpoint(stub);
    } else if (linear < stub->range_first || linear >= stub->range_end) {
        gdb_move_end(stub, GDB_BY_STEP);
    } else {
        return true;
    }
    return false;
}

/* The program goes on behind what interrupted it. */
static void passed(struct gdb_stub *stub)
{
    uint32_t linear = linear_eip(stub);

    change_move(stub, stub->after_pass);
    if (at_breakpoint(stub) && linear != stub->goal.linear) {
        end_at_breakpoint(stub);
    } else if (stub->move == GDB_STEP && linear != stub->goal.linear) {
        gdb_move_end(stub, GDB_BY_STEP); /* a signal handler, or behind an INT */
    } else if (stub->move == GDB_RANGE &&
               (linear < stub->range_first || linear >= stub->range_end)) {
        gdb_move_end(stub, GDB_BY_STEP);
    }
}

static void at_stop(struct gdb_stub *stub, enum machine_stop stop)
{
    switch (stop) {
    case MACHINE_STOP_CLOCK:
    case MACHINE_STOP_STEPPED:
    case MACHINE_STOP_REQUESTED:
        break;
    case MACHINE_STOP_BREAKPOINT:
        if (stub->move == GDB_AWAIT && linear_eip(stub) == stub->goal.linear && is_back(stub)) {
            gdb_move_end(stub, GDB_BY_STEP);
        } else if (at_breakpoint(stub)) {
            end_at_breakpoint(stub);
        }
        break;
    case MACHINE_STOP_OBSERVER:
        if (stub->watch_hit) {
            gdb_move_end(stub, GDB_BY_WATCH);
        } else if (stub->move == GDB_PASS && is_back(stub)) {
            passed(stub);
        }
        break;
    case MACHINE_STOP_HALTED:
        if ((cpu_of(stub)->eflags & EFLAGS_IF) == 0) {
            end_finally(stub, stop);
        } else {
            stub->idle = 1;
        }
        break;
    default:
        end_finally(stub, stop);
    }
}

static void run_forward(struct gdb_stub *stub, uint64_t clocks)
{
    uint64_t until = machine_clock(stub->machine) + clocks;
    enum gdb_move move = stub->move;

    while (stub->move == move && !stub->idle && machine_clock(stub->machine) < until) {
        at_stop(stub, history_run(stub->history, until));
    }
}

/* ---- backwards ---- */

/* The event that the search is for has happened in the instruction just done. */
static bool is_hit(struct gdb_stub *stub)
{
    const struct cpu_state *cpu = cpu_of(stub);
    uint32_t depth = stub->goal.esp - cpu->gpr[REG_ESP];

    if (stub->move == GDB_BACK) {
        return stub->watch_hit;
    }
    if (!(stub->event_kinds >> EVENT_DELIVERY & 1) || stub->delivery.cpl != stub->goal.cpl) {
        return false;
    }
    if (stub->goal.cpl != 3) {
        return depth <= PUSHED_MOST;
    }
    return stub->os ? gdb_thread_running(stub) == stub->goal.thread : cpu->cr3 == stub->goal.cr3;
}

struct hit {
    bool found;
    bool after; /* the place is behind the instruction, not before it */
    struct history_place place;
    uint32_t point;
    uint32_t address;
};

static void note_breakpoint(struct gdb_stub *stub, struct history_place end, struct hit *hit)
{
    struct history_place place = history_present(stub->history);

    if (stub->move == GDB_BACK && history_compare(place, end) < 0 && at_breakpoint(stub)) {
        *hit = (struct hit){.found = true, .place = place, .point = breakpoint_here(stub)};
    }
}

/* Run from here to `end` again; the last hit on the way. */
static void rerun(struct gdb_stub *stub, struct history_place end, struct hit *hit)
{
    note_breakpoint(stub, end, hit);
    while (history_compare(history_present(stub->history), end) < 0) {
        enum machine_stop stop;

        stub->watch_hit = 0;
        stub->event_kinds = 0;
        stop = machine_clock(stub->machine) < end.clock ? history_run(stub->history, end.clock)
                                                        : history_step(stub->history, NULL);
        if (stop >= MACHINE_STOP_EXIT && stop != MACHINE_STOP_OBSERVER) {
            return;
        }
        if (history_compare(history_present(stub->history), end) > 0) {
            return;
        }
        note_breakpoint(stub, end, hit);
        if (stub->event_kinds && is_hit(stub)) {
            *hit = (struct hit){.found = true,
                                .after = true,
                                .place = history_present(stub->history),
                                .point = stub->hit_point,
                                .address = stub->hit_address};
        }
    }
}

static void arrive_back(struct gdb_stub *stub, const struct hit *hit)
{
    enum gdb_move move = stub->move;

    stub->move = GDB_REST; /* what is passed on the way does not count */
    history_go_to(stub->history, hit->place);
    if (hit->after) {
        history_step_back(stub->history);
    }
    stub->move = move;
    stub->hit_point = hit->point;
    stub->hit_address = hit->address;
    if (move == GDB_BACK) {
        gdb_move_end(stub, hit->after ? GDB_BY_WATCH : GDB_BY_BREAKPOINT);
    } else if (linear_eip(stub) == stub->goal.linear) {
        stub->search_end = history_present(stub->history);
        stub->after_pass = GDB_STEP; /* nothing has been undone yet but the interrupt */
    } else {
        gdb_move_end(stub, GDB_BY_STEP);
    }
}

/* The instruction here returns from an interrupt or exception. */
static bool at_iret(struct gdb_stub *stub)
{
    uint32_t linear = linear_eip(stub);
    uint8_t byte = 0;

    machine_read_linear(stub->machine, linear, &byte, 1);
    if (byte == PREFIX_SIZE) {
        machine_read_linear(stub->machine, linear + 1, &byte, 1);
    }
    return byte == OPCODE_IRET;
}

/* One instruction back; over the interrupt that came before it. */
static void step_back(struct gdb_stub *stub)
{
    struct gdb_goal goal;

    set_goal(stub);
    goal = stub->goal;
    stub->after_pass = GDB_REST;
    if (!history_step_back(stub->history)) {
        gdb_move_end(stub, GDB_BY_BEGIN);
    } else if (!stub->interrupts_shown && at_iret(stub) && cpu_of(stub)->cpl <= goal.cpl) {
        stub->goal = goal;
        stub->search_end = history_present(stub->history);
        stub->return_place = stub->search_end;
        change_move(stub, GDB_BACK_OVER);
    } else {
        gdb_move_end(stub, GDB_BY_STEP);
    }
}

/* One stretch between checkpoints. */
static void stretch_back(struct gdb_stub *stub)
{
    struct history_place end = stub->search_end;
    struct history_place stretch;
    struct hit hit = {0};

    if (!history_go_before(stub->history, end)) {
        if (stub->move == GDB_BACK_OVER) { /* a new process begins with a return */
            history_go_to(stub->history, stub->return_place);
            gdb_move_end(stub, GDB_BY_STEP);
            return;
        }
        history_go_to(stub->history, history_first(stub->history));
        gdb_move_end(stub, GDB_BY_BEGIN);
        return;
    }
    stretch = history_present(stub->history);
    rerun(stub, end, &hit);
    if (!hit.found) {
        stub->search_end = stretch;
        return;
    }
    arrive_back(stub, &hit);
    if (stub->move == GDB_BACK_OVER && stub->after_pass == GDB_STEP) {
        step_back(stub);
    }
}

/* ---- for the line ---- */

bool gdb_stub_moving(const struct gdb_stub *stub)
{
    return stub->move != GDB_REST;
}

bool gdb_stub_idle(const struct gdb_stub *stub)
{
    return stub->idle;
}

void gdb_stub_advance(struct gdb_stub *stub, uint64_t clocks)
{
    stub->idle = 0;
    switch (stub->move) {
    case GDB_REST:
        break;
    case GDB_STEP:
    case GDB_RANGE:
        for (uint32_t i = 0; i < RANGE_STEPS && step_forward(stub); i++) {}
        break;
    case GDB_BACK:
    case GDB_BACK_OVER:
        stretch_back(stub);
        break;
    default:
        run_forward(stub, clocks);
    }
}

/* `bs`: at once, as far as there is no interrupt to be passed. */
void gdb_move_step_back(struct gdb_stub *stub)
{
    gdb_move_begin(stub, GDB_REST);
    step_back(stub);
}
