/* Bench guest: calls and branches. Recursion, 16-way function pointers, a small
 * bytecode interpreter.
 * SPDX-License-Identifier: MIT */
#include "bench.h"

const char bench_name[] = "calls";
const u32 bench_default_n = 100;

static NOINLINE u32 fib(u32 n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

#define F(name, expr)                                                                              \
    static NOINLINE u32 name(u32 x, u32 y)                                                         \
    {                                                                                              \
        return expr;                                                                               \
    }
F(f0, x + y)
F(f1, x - y)
F(f2, x ^ y)
F(f3, x *y + 1)
F(f4, (x << 3) | (y >> 29))
F(f5, x > y ? x : y)
F(f6, (x & y) + 7)
F(f7, ~x + (y >> 1))
F(f8, x / ((y & 15) + 1))
F(f9, x + (y << 1))
F(f10, (x | y) - 3)
F(f11, x - (y >> 3))
F(f12, (x >> 1) + (y >> 1))
F(f13, x ^ (y << 5))
F(f14, x < 1000 ? y : x - 1000)
F(f15, (x >> 16) + (y << 16))
static u32 (*const table[16])(u32, u32) = {f0, f1, f2,  f3,  f4,  f5,  f6,  f7,
                                           f8, f9, f10, f11, f12, f13, f14, f15};

static NOINLINE u32 indirect(u32 seed, u32 rounds)
{
    u32 a = seed, b = seed + 1;
    for (u32 i = 0; i < rounds; i++) {
        u32 r = rng(&seed);
        u32 t = table[r >> 28](a, b);
        a = b;
        b = t ^ r;
    }
    return a ^ b;
}

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, LT, JZ, JMP, DUP, AND, HALT };

/* s = 0; for (i = 0; i < limit; i++) s = ((s + i) * 3) ^ (i & 7); */
static const u8 prog[] = {PUSH,          0, STORE, 0,   PUSH,  0,     STORE, 1,
                          /* 8 */ LOAD,  1, LOAD,  2,   LT,    JZ,    40,
                          /* 15 */ LOAD, 0, LOAD,  1,   ADD,   PUSH,  3,     MUL, LOAD, 1,
                          PUSH,          7, AND,   XOR, STORE, 0,
                          /* 31 */ LOAD, 1, PUSH,  1,   ADD,   STORE, 1,     JMP, 8,
                          /* 40 */ HALT};

static NOINLINE u32 vm(const u8 *code, u32 limit)
{
    u32 stack[32], var[4] = {0, 0, limit, 0};
    u32 pc = 0, sp = 0;
    for (;;) {
        switch (code[pc++]) {
        case PUSH:
            stack[sp++] = code[pc++];
            break;
        case LOAD:
            stack[sp++] = var[code[pc++]];
            break;
        case STORE:
            var[code[pc++]] = stack[--sp];
            break;
        case ADD:
            sp--;
            stack[sp - 1] += stack[sp];
            break;
        case SUB:
            sp--;
            stack[sp - 1] -= stack[sp];
            break;
        case MUL:
            sp--;
            stack[sp - 1] *= stack[sp];
            break;
        case XOR:
            sp--;
            stack[sp - 1] ^= stack[sp];
            break;
        case AND:
            sp--;
            stack[sp - 1] &= stack[sp];
            break;
        case LT:
            sp--;
            stack[sp - 1] = stack[sp - 1] < stack[sp];
            break;
        case JZ:
            pc = stack[--sp] ? pc + 1 : code[pc];
            break;
        case JMP:
            pc = code[pc];
            break;
        case DUP:
            stack[sp] = stack[sp - 1];
            sp++;
            break;
        case HALT:
            return var[0];
        default:
            die("bad bytecode");
        }
    }
}

u32 bench_run(u32 n)
{
    u32 h = 1;
    for (u32 i = 0; i < n; i++) {
        h = mix(h, fib(20 + (i & 1)));
        h = mix(h, indirect(i, 40000));
        h = mix(h, vm(prog, 8000));
    }
    return h;
}
