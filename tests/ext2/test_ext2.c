/* The guest kernel's ext2 beside the host's own file system: the same random calls give the same
 * results and files, and e2fsck finds nothing in the image afterwards; after a crash nothing that
 * it does not repair by itself. SPDX-License-Identifier: MIT */
#include "tests/ext2/host_ext2.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB        (1024u * 1024)
#define DATA_BYTES 60000u
#define PATH_BYTES 600
#define FOLDER     "files" /* of the host, beside the image */
#define IMAGE      "image"

struct kind {
    const char *options; /* of mke2fs */
    size_t bytes;
};

static const struct kind kinds[] = {
    {"-b 1024", 4 * MIB},
    {"-b 1024 -g 1024 -N 512", 8 * MIB},
    {"-b 2048 -I 256", 8 * MIB},
    {"-b 4096", 16 * MIB},
    {"-b 1024 -r 0 -O none", 2 * MIB},
    {"-b 4096 -m 20 -O ^dir_index,^resize_inode", 4 * MIB},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static char place[] = "/tmp/test_ext2.XXXXXX";
static uint8_t *image;
static size_t image_bytes;
static uint32_t seed;
static uint8_t data[DATA_BYTES];

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(seed >> 8) * limit >> 24);
}

/* ---- images ---- */

static int run(const char *command)
{
    int status = system(command);

    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void save(void)
{
    FILE *file = fopen(IMAGE, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(image, 1, image_bytes, file), image_bytes);
    assert_int_equal(fclose(file), 0);
}

static void load(void)
{
    FILE *file = fopen(IMAGE, "rb");

    assert_non_null(file);
    assert_int_equal(fread(image, 1, image_bytes, file), image_bytes);
    fclose(file);
}

static void make_image(const struct kind *kind)
{
    char command[300];

    snprintf(command, sizeof(command),
             "rm -f " IMAGE "; PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext2 %s " IMAGE
             " %zuk >log 2>&1",
             kind->options, kind->bytes / 1024);
    assert_int_equal(run(command), 0);
    image_bytes = kind->bytes;
    image = realloc(image, image_bytes);
    load();
}

/* 0: e2fsck finds nothing. */
static int check_image(const char *options)
{
    char command[300];
    int status;

    save();
    snprintf(command, sizeof(command),
             "PATH=$PATH:/sbin:/usr/sbin e2fsck -f %s " IMAGE " >log 2>&1", options);
    status = run(command);
    if (status > 1) {
        run("cat log");
    }
    return status;
}

/* ---- the same call here and there ---- */

/* `path` in the host's folder. */
static const char *host(const char *path)
{
    static char names[2][PATH_BYTES + sizeof(FOLDER) + 1];
    static int which;

    which = 1 - which;
    snprintf(names[which], sizeof(names[0]), FOLDER "/%s", path);
    return names[which];
}

static int result_of(int result)
{
    return result < 0 ? -errno : result;
}

static void same(int ours, int theirs, const char *call, const char *path)
{
    if (ours != theirs) {
        fail_msg("%s(%s): %d here, %d on the host", call, path, ours, theirs);
    }
}

/* Some path: few names, so that calls often meet; some are long. */
static char *some_path(void)
{
    static char paths[4][PATH_BYTES];
    static uint32_t which;
    char *path = paths[++which % 4], *end = path;
    uint32_t depth = random_below(4);

    for (uint32_t i = 0; i <= depth; i++) {
        uint32_t name = random_below(i < depth ? 5 : 20);

        end += sprintf(end, "%s%c%u", i > 0 ? "/" : "", i < depth ? 'd' : "dfl"[name % 3], name);
        if (name % 7 == 6 && i == depth) {
            memset(end, 'x', 100 + name);
            end += 100 + name;
            *end = '\0';
        }
    }
    return path;
}

/* Links are the files whose names begin with l: the host follows those on the way. */
static bool is_link_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (slash == NULL ? path : slash + 1)[0] == 'l';
}

