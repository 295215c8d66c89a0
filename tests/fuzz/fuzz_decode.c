/* Fuzz target: the decoder on any bytes, in any mode, on any processor. Checks what its callers
 * rely on: nothing read beyond what is there, every field in range, the same answer again.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/cpu_state.h"
#include "cpu/decode.h"
#include "cpu/isa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void check_registers(const struct uop *uop)
{
    require(uop->base <= REG_NONE && uop->index <= REG_NONE && uop->index != REG_ESP);
    require(uop->scale <= 3 && uop->segment < SEG_COUNT);
    require(uop->dst < 16);
}

static void check_decoded(const struct decoded *out, uint32_t available, enum cpu_timing timing)
{
    const struct insn_info *row = &insn_table[out->row];
    require(out->row < INSN_COUNT);
    require(out->uop.handler_id > H_none && out->uop.handler_id < H_COUNT);
    require(out->uop.length >= 1 && out->uop.length <= 15 && out->uop.length <= available);
    require(out->clocks >= 1 && out->clocks < 1024); /* 64 of them fit into uop.clocks_left */
    require(out->prefix_bytes < 15 || out->raises);
    require(out->raises == (out->uop.handler_id == H_raise));
    if (out->raises) {
        require(out->uop.imm > PATH_NONE && out->uop.imm < PATH_COUNT && out->ends_block);
        require(out->careful && !out->is_branch);
        return;
    }
    check_registers(&out->uop);
    require(!out->is_branch || (out->ends_block && out->uop.src == out->clocks_taken));
    require(out->refill == 0 || timing == TIMING_I386);
    require(timing != TIMING_UNIT || out->clocks == 1);
    require(handler_has_fast[out->uop.handler_id] || out->careful);
    require(row->raises == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    const struct cpu_config config = {
        .level = data[0] & 3, .timing = (enum cpu_timing)(data[0] >> 2 & 3) % 3, .block_limit = 1};
    uint32_t key = data[1], available = size - 2 > 16 ? 16 : (uint32_t)(size - 2);
    uint8_t *bytes = malloc(available); /* exactly: a sanitizer sees one byte too many */
    struct decoded once, again;
    require(bytes != NULL);
    memcpy(bytes, data + 2, available);

    enum decode_result result = decode_instruction(bytes, available, key, &config, &once);
    if (result == DECODE_OK) {
        check_decoded(&once, available, config.timing);
        require(decode_instruction(bytes, once.uop.length, key, &config, &again) == DECODE_OK);
        require(memcmp(&once, &again, offsetof(struct decoded, raises) + 1) == 0);
    } else {
        require(available < 15);
    }
    free(bytes);
    return 0;
}
