/* Running what is to be judged.
 *
 * A program runs as by `ringside exec`. Its clocks and events are counted from its first
 * instruction to its end, so the machine's boot is not part of them: a session runs to where the
 * kernel replaces init's child by the program, then into user mode, sets the points of the spec,
 * and takes them away when the process ends. A kernel's are counted from the start.
 * SPDX-License-Identifier: MIT */
#include "emu/grade_run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/grade_run_priv.h"
#include "emu/result.h"

#define SLICE_CLOCKS   4000000u
#define LINE_LOOKS     1000u /* a second while bytes wait on the line */
#define BOOT_CLOCKS    2000000000u
#define CLEANUP_CLOCKS 2000000000u /* from the program's end to the machine's */
#define STATUS_SIGNAL  128

/* ---- output ---- */

static void byte_out(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock)
{
    struct grade_runner *run = context;
    struct grade_stream *stream = channel == CHANNEL_COM1   ? &run->outcome->out
                                  : channel == CHANNEL_COM2 ? &run->outcome->errors
                                                            : NULL;

    (void)clock;
    if (!stream) {
        return;
    }
    stream->total++;
    if (stream->kept < run->spec->limit_output) {
        stream->bytes[stream->kept++] = (char)byte;
        stream->bytes[stream->kept] = '\0';
    }
    if (channel == CHANNEL_COM1 && run->script && input_script_output(run->script, byte)) {
        run->script_clock = 0;
        machine_stop_after_instruction(run->machine);
    }
    if (stream->total > run->spec->limit_output) {
        machine_stop_after_instruction(run->machine);
    }
}

/* ---- what the session logs: "[CLOCK] @CHECK" for each event ---- */

