/* Declarations of all system call stubs, from the one list. SPDX-License-Identifier: MIT */
#pragma once

#include "include/abi.h"

#define CALL0(number, call, type, stub)                         type stub(void);
#define CALL1(number, call, type, stub, t1, a1)                 type stub(t1 a1);
#define CALL2(number, call, type, stub, t1, a1, t2, a2)         type stub(t1 a1, t2 a2);
#define CALL3(number, call, type, stub, t1, a1, t2, a2, t3, a3) type stub(t1 a1, t2 a2, t3 a3);
#define CALL4(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4)                            \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4);
#define CALL5(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                    \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5);
#define CALL6(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)            \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6);
#include "include/system_calls.def"
#undef CALL0
#undef CALL1
#undef CALL2
#undef CALL3
#undef CALL4
#undef CALL5
#undef CALL6
