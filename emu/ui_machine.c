/* The machine's thread. One mutex guards the session; whoever waits for it announces that first,
 * so that the thread, which takes it again and again, lets the waiting one in between slices.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_machine.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devices/events.h"
#include "emu/host_time.h"
#include "emu/pace.h"

#define SLICE_HOST_NS   3000000u   /* host time a slice should take */
#define FRAME_NS        16000000u  /* between two notices */
#define IDLE_FRAME_NS   100000000u /* the same while the guest does next to nothing */
#define EAGER_NS        500000000u /* after typing: no idling, somebody waits for the echo */
#define IDLE_SLICE_NS   15000000u  /* guest time of a slice when the guest does next to nothing */
#define BUSY_SLICE_NS   2000000u   /* shortest guest time worth waking up for */
#define LONGEST_WAIT_NS 50000000u  /* then it looks whether anything is to be shown */
#define FRONT_WAIT_NS   2000000u
#define SLICE_FIRST     100000u /* clocks */
#define SLICE_MOST      100000000u
#define QUEUE_BYTES     4096u
#define NS_PER_SECOND   1000000000u

struct typed {
    uint8_t byte;
    uint8_t line; /* enum ui_line */
};

struct ui_machine {
    struct session *session;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t turn; /* somebody gave the session back, or wants the thread to look */
    atomic_uint waiting; /* who want the session */
    bool quit;
    bool running; /* the last slice had more to do */
    bool asks_branch;
    bool backwards;       /* it is being run back: no pace */
    bool idle;            /* the guest does next to nothing */
    bool waited;          /* the last instruction was a HLT that has gone on to an event */
    uint64_t slice;       /* clocks of the next slice */
    uint64_t last_notice; /* host ns */
    uint64_t eager_until; /* host ns */
    struct ui_speed speed;
    struct ui_speed usual; /* that it began with */
    struct pacer pacer;    /* of clocks, or of instructions */
    void (*changed)(void *context);
    void *context;
    uint32_t queue_first; /* index of the oldest byte */
    uint32_t queue_count; /* 0..QUEUE_BYTES */
    struct typed queue[QUEUE_BYTES];
};

static uint64_t guest_clock(struct ui_machine *machine)
{
    return machine_clock(session_machine(machine->session));
}

/* What the pacer counts. */
static uint64_t progress(struct ui_machine *machine)
{
    struct machine *guest = session_machine(machine->session);

    return machine->speed.unit == SPEED_INSTRUCTIONS ? machine_state(guest)->cpu.instructions
                                                     : machine_clock(guest);
}

static void restart_pace(struct ui_machine *machine)
{
    uint64_t hz = machine_get_config(session_machine(machine->session))->clock_hz;
    bool rated = machine->speed.unit == SPEED_INSTRUCTIONS || machine->speed.unit == SPEED_CLOCKS;

    pace_start(&machine->pacer, machine->speed.unit != SPEED_MAX, rated ? machine->speed.rate : hz,
               progress(machine));
}

static bool is_past(struct ui_machine *machine)
{
    struct session_view *view = malloc(sizeof *view);
    bool past = false;

    if (view) {
        session_get_view(machine->session, view, 0);
        past = view->position.in_past;
        free(view);
    }
    return past;
}

/* Type what there is room for; `branch`: the future may be cut by the first byte. */
static void flush_queue(struct ui_machine *machine, bool branch)
{
    while (machine->queue_count > 0 && !machine->asks_branch) {
        const struct typed *next = &machine->queue[machine->queue_first];
        bool taken = next->line == UI_LINE_SERIAL
                         ? session_input_serial(machine->session, next->byte, branch)
                         : session_input_key(machine->session, next->byte, branch);
        if (!taken) {
            machine->asks_branch = !branch && is_past(machine);
            return;
        }
        machine->queue_first = (machine->queue_first + 1) % QUEUE_BYTES;
        machine->queue_count--;
    }
}

static void wait_ns(struct ui_machine *machine, uint64_t nanoseconds)
{
    uint64_t at = host_time_ns() + nanoseconds;
    struct timespec until = {.tv_sec = (time_t)(at / NS_PER_SECOND),
                             .tv_nsec = (int64_t)(at % NS_PER_SECOND)};

    pthread_cond_timedwait(&machine->turn, &machine->mutex, &until);
}

static void notify(struct ui_machine *machine, bool always)
{
    uint64_t now = host_time_ns();

    bool idle = machine->idle && now >= machine->eager_until;

    if (always || now - machine->last_notice >= (idle ? IDLE_FRAME_NS : FRAME_NS)) {
        machine->last_notice = now;
        machine->changed(machine->context);
    }
}

static uint64_t clocks_of_ns(const struct ui_machine *machine, uint64_t nanoseconds)
{
    return machine->pacer.clock_hz / 1000 * (nanoseconds / 1000) / 1000 + 1;
}

