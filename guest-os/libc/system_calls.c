/* The system call stubs: put the arguments where the kernel looks for them, trap, and turn an error
 * into errno and -1. The list include/system_calls.def makes one such function of each row, so that
 *
 *   CALL3(4, write, int, write, int, fd, const void *, buffer, size_t, bytes)
 *
 * becomes
 *
 *   int write(int fd, const void *buffer, size_t bytes)
 *   {
 *       return (int)system_call(SYS_write, (uint32_t)fd, (uint32_t)buffer, (uint32_t)bytes, 0, 0);
 *   }
 *
 * SPDX-License-Identifier: MIT */
#include "libc/include/system_calls.h"

#include "libc/include/errno.h"

#define LAST_ERROR 4095 /* results -1 .. -4095 are errors */

int errno;

static int32_t to_errno(int32_t result)
{
    if (result < 0 && result >= -LAST_ERROR) {
        errno = -result;
        return -1;
    }
    return result;
}

/* number in EAX, arguments in EBX, ECX, EDX, ESI, EDI; the result comes back in EAX. */
static int32_t system_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                           uint32_t e)
{
    int32_t result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return to_errno(result);
}

/* The sixth argument goes into EBP, where the compiler keeps the stack frame. */
static int32_t system_call_6(const uint32_t arguments[7])
{
    int32_t result;

    __asm__ volatile("pushl %%ebp\n\t"
                     "movl 24(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "a"(arguments), "b"(arguments[1]), "c"(arguments[2]), "d"(arguments[3]),
                       "S"(arguments[4]), "D"(arguments[5])
                     : "memory");
    return to_errno(result);
}

#define CALL0(number, call, type, stub)                                                            \
    type stub(void)                                                                                \
    {                                                                                              \
        return (type)system_call(SYS_##call, 0, 0, 0, 0, 0);                                       \
    }
#define CALL1(number, call, type, stub, t1, a1)                                                    \
    type stub(t1 a1)                                                                               \
    {                                                                                              \
        return (type)system_call(SYS_##call, (uint32_t)a1, 0, 0, 0, 0);                            \
    }
#define CALL2(number, call, type, stub, t1, a1, t2, a2)                                            \
    type stub(t1 a1, t2 a2)                                                                        \
    {                                                                                              \
        return (type)system_call(SYS_##call, (uint32_t)a1, (uint32_t)a2, 0, 0, 0);                 \
    }
#define CALL3(number, call, type, stub, t1, a1, t2, a2, t3, a3)                                    \
    type stub(t1 a1, t2 a2, t3 a3)                                                                 \
    {                                                                                              \
        return (type)system_call(SYS_##call, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3, 0, 0);      \
    }
#define CALL4(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4)                            \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4)                                                          \
    {                                                                                              \
        return (type)system_call(SYS_##call, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3,             \
                                 (uint32_t)a4, 0);                                                 \
    }
#define CALL5(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                    \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5)                                                   \
    {                                                                                              \
        return (type)system_call(SYS_##call, (uint32_t)a1, (uint32_t)a2, (uint32_t)a3,             \
                                 (uint32_t)a4, (uint32_t)a5);                                      \
    }
#define CALL6(number, call, type, stub, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)            \
    type stub(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5, t6 a6)                                            \
    {                                                                                              \
        const uint32_t arguments[7] = {SYS_##call,   (uint32_t)a1, (uint32_t)a2, (uint32_t)a3,     \
                                       (uint32_t)a4, (uint32_t)a5, (uint32_t)a6};                  \
                                                                                                   \
        return (type)system_call_6(arguments);                                                     \
    }
#include "include/system_calls.def"
