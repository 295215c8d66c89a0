/* What a session shows: the state at the cursor, memory, output, the copy for views.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "devices/platform_map.h"
#include "emu/session_priv.h"

/* ---- the step ahead ---- */

void session_look_ahead(struct session *session)
{
    if (!session->looked_ahead) {
        machine_journal_next(session->machine, &session->journal, &session->next, &session->after);
        session->looked_ahead = 1;
    }
}

static void apply_segment(struct cpu_state *cpu, const struct cpu_state *after, uint32_t segment,
                          uint32_t selector)
{
    if (after->segments[segment].selector == selector) {
        cpu->segments[segment] = after->segments[segment];
    } else {
        cpu->segments[segment].selector = (uint16_t)selector;
    }
}

static void apply_register(struct cpu_state *cpu, const struct cpu_state *after, uint32_t which,
                           uint32_t value)
{
    if (which <= JREG_EDI) {
        cpu->gpr[which] = value;
        return;
    }
    if (which >= JREG_ES && which <= JREG_GS) {
        apply_segment(cpu, after, which - JREG_ES, value);
        return;
    }
    switch (which) {
    case JREG_EIP:
        cpu->eip = value;
        break;
    case JREG_EFLAGS:
        cpu->eflags = value & ~EFLAGS_MODE;
        break;
    case JREG_CPL:
        cpu->cpl = value;
        break;
    case JREG_LDTR:
        cpu->ldtr = after->ldtr;
        break;
    case JREG_TR:
        cpu->tr = after->tr;
        break;
    case JREG_GDTR_BASE:
    case JREG_GDTR_LIMIT:
        cpu->gdtr = after->gdtr;
        break;
    case JREG_IDTR_BASE:
    case JREG_IDTR_LIMIT:
        cpu->idtr = after->idtr;
        break;
    case JREG_CR0:
        cpu->cr0 = value;
        break;
    case JREG_CR2:
        cpu->cr2 = value;
        break;
    case JREG_CR3:
        cpu->cr3 = value;
        break;
    default:
        if (which >= JREG_FPU_CONTROL && which < JREG_COUNT) {
            journal_put_fpu_register(&cpu->fpu, which, value);
        }
        break;
    }
}

static void apply_entry(struct machine_state *state, const struct machine_state *after,
                        const struct journal_entry *entry)
{
    if (entry->clock > state->cpu.clock) {
        state->cpu.clock = entry->clock;
    }
    if (entry->kind == JOURNAL_REGISTER) {
        apply_register(&state->cpu, &after->cpu, entry->detail, entry->value);
    } else if (entry->kind == JOURNAL_MEMORY_WRITE) {
        for (uint32_t i = 0; i < entry->size && i < 4; i++) {
            uint32_t at = entry->physical + i - VGA_TEXT_BASE;

            if (at < VGA_TEXT_BYTES) {
                state->pc.vga.memory[at] = (uint8_t)(entry->value >> 8 * i);
            }
        }
    }
}

/* What is shown: the machine's state with the micro-steps up to the cursor done. */
void session_shown_state(struct session *session, struct machine_state *state)
{
    *state = *machine_state(session->machine);
    for (uint32_t i = 0; session->looked_ahead && i < session->micro; i++) {
        apply_entry(state, &session->after, &session->journal.entries[i]);
    }
}

bool session_read(struct session *session, uint32_t linear, void *bytes, uint32_t size)
{
    uint8_t *to = bytes;

    if (!machine_read_linear(session->machine, linear, bytes, size)) {
        return false;
    }
    for (uint32_t k = 0; session->micro && k < size; k++) {
        uint32_t physical;

        if (!machine_translate(session->machine, linear + k, &physical)) {
            continue;
        }
        for (uint32_t i = 0; i < session->micro; i++) {
            const struct journal_entry *entry = &session->journal.entries[i];

            if ((entry->kind == JOURNAL_MEMORY_WRITE || entry->kind == JOURNAL_WALK_WRITE) &&
                physical - entry->physical < entry->size) {
                to[k] = (uint8_t)(entry->value >> 8 * (physical - entry->physical));
            }
        }
    }
    return true;
}

