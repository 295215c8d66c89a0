/* What derives from isa.def: instruction and handler ids, prototypes, look-ups.
 * Handlers have names: op_NAME is the fast variant, careful_NAME the careful one.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#include "cpu/trap.h"
#include "cpu/uop.h"

/* Operand forms, by the letters of the opcode map (80386 PRM appendix A). Those from OPD_Eb to
 * OPD_Td need a ModR/M byte. */
enum operand_form {
    OPD_NONE,
    OPD_Eb,   /* r/m, byte */
    OPD_Ew,   /* r/m, word whatever the operand size (a register may still be 32 bits wide) */
    OPD_Ev,   /* r/m, word or dword */
    OPD_M,    /* memory, address only */
    OPD_Ma,   /* memory: pair of bounds */
    OPD_Mb,   /* memory: address of a byte */
    OPD_Mp,   /* memory: far pointer */
    OPD_Ms,   /* memory: 6 bytes of a table register */
    OPD_Mq,   /* memory: 8 bytes */
    OPD_m16,  /* x87 in memory: control or status word */
    OPD_m14,  /* environment of 14 or 28 bytes */
    OPD_m94,  /* the same and registers, 94 or 108 bytes */
    OPD_m32r, /* real: single precision */
    OPD_m64r, /* double precision */
    OPD_m80r, /* extended precision */
    OPD_m16i, /* integers */
    OPD_m32i,
    OPD_m64i,
    OPD_m80b, /* packed decimal */
    OPD_Rd,   /* r/m as a 32-bit register, mod ignored */
    OPD_Gb,   /* reg, byte */
    OPD_Gw,   /* reg, word */
    OPD_Gv,   /* reg, word or dword */
    OPD_Sw,   /* reg, segment register */
    OPD_Cd,   /* reg, control register */
    OPD_Dd,   /* reg, debug register */
    OPD_Td,   /* reg, test register */
    OPD_Rb,   /* register in the opcode, byte */
    OPD_Rv,   /* register in the opcode, word or dword */
    OPD_AL,
    OPD_eAX,
    OPD_CL,
    OPD_ST,  /* x87, top of the stack */
    OPD_STi, /* x87, register r/m */
    OPD_DX,
    OPD_ES, /* segment registers that the opcode implies */
    OPD_CS,
    OPD_SS,
    OPD_DS,
    OPD_FS,
    OPD_GS,
    OPD_1,   /* the count 1, as immediate */
    OPD_Ib,  /* immediate byte, zero-extended */
    OPD_Ibs, /* immediate byte, sign-extended */
    OPD_Iw,  /* immediate word */
    OPD_Iz,  /* immediate word or dword */
    OPD_Jb,  /* relative target, byte */
    OPD_Jz,  /* relative target, word or dword */
    OPD_Ap,  /* far pointer in the instruction: imm = offset, disp = selector */
    OPD_Ob,  /* memory at an offset in the instruction, byte */
    OPD_Ov,  /* the same, word or dword */
    OPD_Xb,  /* memory at segment:(E)SI, byte */
    OPD_Xv,  /* the same, word or dword */
    OPD_Yb,  /* memory at ES:(E)DI, byte */
    OPD_Yv,  /* the same, word or dword */
    OPD_Zb,  /* memory at segment:(E)BX + AL */
    OPD_COUNT
};

/* Flags as EFLAGS bits. */
#define F_C      EFLAGS_CF
#define F_P      EFLAGS_PF
#define F_A      EFLAGS_AF
#define F_Z      EFLAGS_ZF
#define F_S      EFLAGS_SF
#define F_O      EFLAGS_OF
#define F_I      EFLAGS_IF
#define F_D      EFLAGS_DF
#define F_OSZAPC EFLAGS_ARITHMETIC
#define F_OSZPC  (F_OSZAPC & ~F_A)
#define F_OSZAP  (F_OSZAPC & ~F_C)
#define F_OSAPC  (F_OSZAPC & ~F_Z)
#define F_SZAPC  (F_OSZAPC & ~F_O)
#define F_SZAP   (F_SZAPC & ~F_C)
#define F_SZPC   (F_SZAPC & ~F_A)
#define F_ALL                                                                                      \
    (F_OSZAPC | EFLAGS_TF | F_I | F_D | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM |          \
     EFLAGS_AC | EFLAGS_ID)