static void do_write(const char *path)
{
    uint32_t offset = random_below(4) == 0 ? random_below(400000) : random_below(20000);
    uint32_t bytes = random_below(3) == 0 ? random_below(DATA_BYTES) : random_below(3000);
    int fd, theirs = -1, ours = host_write(path, offset, data, bytes);

    fd = open(host(path), O_WRONLY | O_NOFOLLOW);
    theirs = fd < 0 ? -errno : result_of((int)pwrite(fd, data, bytes, offset));
    if (theirs == -ELOOP) {
        theirs = -EISDIR; /* links are not followed in this test */
    }
    if (ours >= 0 && theirs >= 0 && ours < theirs) { /* no room: keep the host's alike */
        assert_int_equal(ftruncate(fd, 0), 0);
        host_truncate(path, 0);
    } else if (ours == -ENOSPC) {
        assert_int_equal(ftruncate(fd, 0), 0);
        host_truncate(path, 0);
    } else {
        same(ours, theirs, "write", path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void do_truncate(const char *path)
{
    uint32_t size = random_below(2) == 0 ? random_below(3000000) : random_below(20000);
    struct stat status;
    int theirs = result_of(lstat(host(path), &status));

    if (theirs == 0) {
        theirs = S_ISREG(status.st_mode) ? result_of(truncate(host(path), size)) : -EINVAL;
    }
    same(host_truncate(path, size), theirs, "truncate", path);
}

/* The host goes back if there is no room here. */
static void same_or_undo(int ours, int theirs, const char *call, const char *path)
{
    if (ours == -ENOSPC && theirs == 0) {
        assert_int_equal(remove(host(path)), 0);
    } else {
        same(ours, theirs, call, path);
    }
}

static void some_call(void)
{
    const char *path = some_path(), *other = some_path();
    uint32_t call = random_below(10);
    int fd, ours;

    if (((call == 5 || call == 6) && is_link_name(path) != is_link_name(other)) ||
        (call == 7 && !is_link_name(path))) {
        return;
    }
    switch (call) {
    case 0:
    case 1:
        ours = host_create(path, 0100644);
        fd = open(host(path), O_WRONLY | O_CREAT | O_EXCL, 0644);
        same_or_undo(ours, fd < 0 ? -errno : 0, "create", path);
        if (fd >= 0) {
            close(fd);
        }
        break;
    case 2:
        ours = host_create(path, 040755);
        same_or_undo(ours, result_of(mkdir(host(path), 0755)), "mkdir", path);
        break;
    case 3:
        ours = host_remove(path, false);
        same(ours, result_of(unlink(host(path))), "unlink", path);
        break;
    case 4:
        ours = host_remove(path, true);
        same(ours, result_of(rmdir(host(path))), "rmdir", path);
        break;
    case 5:
        ours = host_rename(path, other);
        if (ours != -ENOSPC) {
            same(ours, result_of(rename(host(path), host(other))), "rename", path);
        }
        break;
    case 6:
        ours = host_link(path, other);
        same_or_undo(ours, result_of(link(host(path), host(other))), "link", path);
        break;
    case 7:
        ours = host_symlink(other, path);
        same_or_undo(ours, result_of(symlink(other, host(path))), "symlink", path);
        break;
    case 8:
        do_truncate(path);
        break;
    default:
        do_write(path);
    }
    assert_int_equal(host_pinned(), 0);
}

/* ---- the same files ---- */

static void same_content(const char *path, const struct stat *status)
{
    static uint8_t here[DATA_BYTES], there[DATA_BYTES];
    int fd = open(host(path), O_RDONLY);

    assert_true(fd >= 0);
    for (off_t offset = 0; offset < status->st_size; offset += DATA_BYTES) {
        int bytes = (int)pread(fd, there, DATA_BYTES, offset);

        assert_int_equal(host_read(path, (uint64_t)offset, here, DATA_BYTES), bytes);
        assert_memory_equal(here, there, (size_t)bytes);
    }
    close(fd);
}

static uint32_t count_names(const char *path)
{
    char name[256];
    uint32_t count = 0;

    while (host_name(path, count, name) == 1) {
        count++;
    }
    return count;
}

static void same_tree(const char *path);

static void same_file(const char *path)
{
    char here[PATH_BYTES], there[PATH_BYTES];
    struct host_status ours;
    struct stat theirs;

    assert_int_equal(lstat(host(path), &theirs), 0);
    assert_int_equal(host_status(path, &ours), 0);
    assert_int_equal(ours.mode, theirs.st_mode);
    if (S_ISDIR(theirs.st_mode)) {
        same_tree(path);
        return;
    }
    assert_int_equal(ours.links, theirs.st_nlink);
    assert_int_equal(ours.size, theirs.st_size);
    if (S_ISREG(theirs.st_mode)) {
        same_content(path, &theirs);
    } else {
        int bytes = (int)readlink(host(path), there, sizeof(there));

        assert_int_equal(host_read(path, 0, here, sizeof(here)), bytes);
        assert_memory_equal(here, there, (size_t)bytes);
    }
}

static void same_tree(const char *path)
{
    DIR *directory = opendir(host(path));
    struct dirent *entry;
    uint32_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char *inner = malloc(PATH_BYTES);

        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(inner, PATH_BYTES, "%s%s%s", path, path[0] == '\0' ? "" : "/", entry->d_name);
            same_file(inner);
            count++;
        }
        free(inner);
    }
    closedir(directory);
    assert_int_equal(count_names(path), count);
}

static int start(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < DATA_BYTES; i++) {
        data[i] = (uint8_t)(i * i >> 3);
    }
    if (mkdtemp(place) == NULL || chdir(place) != 0) {
        return 1;
    }
    umask(0);
    return 0;
}

