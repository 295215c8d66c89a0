/* A builtin of the shell as a program: printf, test. SPDX-License-Identifier: MIT */
#pragma once

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Become the shell that runs `text`, whose $0 and "$@" are `argv`. */
static inline _Noreturn void run_in_shell(const char *text, int argc, char **argv)
{
    char **words = calloc((size_t)argc + 4, sizeof(*words));

    if (words == NULL) {
        err(2, "memory");
    }
    words[0] = "sh";
    words[1] = "-c";
    words[2] = (char *)(uintptr_t)text;
    memcpy(words + 3, argv, (size_t)argc * sizeof(*words));
    execvp("sh", words);
    err(2, "sh");
}