/* One instruction, or over a HLT to the next event, which may end it: what it raises is taken in
 * the clock after that. */
static void run_instruction(struct ui_machine *machine)
{
    struct machine *guest = session_machine(machine->session);
    uint64_t now = machine_clock(guest);
    uint64_t next = events_next_clock(&machine_state(guest)->pc.events);
    bool waits = machine_is_halted(guest) && !machine->waited && next != CLOCK_NEVER && next > now;

    machine->waited = waits;
    machine->running = session_advance(machine->session, waits ? next - now : 1);
}

/* What has been before needs no pace. */
static bool goes_back(struct ui_machine *machine, uint64_t before)
{
    return machine->running &&
           (session_is_replaying(machine->session) || guest_clock(machine) < before);
}

/* So many instructions a second. A search backwards goes as fast as it can. */
static void run_instructions(struct ui_machine *machine)
{
    uint64_t before = guest_clock(machine);
    uint64_t allowed = pace_allowed(&machine->pacer, progress(machine));
    uint64_t start = host_time_ns();

    machine->backwards = machine->backwards || session_is_replaying(machine->session);
    if (machine->backwards) {
        machine->running = session_advance(machine->session, machine->slice);
    } else if (allowed == 0) {
        uint64_t wait = pace_wait_ns(&machine->pacer, progress(machine), 1);

        notify(machine, false);
        wait_ns(machine, wait < LONGEST_WAIT_NS ? wait : LONGEST_WAIT_NS);
        return;
    }
    for (; !machine->backwards && allowed > 0 && machine->running; allowed--) {
        run_instruction(machine);
        if (host_time_ns() - start > SLICE_HOST_NS) {
            break;
        }
    }
    machine->backwards = goes_back(machine, before);
    machine->idle = false;
    notify(machine, !machine->running);
}

/* One slice. The lock is held. */
static void run_slice(struct ui_machine *machine)
{
    uint64_t before = guest_clock(machine);
    bool unpaced = machine->backwards || session_is_replaying(machine->session);
    uint64_t allowed = unpaced ? UINT64_MAX : pace_allowed(&machine->pacer, before);
    uint64_t wanted = clocks_of_ns(machine, machine->idle ? IDLE_SLICE_NS : BUSY_SLICE_NS);

    if (allowed < wanted) {
        notify(machine, false);
        uint64_t wait = pace_wait_ns(&machine->pacer, before, wanted);

        wait_ns(machine, wait < LONGEST_WAIT_NS ? wait : LONGEST_WAIT_NS);
        return;
    }
    uint64_t most = machine->slice > wanted && machine->pacer.real ? machine->slice : wanted;
    most = machine->pacer.real ? most : machine->slice;
    uint64_t clocks = allowed < most ? allowed : most;
    uint64_t start = host_time_ns();
    machine->running = session_advance(machine->session, clocks);
    uint64_t took = host_time_ns() - start;
    machine->backwards = goes_back(machine, before);
    /* aim at the wished length, at most doubling */
    if (took < SLICE_HOST_NS / 2 && machine->slice < SLICE_MOST && guest_clock(machine) != before) {
        machine->slice *= 2;
    } else if (took > SLICE_HOST_NS && machine->slice > 1000) {
        machine->slice /= 2;
    }
    machine->idle = machine->pacer.real && took * 20 < clocks * 10; /* a tenth at 100 MHz */
    notify(machine, !machine->running);
}

static void *machine_thread(void *argument)
{
    struct ui_machine *machine = argument;

    pthread_mutex_lock(&machine->mutex);
    while (!machine->quit) {
        if (atomic_load(&machine->waiting) > 0) {
            pthread_cond_wait(&machine->turn, &machine->mutex);
            continue;
        }
        flush_queue(machine, false);
        if (machine->asks_branch) {
            machine->running = false;
            notify(machine, true);
        }
        if (!machine->running) {
            pthread_cond_wait(&machine->turn, &machine->mutex);
            continue;
        }
        if (session_waits_for_front(machine->session)) { /* which looks once it is told */
            notify(machine, false);
            wait_ns(machine, FRONT_WAIT_NS);
        } else if (machine->speed.unit == SPEED_INSTRUCTIONS) {
            run_instructions(machine);
        } else {
            run_slice(machine);
        }
    }
    pthread_mutex_unlock(&machine->mutex);
    return NULL;
}

