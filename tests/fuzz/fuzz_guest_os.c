/* Any description of a kernel's processes is understood or refused with one line.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/guest_os.h"

#define SAMPLE "corpus/fuzz_dwarf_info/small.elf" /* beside this file: struct node and others */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libdw loses a few bytes of tables that it gives up. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libdw.so\n";
}

/* What a description is understood with. */
static struct dwarf_info *sample(void)
{
    char path[1024] = __FILE__;
    char *slash = strrchr(path, '/');

    memcpy(slash ? slash + 1 : path, SAMPLE, sizeof(SAMPLE));
    return dwarf_info_open(path, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct dwarf_info *info = sample();
    struct err err = {0};
    struct guest_os *os;

    if (!text || !info) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    os = guest_os_open(info, text, &err);
    if ((os == NULL) != (err.message[0] != '\0') || strchr(err.message, '\n')) {
        abort();
    }
    for (uint32_t i = 0; os && guest_os_saved(os, i); i++) {}
    guest_os_close(os);
    dwarf_info_close(info);
    free(text);
    return 0;
}
