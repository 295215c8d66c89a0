/* Headless mode.
 * SPDX-License-Identifier: MIT */
#include "emu/console_host.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/boot_stages.h"
#include "emu/byte_port.h"
#include "emu/console_debugger.h"
#include "emu/console_gdb.h"
#include "emu/foreign.h"
#include "emu/history.h"
#include "emu/host_time.h"
#include "emu/input_log.h"
#include "emu/input_script.h"
#include "emu/job.h"
#include "emu/result.h"
#include "emu/ui_terminal.h"

#define SLICE_CLOCKS     4000000u /* between two looks at the host */
#define REAL_SLICE_PARTS 100u     /* slices a second with --pace real */
#define LINE_LOOKS       1000u    /* a second while bytes wait on the line: 11 at 115200 baud */
#define ESCAPE_BYTE      0x1D     /* Ctrl-] leaves */
#define STATUS_TROUBLE   2
#define STATUS_LIMIT     124
#define STATUS_SIGNALED  128 /* + signal */

struct console {
    struct machine *machine;
    const struct options *options;
    const struct elf_symbols *symbols;
    const char *kernel;                /* file with its debug information; NULL: none */
    struct history *history;           /* NULL without --history */
    struct console_gdb *gdb;           /* NULL without --gdb */
    struct console_debugger *debugger; /* NULL without --script and --break */
    uint32_t in_line; /* 1: the last byte on standard output did not end its line */
    struct byte_port ports[CHANNEL_COUNT];
    struct input_script *script;      /* NULL without --input */
    uint64_t script_clock;            /* when to feed it again */
    uint64_t started_ns;              /* host time at start */
    uint64_t started_clock;           /* machine's */
    uint32_t real_pace;               /* 1: wait for the host's clock */
    uint32_t raw;                     /* 1: stdin is our raw terminal */
    uint32_t left;                    /* 1: the user typed the escape */
    uint32_t pipes;                   /* 1: exec with byte-exact pipes instead of a terminal */
    uint32_t carrier_dropped;         /* 1: the end of the input has been told to the guest */
    uint32_t reported_foreign;        /* 1: the one line about MMX and SSE has been printed */
    struct machine_counters counters; /* with --counters */
    struct result result;
};

/* ---- bytes ---- */

static void sink_byte(void *context, enum byte_channel channel, uint8_t byte, uint64_t clock)
{
    struct console *console = context;

    (void)clock;

    if (channel == CHANNEL_POST) {
        return;
    }

    if (channel == CHANNEL_COM1) {
        console->in_line = byte != '\n';
    }
    if (!byte_port_put(&console->ports[channel], byte)) {
        machine_stop_after_instruction(console->machine);
    }
    if (channel == CHANNEL_COM1 && console->script && input_script_output(console->script, byte)) {
        console->script_clock = 0;
        machine_stop_after_instruction(console->machine);
    }
}

/* exec: COM1 is standard input and output. With pipes the guest sends what goes to standard error
 * through COM2. */
static void exec_ports_open(struct console *console)
{
    byte_port_open_descriptors(&console->ports[CHANNEL_COM1], STDIN_FILENO, STDOUT_FILENO);
    byte_port_open_descriptors(&console->ports[CHANNEL_COM2], -1, STDERR_FILENO);
}

static bool ports_open(struct console *console, struct err *err)
{
    const struct options *options = console->options;

    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        byte_port_open_descriptors(&console->ports[i], -1, -1);
    }
    if (options->exec) {
        exec_ports_open(console);
    } else if (!byte_port_open(&console->ports[CHANNEL_COM1],
                               options->serial_count > 0 ? options->serial[0] : "stdio", err) ||
               !byte_port_open(&console->ports[CHANNEL_COM2],
                               options->serial_count > 1 ? options->serial[1] : "null", err)) {
        return false;
    }
    if (options->input || console_debugger_reads_stdin(options)) {
        console->ports[CHANNEL_COM1].in = -1;
    }
    if (!options->debugcon) {
        byte_port_open_descriptors(&console->ports[CHANNEL_DEBUGCON], -1, STDERR_FILENO);
        return true;
    }
    return byte_port_open_file(&console->ports[CHANNEL_DEBUGCON], options->debugcon, err);
}

static void ports_flush(struct console *console)
{
    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        byte_port_flush(&console->ports[i]);
    }
}

/* Before the debugger prints: what the guest has printed, to the end of a line. */
static void end_line(void *context)
{
    struct console *console = context;

    ports_flush(console);
    if (console->in_line && !console->options->exec) {
        console->in_line = 0;
        fputc('\n', stdout);
    }
}

