/* promise: files come and change at random, and what fsync promised is written on the console, so
 * that somebody can cut the power and look whether it is there. "begin NAME" means that NAME may be
 * anything from now on, "promised NAME TAG BYTES" that it has that many bytes made of TAG (see
 * fill()), whatever happens to the machine. From the environment: rounds, seed, "in" (the directory
 * to work in). SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILES       12
#define BYTES_LIMIT 40000 /* beyond the direct blocks, with blocks of 1 KiB */

static uint8_t bytes[BYTES_LIMIT];
static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static void fill(uint32_t tag, uint32_t count)
{
    uint32_t value = tag;

    for (uint32_t i = 0; i < count; i++) {
        value = value * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(value >> 24);
    }
}

static bool failed(const char *what)
{
    perror(what);
    return false;
}

/* The directory's entries are on the disk when this comes back. */
static bool sync_directory(void)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY);

    if (fd < 0 || fsync(fd) != 0) {
        return failed("promise: directory");
    }
    close(fd);
    return true;
}

static bool write_file(const char *path, uint32_t count)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    uint32_t half = random_below(count + 1);

    if (fd < 0 || write(fd, bytes, half) != (int)half ||
        write(fd, bytes + half, count - half) != (int)(count - half) || fsync(fd) != 0) {
        return failed(path);
    }
    close(fd);
    return true;
}

/* In place; or beside it and moved over it, as careful programs do: then the old or the new one is
 * there at any time, but which is promised only after the directory's fsync. */
static bool one_round(uint32_t tag)
{
    uint32_t count = random_below(BYTES_LIMIT);
    bool beside = random_below(2) == 0;
    char path[16], other[16];

    snprintf(path, sizeof(path), "file%u", random_below(FILES));
    snprintf(other, sizeof(other), "%s.new", path);
    fill(tag, count);
    printf("begin %s\n", path);
    if (!write_file(beside ? other : path, count) || (beside && rename(other, path) != 0) ||
        !sync_directory()) {
        return false;
    }
    printf("promised %s %u %u\n", path, tag, count);
    return true;
}

static uint32_t number_from(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : (uint32_t)strtoul(text, NULL, 10);
}

int main(void)
{
    uint32_t rounds = number_from("rounds", 100), seed = number_from("seed", 1);
    const char *in = getenv("in");

    random_state = seed * 2654435761u | 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (chdir(in == NULL ? "/tmp" : in) != 0) {
        perror(in);
        return 1;
    }
    for (uint32_t i = 0; i < rounds; i++) {
        if (!one_round(seed * 100000 + i)) {
            return 1;
        }
    }
    puts("promise: all kept so far");
    return 0;
}
