/* Arguments and results of calls as text, by their types and names in system_calls.def.
 * SPDX-License-Identifier: MIT */
#include "user/strace/strace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define TEXT_SHOWN                              32  /* bytes of a text */
#define PATH_SHOWN                              255 /* of a path */
#define WORDS_SHOWN                             32  /* of argv */
#define CALL0(n, call, r, stub)                 {n, 0, #call, #r, {NULL}, {NULL}},
#define CALL1(n, call, r, stub, t1, a1)         {n, 1, #call, #r, {#t1}, {#a1}},
#define CALL2(n, call, r, stub, t1, a1, t2, a2) {n, 2, #call, #r, {#t1, #t2}, {#a1, #a2}},
#define CALL3(n, call, r, stub, t1, a1, t2, a2, t3, a3)                                            \
    {n, 3, #call, #r, {#t1, #t2, #t3}, {#a1, #a2, #a3}},
#define CALL4(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4)                                    \
    {n, 4, #call, #r, {#t1, #t2, #t3, #t4}, {#a1, #a2, #a3, #a4}},
#define CALL5(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                            \
    {n, 5, #call, #r, {#t1, #t2, #t3, #t4, #t5}, {#a1, #a2, #a3, #a4, #a5}},
#define CALL6(n, call, r, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                    \
    {n, 6, #call, #r, {#t1, #t2, #t3, #t4, #t5, #t6}, {#a1, #a2, #a3, #a4, #a5, #a6}},
static const struct call calls[] = {
#include "include/system_calls.def"
};

#define E(name) [name] = #name
static const char *const errors[] = {
    E(EPERM),   E(ENOENT), E(ESRCH),     E(EINTR),  E(EIO),       E(ENXIO),      E(E2BIG),
    E(ENOEXEC), E(EBADF),  E(ECHILD),    E(EAGAIN), E(ENOMEM),    E(EACCES),     E(EFAULT),
    E(ENOTBLK), E(EBUSY),  E(EEXIST),    E(EXDEV),  E(ENODEV),    E(ENOTDIR),    E(EISDIR),
    E(EINVAL),  E(ENFILE), E(EMFILE),    E(ENOTTY), E(ETXTBSY),   E(EFBIG),      E(ENOSPC),
    E(ESPIPE),  E(EROFS),  E(EMLINK),    E(EPIPE),  E(ERANGE),    E(EDEADLK),    E(ENAMETOOLONG),
    E(ENOLCK),  E(ENOSYS), E(ENOTEMPTY), E(ELOOP),  E(EOVERFLOW), E(EOPNOTSUPP), E(ETIMEDOUT),

};

struct bit {
    uint32_t value;
    const char *name;
};

static const struct bit open_bits[] = {
    {O_CREAT, "O_CREAT"},
    {O_EXCL, "O_EXCL"},
    {O_NOCTTY, "O_NOCTTY"},
    {O_TRUNC, "O_TRUNC"},
    {O_APPEND, "O_APPEND"},
    {O_NONBLOCK, "O_NONBLOCK"},
    {O_LARGEFILE, "O_LARGEFILE"},
    {O_DIRECTORY, "O_DIRECTORY"},
    {O_NOFOLLOW, "O_NOFOLLOW"},
    {O_CLOEXEC, "O_CLOEXEC"},
    {0, NULL},
};
static const struct bit wait_bits[] = {
    {WNOHANG, "WNOHANG"}, {WUNTRACED, "WUNTRACED"}, {WCONTINUED, "WCONTINUED"}, {0, NULL}};
static const char *const accesses[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
static const char *const whences[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};

const struct call *call_of(uint32_t number)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number == number) {
            return &calls[i];
        }
    }
    return NULL;
}

bool is_call_name(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strlen(calls[i].name) == length && strncmp(calls[i].name, name, length) == 0) {
            return true;
        }
    }
    return false;
}

