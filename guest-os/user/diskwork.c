/* diskwork: files come, change and go at random, and every byte read is compared with what should
 * be there. From the environment: rounds, seed, "in" (the directory to work in), and "names", how
 * many files to make in one directory first. A disk that is full is no failure, wrong bytes are.
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS       48
#define DIRECTORIES 4
#define UNIT_BYTES  3000 /* what one write writes: no multiple of a block */
#define FAR_BYTES   1000
#define UNITS       64 /* of a file at most: indirect blocks with blocks of 1 KiB */

struct slot {
    bool exists;
    uint32_t tag;     /* what the file is filled with is made of this and the place */
    uint32_t size;    /* in units */
    uint64_t written; /* bit n: unit n; others are holes */
};

static struct slot slots[SLOTS];
static uint32_t random_state = 1, last_tag;
static int failures;
static bool disk_is_full;
static uint8_t unit[UNIT_BYTES], wanted[UNIT_BYTES];

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static void fail(const char *what, uint32_t slot)
{
    printf("diskwork: %s, file %u, error %d\n", what, slot, errno);
    failures++;
}

static int noted(int result, const char *what, uint32_t number)
{
    if (result < 0) {
        fail(what, number);
    }
    return result;
}

/* A call on the disk failed: because it is full? */
static bool is_full(void)
{
    disk_is_full = disk_is_full || errno == ENOSPC;
    return errno == ENOSPC;
}

static const char *path_of(uint32_t slot)
{
    static char paths[2][40];
    static int turn;

    turn = !turn;
    snprintf(paths[turn], sizeof(paths[turn]), "d%u/a_file_%u", slot % DIRECTORIES, slot);
    return paths[turn];
}

static void fill(uint8_t *to, const struct slot *slot, uint32_t which)
{
    uint32_t value = slot->tag * 2654435761u + which * 40503u;

    if ((slot->written >> which & 1) == 0) {
        memset(to, 0, UNIT_BYTES);
        return;
    }
    for (uint32_t i = 0; i < UNIT_BYTES; i++) {
        value = value * 1664525 + 1013904223;
        to[i] = (uint8_t)(value >> 24);
    }
}

static void read_all(uint32_t number, int fd)
{
    const struct slot *slot = &slots[number];
    struct stat64 status;

    if (fstat(fd, &status) != 0 || status.st_size != (int64_t)slot->size * UNIT_BYTES) {
        fail("wrong size", number);
        return;
    }
    lseek(fd, 0, SEEK_SET);
    for (uint32_t i = 0; i < slot->size; i++) {
        fill(wanted, slot, i);
        if (read(fd, unit, UNIT_BYTES) != UNIT_BYTES) {
            fail("can not be read", number);
            return;
        }
        if (memcmp(unit, wanted, UNIT_BYTES) != 0) {
            fail("has wrong bytes", number);
            return;
        }
    }
}

static int open_slot(uint32_t number, uint32_t flags)
{
    int fd = open(path_of(number), flags, 0644);

    if (fd < 0 && !is_full()) {
        fail("can not be opened", number);
    }
    return fd;
}

/* Write one unit; a write that comes up short is taken back by cutting the file where it was. */
static void write_unit(uint32_t number, int fd, uint32_t which)
{
    struct slot *slot = &slots[number];
    struct slot before = *slot;

    slot->written |= (uint64_t)1 << which;
    fill(unit, slot, which);
    lseek(fd, (int)(which * UNIT_BYTES), SEEK_SET);
    if (write(fd, unit, UNIT_BYTES) == UNIT_BYTES) {
        slot->size = slot->size > which + 1 ? slot->size : which + 1;
        return;
    }
    disk_is_full = true;
    *slot = before;
    if (which < slot->size) { /* a hole is half filled: take all from there away */
        slot->size = which;
        slot->written &= ((uint64_t)1 << which) - 1;
    }
    if (ftruncate(fd, (int)slot->size * UNIT_BYTES) != 0) {
        fail("can not be cut", number);
    }
}