static int finish(void **state)
{
    char command[100];

    (void)state;
    free(image);
    snprintf(command, sizeof(command), "rm -rf %s", place);
    return run(command);
}

static void test_random_calls_as_on_the_host(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2 * KINDS; i++) {
        make_image(&kinds[i % KINDS]);
        seed = i + 1;
        assert_int_equal(run("rm -rf " FOLDER "; mkdir -m 755 " FOLDER), 0);
        assert_int_equal(host_mount(image, image_bytes, false), 0);
        assert_int_equal(host_remove("lost+found", true), 0);

        for (uint32_t call = 0; call < 3000; call++) {
            some_call();
        }

        same_tree("");
        assert_false(host_is_read_only());
        host_unmount();
        assert_int_equal(check_image("-n"), 0);
    }
}

static void test_what_was_written_is_there_after_mounting_again(void **state)
{
    uint8_t back[20];

    (void)state;
    make_image(&kinds[0]);
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    assert_int_equal(host_create("a", 0100640), 0);
    assert_int_equal(host_write("a", 0x90000000u, "far away", 8), 8); /* > 2 GiB, sparse */
    assert_int_equal(host_chmod("a", 04711, 70000, 80000), 0);
    assert_int_equal(host_mknod("console", 020600, 0x501), 0);
    host_unmount();
    assert_int_equal(check_image("-n"), 0);

    assert_int_equal(host_mount(image, image_bytes, true), 0);
    struct host_status status;

    assert_int_equal(host_status("a", &status), 0);
    assert_int_equal(status.size, 0x90000008u);
    assert_int_equal(status.mode, 0104711);
    assert_int_equal(status.owner, 70000);
    assert_int_equal(status.group, 80000);
    assert_int_equal(host_read("a", 0x8FFFFFFEu, back, 20), 10);
    assert_memory_equal(back, "\0\0far away", 10);
    assert_int_equal(host_status("console", &status), 0);
    assert_int_equal(status.device, 0x501);
    assert_int_equal(host_create("b", 0100600), -EROFS);
    assert_int_equal(host_remove("a", false), -EROFS);
    assert_int_equal(host_rename("a", "b"), -EROFS);
    assert_int_equal(host_write("a", 0, "x", 1), -EROFS);
    host_unmount();
}