bool session_read_physical(struct session *session, uint32_t physical, void *bytes, uint32_t size)
{
    uint8_t *to = bytes;

    if (!machine_read_physical(session->machine, physical, bytes, size)) {
        return false;
    }
    for (uint32_t i = 0; i < session->micro; i++) {
        const struct journal_entry *entry = &session->journal.entries[i];
        if (entry->kind != JOURNAL_MEMORY_WRITE && entry->kind != JOURNAL_WALK_WRITE) {
            continue;
        }
        for (uint32_t k = 0; k < entry->size; k++) {
            uint32_t at = entry->physical + k - physical;
            if (at < size) {
                to[at] = (uint8_t)(entry->value >> 8 * k);
            }
        }
    }
    return true;
}

size_t session_console_tail(struct session *session, enum byte_channel channel, char *text,
                            size_t bytes)
{
    const struct session_stream *stream = &session->streams[channel];
    uint64_t end = machine_state(session->machine)->progress.bytes_out[channel];
    uint64_t oldest =
        stream->count > SESSION_STREAM_BYTES ? stream->count - SESSION_STREAM_BYTES : 0;
    uint64_t first;

    end = end < stream->count ? end : stream->count;
    first = end > bytes ? end - bytes : 0;
    first = first > oldest ? first : oldest;
    for (uint64_t i = first; i < end; i++) {
        *text++ = stream->bytes[i % SESSION_STREAM_BYTES];
    }
    return end > first ? (size_t)(end - first) : 0;
}

/* ---- the copy for views ---- */

static void copy_marks(const struct session *session, struct session_view *view)
{
    view->mark_count = 0;
    for (uint32_t i = 0; i < SESSION_MARKS_MAX; i++) {
        const struct session_mark *mark = &session->marks[i];

        if (mark->name[0]) {
            struct session_view_mark *to = &view->marks[view->mark_count++];

            memcpy(to->name, mark->name, sizeof(to->name));
            to->clock = mark->place.clock;
        }
    }
}

const char *session_layout(const struct session *session)
{
    return session->layout;
}

void session_set_layout(struct session *session, const char *text)
{
    size_t length = strnlen(text, sizeof(session->layout) - 1);

    memcpy(session->layout, text, length);
    session->layout[length] = '\0';
}

/* What is told by other files. */
static void fill_parts(struct session *session, struct session_view *view, uint32_t wanted)
{
    view->processes.known = 0;
    view->source.known = 0;
    view->watch.known = 0;
    view->log.known = 0;
    if (wanted & SESSION_VIEW_LOG) {
        session_fill_log(session, &view->log);
    }
    if (wanted & SESSION_VIEW_PROCESSES) {
        session_fill_processes(session, &view->processes);
    }
    if (session->task != TASK_NONE) {
        return;
    }
    if (wanted & SESSION_VIEW_SOURCE) {
        session_fill_source(session, &view->source);
    }
    if (wanted & SESSION_VIEW_WATCH) {
        session_fill_watch(session, &view->watch);
    }
}

void session_get_view(struct session *session, struct session_view *view, uint32_t wanted)
{
    struct history_place present = history_present(session->history);

    view->wanted = wanted;
    if ((wanted & SESSION_VIEW_JOURNAL) && session->task == TASK_NONE) {
        session_look_ahead(session);
    }
    session_shown_state(session, &view->state);
    view->previous = session->previous;
    view->position = (struct session_position){
        .clock = view->state.cpu.clock,
        .step = present.step,
        .micro = session->micro,
        .micro_count = session->looked_ahead ? session->journal.count : 0,
        .in_past = history_in_past(session->history),
        .final = view->state.progress.ending != 0,
        .stop = session->stop,
    };
    if (session->looked_ahead) {
        view->journal = session->journal;
        view->next = session->next;
    } else {
        view->journal.count = 0;
        view->journal.dropped = 0;
        view->next = (struct cpu_step_info){0};
    }
    view->history_first = history_first(session->history).clock;
    view->history_last = history_last(session->history).clock;
    view->history_bytes = history_bytes(session->history);
    view->clock_hz = machine_get_config(session->machine)->clock_hz;
    view->mmu_chosen = session->mmu_chosen;
    view->mmu_address = session->mmu_address;
    session_chosen_directory(session, &view->map_pid, &view->map_directory);
    view->explained = session->explained;
    view->att_syntax = session->att_syntax;
    view->own_guest = machine_get_config(session->machine)->own_guest;
    view->running = session->task != TASK_NONE;
    view->breakpoint_count = session->breakpoint_count;
    memcpy(view->breakpoints, session->breakpoints, sizeof(view->breakpoints));
    copy_marks(session, view);
    memcpy(view->message, session->message, sizeof(view->message));
    fill_parts(session, view, wanted);
}