const char *error_name(uint32_t error)
{
    return error < sizeof(errors) / sizeof(errors[0]) ? errors[error] : NULL;
}

/* Bytes of the traced program's memory; how many could be read. */
static uint32_t peek(int pid, uint32_t address, void *to, uint32_t bytes)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t at = address + done, into = at % 4;
        int word = ptrace(PTRACE_PEEKDATA, pid, at - into, NULL);

        if (word == -1 && errno != 0) {
            break;
        }
        for (; into < 4 && done < bytes; into++) {
            ((uint8_t *)to)[done++] = (uint8_t)((uint32_t)word >> (8 * into));
        }
    }
    return done;
}

static void write_byte(const uint8_t *byte, bool digit_follows)
{
    static const char letters[] = "\"\"\\\\\nn\tt\rr\vv\ff";
    const char *letter = letters;

    while (*letter != '\0' && *letter != (char)*byte) {
        letter += 2;
    }
    if (*letter != '\0') {
        put("\\%c", letter[1]);
    } else if (*byte >= ' ' && *byte < 127) {
        put("%c", *byte);
    } else {
        put(digit_follows ? "\\%03o" : "\\%o", *byte);
    }
}

/* A text that ends with a null (`length` 1: only its beginning), or (`is_text` false) bytes. */
static void write_text(int pid, uint32_t address, uint32_t length, bool is_text)
{
    uint8_t bytes[PATH_SHOWN + 1];
    uint32_t most = is_text && length > 1 ? PATH_SHOWN : TEXT_SHOWN;
    uint32_t wanted = is_text || length > most ? most + 1 : length;
    uint32_t count = 0;

    while (count < wanted && peek(pid, address + count, bytes + count, 1) == 1 &&
           !(is_text && bytes[count] == '\0')) {
        count++;
    }
    if (address == 0 && !(length == 0 && !is_text)) {
        put("NULL");
        return;
    }
    if (count == 0 && length > 0 && peek(pid, address, bytes, 1) == 0) {
        put("0x%x", address);
        return;
    }
    put("%c", '"');
    for (uint32_t i = 0; i < count && i < most; i++) {
        write_byte(bytes + i, i + 1 < count && bytes[i + 1] >= '0' && bytes[i + 1] <= '9');
    }
    put("%s", count > most ? "\"..." : "\"");
}

static void write_vector(int pid, uint32_t address, bool is_environment)
{
    uint32_t at = 0, count = 0;

    if (address == 0) {
        put("NULL");
        return;
    }
    if (!is_environment) {
        put("%c", '[');
    }
    while (peek(pid, address + 4 * count, &at, 4) == 4 && at != 0 &&
           (is_environment || count < WORDS_SHOWN)) {
        if (!is_environment) {
            put("%s", count > 0 ? ", " : "");
            write_text(pid, at, 1, true);
        }
        count++;
    }
    if (is_environment) {
        put("0x%x /* %u var%s */", address, count, count == 1 ? "" : "s");
    } else {
        put("%s", at != 0 ? ", ...]" : "]");
    }
}

static void write_bits(uint32_t value, const struct bit *bits, const char *before)
{
    const char *between = *before != '\0' ? "|" : "";

    put("%s", before);
    for (; bits->name != NULL; bits++) {
        if ((value & bits->value) != 0) {
            put("%s%s", between, bits->name);
            between = "|";
            value &= ~bits->value;
        }
    }
    if (value != 0 || *between == '\0') {
        put(value != 0 ? "%s0x%x" : "%s0", between, value);
    }
}

void write_signal(uint32_t number)
{
    const char *name = signal_name_of((int)number);

    if (name != NULL) {
        put("SIG%s", name);
    } else {
        put("%d", (int)number);
    }
}

