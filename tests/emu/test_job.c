/* What comes from the host into the guest, and back: the archive, exec's pipes and statuses.
 * SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/console_host.h"
#include "emu/cpio.h"
#include "emu/file.h"
#include "emu/job.h"

#define FOLDER  TEST_FOLDER "/shared"
#define PROGRAM TEST_FOLDER "/program"

/* ---- the archive ---- */

static uint32_t field(const uint8_t *header, uint32_t number)
{
    char digits[9] = {0};

    memcpy(digits, header + 6 + 8 * number, 8);
    return (uint32_t)strtoul(digits, NULL, 16);
}

struct member {
    const char *name;
    const uint8_t *content;
    uint32_t mode;
    uint32_t size;
};

/* The member at *at, which moves on. cpio(5), "New ASCII Format": fields 1 mode, 6 size, 11 name.
 */
static struct member member_at(const uint8_t *bytes, size_t *at)
{
    const uint8_t *header = bytes + *at;
    struct member member = {
        .name = (const char *)header + 110, .mode = field(header, 1), .size = field(header, 6)};
    size_t content = (110 + field(header, 11) + 3) & ~(size_t)3;

    assert_memory_equal(header, "070701", 6);
    assert_int_equal(strlen(member.name) + 1, field(header, 11));
    member.content = header + content;
    *at += content + ((member.size + 3) & ~3u);
    return member;
}

static void folder_make(void)
{
    assert_int_equal(system("rm -rf " FOLDER " && mkdir -p " FOLDER "/b/empty"), 0);
    assert_true(file_write(FOLDER "/b/text", "five!", 5, NULL));
    assert_true(file_write(FOLDER "/a", "", 0, NULL));
    assert_int_equal(chmod(FOLDER "/a", 0640), 0);
    assert_int_equal(chmod(FOLDER "/b/text", 0755), 0);
    assert_int_equal(chmod(FOLDER "/b", 0755), 0);
    assert_int_equal(chmod(FOLDER "/b/empty", 0700), 0);
    assert_int_equal(symlink("b/text", FOLDER "/link"), 0);
}

static void test_archive_holds_files_folders_and_links_in_order(void **unused)
{
    static const struct member wanted[] = {
        {"a", NULL, 0100640, 0},
        {"b", NULL, 0040755, 0},
        {"b/empty", NULL, 0040700, 0},
        {"b/text", (const uint8_t *)"five!", 0100755, 5},
        {"link", (const uint8_t *)"b/text", 0120777, 6},
        {"TRAILER!!!", NULL, 0100000, 0},
    };
    struct cpio cpio;
    size_t at = 0;

    (void)unused;
    folder_make();
    cpio_init(&cpio, 1 << 20, 946684800);
    assert_true(cpio_add_folder(&cpio, FOLDER, NULL));
    assert_true(cpio_finish(&cpio, 512, NULL));

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        struct member found = member_at(cpio.bytes, &at);

        assert_string_equal(found.name, wanted[i].name);
        assert_int_equal(found.mode, wanted[i].mode);
        assert_int_equal(found.size, wanted[i].size);
        if (wanted[i].size) {
            assert_memory_equal(found.content, wanted[i].content, wanted[i].size);
        }
    }
    assert_int_equal(cpio.size % 512, 0);
    assert_in_range(cpio.size - at, 0, 511);
    cpio_free(&cpio);
}

static void test_archive_is_the_same_whenever_the_files_were_written(void **unused)
{
    struct cpio one;
    struct cpio two;

    (void)unused;
    folder_make();
    cpio_init(&one, 1 << 20, 1);
    assert_true(cpio_add_folder(&one, FOLDER, NULL) && cpio_finish(&one, 512, NULL));
    assert_int_equal(system("touch -d 2001-01-01 " FOLDER "/a " FOLDER "/b"), 0);
    cpio_init(&two, 1 << 20, 1);
    assert_true(cpio_add_folder(&two, FOLDER, NULL) && cpio_finish(&two, 512, NULL));
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.bytes, two.bytes, one.size);
    cpio_free(&one);
    cpio_free(&two);
}

