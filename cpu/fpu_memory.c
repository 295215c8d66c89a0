/* Memory operands of the x87 that are longer than a dword: 8 and 10 bytes, environments. All of one
 * is checked before any of it is accessed; then it goes in pieces of a dword or word.
 * See: i486 PRM 9.9.17 (alignment), 16.2.
 * SPDX-License-Identifier: MIT */
#include "cpu/fpu_stack.h"

uint32_t fpu_probe(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                   uint32_t alignment, uint32_t access)
{
    const uint32_t path = check_logical(cpu, segment, offset, bytes, access);
    const uint32_t linear = cpu->state.segments[segment].base + offset;
    const bool checked =
        cpu->state.cpl == 3 && (cpu->state.cr0 & CR0_AM) && (cpu->state.eflags & EFLAGS_AC);
    if (!path && checked && (linear & (alignment - 1))) {
        return trap_raise(cpu, PATH_ac_misaligned, 0);
    }
    return path;
}

uint32_t fpu_read(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes,
                  uint32_t piece)
{
    const uint32_t alignment = bytes <= 10 ? 8 : piece;
    uint32_t path = fpu_probe(cpu, segment, offset, bytes, alignment, 0);
    for (uint32_t done = 0; done < bytes && !path; done += piece) {
        piece = bytes - done < piece ? bytes - done : piece;
        const struct access access = read_logical(cpu, segment, offset + done, piece);
        path = access.path;
        memcpy(cpu->fpu_image + done, &access.value, piece);
    }
    return path;
}

void fpu_write(struct cpu *cpu, uint32_t segment, uint32_t offset, uint32_t bytes, uint32_t piece)
{
    for (uint32_t done = 0; done < bytes; done += piece) {
        piece = bytes - done < piece ? bytes - done : piece;
        write_logical(cpu, segment, offset + done, piece, host_load(cpu->fpu_image + done, piece));
    }
}
