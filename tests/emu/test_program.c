/* The program from outside: exit statuses, output, files, and the terminal afterwards.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "emu/file.h"
#include "emu/input_log.h"

#define CODE_MAX 64

struct outcome {
    int status;         /* exit status, or 256 + signal */
    char out[65536];    /* standard output */
    char trouble[8192]; /* standard error */
};

/* A kernel of these bytes at 100000h in a file; returns its path. */
static const char *kernel(const char *name, const uint8_t *code, size_t bytes)
{
    static char path[512];
    struct support_segment segment = {0x100000, 0x100000, CODE_MAX, 4096};
    size_t size;
    uint8_t *file = support_elf(&segment, 1, 0x100000, &size);

    memcpy(file + size - CODE_MAX, code, bytes);
    snprintf(path, sizeof(path), TEST_FOLDER "/%s.elf", name);
    assert_true(file_write(path, file, size, NULL));
    free(file);
    return path;
}

static size_t slurp(int file, char *text, size_t room)
{
    size_t length = 0;
    ssize_t got;

    while (length + 1 < room && (got = read(file, text + length, room - 1 - length)) > 0) {
        length += (size_t)got;
    }
    text[length] = '\0';
    close(file);
    return length;
}

static int status_of(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* `line` is the shell's: "--headless ... 2>file" and so on are the caller's business. */
static const struct outcome *run(const char *arguments)
{
    static struct outcome outcome;
    char line[2048];
    int trouble;
    FILE *out;

    snprintf(line, sizeof(line), "%s %s 2>%s", RINGSIDE_PROGRAM, arguments,
             TEST_FOLDER "/trouble.txt");
    out = popen(line, "r");
    assert_non_null(out);
    outcome.out[fread(outcome.out, 1, sizeof(outcome.out) - 1, out)] = '\0';
    outcome.status = pclose(out);
    outcome.status = WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status) : 256;
    trouble = open(TEST_FOLDER "/trouble.txt", O_RDONLY);
    assert_true(trouble >= 0);
    slurp(trouble, outcome.trouble, sizeof(outcome.trouble));
    return &outcome;
}

static const struct outcome *run_kernel(const char *options, const char *path)
{
    char arguments[1024];

    snprintf(arguments, sizeof(arguments), "--headless %s %s </dev/null", options, path);
    return run(arguments);
}

static void test_exit_port_gives_odd_statuses(void **unused)
{
    /* mov al, 5; out F4h, al */
    static const uint8_t code[] = {0xB0, 5, 0xE6, 0xF4};
    const struct outcome *outcome = run_kernel("", kernel("exit", code, sizeof(code)));

    (void)unused;
    assert_int_equal(outcome->status, 11);
    assert_string_equal(outcome->trouble, "");
}

static void test_power_off_is_0(void **unused)
{
    /* mov dx, 604h; mov ax, 2000h; out dx, ax */
    static const uint8_t code[] = {0x66, 0xBA, 0x04, 0x06, 0x66, 0xB8, 0x00, 0x20, 0x66, 0xEF};

    (void)unused;
    assert_int_equal(run_kernel("", kernel("off", code, sizeof(code)))->status, 0);
}

static void test_halted_for_good_is_72(void **unused)
{
    static const uint8_t code[] = {0xFA, 0xF4};
    const struct outcome *outcome = run_kernel("", kernel("halt", code, sizeof(code)));

    (void)unused;
    assert_int_equal(outcome->status, 72);
    assert_text_contains(outcome->trouble, "halted for good at 0008:00100002");
    assert_text_contains(outcome->trouble, "interrupts off");
}

static void test_triple_fault_is_70_with_the_chain(void **unused)
{
    /* int 30h, with no interrupt table */
    static const uint8_t code[] = {0xCD, 0x30};
    const struct outcome *outcome = run_kernel("", kernel("triple", code, sizeof(code)));

    (void)unused;
    assert_int_equal(outcome->status, 70);
    assert_text_contains(outcome->trouble, "triple fault");
    assert_text_contains(outcome->trouble, "1. at 0008:00100000: #GP general protection");
    assert_text_contains(outcome->trouble, "double fault");
    assert_text_contains(outcome->trouble, "LIDT");
}

