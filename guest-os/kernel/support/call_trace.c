/* The trace of system calls. What the arguments are comes from the types in system_calls.def; texts
 * are shown, other pointers are addresses. See: strace(1). SPDX-License-Identifier: MIT */
#include "support/call_trace.h"

#include "common/text.h"
#include "devices/platform_map.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/signal.h"
#include "support/options.h"

#define ARGUMENTS  6
#define TEXT_BYTES 33 /* shown of a text, its null byte included */

struct signature {
    const char *name;             /* NULL: there is no such call */
    const char *types[ARGUMENTS]; /* as C writes them; NULL: no more arguments */
};

#define CALL0(number, call, type, stub)         [SYSTEM_CALL_ROW(number)] = {#call, {NULL}},
#define CALL1(number, call, type, stub, t1, a1) [SYSTEM_CALL_ROW(number)] = {#call, {#t1}},
#define CALL2(number, call, type, stub, t1, a1, t2, a2)                                            \
    [SYSTEM_CALL_ROW(number)] = {#call, {#t1, #t2}},
#define CALL3(number, call, type, stub, t1, a1, t2, a2, t3, a3)                                    \
    [SYSTEM_CALL_ROW(number)] = {#call, {#t1, #t2, #t3}},
#define CALL4(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4)                            \
    [SYSTEM_CALL_ROW(number)] = {#call, {#t1, #t2, #t3, #t4}},
#define CALL5(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                    \
    [SYSTEM_CALL_ROW(number)] = {#call, {#t1, #t2, #t3, #t4, #t5}},
#define CALL6(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)            \
    [SYSTEM_CALL_ROW(number)] = {#call, {#t1, #t2, #t3, #t4, #t5, #t6}},
static const struct signature signatures[SYSTEM_CALL_LIMIT] = {
#include "include/system_calls.def"
};
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6

#define NAME(error) [error] = #error
static const char *const error_names[] = {
    NAME(EPERM),      NAME(ENOENT),    NAME(ESRCH),     NAME(EINTR),        NAME(EIO),
    NAME(ENXIO),      NAME(E2BIG),     NAME(ENOEXEC),   NAME(EBADF),        NAME(ECHILD),
    NAME(EAGAIN),     NAME(ENOMEM),    NAME(EACCES),    NAME(EFAULT),       NAME(EBUSY),
    NAME(EEXIST),     NAME(EXDEV),     NAME(ENODEV),    NAME(ENOTDIR),      NAME(EISDIR),
    NAME(EINVAL),     NAME(ENFILE),    NAME(EMFILE),    NAME(ENOTTY),       NAME(EFBIG),
    NAME(ENOSPC),     NAME(ESPIPE),    NAME(EROFS),     NAME(EPIPE),        NAME(ERANGE),
    NAME(ENOSYS),     NAME(ELOOP),     NAME(ENOTEMPTY), NAME(ENAMETOOLONG), NAME(EOVERFLOW),
    NAME(EOPNOTSUPP), NAME(ETIMEDOUT),
};
#undef NAME
#define ERRORS (sizeof(error_names) / sizeof(error_names[0]))

static bool is_on;

void call_trace_initialise(void)
{
    is_on = strcmp(option_text("trace", ""), "calls") == 0;
}

bool call_trace_is_on(void)
{
    return is_on;
}

/* One argument; how many bytes it takes. */
static uint32_t show(char *to, uint32_t size, const char *type, uint32_t value)
{
    char text[TEXT_BYTES];

    if (strcmp(type, "const char *") == 0 && value != 0) {
        int32_t length = copy_text_from_user(text, value, sizeof(text));

        if (length >= 0) {
            return (uint32_t)snprintf(to, size, "\"%s\"", text);
        }
        if (length == -E2BIG) {
            text[TEXT_BYTES - 1] = '\0';
            return (uint32_t)snprintf(to, size, "\"%s\"...", text);
        }
    }
    if (strchr(type, '*') != NULL) {
        return (uint32_t)(value == 0 ? snprintf(to, size, "NULL")
                                     : snprintf(to, size, "0x%x", value));
    }
    return (uint32_t)(strcmp(type, "uint32_t") == 0
                          ? snprintf(to, size, value < 10 ? "%u" : "0x%x", value)
                          : snprintf(to, size, "%d", (int32_t)value));
}

void call_trace_begin(const struct trap_frame *frame, char *line)
{
    const uint32_t values[ARGUMENTS] = {frame->ebx, frame->ecx, frame->edx,
                                        frame->esi, frame->edi, frame->ebp};
    uint32_t row = SYSTEM_CALL_ROW(frame->eax);
    const struct signature *call = row < SYSTEM_CALL_LIMIT ? &signatures[row] : NULL;
    uint32_t used;

    if (call == NULL || call->name == NULL) {
        snprintf(line, CALL_TRACE_BYTES, "syscall_0x%x(", frame->eax);
        return;
    }
    used = (uint32_t)snprintf(line, CALL_TRACE_BYTES, "%s(", call->name);
    for (uint32_t i = 0; i < ARGUMENTS && call->types[i] != NULL; i++) {
        if (i > 0 && used < CALL_TRACE_BYTES) {
            used += (uint32_t)snprintf(line + used, CALL_TRACE_BYTES - used, ", ");
        }
        if (used < CALL_TRACE_BYTES) {
            used += show(line + used, CALL_TRACE_BYTES - used, call->types[i], values[i]);
        }
    }
}

static void put_text(const char *text)
{
    for (; *text != '\0'; text++) {
        port_write8(PORT_DEBUGCON, (uint8_t)*text);
    }
}

static void put_line(const char *line, const char *result)
{
    char pid[12];
    bool were_on = interrupts_save_off(); /* lines stay whole */

    snprintf(pid, sizeof(pid), "%d ", current->pid);
    put_text(pid);
    put_text(line);
    put_text(") = ");
    put_text(result);
    put_text("\n");
    interrupts_restore(were_on);
}

void call_trace_end(const char *line, int32_t result)
{
    char text[24];
    uint32_t error = (uint32_t)-result;

    if (result < 0 && error < ERRORS && error_names[error] != NULL) {
        snprintf(text, sizeof(text), "-1 %s", error_names[error]);
    } else if (result == -ERESTARTSYS || result == -ERESTARTNOHAND || result == -ERESTART_WITH_0) {
        snprintf(text, sizeof(text), "? ERESTART"); /* a signal; what becomes of it, shows later */
    } else if (result < -4095) {
        snprintf(text, sizeof(text), "0x%x", (uint32_t)result); /* an address */
    } else {
        snprintf(text, sizeof(text), "%d", result);
    }
    put_line(line, text);
}

void call_trace_end_without_result(const char *line)
{
    put_line(line, "?");
}