/* What a body may raise, by class. */
#define TRAPS_READ      0x00001u /* memory operand read: limit, rights, page, alignment */
#define TRAPS_WRITE     0x00002u /* memory operand written */
#define TRAPS_RMW       (TRAPS_READ | TRAPS_WRITE)
#define TRAPS_PUSH      0x00004u  /* stack written */
#define TRAPS_POP       0x00008u  /* stack read */
#define TRAPS_BRANCH    0x00010u  /* target beyond the limit of CS */
#define TRAPS_DIVIDE    0x00020u  /* #DE */
#define TRAPS_CPL       0x00040u  /* #GP(0) outside CPL 0: by the decoder */
#define TRAPS_IOPL      0x00080u  /* #GP(0) when CPL > IOPL, or in V86 mode when IOPL < 3 */
#define TRAPS_IO        0x00100u  /* #GP(0) by IOPL and I/O permission map */
#define TRAPS_SEGMENT   0x00200u  /* descriptor loads: #GP, #NP, #SS (selector) */
#define TRAPS_FAR       0x00400u  /* far transfer: gates, tasks, stacks: #GP #NP #SS #TS */
#define TRAPS_INT       0x00800u  /* delivers by itself; what delivery raises */
#define TRAPS_FORM      0x01000u  /* #UD in register form: by the decoder */
#define TRAPS_REGISTER  0x02000u  /* #UD by register number: by the decoder */
#define TRAPS_PROTECTED 0x04000u  /* #UD in real and V86 mode: by the decoder */
#define TRAPS_BOUND     0x08000u  /* #BR */
#define TRAPS_NM        0x10000u  /* #NM by CR0.EM, TS, MP */
#define TRAPS_CR        0x20000u  /* #GP(0) on an impossible control register value */
#define TRAPS_MSR       0x40000u  /* #GP(0) on an unknown register */
#define TRAPS_UD        0x80000u  /* #UD always */
#define TRAPS_MF        0x100000u /* #MF: an x87 error of an earlier instruction */
#define TRAPS_DEBUG     0x200000u /* #DB: the debug registers are guarded by DR7.GD */

enum privilege {
    PRIV_ANY = 0,
    PRIV_CPL0 = 1,      /* #GP(0) unless CPL is 0 (real mode: always 0; V86 mode: 3) */
    PRIV_IOPL = 2,      /* looked at by the body */
    PRIV_PROTECTED = 4, /* #UD in real and V86 mode, before the CPL is looked at */
};

enum prefix_rule {
    PFX_NONE,
    PFX_LOCK,      /* LOCK with a memory destination */
    PFX_LOCK_I386, /* the same, but on an i386 only */
    PFX_REP,       /* F3 and F2 repeat */
    PFX_REPE,      /* F3 and F2 repeat while equal, not equal */
};

enum block_end {
    ENDS_NEVER,
    ENDS_ALWAYS,
    ENDS_IF_SS, /* if the segment register in ModR/M is SS */
};

struct form_clocks {
    uint16_t reg; /* CPU clocks without memory operand; 0: no such form */
    uint16_t mem; /* CPU clocks with one; 0: no such form */
};

/* Index of handlers[]. */
#define FORM_MEMORY 1u
#define FORM_32     2u /* operand size */
#define FORM_REP    4u
#define FORM_COUNT  8u