static void write_status(int pid, uint32_t address)
{
    int status;

    if (address == 0 || peek(pid, address, &status, 4) != 4) {
        put("%s", address == 0 ? "NULL" : "[?]");
    } else if (WIFSTOPPED(status)) {
        put("[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
        write_signal((uint32_t)WSTOPSIG(status));
        put("}]");
    } else if (WIFEXITED(status)) {
        put("[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", WEXITSTATUS(status));
    } else if (WIFSIGNALED(status)) {
        put("[{WIFSIGNALED(s) && WTERMSIG(s) == ");
        write_signal((uint32_t)WTERMSIG(status));
        put("%s", WCOREDUMP(status) ? " && WCOREDUMP(s)}]" : "}]");
    } else {
        put("[%d]", status);
    }
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Does the kernel write to where this argument points? Then it is shown at the end. */
bool is_result(const struct call *call, uint32_t i)
{
    const char *type = call->types[i];
    size_t length = strlen(type);

    return length > 0 && type[length - 1] == '*' && strncmp(type, "const", 5) != 0 &&
           !is(type, "char *const *") && !is(call->name, "brk") &&
           (is(call->names[i], "buffer") || is(type, "int *"));
}

static void write_number(const struct call *call, uint32_t i, uint32_t value)
{
    const char *name = call->names[i], *type = call->types[i];

    if (is(name, "directory") && (int)value == AT_FDCWD) {
        put("AT_FDCWD");
    } else if (is(name, "flags") && strncmp(call->name, "open", 4) == 0) {
        write_bits(value & ~O_ACCMODE, open_bits, accesses[value & O_ACCMODE]);
    } else if (is(name, "options") && strncmp(call->name, "wait", 4) == 0) {
        write_bits(value, wait_bits, "");
    } else if (is(name, "signal_number")) {
        write_signal(value);
    } else if (is(name, "whence") && value < 3) {
        put("%s", whences[value]);
    } else if (is(name, "mode") || is(name, "mask")) {
        put("0%02o", value);
    } else if (strchr(type, '*') != NULL || is(call->name, "brk") || is(name, "flags") ||
               is(name, "request")) {
        put(value == 0 && strchr(type, '*') != NULL ? "NULL" : "0x%x", value);
    } else {
        put(is(type, "int") || is(type, "int32_t") ? "%d" : "%u", value);
    }
}

void write_argument(int pid, const struct call *call, const uint32_t *values, uint32_t i,
                    int32_t result)
{
    const char *type = call->types[i], *name = call->names[i];
    uint32_t value = values[i];
    bool has_bytes = is(name, "buffer") && i + 1 < call->count && is(call->names[i + 1], "bytes");

    if (is(type, "const char *")) {
        write_text(pid, value, PATH_SHOWN, true);
    } else if (is(type, "char *const *")) {
        write_vector(pid, value, is(name, "envp"));
    } else if (is(type, "const void *") && has_bytes) {
        write_text(pid, value, values[i + 1], false);
    } else if (is(type, "void *") && has_bytes && result >= 0 && strstr(call->name, "read")) {
        write_text(pid, value, (uint32_t)result, false);
    } else if (is(type, "char *") && has_bytes && result > 0) {
        write_text(pid, value, (uint32_t)result - is(call->name, "getcwd"), false);
    } else if (is(type, "int *") && is(name, "status") && result > 0) {
        write_status(pid, value);
    } else if (is(type, "int *") && is(name, "fds") && result == 0) {
        int fds[2] = {-1, -1};

        peek(pid, value, fds, sizeof(fds));
        put("[%d, %d]", fds[0], fds[1]);
    } else {
        write_number(call, i, value);
    }
}

/* An argument that does not count is not shown: the mode of an open that creates nothing. */
uint32_t argument_count(const struct call *call, const uint32_t *values)
{
    if ((is(call->name, "open") && (values[1] & O_CREAT) == 0) ||
        (is(call->name, "openat") && (values[2] & O_CREAT) == 0)) {
        return call->count - 1;
    }
    return call->count;
}
