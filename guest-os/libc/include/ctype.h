/* Kinds of characters, ASCII only. SPDX-License-Identifier: MIT */
#pragma once

static inline int isdigit(int c)
{
    return c >= '0' && c <= '9';
}

static inline int isalpha(int c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline int isalnum(int c)
{
    return isalpha(c) || isdigit(c);
}

static inline int isspace(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int isprint(int c)
{
    return c >= ' ' && c <= '~';
}