static void test_what_cannot_be_shared_is_refused_in_words(void **unused)
{
    struct cpio cpio;
    struct err err = {0};

    (void)unused;
    cpio_init(&cpio, 1 << 20, 1);
    assert_false(cpio_add_folder(&cpio, TEST_FOLDER "/none", &err));
    assert_text_contains(err.message, "none: no such folder");
    folder_make();
    assert_int_equal(mkfifo(FOLDER "/pipe", 0600), 0);
    assert_false(cpio_add_folder(&cpio, FOLDER, &err));
    assert_text_contains(err.message, "/pipe: only files, folders and symbolic links");
    cpio_free(&cpio);

    folder_make();
    cpio_init(&cpio, 1000, 1);
    assert_false(cpio_add_folder(&cpio, FOLDER, &err) && cpio_finish(&cpio, 512, &err));
    assert_text_contains(err.message, "use a larger --mem");
    cpio_free(&cpio);

    folder_make();
    assert_int_equal(system("cd " FOLDER " && for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 "
                            "18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34; do mkdir d && "
                            "cd d || exit 1; done"),
                     0);
    cpio_init(&cpio, 1 << 20, 1);
    assert_false(cpio_add_folder(&cpio, FOLDER, &err));
    assert_text_contains(err.message, "folders inside each other");
    cpio_free(&cpio);
}

/* ---- programs ---- */

static void program_make(void)
{
    static const struct support_segment segment = {0x8048000, 0x8048000, 16, 16};
    size_t size;
    uint8_t *bytes = support_elf(&segment, 1, 0x8048000, &size);

    assert_true(file_write(PROGRAM, bytes, size, NULL));
    free(bytes);
}

static void test_programs_the_guest_cannot_run_are_refused_in_words(void **unused)
{
    static char program_name[] = PROGRAM;
    static char *const arguments[] = {program_name};
    struct machine_config config = support_config();
    struct job job = {.program = PROGRAM, .arguments = arguments, .count = 1};
    struct err err = {0};
    uint8_t *bytes;
    size_t size;

    (void)unused;
    job.program = TEST_FOLDER "/none";
    assert_null(job_disk(&job, &config, &err));
    assert_text_contains(err.message, "none: no such file");
    job.program = RINGSIDE_PROGRAM;
    config.ram_bytes = 1u << 30;
    assert_null(job_disk(&job, &config, &err));
    assert_text_contains(err.message, "a 64-bit program; build a 32-bit one (gcc -m32 -static)");
    job.program = PROGRAM;
    assert_true(file_write(PROGRAM, "#!/bin/sh\n", 10, NULL));
    assert_null(job_disk(&job, &config, &err));
    assert_text_contains(err.message, "not an ELF program");
    program_make();
    assert_true(file_read(PROGRAM, 1 << 20, &bytes, &size, NULL));
    bytes[18] = 40; /* e_machine: ARM */
    assert_true(file_write(PROGRAM, bytes, size, NULL));
    assert_null(job_disk(&job, &config, &err));
    assert_text_contains(err.message, "made for another processor");
    bytes[18] = 3;
    bytes[52] = 3; /* the first program header becomes PT_INTERP */
    assert_true(file_write(PROGRAM, bytes, size, NULL));
    assert_null(job_disk(&job, &config, &err));
    assert_text_contains(err.message, "needs shared libraries");
    free(bytes);
}

static void test_program_and_arguments_come_first(void **unused)
{
    static char words[][4] = {"./p", "", "b c"};
    static char *const arguments[] = {words[0], words[1], words[2]};
    struct machine_config config = support_config();
    struct job job = {.program = PROGRAM, .arguments = arguments, .count = 3};
    struct disk_overlay *overlay = disk_overlay_create();
    struct disk_file *disk;
    uint8_t *bytes;
    struct member member;
    size_t at = 0;

    (void)unused;
    program_make();
    disk = job_disk(&job, &config, NULL);
    assert_non_null(disk);
    assert_int_equal(disk_file_mode(disk), DISK_READ_ONLY);
    bytes = malloc((size_t)disk_file_sectors(disk) * 512);
    for (uint32_t i = 0; i < disk_file_sectors(disk); i++) {
        assert_true(disk_file_read(disk, overlay, i, bytes + (size_t)i * 512));
    }
    assert_string_equal(member_at(bytes, &at).name, ".job");
    member = member_at(bytes, &at);
    assert_string_equal(member.name, ".job/program");
    assert_memory_equal(member.content, "\177ELF", 4);
    member = member_at(bytes, &at);
    assert_string_equal(member.name, ".job/argv");
    assert_int_equal(member.size, 9);
    assert_memory_equal(member.content, "./p\0\0b c\0", 9);
    free(bytes);
    disk_overlay_release(overlay);
    disk_file_close(disk);
}

/* Linux wait(2): status in bits 15..8, or the signal in bits 6..0. */
static void test_end_of_the_program_is_read_from_the_exit_port(void **unused)
{
    int number = -1;

    (void)unused;
    assert_int_equal(job_decode(0x58000000, &number), JOB_EXITED);
    assert_int_equal(number, 0);
    assert_int_equal(job_decode(0x5800FF00, &number), JOB_EXITED);
    assert_int_equal(number, 255);
    assert_int_equal(job_decode(0x5800000B, &number), JOB_SIGNALED);
    assert_int_equal(number, 11);
    assert_int_equal(job_decode(0x5800008B, &number), JOB_SIGNALED); /* core dumped */
    assert_int_equal(number, 11);
    assert_int_equal(job_decode(0, &number), JOB_OTHER);
    assert_int_equal(job_decode(0x59000000, &number), JOB_OTHER);
}