static void test_a_shorter_file_gives_its_blocks_back_at_every_depth(void **state)
{
    static const uint64_t places[] = {0,
                                      11 * 1024,
                                      12 * 1024, /* direct, indirect */
                                      268 * 1024,
                                      300 * 1024,
                                      65804 * 1024ull, /* double, triple */
                                      70000 * 1024ull,
                                      0x90000000ull,
                                      0x200000000ull};
    uint64_t blocks, inodes, left;
    struct host_status status;
    char back;

    (void)state;
    make_image(&kinds[0]);
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    assert_int_equal(host_create("a", 0100600), 0);
    host_free(&blocks, &inodes);
    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        assert_int_equal(host_write("a", places[i], "x", 1), 1);
    }
    for (uint32_t i = sizeof(places) / sizeof(places[0]); i-- > 0;) {
        assert_int_equal(host_read("a", places[i], &back, 1), 1);
        assert_int_equal(back, 'x');
        assert_int_equal(host_truncate("a", places[i]), 0);
        assert_int_equal(host_read("a", places[i], &back, 1), 0);
        host_sync();
        assert_int_equal(check_image("-n"), 0);
    }
    assert_int_equal(host_status("a", &status), 0);
    assert_int_equal(status.sectors, 0);
    host_free(&left, &inodes);
    assert_int_equal(left, blocks);
    host_unmount();
}

static void test_an_indexed_directory_is_read_and_changed(void **state)
{
    char name[60], back[256];
    uint32_t count = 0;

    (void)state;
    make_image(&kinds[0]);
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    assert_int_equal(host_create("d", 040755), 0);
    for (uint32_t i = 0; i < 400; i++) {
        snprintf(name, sizeof(name), "d/a_name_that_fills_blocks_%u", i);
        assert_int_equal(host_create(name, 0100644), 0);
    }
    host_unmount();
    assert_in_range(check_image("-yD"), 0, 1); /* it makes the index */
    assert_int_equal(run("PATH=$PATH:/sbin:/usr/sbin debugfs -R 'stat /d' " IMAGE
                         " 2>/dev/null | grep -q 'Flags: 0x1000'"),
                     0);
    load();

    assert_int_equal(host_mount(image, image_bytes, false), 0);
    while (host_name("d", count, back) == 1) {
        count++;
    }
    assert_int_equal(count, 400);
    for (uint32_t i = 0; i < 400; i += 2) {
        snprintf(name, sizeof(name), "d/a_name_that_fills_blocks_%u", i);
        assert_int_equal(host_remove(name, false), 0);
        snprintf(name, sizeof(name), "d/another_%u", i);
        assert_int_equal(host_create(name, 0100644), 0);
    }
    host_unmount();
    assert_int_equal(check_image("-n"), 0);
}

static void test_an_unlinked_open_file_stays_until_its_last_close(void **state)
{
    uint64_t blocks, inodes, blocks_after, inodes_after;
    char back[5];
    void *node;

    (void)state;
    make_image(&kinds[0]);
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    host_free(&blocks, &inodes);
    assert_int_equal(host_create("a", 0100600), 0);
    assert_int_equal(host_write("a", 0, data, DATA_BYTES), DATA_BYTES);
    assert_int_equal(host_write("a", 0, "hello", 5), 5);
    assert_int_equal(host_open("a", &node), 0);
    assert_int_equal(host_remove("a", false), 0);
    assert_int_equal(host_read("a", 0, back, 5), -ENOENT);
    assert_int_equal(host_read_open(node, 0, back, 5), 5);
    assert_memory_equal(back, "hello", 5);
    host_close(node);
    host_free(&blocks_after, &inodes_after);
    assert_int_equal(blocks_after, blocks);
    assert_int_equal(inodes_after, inodes);
    host_unmount();
    assert_int_equal(check_image("-n"), 0);
}

