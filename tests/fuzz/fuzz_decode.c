/* Fuzz target: the decoder on any bytes in any mode and for any processor. The first two bytes
 * choose mode and processor, the rest is code, in a buffer that ends where it ends.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the block builder relies on. */
static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void decode_at(const uint8_t *bytes, uint32_t available, uint32_t key,
                      const struct cpu_config *config)
{
    struct decoded decoded;
    struct decoded again;
    memset(&decoded, 0, sizeof(decoded));
    memset(&again, 0, sizeof(again));

    if (decode_instruction(bytes, available, key, config, &decoded) == DECODE_MORE) {
        require(available < 15);
        return;
    }
    require(decoded.uop.length >= 1 && decoded.uop.length <= 15);
    require(decoded.uop.length <= available);
    require(decoded.clocks >= 1);
    require(decoded.uop.base <= REG_NONE && decoded.uop.index <= REG_NONE);
    require(decoded.uop.scale <= 3 && decoded.uop.segment < SEG_COUNT);
    require(decode_instruction(bytes, available, key, config, &again) == DECODE_OK);
    require(memcmp(&decoded, &again, sizeof(decoded)) == 0);
    /* Bytes after the instruction have no say in it. */
    require(decode_instruction(bytes, decoded.uop.length, key, config, &again) == DECODE_OK);
    require(again.uop.length == decoded.uop.length && again.row == decoded.row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t keys[8] = {
        0,
        BLOCK_KEY_PE,
        BLOCK_KEY_PE | BLOCK_KEY_CODE32,
        BLOCK_KEY_PE | BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32,
        BLOCK_KEY_PE | BLOCK_KEY_STACK32,
        BLOCK_KEY_PE | BLOCK_KEY_CODE32 | BLOCK_KEY_STACK32 | BLOCK_KEY_CPL,
        BLOCK_KEY_PE | BLOCK_KEY_VM | BLOCK_KEY_CPL,
        BLOCK_KEY_PE | BLOCK_KEY_CODE32 | BLOCK_KEY_CPL,
    };
    if (size < 3) {
        return 0;
    }
    struct cpu_config config = {
        .level = (enum cpu_level)(data[1] & 3),
        .timing = (enum cpu_timing)(data[1] >> 2 & 0x3F) % 3,
        .block_limit = 64,
    };
    for (size_t at = 2; at < size; at++) {
        decode_at(data + at, (uint32_t)(size - at), keys[data[0] & 7], &config);
    }
    return 0;
}