static void test_limits_are_124(void **unused)
{
    static const uint8_t code[] = {0xEB, 0xFE};
    const char *path = kernel("loop", code, sizeof(code));
    const struct outcome *outcome = run_kernel("--max-clocks 1M", path);

    (void)unused;
    assert_int_equal(outcome->status, 124);
    assert_text_contains(outcome->trouble, "--max-clocks");
    outcome = run_kernel("--max-instructions 1000 --json " TEST_FOLDER "/limit.json", path);
    assert_int_equal(outcome->status, 124);
    outcome = run("--help >/dev/null; cat " TEST_FOLDER "/limit.json");
    assert_text_contains(outcome->out, "\"instructions\": 1000,");
    assert_text_contains(outcome->out, "\"reason\": \"limit\"");
    assert_int_equal(run_kernel("--max-seconds 1", path)->status, 124);
}

static void test_reset_request_reboots_or_stops(void **unused)
{
    /* mov al, [500h]; inc byte [500h]; cmp al, 3; je +4; mov al, FEh; out 64h, al; hlt;
     * mov al, 7; out F4h, al: exits with 7 after three resets */
    static const uint8_t code[] = {0xA0, 0x00, 0x05, 0x00, 0x00, 0xFE, 0x05, 0x00,
                                   0x05, 0x00, 0x00, 0x3C, 0x03, 0x74, 0x05, 0xB0,
                                   0xFE, 0xE6, 0x64, 0xF4, 0xB0, 0x07, 0xE6, 0xF4};
    const char *path = kernel("reset", code, sizeof(code));

    (void)unused;
    assert_int_equal(run_kernel("", path)->status, 15);
    assert_int_equal(run_kernel("--on-reset stop", path)->status, 0);
    assert_text_contains(run_kernel("--on-reset stop", path)->trouble, "asked for a reset");
}

static void test_mmx_in_a_guest_is_diagnosed_once(void **unused)
{
    static const uint8_t code[] = {0x90, 0x0F, 0xEF, 0xC0, 0xF4}; /* pxor */
    const struct outcome *outcome = run_kernel("", kernel("mmx", code, sizeof(code)));

    (void)unused;
    assert_text_contains(outcome->trouble, "MMX instruction (0F EF) at 00100001h");
    assert_text_contains(outcome->trouble, "-mgeneral-regs-only");
}

/* 7 * 6 by the x87, as it is after power-on. */
static void test_x87_in_a_guest_computes(void **unused)
{
    static const uint8_t code[] = {0x6A, 0x06, 0xDB, 0x04, 0x24, 0x6A, 0x07, 0xDA,
                                   0x0C, 0x24, 0xDB, 0x1C, 0x24, 0x58, 0xE6, 0xF4};
    const struct outcome *outcome = run_kernel("", kernel("fpu", code, sizeof(code)));

    (void)unused;
    assert_int_equal(outcome->status, 42 * 2 + 1);
}

static void test_sse_in_a_guest_is_diagnosed(void **unused)
{
    static const uint8_t code[] = {0x0F, 0x57, 0xC0, 0xF4}; /* xorps */
    const struct outcome *outcome = run_kernel("", kernel("sse", code, sizeof(code)));

    (void)unused;
    assert_text_contains(outcome->trouble, "SSE instruction (0F 57) at 00100000h");
}

static void test_host_trouble_is_2_in_one_line(void **unused)
{
    static const char *const lines[] = {
        "--headless /nowhere/kernel",
        "--headless /tmp",
        "--headless --input /nowhere/input " TEST_GUESTS "/storm.elf",
        "--headless --debugcon /nowhere/file " TEST_GUESTS "/storm.elf",
        "--headless --serial file:/nowhere/file " TEST_GUESTS "/storm.elf",
        "--no-such-option",
        "--headless --initrd /nowhere/initrd " TEST_GUESTS "/storm.elf",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const struct outcome *outcome = run(lines[i]);
        const char *end = strchr(outcome->trouble, '\n');

        assert_int_equal(outcome->status, 2);
        assert_non_null(end);
        assert_string_equal(end, "\n");
        assert_int_equal(strncmp(outcome->trouble, "ringside: ", 10), 0);
    }
}

static void test_input_file_is_echoed_and_recorded(void **unused)
{
    static const char script[] = "@clock 300000\nhello\n@wait lo\n@@x\n";
    struct input_log log;
    const struct outcome *outcome;

    (void)unused;
    assert_true(file_write(TEST_FOLDER "/script.txt", script, sizeof(script) - 1, NULL));
    outcome = run("--headless --max-clocks 30M --input " TEST_FOLDER
                  "/script.txt --record " TEST_FOLDER "/record.txt " TEST_GUESTS "/storm.elf");
    assert_int_equal(outcome->status, 124);
    assert_string_equal(outcome->out, "hello\n@x\n");
    input_log_init(&log);
    assert_true(input_log_load(&log, TEST_FOLDER "/record.txt", NULL));
    assert_int_equal(log.count, 9);
    assert_int_equal(log.entries[0].value, 'h');
    assert_true(log.entries[0].clock >= 300000);
    input_log_free(&log);
}