static void take_input(struct console *console, uint32_t unit)
{
    struct byte_port *port = &console->ports[unit == 0 ? CHANNEL_COM1 : CHANNEL_COM2];
    uint8_t bytes[64];
    size_t room = machine_serial_room(console->machine, unit);
    size_t count = byte_port_get(port, bytes, room < sizeof(bytes) ? room : sizeof(bytes));

    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == ESCAPE_BYTE && console->raw && port->in == STDIN_FILENO) {
            console->left = 1;
            return;
        }
        machine_input_serial(console->machine, unit, bytes[i]);
    }
}

/* Carrier drops on COM1 when all input has been taken from the line: the guest's end of file. */
static void end_input(struct console *console)
{
    bool more = console->script ? !input_script_done(console->script)
                                : console->ports[CHANNEL_COM1].in >= 0;

    if (console->pipes && !console->carrier_dropped && !more &&
        machine_serial_room(console->machine, 0) == BYTE_QUEUE_SIZE) {
        console->carrier_dropped = machine_input_line(console->machine, 0, MODEM_DSR | MODEM_CTS);
    }
}

/* A moment's input log may tell it already. */
static bool input_has_ended(const struct machine *machine)
{
    const struct input_log *log = machine_log(machine);

    for (uint64_t i = 0; i < log->count; i++) {
        if (log->entries[i].kind == INPUT_LINE && log->entries[i].unit == 0) {
            return true;
        }
    }
    return false;
}

/* ---- limits ---- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How far to run before looking at the host again. No instruction takes less than a clock, so
 * as many clocks as instructions are left cannot be too far. */
static uint64_t run_until(struct console *console)
{
    uint64_t now = machine_clock(console->machine);
    uint64_t slice =
        console->real_pace ? console->options->machine.clock_hz / REAL_SLICE_PARTS : SLICE_CLOCKS;
    uint64_t until;

    if (machine_serial_room(console->machine, 0) < BYTE_QUEUE_SIZE) {
        slice = least(slice, console->options->machine.clock_hz / LINE_LOOKS);
    }
    until = least(now + slice, console->options->max_clocks);

    if (console->options->max_instructions != UINT64_MAX) {
        uint64_t done = machine_instructions(console->machine);
        uint64_t wanted = console->options->max_instructions;

        until = least(until, now + (wanted > done ? wanted - done : 0));
    }
    return console->script ? least(until, console->script_clock) : until;
}

static bool limit_reached(struct console *console)
{
    const struct options *options = console->options;
    const char *which = NULL;

    if (machine_clock(console->machine) >= options->max_clocks) {
        which = "--max-clocks";
    } else if (machine_instructions(console->machine) >= options->max_instructions) {
        which = "--max-instructions";
    } else if (options->max_seconds && host_time_ns() - console->started_ns >=
                                           (uint64_t)options->max_seconds * 1000000000u) {
        which = "--max-seconds";
    }
    if (!which) {
        return false;
    }
    console->result.reason = "limit";
    console->result.exit_status = STATUS_LIMIT;
    snprintf(console->result.text, sizeof(console->result.text), "limit of %s reached", which);
    return true;
}

static void keep_pace(struct console *console)
{
    uint64_t clocks = machine_clock(console->machine) - console->started_clock;
    uint64_t hz = console->options->machine.clock_hz;
    uint64_t due = clocks / hz * 1000000000u + clocks % hz * 1000000000u / hz;
    uint64_t passed = host_time_ns() - console->started_ns;

    if (passed + 1000000u < due) {
        host_time_wait(due - passed, console->ports[CHANNEL_COM1].in);
    } else if (passed > due + 500000000u) {
        /* Too slow a host: do not try to catch up later. */
        console->started_ns += passed - due;
    }
}

/* ---- the loop ---- */

static void report_foreign(struct console *console)
{
    char text[256];

    if (!console->reported_foreign &&
        foreign_explain(console->machine, console->symbols, text, sizeof(text))) {
        console->reported_foreign = 1;
        ports_flush(console);
        fprintf(stderr, "ringside: %s\r\n", text);
    }
}

/* The value written to PORT_EXIT says how the program of exec ended. */
static void end_program(struct console *console)
{
    struct result *result = &console->result;
    int number = 0;

    switch (job_decode(machine_state(console->machine)->progress.exit_value, &number)) {
    case JOB_EXITED:
        result->exit_status = number;
        snprintf(result->text, sizeof(result->text), "the program ended with status %d", number);
        break;
    case JOB_SIGNALED:
        result->exit_status = STATUS_SIGNALED + number;
        snprintf(result->text, sizeof(result->text), "the program was ended by signal %d", number);
        break;
    case JOB_OTHER:
        result->reason = "lost";
        result->exit_status = STATUS_TROUBLE;
        snprintf(result->text, sizeof(result->text),
                 "the guest ended without saying how the program did");
        break;
    }
}