static void cut(uint32_t number, int fd)
{
    struct slot *slot = &slots[number];
    uint32_t size = random_below(slot->size + 3) % UNITS;

    if (ftruncate(fd, (int)size * UNIT_BYTES) != 0) {
        fail("can not be cut", number);
        return;
    }
    slot->size = size;
    slot->written &= ((uint64_t)1 << size) - 1;
}

static void create(uint32_t number)
{
    int fd = open_slot(number, O_RDWR | O_CREAT | O_EXCL);

    if (fd < 0) {
        return;
    }
    slots[number] = (struct slot){.exists = true, .tag = ++last_tag};
    for (uint32_t units = random_below(6); units > 0; units--) {
        write_unit(number, fd, slots[number].size);
    }
    close(fd);
}

static void change(uint32_t number)
{
    int fd = open_slot(number, O_RDWR);

    if (fd < 0) {
        return;
    }
    if (random_below(3) == 0) {
        cut(number, fd);
    } else {
        write_unit(number, fd, random_below(UNITS));
    }
    read_all(number, fd);
    close(fd);
}

/* Unlinked while open: the file stays until it is closed. */
static void take_away(uint32_t number)
{
    int fd = open_slot(number, O_RDWR);

    if (fd < 0) {
        return;
    }
    if (unlink(path_of(number)) != 0) {
        fail("can not be unlinked", number);
    }
    write_unit(number, fd, random_below(UNITS));
    read_all(number, fd);
    close(fd);
    slots[number].exists = false;
}

/* Over a file that is there, or to a free name. */
static void move(uint32_t from, uint32_t to)
{
    if (from == to) {
        return;
    }
    if (rename(path_of(from), path_of(to)) != 0) {
        if (!is_full()) {
            fail("can not be renamed", from);
        }
        return;
    }
    slots[to] = slots[from];
    slots[from].exists = false;
}

/* The same move by a second name. */
static void move_by_link(uint32_t from, uint32_t to)
{
    if (slots[to].exists) {
        return;
    }
    if (link(path_of(from), path_of(to)) != 0) {
        if (!is_full()) {
            fail("can not be linked", from);
        }
        return;
    }
    if (unlink(path_of(from)) != 0) {
        fail("can not be unlinked", from);
    }
    slots[to] = slots[from];
    slots[from].exists = false;
}

static void branch(void)
{
    char path[100] = "b", target[20] = "";
    uint32_t depth = 1 + random_below(8);

    for (uint32_t i = 0; i < depth; i++) {
        if (mkdir(path, 0755) != 0) {
            depth = i;
            if (!is_full()) {
                fail("no directory", i);
            }
            break;
        }
        strcat(path, "/b");
    }
    if (depth > 0 && symlink("somewhere", path) == 0) {
        if (readlink(path, target, sizeof(target) - 1) != 9 || strcmp(target, "somewhere") != 0) {
            fail("a link leads elsewhere", depth);
        }
        unlink(path);
    }
    for (uint32_t i = depth; i > 0; i--) {
        path[i * 2 - 1] = '\0';
        if (rmdir(path) != 0) {
            fail("a directory stays", i);
        }
    }
}

static void one_round(void)
{
    uint32_t number = random_below(SLOTS);

    if (!slots[number].exists) {
        create(number);
        return;
    }
    switch (disk_is_full ? 6 : random_below(8)) {
    case 0:
        move(number, random_below(SLOTS));
        break;
    case 1:
        move_by_link(number, random_below(SLOTS));
        break;
    case 2:
        branch();
        break;
    case 6:
        take_away(number);
        disk_is_full = false;
        break;
    default:
        change(number);
    }
}

