/* The kernel's command line: the words of /boot/cmdline, then those that Ringside's --append put
 * into the firmware. The kernel takes the later one of two equal names.
 * SPDX-License-Identifier: MIT */
#include "loader/loader.h"

#define SEARCH_FIRST 0xF0000u
#define SEARCH_END   0x100000u
#define BLOCK_STEP   16u

/* What the firmware of Ringside contains on a 16-byte boundary. */
struct command_block {
    char signature[8];
    uint16_t capacity; /* bytes of text */
    char text[];       /* ends with a null byte */
};

static const struct command_block *find_block(void)
{
    static const char signature[9] = "$RSBOOT$";

    for (uint32_t at = SEARCH_FIRST; at < SEARCH_END; at += BLOCK_STEP) {
        const struct command_block *block = (const struct command_block *)at;

        if (memcmp(block->signature, signature, sizeof(block->signature)) == 0 &&
            at + sizeof(*block) + block->capacity <= SEARCH_END) {
            return block;
        }
    }
    return NULL;
}

/* Add words, a blank between any two; all else than printable characters separates words. */
static void add_words(char *text, const char *from, uint32_t bytes)
{
    uint32_t length = strlen(text);
    bool blank = length > 0;

    for (uint32_t i = 0; i < bytes && from[i]; i++) {
        bool space = (uint8_t)from[i] <= ' ';

        if (!space && length + 2 < COMMAND_BYTES) {
            if (blank && length) {
                text[length++] = ' ';
            }
            text[length++] = from[i];
        }
        blank = space;
    }
    text[length] = '\0';
}

void command_read(const char *path, char *text)
{
    static char content[COMMAND_BYTES];
    const struct command_block *block = find_block();
    struct file file;

    post_code(POST_LOADER_COMMAND);
    text[0] = '\0';
    if (ext2_find(path, &file)) {
        if (file.bytes > sizeof(content)) {
            fail("%s: longer than %u bytes", path, (uint32_t)sizeof(content));
        }
        ext2_read(&file, 0, file.bytes, content);
        add_words(text, content, file.bytes);
    }
    if (block) {
        add_words(text, block->text, block->capacity);
    }
}
