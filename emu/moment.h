/* Moments: a small file that reopens one exact place of a run elsewhere. It holds what the machine
 * was made of, with the hashes of all images, everything that had come in until then, and the place
 * itself; whoever opens it runs the same machine again up to there and compares the hash.
 * Format: docs/grading.md, "Moments".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/err.h"
#include "emu/history.h"
#include "emu/input_log.h"

#define MOMENT_WORDS_MAX  80u
#define MOMENT_IMAGES_MAX 8u

struct json_t;

/* Words of a command line. */
struct moment_words {
    uint32_t count;                /* 0..MOMENT_WORDS_MAX */
    char *words[MOMENT_WORDS_MAX]; /* each malloc'd */
};

/* What a machine was made of; what of its images is in the configuration is not repeated here. */
struct moment_origin {
    const char *version;         /* of the program */
    uint32_t exec;               /* 1: `ringside exec` */
    struct moment_words options; /* of the command line that makes the same machine */
    struct moment_words words;   /* kernel or program, with arguments */
    uint64_t kernel_hash;        /* XXH3 of the file, 0: none is loaded */
    uint64_t initrd_hash;        /* the same */
};

struct moment_image {
    char what[16]; /* "kernel", "initrd", "firmware", "option ROM", "disk 0" */
    uint64_t hash; /* XXH3 */
};

struct moment {
    struct json_t *root; /* of the file: breakpoints and what else only a session reads */
    struct moment_origin origin;
    char version[32];
    uint32_t image_count;
    struct moment_image images[MOMENT_IMAGES_MAX];
    struct history_place place;
    uint32_t micro;       /* as session_position.micro */
    uint64_t hash;        /* of the machine, at the boundary */
    struct input_log log; /* all that had come in */
};

bool moment_words_add(struct moment_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void moment_words_free(struct moment_words *words);

/* The images that a machine of this configuration uses; 0: its configuration has no origin. */
uint32_t moment_images(const struct machine_config *config,
                       struct moment_image images[MOMENT_IMAGES_MAX]);

/* NULL with *err filled: one line that names the file. `name` is for messages. */
struct moment *moment_parse(const uint8_t *bytes, size_t size, const char *name, struct err *err);
struct moment *moment_load(const char *path, struct err *err);
void moment_close(struct moment *moment);
/* Whether a machine of this configuration can be brought there: version and images. */
bool moment_fits(const struct moment *moment, const struct machine_config *config, const char *path,
                 struct err *err);
/* The file's content without what a session adds to it; NULL: no memory. */
struct json_t *moment_object(struct machine *machine, struct history_place place, uint32_t micro);
