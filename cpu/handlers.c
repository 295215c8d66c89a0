/* From handler id to function, fast, narrow, flat and careful: the link between the instruction
 * table and the bodies. A body that is missing is a link error here. Apart from isa.c, so that the
 * decoder can be linked without any body.
 * SPDX-License-Identifier: MIT */
#include "cpu/isa.h"

handler *const fast_handlers[H_COUNT] = {
    0,
#define FAST_HANDLER(name)    op_##name,
#define CAREFUL_HANDLER(name) careful_##name,
#define LOOP_HANDLER(name)    op_##name,
#include "cpu/isa_handlers.def"
};

handler *const narrow_handlers[H_COUNT] = {
    0,
#define FAST_HANDLER(name)    narrow_##name,
#define CAREFUL_HANDLER(name) careful_##name,
#define LOOP_HANDLER(name)    op_##name,
#include "cpu/isa_handlers.def"
};

handler *const flat_handlers[H_COUNT] = {
    0,
#define FAST_HANDLER(name)    flat_##name,
#define CAREFUL_HANDLER(name) careful_##name,
#define LOOP_HANDLER(name)    flat_##name,
#include "cpu/isa_handlers.def"
};

handler *const careful_handlers[H_COUNT] = {
    0,
#define FAST_HANDLER(name)    careful_##name,
#define CAREFUL_HANDLER(name) careful_##name,
#define LOOP_HANDLER(name)    op_##name,
#include "cpu/isa_handlers.def"
};