static void test_a_full_disk_is_enospc_and_the_rest_is_for_root(void **state)
{
    uint64_t blocks, inodes;
    char name[20];
    int result = 0;

    (void)state;
    make_image(&kinds[5]); /* a fifth is root's */
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    assert_int_equal(host_create("a", 0100666), 0);
    assert_int_equal(host_chmod("", 0777, 0, 0), 0);
    host_become(1000, 1000);
    for (uint64_t at = 0; (result = host_write("a", at, data, DATA_BYTES)) > 0; at += DATA_BYTES) {}
    assert_int_equal(result, -ENOSPC);
    host_free(&blocks, &inodes);
    assert_in_range(blocks, 4 * MIB / 4096 / 5 - 2, 4 * MIB / 4096 / 5 + 2);
    host_become(0, 0);
    assert_int_equal(host_create("b", 0100600), 0);
    for (uint64_t at = 0; (result = host_write("b", at, data, DATA_BYTES)) > 0; at += DATA_BYTES) {}
    assert_int_equal(result, -ENOSPC);
    host_free(&blocks, &inodes);
    assert_int_equal(blocks, 0);
    for (uint32_t i = 0; result != 0; i++) { /* empty files need inodes only, and room for names */
        snprintf(name, sizeof(name), "n%u", i);
        result = host_create(name, 0100600) == -ENOSPC ? 0 : 1;
    }
    assert_int_equal(host_create("d", 040700), -ENOSPC);
    host_unmount();
    assert_int_equal(check_image("-n"), 0);
}

static void test_unknown_features_are_refused_or_read_only(void **state)
{
    (void)state;
    make_image(&kinds[0]);
    image[1024 + 96] |= 0x40; /* incompatible: extents */
    assert_int_equal(host_mount(image, image_bytes, false), -EINVAL);
    image[1024 + 96] &= (uint8_t)~0x40;
    image[1024 + 100] |= 0x80; /* read-only compatible: not known */
    assert_int_equal(host_mount(image, image_bytes, false), 0);
    assert_true(host_is_read_only());
    host_unmount();
    image[1024 + 56] = 0; /* the magic number */
    assert_int_equal(host_mount(image, image_bytes, false), -EINVAL);
}

static void test_after_a_crash_e2fsck_repairs_by_itself(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 40; i++) {
        make_image(&kinds[i % KINDS]);
        seed = i;
        assert_int_equal(run("rm -rf " FOLDER "; mkdir -m 755 " FOLDER), 0);
        assert_int_equal(host_mount(image, image_bytes, false), 0);
        assert_int_equal(host_remove("lost+found", true), 0);
        for (uint32_t call = 0; call < 100 * i; call++) {
            some_call();
            if (call == 60 * i) {
                host_sync();
            }
        }
        host_crash(i);
        if (check_image("-p") > 1) {
            fail_msg("crash %u", i);
        }
        load();
        assert_int_equal(check_image("-n"), 0);
    }
}

static void test_after_a_crash_within_a_call_e2fsck_repairs_by_itself(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 60; i++) {
        make_image(&kinds[i % KINDS]);
        seed = 1000 + i;
        assert_int_equal(run("rm -rf " FOLDER "; mkdir -m 755 " FOLDER), 0);
        assert_int_equal(host_mount(image, image_bytes, false), 0);
        assert_int_equal(host_remove("lost+found", true), 0);
        host_cut(13 * i % 400, i);
        for (uint32_t call = 0; call < 3000 && !host_is_off(); call++) {
            some_call();
        }
        host_crash(i);
        if (check_image("-p") > 1) {
            fail_msg("crash %u", i);
        }
        load();
        assert_int_equal(check_image("-n"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_calls_as_on_the_host),
        cmocka_unit_test(test_what_was_written_is_there_after_mounting_again),
        cmocka_unit_test(test_a_shorter_file_gives_its_blocks_back_at_every_depth),
        cmocka_unit_test(test_an_indexed_directory_is_read_and_changed),
        cmocka_unit_test(test_an_unlinked_open_file_stays_until_its_last_close),
        cmocka_unit_test(test_a_full_disk_is_enospc_and_the_rest_is_for_root),
        cmocka_unit_test(test_unknown_features_are_refused_or_read_only),
        cmocka_unit_test(test_after_a_crash_e2fsck_repairs_by_itself),
        cmocka_unit_test(test_after_a_crash_within_a_call_e2fsck_repairs_by_itself),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
