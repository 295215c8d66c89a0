/* The command line, cut into words once. Of two words with one name the later counts.
 * SPDX-License-Identifier: MIT */
#include "support/options.h"

#include "common/text.h"
#include "support/log.h"

#define LINE_BYTES 2048

static char line[LINE_BYTES];
static char *words[OPTION_WORDS + 1];    /* with "=", ends with NULL */
static char *for_init[OPTION_WORDS + 1]; /* those that are not the kernel's, ends with NULL */

static const char *const own_names[] = {"hz",   "slice",   "mode",  "init", "panic",
                                        "root", "console", "quiet", "mmu",  "room"};

/* The text after "name=", NULL if `word` is not that. */
static const char *value_of(const char *word, const char *name)
{
    size_t length = strlen(name);

    return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool is_own(const char *word)
{
    for (uint32_t i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++) {
        if (value_of(word, own_names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* A word for init takes the place of an earlier one with the same name. */
static void add_for_init(char *word)
{
    size_t name_bytes = strcspn(word, "=") + 1;
    uint32_t place = 0;

    while (for_init[place] != NULL && strncmp(for_init[place], word, name_bytes) != 0) {
        place++;
    }
    for_init[place] = word;
}

void options_read(const char *command_line)
{
    static char quiet[] = "quiet=1", single[] = "single=1";
    uint32_t count = 0;
    char *at = line;

    copy_text(line, command_line, sizeof(line));
    while (*at != '\0' && count < OPTION_WORDS) {
        char *word = at;
        char *end = strchr(at, ' ');

        at = end == NULL ? at + strlen(at) : end + 1;
        if (end != NULL) {
            *end = '\0';
        }
        word = strcmp(word, "quiet") == 0 ? quiet : strcmp(word, "single") == 0 ? single : word;
        if (strchr(word, '=') != NULL) {
            words[count++] = word;
            if (!is_own(word)) {
                add_for_init(word);
            }
        }
    }
}

const char *option_nth(const char *name, uint32_t n)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        const char *value = value_of(words[i], name);

        if (value != NULL && n-- == 0) {
            return value;
        }
    }
    return NULL;
}

const char *option_text(const char *name, const char *otherwise)
{
    const char *value = otherwise;

    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (value_of(words[i], name) != NULL) {
            value = value_of(words[i], name);
        }
    }
    return value;
}

uint32_t option_number(const char *name, uint32_t otherwise, uint32_t least, uint32_t most)
{
    const char *text = option_text(name, NULL);
    int value = text == NULL ? (int)otherwise : atoi(text);

    if (value < (int)least || value > (int)most) {
        print("kernel: %s=%s is not in %u..%u, taking %u\n", name, text, least, most, otherwise);
        return otherwise;
    }
    return (uint32_t)value;
}

char *const *options_for_init(void)
{
    return for_init;
}
