/* 64-bit division, which the compiler calls by these names; usually they come with the compiler's
 * own library, which need not be there for 32-bit code. See: i386 calls of libgcc's manual,
 * "Routines for integer arithmetic". Dividing by zero divides by zero in hardware, as the 32-bit
 * form does. SPDX-License-Identifier: MIT */
#include <stdint.h>

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t *remainder);

/* EDX:EAX / divisor with the hardware's DIV; high < divisor, or the CPU raises #DE. */
static uint32_t divide_64_by_32(uint32_t high, uint32_t low, uint32_t divisor, uint32_t *remainder)
{
    uint32_t quotient;

    __asm__("divl %4" : "=a"(quotient), "=d"(*remainder) : "a"(low), "d"(high), "rm"(divisor));
    return quotient;
}

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0;
    uint64_t rest = 0;

    if (divisor >> 32 == 0) { /* long division with digits of 32 bits */
        uint32_t small = (uint32_t)divisor;
        uint32_t high = (uint32_t)(dividend >> 32);
        uint32_t left;

        quotient = (uint64_t)(high / small) << 32;
        quotient |= divide_64_by_32(high % small, (uint32_t)dividend, small, &left);
        rest = left;
    } else {
        for (int bit = 63; bit >= 0; bit--) {
            rest = rest << 1 | (dividend >> bit & 1);
            if (rest >= divisor) {
                rest -= divisor;
                quotient |= UINT64_C(1) << bit;
            }
        }
    }
    *remainder = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;

    return __udivmoddi4(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;

    __udivmoddi4(dividend, divisor, &remainder);
    return remainder;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t quotient = __udivdi3(magnitude(dividend), magnitude(divisor));

    return (int64_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    uint64_t remainder = __umoddi3(magnitude(dividend), magnitude(divisor));

    return (int64_t)(dividend < 0 ? -remainder : remainder);
}

int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t *remainder)
{
    int64_t quotient = __divdi3(dividend, divisor);

    *remainder = dividend - quotient * divisor;
    return quotient;
}