/* Many files in one directory: all are listed, all are found, all go. */
static void many_names(uint32_t count)
{
    struct dirent64 *entry;
    uint32_t listed = 0;
    DIR *directory;
    char path[40];

    noted(mkdir("many", 0755), "no directory", count);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "many/%u.%x", i, i * 2654435761u);
        close(noted(open(path, O_WRONLY | O_CREAT | O_EXCL, 0644), "can not be made", i));
    }
    directory = opendir("many");
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        listed++;
    }
    closedir(directory);
    if (listed != count + 2) {
        fail("files are listed, two more are right", listed);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t which = i * 7 % count; /* all of them, if count is no multiple of 7 */

        snprintf(path, sizeof(path), "many/%u.%x", which, which * 2654435761u);
        noted(unlink(path), "can not be unlinked", which);
    }
    noted(rmdir("many"), "can not be removed", count);
}

/* Directories in directories, and up again. */
static void deep(uint32_t depth)
{
    char path[4 * 100] = "deep";

    depth = depth < 100 ? depth : 98;
    for (uint32_t i = 0; i < depth; i++) {
        noted(mkdir(path, 0755), "no directory", i);
        strcat(path, "/in");
    }
    for (uint32_t i = depth; i > 0; i--) {
        path[strlen(path) - 3] = '\0';
        noted(rmdir(path), "a directory stays", i);
    }
}

/* A file of holes, with bytes where another kind of indirect block begins; then it is cut, from its
 * end on. */
static void far_places(void)
{
    static const int places[] = {0,        11 << 10, 12 << 10, 267 << 10, 268 << 10, 300 << 10,
                                 20 << 20, 64 << 20, 66 << 20, 67 << 20,  400 << 20, 2000 << 20};
    const uint32_t count = sizeof(places) / sizeof(places[0]);
    int fd = noted(open("far", O_RDWR | O_CREAT | O_EXCL, 0644), "can not be made", 0);
    struct stat64 status;

    for (uint32_t i = 0; i < count; i++) {
        memset(unit, (int)i + 1, UNIT_BYTES);
        lseek(fd, places[i], SEEK_SET);
        if (write(fd, unit, FAR_BYTES) != FAR_BYTES) {
            is_full(); /* only the places before are there */
            noted(ftruncate(fd, places[i]), "can not be cut", i);
            break;
        }
    }
    for (uint32_t i = count; i-- > 0;) {
        int lead = i == 0 ? 0 : 24; /* the end of a hole */

        if (noted(fstat(fd, &status), "has no size", i) == 0 && status.st_size <= places[i]) {
            continue;
        }
        lseek(fd, places[i] - lead, SEEK_SET);
        memset(wanted, 0, UNIT_BYTES);
        memset(wanted + lead, (int)i + 1, FAR_BYTES);
        if (read(fd, unit, UNIT_BYTES) < lead + FAR_BYTES ||
            memcmp(unit, wanted, (size_t)(lead + FAR_BYTES)) != 0) {
            fail("has wrong bytes far away", i);
        }
        noted(ftruncate(fd, i == 0 ? 0 : places[i] - 1), "can not be cut", i);
    }
    close(fd);
    noted(unlink("far"), "can not be unlinked", 0);
}

static uint32_t number_from(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : (uint32_t)atoi(text);
}

int main(void)
{
    uint32_t rounds = number_from("rounds", 300);
    const char *in = getenv("in");
    char path[10];

    random_state = number_from("seed", 1) * 2654435761u | 1;
    if (chdir(in == NULL ? "/tmp" : in) != 0) {
        printf("diskwork: no directory %s\n", in);
        return 1;
    }
    for (int i = 0; i < DIRECTORIES; i++) {
        snprintf(path, sizeof(path), "d%d", i);
        if (mkdir(path, 0755) != 0) {
            fail("no directory", (uint32_t)i);
        }
    }
    many_names(number_from("names", 20));
    deep(number_from("names", 20));
    far_places();
    for (uint32_t i = 0; i < rounds && failures < 10; i++) {
        one_round();
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        int fd = slots[i].exists ? open_slot(i, O_RDONLY) : -1;

        if (fd >= 0) {
            read_all(i, fd);
            close(fd);
        }
    }
    sync();
    printf("diskwork: %u rounds, %d failures\n", rounds, failures);
    return failures > 0;
}