struct insn_info {
    const char *id;                    /* as in isa.def */
    const char *mnemonic;              /* text, lower case */
    const char *manual;                /* page of the manual */
    uint8_t operands[4];               /* enum operand_form; the last is always OPD_NONE */
    uint16_t handlers[FORM_COUNT];     /* enum handler_id by FORM_*; H_none: no such form */
    struct form_clocks clocks[2];      /* by enum cpu_timing (i486, i386) */
    struct form_clocks clocks_prot[2]; /* protected mode, if not 0 */
    struct form_clocks clocks_32[2];   /* 32-bit operands, if not 0 */
    uint16_t range[2];                 /* x87: most clocks less the least */
    uint8_t concurrent;                /* x87, i486: CPU clocks that overlap what follows */
    uint8_t taken[2];                  /* clocks more if the branch is taken */
    uint8_t rep[2];                    /* clocks with REP */
    uint8_t rep_prot[2];               /* the same in protected mode, if not 0 */
    uint32_t flags_out;                /* EFLAGS bits written with a defined value */
    uint32_t flags_undefined;          /* EFLAGS bits left undefined */
    uint32_t flags_in;                 /* EFLAGS bits read */
    uint32_t traps;                    /* TRAPS_* */
    uint8_t priv;                      /* enum privilege bits */
    uint8_t prefixes;                  /* enum prefix_rule */
    uint8_t ends_block;                /* enum block_end */
    uint8_t uses_stack;                /* 0 or 1 */
    uint8_t level;                     /* enum cpu_level: first that has it */
    uint8_t gone;                      /* enum cpu_level: first that has it no more, 0: none */
    uint8_t raises;                    /* enum trap_path, 0: has a body */
};

enum insn_id {
    INSN_none, /* undefined opcode */
#define INSN_1B(id, first, last, variants, ...)          INSN_##id,
#define INSN_0F(id, first, last, variants, ...)          INSN_##id,
#define INSN_GRP(id, group, digit, variants, ...)        INSN_##id,
#define INSN_FPM(id, opcode, digit, variants, ...)       INSN_##id,
#define INSN_FPR(id, opcode, first, last, variants, ...) INSN_##id,
#include "cpu/isa.def"
    INSN_COUNT
};

enum handler_id {
    H_none,
#define FAST_HANDLER(name)    H_##name,
#define CAREFUL_HANDLER(name) H_##name,
#define LOOP_HANDLER(name)    H_##name,
#include "cpu/isa_handlers.def"
    H_COUNT
};

#define FAST_HANDLER(name)                                                                         \
    handler op_##name;                                                                             \
    handler narrow_##name;                                                                         \
    handler flat_##name;                                                                           \
    handler careful_##name;
#define CAREFUL_HANDLER(name) handler careful_##name;
#define LOOP_HANDLER(name)                                                                         \
    handler op_##name;                                                                             \
    handler flat_##name;
#include "cpu/isa_handlers.def"

/* By enum insn_id. */
extern const struct insn_info insn_table[INSN_COUNT];

/* Opcode maps: an enum insn_id, or OPCODE_GROUP | enum opcode_group, or OPCODE_FPU | opcode - D8h,
 * or INSN_none. */
#define OPCODE_GROUP 0x8000u
#define OPCODE_FPU   0x4000u
enum opcode_group {
    GROUP_80,
    GROUP_81,
    GROUP_83,
    GROUP_8F,
    GROUP_C0,
    GROUP_C1,
    GROUP_C6,
    GROUP_C7,
    GROUP_D0,
    GROUP_D1,
    GROUP_D2,
    GROUP_D3,
    GROUP_F6,
    GROUP_F7,
    GROUP_FE,
    GROUP_FF,
    GROUP_0F00,
    GROUP_0F01,
    GROUP_0FBA,
    GROUP_0FC7,
    GROUP_COUNT
};
extern const uint16_t opcode_map_1b[256];
extern const uint16_t opcode_map_0f[256];
extern const uint16_t opcode_groups[GROUP_COUNT][8];
extern const uint16_t fpu_memory_map[8][8];    /* [opcode - D8h][ModR/M bits 5-3] */
extern const uint16_t fpu_register_map[8][64]; /* [opcode - D8h][ModR/M - C0h] */

/* By enum handler_id. A handler without a fast variant has the careful one in both. */
extern handler *const fast_handlers[H_COUNT];
extern handler *const narrow_handlers[H_COUNT];
extern handler *const flat_handlers[H_COUNT];
extern handler *const careful_handlers[H_COUNT];
/* Without prefix: "add_eb_gb_r8". */
extern const char *const handler_names[H_COUNT];
/* 1: its fast and careful variants differ. */
extern const uint8_t handler_has_fast[H_COUNT];