static void end_by(struct console *console, enum machine_stop stop)
{
    console->result.reason = result_stop_word(stop);
    console->result.exit_status = machine_exit_status(console->machine);
    machine_explain_stop(console->machine, stop, console->result.text,
                         sizeof(console->result.text));
    if (console->options->exec && stop >= MACHINE_STOP_EXIT && stop <= MACHINE_STOP_RESET &&
        stop != MACHINE_STOP_PANIC) {
        end_program(console);
    }
}

/* A HLT that nothing inside the machine can end; true: that is the end. */
static bool halted_is_end(struct console *console)
{
    const struct cpu_state *cpu = &machine_state(console->machine)->cpu;
    bool reachable = (cpu->eflags & EFLAGS_IF) != 0 &&
                     (console->ports[CHANNEL_COM1].in >= 0 || console->ports[CHANNEL_COM2].in >= 0);

    if (console->options->on_halt != ON_HALT_WAIT && !reachable) {
        return true;
    }
    ports_flush(console);
    host_time_wait(100000000u, console->ports[CHANNEL_COM1].in);
    return false;
}

static bool broken(struct console *console)
{
    if (!console->ports[CHANNEL_COM1].broken) {
        return false;
    }
    console->result.reason = "output-closed";
    console->result.exit_status =
        console->options->exec ? STATUS_SIGNALED + SIGPIPE : STATUS_TROUBLE;
    snprintf(console->result.text, sizeof(console->result.text),
             console->options->exec ? "nobody reads the program's output any more"
                                    : "nobody reads the serial port's output any more");
    return true;
}

/* The debugger's quit, or an error in its script. */
static bool debugger_left(struct console *console)
{
    if (!console->debugger ||
        !console_debugger_left(console->debugger, &console->result.exit_status)) {
        return false;
    }
    console->result.reason = "quit";
    snprintf(console->result.text, sizeof(console->result.text), "left by the debugger");
    return true;
}

static enum machine_stop run_by_gdb(struct console *console, uint64_t until)
{
    enum machine_stop stop = console_gdb_run(console->gdb, until);

    console->left |= console_gdb_killed(console->gdb);
    if (console_gdb_jumped(console->gdb)) {
        console->started_ns = host_time_ns();
        console->started_clock = machine_clock(console->machine);
    }
    return stop;
}

static enum machine_stop run_slice(struct console *console)
{
    uint64_t until = run_until(console);

    if (console->gdb) {
        return run_by_gdb(console, until);
    }
    if (console->debugger) {
        return console_debugger_run(console->debugger, until);
    }
    return console->history ? history_run(console->history, until)
                            : machine_run(console->machine, until);
}

/* In the past nothing is typed; a terminal's user can still leave. */
static void wait_for_escape(struct console *console)
{
    uint8_t bytes[64];
    size_t count =
        console->raw ? byte_port_get(&console->ports[CHANNEL_COM1], bytes, sizeof(bytes)) : 0;

    for (size_t i = 0; i < count; i++) {
        console->left |= bytes[i] == ESCAPE_BYTE;
    }
}

static void feed(struct console *console)
{
    if (console->gdb && console_gdb_in_past(console->gdb)) {
        wait_for_escape(console);
        return;
    }
    if (console->script && machine_clock(console->machine) >= console->script_clock) {
        console->script_clock = input_script_feed(console->script, console->machine);
    }
    take_input(console, 0);
    take_input(console, 1);
    end_input(console);
}

static void console_loop(struct console *console)
{
    for (;;) {
        enum machine_stop stop;

        feed(console);
        if (console->left) {
            console->result.reason = "left";
            snprintf(console->result.text, sizeof(console->result.text), "left by %s",
                     console->gdb ? "gdb or Ctrl-]" : "Ctrl-]");
            return;
        }
        stop = run_slice(console);
        report_foreign(console);
        if (broken(console) || debugger_left(console)) {
            return;
        }
        if (stop >= MACHINE_STOP_EXIT && stop != MACHINE_STOP_HALTED) {
            end_by(console, stop);
            return;
        }
        if (limit_reached(console)) {
            return;
        }
        if (stop == MACHINE_STOP_HALTED && halted_is_end(console)) {
            end_by(console, stop);
            return;
        }
        ports_flush(console);
        if (console->real_pace) {
            keep_pace(console);
        }
    }
}

