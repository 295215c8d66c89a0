/* Stands in for libFuzzer: feeds a target the files of a folder, mangled copies of them and
 * a fixed series of random inputs. The same inputs in every run.
 *   TARGET [FOLDER]
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX  (1u << 20)
#define RANDOM_INPUTS    2000u
#define RANDOM_BYTES_MAX 512u
#define MANGLED_COPIES   50u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* A copy in memory of its own, so that a sanitizer sees any access past its end. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void feed_file(const char *path, uint8_t *buffer)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return;
    }
    size_t size = fread(buffer, 1, INPUT_BYTES_MAX, file);
    fclose(file);
    feed(buffer, size);

    uint32_t random = 0x9E3779B9u;
    for (uint32_t i = 0; i < MANGLED_COPIES && size > 0; i++) {
        size_t at = next_random(&random) % size;
        uint8_t before = buffer[at];
        buffer[at] ^= (uint8_t)(1u << (next_random(&random) & 7));
        feed(buffer, size);
        feed(buffer, at);
        buffer[at] = before;
    }
}

static void feed_folder(const char *folder, uint8_t *buffer)
{
    DIR *listing = opendir(folder);
    if (!listing) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(listing))) {
        char path[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (length > 0 && (size_t)length < sizeof path) {
            feed_file(path, buffer);
        }
    }
    closedir(listing);
}

int main(int argc, char **argv)
{
    uint8_t *buffer = malloc(INPUT_BYTES_MAX);
    if (!buffer) {
        return 2;
    }
    if (argc > 1) {
        feed_folder(argv[1], buffer);
    }
    uint32_t random = 0x12345678u;
    for (uint32_t i = 0; i < RANDOM_INPUTS; i++) {
        size_t size = next_random(&random) % RANDOM_BYTES_MAX;
        for (size_t at = 0; at < size; at++) {
            buffer[at] = (uint8_t)next_random(&random);
        }
        feed(buffer, size);
    }
    free(buffer);
    return 0;
}
