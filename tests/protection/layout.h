/* Where the guest of the protection test keeps things; all stacks below 64 KiB, so that 16-bit
 * stack segments reach them.
 * SPDX-License-Identifier: MIT */
#pragma once

#define MARK             0x11111111 /* EBX before a test */
#define KERNEL_CODE      0x08
#define KERNEL_DATA      0x10
#define USER_CODE        0x1B
#define USER_DATA        0x23
#define TASK             0x28
#define LOCAL_TABLE      0x30
#define TARGET           0x8000 /* of far transfers: INT 81h */
#define TEST_CODE        0x8100
#define VIRTUAL_CODE     0x8180 /* what is executed in virtual-8086 mode */
#define RING0_TEST_STACK 0x7000
#define RETURN_STACK     0x6800 /* of returns to an outer level */
#define RING3_TEST_STACK 0x6000
#define RING0_STACK      0x5000
#define RING1_STACK      0x4800
#define RING2_STACK      0x4400