static void hear(void *context, const char *text, bool refused)
{
    struct grade_runner *run = context;

    (void)refused;
    while (text) {
        uint64_t clock;
        uint32_t check;

        if (sscanf(text, "[%" SCNu64 "] @%" SCNu32, &clock, &check) == 2 &&
            check < run->spec->check_count) {
            struct grade_hits *hits = &run->outcome->hits[check];

            hits->first_clock = hits->count++ ? hits->first_clock : clock;
        }
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
}

static bool command(struct grade_runner *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool command(struct grade_runner *run, const char *format, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    session_command(run->session, line);
    if (!session_refused(run->session)) {
        return true;
    }
    snprintf(run->refusal, sizeof(run->refusal), "%s", session_answer(run->session));
    return false;
}

/* ---- making ---- */

static bool run_open(struct grade_runner *run)
{
    struct options *options = &run->program->options;
    struct machine_sink sink = {.context = run, .byte_out = byte_out};
    struct err err = {0};

    if (!grade_run_options_make(run, options) || !grade_run_paths_make(run, options)) {
        return false;
    }
    if (!program_open(run->program, &err)) {
        return grade_run_wrong(run, grade_run_blame(run, err.message), "%s", err.message);
    }
    run->machine = run->program->machine;
    grade_run_describe_machine(run);
    if (!grade_run_requirements_hold(run) || !grade_run_script_open(run)) {
        return false;
    }
    grade_run_symbols_make(run);
    run->session = session_create(run->machine, run->program->symbols, 0, run->err);
    if (!run->session) {
        return false;
    }
    session_set_sink(run->session, &sink);
    session_set_listener(run->session, hear, run);
    return true;
}

static void run_close(struct grade_runner *run)
{
    session_destroy(run->session);
    input_script_close(run->script);
    program_close(run->program);
    free(run->program);
}

/* ---- phases ---- */

static bool points_set(struct grade_runner *run)
{
    for (uint32_t i = 0; i < run->spec->check_count; i++) {
        const struct grade_check *check = &run->spec->checks[i];

        if (check->kind == GRADE_EVENT &&
            !command(run, "trace %.180s log \"@%" PRIu32 "\"", check->texts[0], i)) {
            return grade_run_wrong(run, check->at, "%s", run->refusal);
        }
    }
    return true;
}

static bool begin(struct grade_runner *run)
{
    run->outcome->begun = 1;
    run->outcome->begin_clock = machine_clock(run->machine);
    run->begin_instructions = machine_instructions(run->machine);
    run->begin = machine_state(run->machine)->cpu;
    run->phase = GRADE_PHASE_RUN;
    run->phase_clock = machine_clock(run->machine);
    if (!points_set(run)) {
        return false;
    }
    if (run->spec->subject != GRADE_KERNEL &&
        !command(run, "break process ended if pid == %s", run->pid)) {
        return grade_run_wrong(run, run->spec->subject_position, "%s", run->refusal);
    }
    session_start_run(run->session);
    return true;
}

/* What there is to say about the program when it has ended, or the machine. */
static void count(struct grade_runner *run)
{
    const struct cpu_state *cpu = &machine_state(run->machine)->cpu;
    uint64_t *figures = run->outcome->figures;

    figures[GRADE_CLOCKS] = cpu->clock - run->outcome->begin_clock;
    figures[GRADE_INSTRUCTIONS] = machine_instructions(run->machine) - run->begin_instructions;
    figures[GRADE_SYSTEM_CALLS] =
        cpu->delivered[DELIVERY_SOFTWARE] - run->begin.delivered[DELIVERY_SOFTWARE];
    figures[GRADE_EXCEPTIONS] =
        cpu->delivered[DELIVERY_EXCEPTION] - run->begin.delivered[DELIVERY_EXCEPTION];
    figures[GRADE_INTERRUPTS] = cpu->delivered[DELIVERY_INTR] - run->begin.delivered[DELIVERY_INTR];
}

/* Expressions can not be wrong here but by what they name. */
static bool states_read(struct grade_runner *run)
{
    for (uint32_t i = 0; i < run->spec->check_count; i++) {
        const struct grade_check *check = &run->spec->checks[i];

        if (check->kind == GRADE_STATE) {
            if (!command(run, "print 0 != (%.200s)", check->texts[0])) {
                return grade_run_wrong(run, check->at, "%s", run->refusal);
            }
            run->outcome->states[i] =
                strcmp(session_answer(run->session), "1") == 0 ? GRADE_TRUE : GRADE_FALSE;
        }
    }
    return true;
}

/* The session has stopped somewhere, not at the machine's end. */
static bool next_phase(struct grade_runner *run)
{
    switch (run->phase) {
    case GRADE_PHASE_BOOT:
        if (run->spec->subject == GRADE_KERNEL) {
            return begin(run);
        }
        run->phase = GRADE_PHASE_EXEC;
        return command(run, "until exec_replace if pid > 1") ||
               grade_run_wrong(run, run->spec->subject_position, "%s", run->refusal);
    case GRADE_PHASE_EXEC:
        if (run->pid[0] == '\0') {
            if (!command(run, "print pid")) {
                return grade_run_wrong(run, run->spec->subject_position, "%s", run->refusal);
            }
            snprintf(run->pid, sizeof(run->pid), "%.15s", session_answer(run->session));
            return command(run, "until mode if pid == %s", run->pid);
        }
        return begin(run);
    case GRADE_PHASE_RUN:
        count(run);
        run->phase = GRADE_PHASE_REST;
        run->phase_clock = machine_clock(run->machine);
        if (!states_read(run)) {
            return false;
        }
        command(run, "delete");
        session_start_run(run->session);
        return true;
    default:
        session_start_run(run->session);
        return true;
    }
}

/* ---- the loop ---- */

static void feed(struct grade_runner *run)
{
    bool more = run->script && !input_script_done(run->script);

    if (run->script && machine_clock(run->machine) >= run->script_clock) {
        run->script_clock = input_script_feed(run->script, run->machine);
    }
    if (run->spec->subject != GRADE_KERNEL && !run->carrier_dropped && !more &&
        machine_serial_room(run->machine, 0) == BYTE_QUEUE_SIZE) {
        run->carrier_dropped = machine_input_line(run->machine, 0, MODEM_DSR | MODEM_CTS);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How far the present phase may go, in clocks of the machine. */
static uint64_t phase_end(const struct grade_runner *run)
{
    uint64_t allowed = run->phase == GRADE_PHASE_RUN    ? run->spec->limit_clocks
                       : run->phase == GRADE_PHASE_REST ? CLEANUP_CLOCKS
                                                        : BOOT_CLOCKS;

    return run->phase_clock + allowed;
}

static uint64_t run_until(struct grade_runner *run)
{
    uint64_t now = machine_clock(run->machine);
    uint64_t slice = SLICE_CLOCKS;
    uint64_t until;

    if (machine_serial_room(run->machine, 0) < BYTE_QUEUE_SIZE) {
        slice = least(slice, run->program->options.machine.clock_hz / LINE_LOOKS);
    }
    until = least(now + slice, phase_end(run));
    if (run->phase == GRADE_PHASE_RUN && run->spec->limit_instructions != UINT64_MAX) {
        uint64_t done = machine_instructions(run->machine) - run->begin_instructions;
        uint64_t wanted = run->spec->limit_instructions;

        until = least(until, now + (wanted > done ? wanted - done : 0));
    }
    return run->script ? least(until, run->script_clock) : until;
}

static bool limit_reached(struct grade_runner *run)
{
    const struct grade_spec *spec = run->spec;
    uint64_t done = machine_instructions(run->machine) - run->begin_instructions;

    if (machine_clock(run->machine) >= phase_end(run)) {
        run->limit = run->phase == GRADE_PHASE_RUN ? "the clocks that the spec allows are used up"
                     : run->phase == GRADE_PHASE_REST ? "the guest does not end after the program"
                                                      : "the guest does not come to the program";
    } else if (run->phase == GRADE_PHASE_RUN && done >= spec->limit_instructions) {
        run->limit = "the instructions that the spec allows are used up";
    } else if (run->outcome->out.total > spec->limit_output ||
               run->outcome->errors.total > spec->limit_output) {
        run->limit = "more output than the spec allows";
    }
    return run->limit != NULL;
}

/* 1: go on, 0: the end, -1: trouble. */
static int turn(struct grade_runner *run, enum machine_stop *stop)
{
    uint64_t now;
    uint64_t until;

    feed(run);
    if (!session_is_moving(run->session)) {
        *stop = session_last_stop(run->session);
        if (run->phase != GRADE_PHASE_BOOT && *stop >= MACHINE_STOP_EXIT &&
            *stop != MACHINE_STOP_OBSERVER) {
            return 0;
        }
        if (!next_phase(run)) {
            return -1;
        }
    }
    now = machine_clock(run->machine);
    until = run_until(run);
    session_advance(run->session, until > now ? until - now : 1);
    return !limit_reached(run);
}

static void name_end(struct grade_runner *run, enum machine_stop stop)
{
    struct grade_outcome *outcome = run->outcome;
    int number = 0;
    enum job_end end = JOB_OTHER;

    outcome->status = -1;
    if (run->limit) {
        snprintf(outcome->reason, sizeof(outcome->reason), "limit");
        snprintf(outcome->explanation, sizeof(outcome->explanation), "%s", run->limit);
        return;
    }
    snprintf(outcome->reason, sizeof(outcome->reason), "%s", result_stop_word(stop));
    machine_explain_stop(run->machine, stop, outcome->explanation, sizeof(outcome->explanation));
    if (run->spec->subject == GRADE_KERNEL) {
        outcome->status = machine_exit_status(run->machine);
        return;
    }
    if (stop == MACHINE_STOP_EXIT) {
        end = job_decode(machine_state(run->machine)->progress.exit_value, &number);
    }
    if (end == JOB_EXITED) {
        snprintf(outcome->reason, sizeof(outcome->reason), "exited");
        outcome->status = number;
        snprintf(outcome->explanation, sizeof(outcome->explanation),
                 "the program ended with status %d", number);
    } else if (end == JOB_SIGNALED) {
        snprintf(outcome->reason, sizeof(outcome->reason), "signaled");
        outcome->signal = number;
        outcome->status = STATUS_SIGNAL + number;
        snprintf(outcome->explanation, sizeof(outcome->explanation),
                 "the program was ended by signal %d", number);
    }
}

static bool run_all(struct grade_runner *run)
{
    enum machine_stop stop = MACHINE_STOP_CLOCK;
    int going;

    do {
        going = turn(run, &stop);
    } while (going > 0);
    if (going < 0) {
        return false;
    }
    if (run->phase == GRADE_PHASE_RUN) {
        count(run);
        if (!states_read(run)) {
            return false;
        }
    }
    name_end(run, stop);
    run->outcome->figures[GRADE_OUTPUT_BYTES] = run->outcome->out.total;
    run->outcome->total_clocks = machine_clock(run->machine);
    run->outcome->hash = machine_hash(run->machine);
    return true;
}

static struct grade_outcome *outcome_new(const struct grade_spec *spec)
{
    struct grade_outcome *outcome = calloc(1, sizeof(*outcome));

    if (outcome) {
        outcome->out.bytes = calloc(1, spec->limit_output + 1);
        outcome->errors.bytes = calloc(1, spec->limit_output + 1);
    }
    if (outcome && (!outcome->out.bytes || !outcome->errors.bytes)) {
        grade_outcome_free(outcome);
        outcome = NULL;
    }
    return outcome;
}

struct grade_outcome *grade_run(const struct grade_spec *spec, const char *path, const char *folder,
                                struct err *err)
{
    struct grade_runner *run = calloc(1, sizeof(*run));
    struct grade_outcome *outcome = outcome_new(spec);
    bool good = false;

    if (run && outcome) {
        *run = (struct grade_runner){
            .spec = spec, .path = path, .folder = folder, .outcome = outcome, .err = err};
        run->program = calloc(1, sizeof(*run->program));
    }
    if (!run || !outcome || !run->program) {
        err_set(err, "no memory");
    } else {
        good = run_open(run) && run_all(run);
        run_close(run);
    }
    free(run);
    if (!good) {
        grade_outcome_free(outcome);
        return NULL;
    }
    return outcome;
}

void grade_outcome_free(struct grade_outcome *outcome)
{
    if (outcome) {
        free(outcome->out.bytes);
        free(outcome->errors.bytes);
        free(outcome);
    }
}