/* ---- pipes ---- */

/* The guest of guests/job.S with exec's console, in a process of its own; its exit status. */
static int run_guest(const char *command_line, const char *in, const char *out, const char *error)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        static struct options options = {.exec = 1,
                                         .headless = 1,
                                         .max_clocks = 100000000000,
                                         .max_instructions = UINT64_MAX,
                                         .history_bytes = UINT64_MAX,
                                         .json = TEST_FOLDER "/job.json"};
        static char name[] = PROGRAM;
        static char *const arguments[] = {name};
        struct job job = {.program = PROGRAM, .arguments = arguments, .count = 1};
        struct support_guest guest;
        struct machine *machine;

        options.machine = support_config();
        options.machine.disks[3] = job_disk(&job, &options.machine, NULL);
        dup2(open(in, O_RDONLY), STDIN_FILENO);
        dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        dup2(open(error, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        support_guest_open(&guest, TEST_GUESTS "/job.elf", NULL, command_line,
                           options.machine.ram_bytes);
        machine = support_guest_machine(&guest, &options.machine);
        _exit(console_host_run(machine, &options, NULL, NULL));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void text_is(const char *path, const char *text)
{
    uint8_t *bytes;
    size_t size;

    assert_true(file_read(path, 1 << 20, &bytes, &size, NULL));
    assert_string_equal((char *)bytes, text);
    free(bytes);
}

static void test_120_kb_of_any_bytes_pass_both_ways_unchanged(void **unused)
{
    enum { SIZE = 120001 };
    uint8_t *sent = malloc(SIZE);
    uint8_t *received;
    size_t size;
    uint32_t random = 7;

    (void)unused;
    program_make();
    for (uint32_t i = 0; i < SIZE; i++) {
        sent[i] = (uint8_t)support_random(&random);
    }
    assert_true(file_write(TEST_FOLDER "/in", sent, SIZE, NULL));

    assert_int_equal(run_guest("", TEST_FOLDER "/in", TEST_FOLDER "/out", TEST_FOLDER "/error"), 7);

    assert_true(file_read(TEST_FOLDER "/out", 1 << 20, &received, &size, NULL));
    assert_int_equal(size, SIZE);
    assert_memory_equal(received, sent, SIZE);
    text_is(TEST_FOLDER "/error", "done\n");
    free(received);
    free(sent);
}

static void test_no_input_is_an_end_at_once(void **unused)
{
    (void)unused;
    program_make();
    assert_int_equal(run_guest("", "/dev/null", TEST_FOLDER "/out", TEST_FOLDER "/error"), 7);
    text_is(TEST_FOLDER "/out", "");
}

static void test_signal_and_status_are_told_apart(void **unused)
{
    uint8_t *bytes;
    size_t size;

    (void)unused;
    program_make();
    assert_int_equal(run_guest("s", "/dev/null", TEST_FOLDER "/out", TEST_FOLDER "/error"), 139);
    assert_true(file_read(TEST_FOLDER "/job.json", 1 << 20, &bytes, &size, NULL));
    assert_text_contains((char *)bytes, "\"kind\": \"signaled\",\n    \"signal\": 11");
    free(bytes);
    assert_int_equal(run_guest("", "/dev/null", TEST_FOLDER "/out", TEST_FOLDER "/error"), 7);
    assert_true(file_read(TEST_FOLDER "/job.json", 1 << 20, &bytes, &size, NULL));
    assert_text_contains((char *)bytes, "\"kind\": \"exited\",\n    \"status\": 7");
    free(bytes);
    assert_int_equal(run_guest("x", "/dev/null", TEST_FOLDER "/out", TEST_FOLDER "/error"), 2);
    text_is(TEST_FOLDER "/error", "done\nringside: the guest ended without saying how the program "
                                  "did\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_archive_holds_files_folders_and_links_in_order),
        cmocka_unit_test(test_archive_is_the_same_whenever_the_files_were_written),
        cmocka_unit_test(test_what_cannot_be_shared_is_refused_in_words),
        cmocka_unit_test(test_programs_the_guest_cannot_run_are_refused_in_words),
        cmocka_unit_test(test_program_and_arguments_come_first),
        cmocka_unit_test(test_end_of_the_program_is_read_from_the_exit_port),
        cmocka_unit_test(test_120_kb_of_any_bytes_pass_both_ways_unchanged),
        cmocka_unit_test(test_no_input_is_an_end_at_once),
        cmocka_unit_test(test_signal_and_status_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