/* ---- beginning and end ---- */

/* The debugger hears the bytes first and hands them on. */
static bool debugger_open(struct console *console, const struct machine_sink *sink, struct err *err)
{
    struct console_debugger_host host = {
        .sink = *sink, .context = console, .before_print = end_line};

    console->debugger =
        console_debugger_open(console->machine, console->options, console->symbols, &host, err);
    return console->debugger != NULL;
}

static void gdb_flush(void *context)
{
    ports_flush(context);
}

static void gdb_wait(void *context, uint64_t nanoseconds)
{
    const struct console *console = context;

    host_time_wait(nanoseconds, console->ports[CHANNEL_COM1].in);
}

static bool gdb_open(struct console *console, const struct machine_sink *sink, struct err *err)
{
    struct console_gdb_host host = {
        .sink = *sink, .context = console, .flush = gdb_flush, .wait = gdb_wait};

    console->gdb = console_gdb_open(console->machine, console->options, console->symbols,
                                    console->kernel, &host, err);
    return console->gdb != NULL;
}

static bool console_open(struct console *console, struct err *err)
{
    const struct options *options = console->options;
    struct machine_sink sink = {.context = console, .byte_out = sink_byte};

    signal(SIGPIPE, SIG_IGN);
    if (!ports_open(console, err)) {
        return false;
    }
    if (options->input) {
        console->script = input_script_open(options->input, err);
        if (!console->script) {
            return false;
        }
    }
    if (!options->gdb && !console_debugger_wanted(options) &&
        options->history_bytes != UINT64_MAX && options->history_bytes > 0) {
        console->history = history_create(console->machine, options->history_bytes);
    }
    console->result.exec = options->exec != 0;
    if (options->counters) {
        console->result.counters = &console->counters;
        machine_counters_start(console->machine, &console->counters);
    }
    console->pipes = console_exec_pipes(options);
    console->carrier_dropped = input_has_ended(console->machine);
    if (console->ports[CHANNEL_COM1].in == STDIN_FILENO && !console->pipes) {
        console->raw = ui_terminal_raw(STDIN_FILENO);
    }
    console->real_pace =
        options->pace == PACE_REAL || (options->pace == PACE_DEFAULT && console->raw);
    console->started_ns = host_time_ns();
    console->started_clock = machine_clock(console->machine);
    machine_set_sink(console->machine, &sink);
    if (options->gdb) {
        return gdb_open(console, &sink, err);
    }
    return !console_debugger_wanted(options) || debugger_open(console, &sink, err);
}

static bool console_close(struct console *console, struct err *err)
{
    const struct options *options = console->options;
    struct machine_sink none = {0};
    bool good = true;

    machine_set_sink(console->machine, &none);
    for (uint32_t i = 0; i < CHANNEL_COUNT; i++) {
        byte_port_close(&console->ports[i]);
    }
    ui_terminal_restore();
    console_gdb_close(console->gdb);
    good = console_debugger_save(console->debugger, err);
    console_debugger_close(console->debugger);
    history_destroy(console->history);
    input_script_close(console->script);
    if (options->record) {
        good = input_log_save(machine_log(console->machine), options->record, err) && good;
    }
    if (options->json && console->result.reason && !options->quiz) {
        good = result_write(&console->result, console->machine, options->json, err) && good;
    }
    return good;
}

bool console_exec_pipes(const struct options *options)
{
    return options->exec && (options->input || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO));
}

int console_host_run(struct machine *machine, const struct options *options,
                     const struct elf_symbols *symbols, const char *kernel)
{
    struct console console = {
        .machine = machine, .options = options, .symbols = symbols, .kernel = kernel};
    struct err err = {0};
    bool opened = console_open(&console, &err);
    bool silent;

    if (opened) {
        console_loop(&console);
    }
    if (!console_close(&console, opened ? &err : NULL) || !opened) {
        fprintf(stderr, "ringside: %s\n", err.message);
        return STATUS_TROUBLE;
    }
    silent = strcmp(console.result.reason, "exit") == 0 ||
             strcmp(console.result.reason, "power-off") == 0 ||
             strcmp(console.result.reason, "left") == 0 ||
             strcmp(console.result.reason, "quit") == 0 ||
             (options->exec && strcmp(console.result.reason, "output-closed") == 0);
    if (!silent) {
        fprintf(stderr, "ringside: %s\n", console.result.text);
    }
    return console.result.exit_status;
}