static void test_same_run_twice_has_the_same_hash(void **unused)
{
    static char first[65536];
    const char *line = "--headless --max-clocks 20M --json " TEST_FOLDER
                       "/twice.json </dev/null; cat " TEST_FOLDER "/twice.json";

    (void)unused;
    strcpy(first, run(line)->out);
    assert_text_contains(first, "\"hash\"");
    assert_string_equal(run(line)->out, first);
}

static void test_closed_output_ends_the_run(void **unused)
{
    const struct outcome *outcome = run("--headless --max-seconds 20 </dev/null | head -1; true");

    (void)unused;
    assert_string_equal(outcome->out,
                        "Ringside firmware 0.1.0, 65536 KiB of RAM, disks: 80h of 32 MiB\r\n");
}

/* Start on a pseudo-terminal with echo on; *master is its other end. */
static pid_t start_on_terminal(int *master, char *name, const char *path)
{
    pid_t child;

    *master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*master >= 0);
    assert_int_equal(grantpt(*master) | unlockpt(*master), 0);
    assert_int_equal(ptsname_r(*master, name, 64), 0);
    child = fork();
    if (child == 0) {
        int terminal;

        setsid();
        terminal = open(name, O_RDWR);
        dup2(terminal, 0);
        dup2(terminal, 1);
        execl(RINGSIDE_PROGRAM, RINGSIDE_PROGRAM, "--headless", path, (char *)NULL);
        _exit(99);
    }
    return child;
}

static bool has_echo(int terminal)
{
    struct termios settings;

    assert_int_equal(tcgetattr(terminal, &settings), 0);
    return (settings.c_lflag & ECHO) != 0;
}

static void wait_for_raw(int terminal)
{
    for (uint32_t i = 0; i < 500 && has_echo(terminal); i++) {
        poll(NULL, 0, 10);
    }
    assert_false(has_echo(terminal));
}

static void terminal_is_put_back(int signal_number, const char *typed, int expected)
{
    static const uint8_t code[] = {0xEB, 0xFE};
    char name[64];
    int master;
    pid_t child = start_on_terminal(&master, name, kernel("forever", code, sizeof(code)));
    int terminal = open(name, O_RDWR | O_NOCTTY);

    wait_for_raw(terminal);
    if (signal_number) {
        kill(child, signal_number);
    } else {
        assert_int_equal(write(master, typed, strlen(typed)), (ssize_t)strlen(typed));
    }
    assert_int_equal(status_of(child), expected);
    assert_true(has_echo(terminal));
    close(terminal);
    close(master);
}

static void test_terminal_is_put_back_on_any_way_out(void **unused)
{
    (void)unused;
    terminal_is_put_back(0, "\x1D", 0); /* Ctrl-] */
    terminal_is_put_back(SIGTERM, NULL, 256 + SIGTERM);
    terminal_is_put_back(SIGINT, NULL, 256 + SIGINT);
    terminal_is_put_back(SIGSEGV, NULL, 256 + SIGSEGV);
    terminal_is_put_back(SIGABRT, NULL, 256 + SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_port_gives_odd_statuses),
        cmocka_unit_test(test_power_off_is_0),
        cmocka_unit_test(test_halted_for_good_is_72),
        cmocka_unit_test(test_triple_fault_is_70_with_the_chain),
        cmocka_unit_test(test_limits_are_124),
        cmocka_unit_test(test_reset_request_reboots_or_stops),
        cmocka_unit_test(test_mmx_in_a_guest_is_diagnosed_once),
        cmocka_unit_test(test_x87_in_a_guest_computes),
        cmocka_unit_test(test_sse_in_a_guest_is_diagnosed),
        cmocka_unit_test(test_host_trouble_is_2_in_one_line),
        cmocka_unit_test(test_input_file_is_echoed_and_recorded),
        cmocka_unit_test(test_same_run_twice_has_the_same_hash),
        cmocka_unit_test(test_closed_output_ends_the_run),
        cmocka_unit_test(test_terminal_is_put_back_on_any_way_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
