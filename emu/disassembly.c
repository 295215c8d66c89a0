/* Text of instructions by Zydis, and a search for instruction boundaries before an address:
 * from a known start if there is one, else from the start most chains agree on.
 * SPDX-License-Identifier: MIT */
#include "emu/disassembly.h"

#include <Zydis/Zydis.h>
#include <stdio.h>
#include <string.h>

#define BACK_WINDOW 256u /* bytes looked at before the address when no start is known */

static void decoder_init(ZydisDecoder *decoder, bool big)
{
    ZydisDecoderInit(decoder, big ? ZYDIS_MACHINE_MODE_LEGACY_32 : ZYDIS_MACHINE_MODE_LEGACY_16,
                     big ? ZYDIS_STACK_WIDTH_32 : ZYDIS_STACK_WIDTH_16);
}

uint32_t disassembly_length(const uint8_t *bytes, size_t size, bool big)
{
    ZydisDecoder decoder;
    ZydisDecodedInstruction instruction;

    decoder_init(&decoder, big);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeInstruction(&decoder, ZYAN_NULL, bytes, size, &instruction))) {
        return 0;
    }
    return instruction.length;
}

/* Numbers as each syntax writes them: 1Fh, $0x1f. */
static void formatter_init(ZydisFormatter *formatter, bool att)
{
    ZydisFormatterInit(formatter, att ? ZYDIS_FORMATTER_STYLE_ATT : ZYDIS_FORMATTER_STYLE_INTEL);
    if (att) {
        ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    } else {
        ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_PREFIX, (ZyanUPointer)NULL);
        ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_SUFFIX, (ZyanUPointer) "h");
        ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_FORCE_LEADING_NUMBER,
                                  ZYAN_TRUE);
    }
    ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
    ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
}

uint32_t disassemble(const uint8_t *bytes, size_t size, uint32_t eip, bool big, bool att,
                     char *text, size_t text_bytes)
{
    ZydisDecoder decoder;
    ZydisFormatter formatter;
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

    if (size == 0) {
        snprintf(text, text_bytes, "not readable");
        return 0;
    }
    decoder_init(&decoder, big);
    formatter_init(&formatter, att);
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size, &instruction, operands)) ||
        !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &instruction, operands,
                                                      instruction.operand_count_visible, text,
                                                      text_bytes, eip, ZYAN_NULL))) {
        snprintf(text, text_bytes, "db %s%02Xh", bytes[0] >= 0xA0 ? "0" : "", bytes[0]);
        return 1;
    }
    return instruction.length;
}

/* Follow instructions from `start`; true if one ends exactly at `size`. */
static bool leads_to_end(const uint8_t *bytes, size_t size, size_t start, bool big)
{
    while (start < size) {
        uint32_t length = disassembly_length(bytes + start, size - start, big);
        if (length == 0) {
            return false;
        }
        start += length;
    }
    return start == size;
}

static size_t find_start(const uint8_t *bytes, size_t size, size_t anchor, bool big)
{
    size_t first = size > BACK_WINDOW ? size - BACK_WINDOW : 0;

    if (anchor < size && leads_to_end(bytes, size, anchor, big)) {
        return anchor;
    }
    /* x86 code falls into step after a few instructions: the farthest start that arrives is
     * right for the last instructions with high probability */
    for (size_t start = first; start < size; start++) {
        if (leads_to_end(bytes, size, start, big)) {
            return start;
        }
    }
    return size;
}

size_t disassembly_before(const uint8_t *bytes, size_t size, size_t anchor, bool big,
                          uint16_t *starts, size_t count)
{
    size_t found = 0;
    size_t start = find_start(bytes, size, anchor, big);

    while (start < size && count > 0) {
        if (found == count) {
            memmove(starts, starts + 1, (count - 1) * sizeof starts[0]);
            found--;
        }
        starts[found++] = (uint16_t)start;
        start += disassembly_length(bytes + start, size - start, big);
    }
    return found;
}
