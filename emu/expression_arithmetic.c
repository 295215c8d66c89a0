/* Expressions: operators on two numbers that have been converted to one type.
 * SPDX-License-Identifier: MIT */
#include "emu/expression_priv.h"

static bool divide(struct expression_error *error, const struct expression_node *node,
                   bool is_signed, uint64_t a, uint64_t b, uint64_t *result)
{
    bool rest = node->sign == '%';

    if (b == 0) {
        return expression_fail(error, node->column, "division by zero");
    }
    if (!is_signed) {
        *result = rest ? a % b : a / b;
    } else if (b == UINT64_MAX) {
        *result = rest ? 0 : 0 - a;
    } else {
        *result = (uint64_t)(rest ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
    }
    return true;
}

bool expression_compare(uint16_t sign, bool is_signed, uint64_t a, uint64_t b, bool *result)
{
    bool less = is_signed ? (int64_t)a < (int64_t)b : a < b;

    switch (sign) {
    case OPERATOR_2('=', '='):
        *result = a == b;
        return true;
    case OPERATOR_2('!', '='):
        *result = a != b;
        return true;
    case '<':
        *result = less;
        return true;
    case '>':
        *result = !less && a != b;
        return true;
    case OPERATOR_2('<', '='):
        *result = less || a == b;
        return true;
    case OPERATOR_2('>', '='):
        *result = !less;
        return true;
    default:
        return false;
    }
}

bool expression_calculate(struct expression_error *error, const struct expression_node *node,
                          bool is_signed, uint32_t bytes, uint64_t a, uint64_t b, uint64_t *result)
{
    uint32_t count = (uint32_t)b & (bytes * 8 - 1);

    switch (node->sign) {
    case '+':
        *result = a + b;
        return true;
    case '-':
        *result = a - b;
        return true;
    case '*':
        *result = a * b;
        return true;
    case '/':
    case '%':
        return divide(error, node, is_signed, a, b, result);
    case '&':
        *result = a & b;
        return true;
    case '|':
        *result = a | b;
        return true;
    case '^':
        *result = a ^ b;
        return true;
    case OPERATOR_2('<', '<'):
        *result = a << count;
        return true;
    default: /* >> */
        *result = is_signed ? (uint64_t)((int64_t)a >> count) : a >> count;
        return true;
    }
}