struct ui_machine *ui_machine_start(struct session *session, bool pace_real,
                                    void (*changed)(void *context), void *context, struct err *err)
{
    struct ui_machine *machine = calloc(1, sizeof *machine);
    pthread_condattr_t attributes;

    if (!machine) {
        err_set(err, "no memory for the machine's thread");
        return NULL;
    }
    machine->session = session;
    machine->changed = changed;
    machine->context = context;
    machine->slice = SLICE_FIRST;
    machine->usual = (struct ui_speed){pace_real ? SPEED_REAL : SPEED_MAX, 0};
    machine->speed = machine->usual;
    restart_pace(machine);
    pthread_mutex_init(&machine->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&machine->turn, &attributes);
    pthread_condattr_destroy(&attributes);
    int code = pthread_create(&machine->thread, NULL, machine_thread, machine);
    if (code != 0) {
        err_set(err, "the machine's thread can not start: %s", strerror(code));
        free(machine);
        return NULL;
    }
    return machine;
}

void ui_machine_stop(struct ui_machine *machine)
{
    ui_machine_lock(machine);
    machine->quit = true;
    ui_machine_unlock(machine);
    pthread_join(machine->thread, NULL);
    pthread_cond_destroy(&machine->turn);
    pthread_mutex_destroy(&machine->mutex);
    free(machine);
}

struct session *ui_machine_lock(struct ui_machine *machine)
{
    atomic_fetch_add(&machine->waiting, 1);
    pthread_mutex_lock(&machine->mutex);
    return machine->session;
}

void ui_machine_unlock(struct ui_machine *machine)
{
    atomic_fetch_sub(&machine->waiting, 1);
    pthread_cond_signal(&machine->turn);
    pthread_mutex_unlock(&machine->mutex);
}

void ui_machine_go(struct ui_machine *machine)
{
    restart_pace(machine);
    machine->eager_until = host_time_ns() + EAGER_NS;
    machine->running = true; /* the next slice finds out whether there is something to do */
}

void ui_machine_type(struct ui_machine *machine, enum ui_line line, const uint8_t *bytes,
                     size_t count)
{
    machine->eager_until = host_time_ns() + EAGER_NS;
    for (size_t index = 0; index < count && machine->queue_count < QUEUE_BYTES; index++) {
        uint32_t at = (machine->queue_first + machine->queue_count++) % QUEUE_BYTES;
        machine->queue[at] = (struct typed){bytes[index], (uint8_t)line};
    }
    flush_queue(machine, false);
}

bool ui_machine_asks_branch(const struct ui_machine *machine)
{
    return machine->asks_branch;
}

void ui_machine_answer_branch(struct ui_machine *machine, bool branch)
{
    machine->asks_branch = false;
    if (branch) {
        flush_queue(machine, true);
    } else {
        machine->queue_count = 0;
    }
}

void ui_machine_set_speed(struct ui_machine *machine, struct ui_speed speed)
{
    machine->speed = speed;
    machine->slice = SLICE_FIRST;
    restart_pace(machine);
}

/* Instructions a second, then real, then max. */
static const uint32_t ladder[] = {1, 2, 5, 10, 20, 50, 100, 1000, 10000, 100000, 1000000};
#define LADDER_STEPS (sizeof ladder / sizeof ladder[0])

static uint32_t ladder_place(const struct ui_machine *machine)
{
    uint32_t place = 0;

    if (machine->speed.unit == SPEED_MAX || machine->speed.unit == SPEED_REAL) {
        return LADDER_STEPS + (machine->speed.unit == SPEED_MAX);
    }
    while (place + 1 < LADDER_STEPS && ladder[place + 1] <= machine->speed.rate) {
        place++;
    }
    return place;
}

void ui_machine_change_speed(struct ui_machine *machine, bool faster)
{
    uint32_t place = ladder_place(machine);
    struct ui_speed speed = {SPEED_INSTRUCTIONS, 0};

    if (faster ? place > LADDER_STEPS : place == 0) {
        return;
    }
    place = faster ? place + 1 : place - 1;
    if (place >= LADDER_STEPS) {
        speed.unit = place == LADDER_STEPS ? SPEED_REAL : SPEED_MAX;
    } else {
        speed.rate = ladder[place];
    }
    ui_machine_set_speed(machine, speed);
}

void ui_machine_speed_words(const struct ui_machine *machine, char *text, size_t bytes)
{
    const struct ui_speed *speed = &machine->speed;

    text[0] = '\0';
    if (speed->unit == machine->usual.unit && speed->rate == machine->usual.rate) {
        return;
    }
    if (speed->unit == SPEED_MAX || speed->unit == SPEED_REAL) {
        snprintf(text, bytes, "%s", speed->unit == SPEED_MAX ? "max" : "real");
        return;
    }
    uint32_t unit = speed->rate % 1000000 == 0 ? 1000000 : speed->rate % 1000 == 0 ? 1000 : 1;
    snprintf(text, bytes, "%u%s %s/s", speed->rate / unit,
             unit == 1000000 ? "M"
             : unit == 1000  ? "k"
                             : "",
             speed->unit == SPEED_CLOCKS ? "clocks" : "instructions");
}
