/* Any file is a moment, all of whose fields are in their ranges, or refused with one line.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "emu/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct moment *moment = moment_parse(data, size, "moment", &err);

    if (!moment) {
        if (strncmp(err.message, "moment", 6) != 0 || strchr(err.message, '\n')) {
            abort();
        }
        return 0;
    }
    if (moment->image_count > MOMENT_IMAGES_MAX ||
        moment->origin.options.count > MOMENT_WORDS_MAX ||
        moment->origin.words.count > MOMENT_WORDS_MAX || !memchr(moment->version, 0, 32) ||
        moment->log.first != 0) {
        abort();
    }
    moment_close(moment);
    return 0;
}
