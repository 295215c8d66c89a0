/* The result of a run as JSON.
 * SPDX-License-Identifier: MIT */
#include "emu/result.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/job.h"

const char *result_stop_word(enum machine_stop stop)
{
    switch (stop) {
    case MACHINE_STOP_EXIT:
        return "exit";
    case MACHINE_STOP_POWER_OFF:
        return "power-off";
    case MACHINE_STOP_PANIC:
        return "panic";
    case MACHINE_STOP_RESET:
        return "reset";
    case MACHINE_STOP_SHUTDOWN:
        return "triple-fault";
    case MACHINE_STOP_HALTED:
        return "halted";
    default:
        return "running";
    }
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* How the program of exec ended, or that it did not. */
static json_t *exit_object(const struct result *result, const struct machine_state *state)
{
    json_t *object = json_object();
    int number = 0;
    enum job_end end = state->progress.ending == MACHINE_STOP_EXIT
                           ? job_decode(state->progress.exit_value, &number)
                           : JOB_OTHER;

    json_object_set_new(object, "kind",
                        json_string(end == JOB_EXITED     ? "exited"
                                    : end == JOB_SIGNALED ? "signaled"
                                                          : result->reason));
    if (end == JOB_EXITED) {
        json_object_set_new(object, "status", json_integer(number));
    } else if (end == JOB_SIGNALED) {
        json_object_set_new(object, "signal", json_integer(number));
    }
    return object;
}

/* Only what happened; names as in isa.def and trap_paths.def. */
static json_t *counters_object(const struct machine_counters *counters)
{
    json_t *object = json_object(), *rows = json_object(), *paths = json_object();

    for (uint32_t row = 0; row < INSN_COUNT; row++) {
        if (counters->rows[row]) {
            json_object_set_new(rows, insn_table[row].id, number(counters->rows[row]));
        }
    }
    for (uint32_t path = PATH_NONE + 1; path < PATH_COUNT; path++) {
        if (counters->paths[path]) {
            json_object_set_new(paths, trap_info(path)->id, number(counters->paths[path]));
        }
    }
    json_object_set_new(object, "instructions", rows);
    json_object_set_new(object, "traps", paths);
    return object;
}

static json_t *result_object(const struct result *result, struct machine *machine)
{
    const struct machine_state *state = machine_state(machine);
    const uint64_t *delivered = state->cpu.delivered;
    json_t *object = json_object();
    json_t *deliveries = json_object();
    char hash[20];

    snprintf(hash, sizeof(hash), "%016" PRIx64, machine_hash(machine));
    json_object_set_new(object, "reason", json_string(result->reason));
    json_object_set_new(object, "explanation", json_string(result->text));
    json_object_set_new(object, "exit_status", json_integer(result->exit_status));
    if (result->exec) {
        json_object_set_new(object, "exit", exit_object(result, state));
    }
    json_object_set_new(object, "exit_value", number(state->progress.exit_value));
    json_object_set_new(object, "clocks", number(state->cpu.clock));
    json_object_set_new(object, "instructions", number(state->cpu.instructions));
    json_object_set_new(deliveries, "total", number(state->cpu.deliveries));
    json_object_set_new(deliveries, "hardware", number(delivered[DELIVERY_INTR]));
    json_object_set_new(deliveries, "nmi", number(delivered[DELIVERY_NMI]));
    json_object_set_new(deliveries, "exception", number(delivered[DELIVERY_EXCEPTION]));
    json_object_set_new(deliveries, "software", number(delivered[DELIVERY_SOFTWARE]));
    json_object_set_new(object, "deliveries", deliveries);
    json_object_set_new(object, "com1_bytes", number(state->progress.bytes_out[CHANNEL_COM1]));
    json_object_set_new(object, "hash", json_string(hash));
    if (result->counters) {
        json_object_set_new(object, "counters", counters_object(result->counters));
    }
    return object;
}

bool result_write(const struct result *result, struct machine *machine, const char *path,
                  struct err *err)
{
    json_t *object = result_object(result, machine);
    char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    size_t length = text ? strlen(text) : 0;
    bool good = false;

    if (text) {
        text[length] = '\n'; /* in place of the terminating 0, which is not written */
        good = file_write(path, text, length + 1, err);
    }

    free(text);
    json_decref(object);
    return good;
}
