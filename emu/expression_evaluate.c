/* Expressions: tree to value, by C's rules for a 32-bit processor (int and pointers of 4 bytes).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "emu/expression_priv.h"

struct walk {
    const struct expression *tree;
    const struct expression_provider *provider;
    struct expression_error *error;
};

/* ---- fetching ---- */

static bool load_or_fail(const struct walk *walk, const struct expression_node *node,
                         struct expression_value *value)
{
    if (expression_load(walk->provider, value)) {
        return true;
    }
    return expression_fail(walk->error, node->column, "no memory at %s 0x%08X",
                           value->place == PLACE_PHYSICAL ? "physical" : "linear", value->address);
}

static bool number_or_fail(const struct walk *walk, const struct expression_node *node,
                           const struct expression_value *value)
{
    struct dwarf_type type;

    if (value->is_text) {
        return expression_fail(walk->error, node->column,
                               "a text can be compared by == and !=, nothing else");
    }
    if (!expression_type_of(value, &type) || type.kind == DWARF_STRUCT ||
        type.kind == DWARF_UNION || type.kind == DWARF_VOID) {
        return expression_fail(walk->error, node->column, "%s is no number",
                               type.name[0] ? type.name : "this");
    }
    if (type.kind == DWARF_FLOAT) {
        return expression_fail(walk->error, node->column,
                               "floating point numbers can be printed, not calculated with");
    }
    return true;
}

/* Where it is; a number in memory is not fetched. */
static bool locate(const struct walk *walk, uint16_t index, struct expression_value *value);
static bool evaluate(const struct walk *walk, uint16_t index, struct expression_value *value);

/* A number after the integer promotions (C11 6.3.1.1); arrays become their address. */
static bool operand(const struct walk *walk, uint16_t index, struct expression_value *value)
{
    const struct expression_node *node = &walk->tree->nodes[index];
    bool is_array;

    if (!evaluate(walk, index, value) || !number_or_fail(walk, node, value)) {
        return false;
    }
    if (expression_is_pointer(value, &is_array)) {
        value->number = expression_address(value);
        return true;
    }
    *value = (struct expression_value){.number = value->number,
                                       .bytes = value->bytes < 4 ? 4 : value->bytes,
                                       .is_signed = value->bytes < 4 || value->is_signed,
                                       .is_physical = value->is_physical};
    return true;
}

/* ---- operators ---- */

/* Pointer plus or minus a number, and the distance of two pointers. */
static bool pointer_sum(const struct walk *walk, const struct expression_node *node,
                        struct expression_value *left, struct expression_value *right,
                        struct expression_value *value)
{
    struct expression_value element;
    bool is_array;
    bool right_too = expression_is_pointer(right, &is_array);
    bool left_too = expression_is_pointer(left, &is_array);
    struct expression_value *pointer = left_too ? left : right;
    uint32_t other = (uint32_t)(left_too ? right->number : left->number);

    expression_target(pointer, (uint32_t)pointer->number, &element);
    if (element.bytes == 0) {
        element.bytes = 1;
    }
    if (left_too && right_too) {
        *value = expression_integer(
            (uint64_t)((int32_t)((uint32_t)left->number - other) / (int32_t)element.bytes), 4,
            true);
        return node->sign == '-' ||
               expression_fail(walk->error, node->column, "two addresses can not be added");
    }
    if (!left_too && node->sign == '-') {
        return expression_fail(walk->error, node->column,
                               "an address can not be subtracted from a number");
    }
    *value = *pointer;
    if (expression_is_pointer(pointer, &is_array) &&
        is_array) { /* becomes a pointer to its element */
        *value = element;
        value->stars++;
    }
    value->place = PLACE_NONE;
    value->bytes = 4;
    value->is_physical = pointer->is_physical;
    value->number =
        (uint32_t)pointer->number + (node->sign == '-' ? 0u - other : other) * element.bytes;
    value->number &= UINT32_MAX;
    return true;
}

static bool logic(const struct walk *walk, const struct expression_node *node,
                  struct expression_value *value)
{
    bool is_and = node->sign == OPERATOR_2('&', '&');

    if (!operand(walk, node->left, value)) {
        return false;
    }
    if ((value->number != 0) == is_and && !operand(walk, node->right, value)) {
        return false;
    }
    *value = expression_integer(value->number != 0, 4, true);
    return true;
}

/* One side of a comparison of texts: a text, an array of characters, or what a pointer points to.
 */
static bool text_of(const struct walk *walk, uint16_t index, char text[EXPRESSION_WORD_BYTES + 1])
{
    const struct expression_node *node = &walk->tree->nodes[index];
    struct expression_value value;
    bool is_array;

    memset(text, 0, EXPRESSION_WORD_BYTES + 1);
    if (!evaluate(walk, index, &value)) {
        return false;
    }
    if (value.is_text) {
        memcpy(text, value.text, EXPRESSION_WORD_BYTES);
        return true;
    }
    if (!expression_is_pointer(&value, &is_array)) {
        return expression_fail(walk->error, node->column, "this is no text to be compared");
    }
    for (uint32_t i = 0; i < EXPRESSION_WORD_BYTES; i++) {
        bool is_physical = value.is_physical || (is_array && value.place == PLACE_PHYSICAL);

        if (!walk->provider->read(walk->provider->context, is_physical,
                                  expression_address(&value) + i, &text[i], 1)) {
            return expression_fail(walk->error, node->column, "no memory at 0x%08X",
                                   expression_address(&value) + i);
        }
        if (text[i] == '\0') {
            break;
        }
    }
    return true;
}

/* A comparison with a text between quotes; false: it is none. */
static bool is_text_comparison(const struct walk *walk, const struct expression_node *node)
{
    return (node->sign == OPERATOR_2('=', '=') || node->sign == OPERATOR_2('!', '=')) &&
           (walk->tree->nodes[node->left].kind == NODE_TEXT ||
            walk->tree->nodes[node->right].kind == NODE_TEXT);
}

static bool compare_texts(const struct walk *walk, const struct expression_node *node,
                          struct expression_value *value)
{
    char left[EXPRESSION_WORD_BYTES + 1];
    char right[EXPRESSION_WORD_BYTES + 1];

    if (!text_of(walk, node->left, left) || !text_of(walk, node->right, right)) {
        return false;
    }
    *value = expression_integer((strcmp(left, right) == 0) == (node->sign == OPERATOR_2('=', '=')),
                                4, true);
    return true;
}

static bool binary(const struct walk *walk, const struct expression_node *node,
                   struct expression_value *value)
{
    struct expression_value left;
    struct expression_value right;
    bool is_array;
    uint32_t bytes;
    bool is_signed;
    bool truth;
    uint64_t a;
    uint64_t b;

    if (node->sign == OPERATOR_2('&', '&') || node->sign == OPERATOR_2('|', '|')) {
        return logic(walk, node, value);
    }
    if (is_text_comparison(walk, node)) {
        return compare_texts(walk, node, value);
    }
    if (!operand(walk, node->left, &left) || !operand(walk, node->right, &right)) {
        return false;
    }
    if ((node->sign == '+' || node->sign == '-') &&
        (expression_is_pointer(&left, &is_array) || expression_is_pointer(&right, &is_array))) {
        return pointer_sum(walk, node, &left, &right, value);
    }
    bytes = left.bytes > right.bytes ? left.bytes : right.bytes;
    is_signed = (left.is_signed || left.bytes < bytes) && (right.is_signed || right.bytes < bytes);
    if (node->sign == OPERATOR_2('<', '<') || node->sign == OPERATOR_2('>', '>')) {
        bytes = left.bytes;
        is_signed = left.is_signed;
    }
    a = expression_integer(left.number, bytes, is_signed).number;
    b = expression_integer(right.number, bytes, is_signed).number;
    if (expression_compare(node->sign, is_signed, a, b, &truth)) {
        *value = expression_integer(truth, 4, true);
        return true;
    }
    if (!expression_calculate(walk->error, node, is_signed, bytes, a, b, &a)) {
        return false;
    }
    *value = expression_integer(a, bytes, is_signed);
    value->is_physical = left.is_physical | right.is_physical;
    return true;
}

static bool take_address(const struct walk *walk, const struct expression_node *node,
                         struct expression_value *value)
{
    if (!locate(walk, node->left, value)) {
        return false;
    }
    if ((value->place != PLACE_MEMORY && value->place != PLACE_PHYSICAL) || value->bit_size) {
        return expression_fail(walk->error, node->column, "this has no address%s",
                               value->place == PLACE_REGISTER ? ": it is in a register" : "");
    }
    if (!value->info && !value->stars) {
        value->target_bytes = value->bytes;
        value->target_signed = value->is_signed;
    }
    value->number = value->address;
    value->is_physical = value->place == PLACE_PHYSICAL;
    value->place = PLACE_NONE;
    value->stars++;
    value->bytes = 4;
    value->is_signed = 0;
    return true;
}

static bool unary(const struct walk *walk, const struct expression_node *node,
                  struct expression_value *value)
{
    struct expression_value from;

    if (node->sign == '&') {
        return take_address(walk, node, value);
    }
    if (node->sign == '*') {
        return evaluate(walk, node->left, &from) && number_or_fail(walk, node, &from) &&
               expression_target(&from, expression_address(&from), value);
    }
    if (!operand(walk, node->left, &from)) {
        return false;
    }
    switch (node->sign) {
    case '-':
        *value = expression_integer(0 - from.number, from.bytes, from.is_signed);
        break;
    case '~':
        *value = expression_integer(~from.number, from.bytes, from.is_signed);
        break;
    case '!':
        *value = expression_integer(from.number == 0, 4, true);
        break;
    default:
        *value = from;
        break;
    }
    return true;
}

/* ---- names, members, types ---- */

static void name_copy(const struct walk *walk, const struct expression_node *node, char *name,
                      size_t bytes)
{
    snprintf(name, bytes, "%.*s", (int)node->length, walk->tree->text + node->name);
}

static bool named(const struct walk *walk, const struct expression_node *node,
                  struct expression_value *value)
{
    char name[EXPRESSION_TEXT_BYTES];
    bool machine = node->kind == NODE_MACHINE_NAME;

    name_copy(walk, node, name, sizeof(name));
    memset(value, 0, sizeof(*value));
    if (walk->provider->name(walk->provider->context, name, machine, value)) {
        return !value->is_lost ||
               expression_fail(walk->error, node->column,
                               "%.60s is optimized away at this instruction", name);
    }
    if (machine) {
        return expression_fail(walk->error, node->column, "$%.60s: no such register or counter",
                               name);
    }
    return expression_fail(walk->error, node->column,
                           "%.60s: no such variable, symbol, register or counter here", name);
}

/* counter.NAME and process.NAME, unless a variable is called so. */
static bool dotted(const struct walk *walk, const struct expression_node *node,
                   struct expression_value *value)
{
    const struct expression_node *left = &walk->tree->nodes[node->left];
    char first[32];
    char name[EXPRESSION_TEXT_BYTES];

    if (left->kind != NODE_NAME && left->kind != NODE_MACHINE_NAME) {
        return false;
    }
    name_copy(walk, left, first, sizeof(first));
    if (strcmp(first, "counter") != 0 && strcmp(first, "process") != 0) {
        return false;
    }
    snprintf(name, sizeof(name), "%s.%.*s", first, (int)node->length,
             walk->tree->text + node->name);
    memset(value, 0, sizeof(*value));
    return walk->provider->name(walk->provider->context, name, true, value) &&
           expression_load(walk->provider, value);
}

static bool member(const struct walk *walk, const struct expression_node *node,
                   struct expression_value *value)
{
    struct expression_value whole;
    struct dwarf_field field;
    struct dwarf_type type;
    char name[EXPRESSION_TEXT_BYTES];
    bool is_array;

    if (node->kind == NODE_MEMBER && dotted(walk, node, value)) {
        return true;
    }
    if (!evaluate(walk, node->left, &whole)) {
        return false;
    }
    name_copy(walk, node, name, sizeof(name));
    if (node->kind == NODE_ARROW || expression_is_pointer(&whole, &is_array)) {
        struct expression_value pointer = whole;

        expression_target(&pointer, expression_address(&pointer), &whole);
    }
    if (!whole.info || whole.stars || !dwarf_type_get(whole.info, whole.type, &type) ||
        (type.kind != DWARF_STRUCT && type.kind != DWARF_UNION) ||
        (whole.place != PLACE_MEMORY && whole.place != PLACE_PHYSICAL)) {
        return expression_fail(walk->error, node->column, "what stands before %s%.60s is no struct",
                               node->kind == NODE_ARROW ? "->" : ".", name);
    }
    if (!dwarf_field_named(whole.info, whole.type, name, &field)) {
        return expression_fail(walk->error, node->column, "%.60s has no member %.60s", type.name,
                               name);
    }
    *value = whole;
    value->type = field.type;
    value->address += field.offset;
    value->bit = field.bit;
    value->bit_size = field.bit_size;
    return true;
}

static bool indexed(const struct walk *walk, const struct expression_node *node,
                    struct expression_value *value)
{
    struct expression_value whole;
    struct expression_value index;

    if (!evaluate(walk, node->left, &whole) || !operand(walk, node->right, &index) ||
        !number_or_fail(walk, node, &whole)) {
        return false;
    }
    if (whole.place == PLACE_PHYSICAL) {
        whole.is_physical = 1;
    }
    expression_target(&whole, expression_address(&whole), value);
    value->address += (uint32_t)index.number * value->bytes;
    return true;
}

/* Give the value the type. */
static bool type_apply(const struct walk *walk, const struct expression_node *node,
                       struct expression_value *value)
{
    char name[EXPRESSION_TEXT_BYTES];
    uint32_t bytes;
    bool is_signed;
    char *start = name;

    name_copy(walk, node, name, sizeof(name));
    if (strncmp(start, "const ", 6) == 0) {
        start += 6;
    }
    value->info = NULL;
    value->stars = node->stars;
    if (strcmp(start, "void") == 0 && node->stars) {
        bytes = 1;
        is_signed = false;
    } else if (!expression_plain_type(start, &bytes, &is_signed)) {
        if (!walk->provider->type(walk->provider->context, start, &value->info, &value->type)) {
            return expression_fail(walk->error, node->column, "%.60s: no such type", start);
        }
        return true;
    }
    value->bytes = node->stars ? 4 : bytes;
    value->is_signed = node->stars ? 0 : is_signed;
    if (node->stars) {
        value->target_bytes = bytes;
        value->target_signed = is_signed;
    }
    return true;
}

static bool cast(const struct walk *walk, const struct expression_node *node,
                 struct expression_value *value)
{
    struct expression_value from;
    struct dwarf_type type;

    if (!operand(walk, node->left, &from)) {
        return false;
    }
    *value = (struct expression_value){.number = from.number, .is_physical = from.is_physical};
    if (!type_apply(walk, node, value) || !expression_type_of(value, &type)) {
        return false;
    }
    if (expression_is_aggregate(type.kind)) {
        return expression_fail(walk->error, node->column,
                               "a number can not become a %.60s; cast to a pointer, then follow it",
                               type.name);
    }
    return expression_load(walk->provider, value) && number_or_fail(walk, node, value);
}

static bool size_of(const struct walk *walk, const struct expression_node *node,
                    struct expression_value *value)
{
    struct expression_value of = {0};
    struct dwarf_type type;

    if (node->kind == NODE_SIZE ? !locate(walk, node->left, &of) : !type_apply(walk, node, &of)) {
        return false;
    }
    if (!expression_type_of(&of, &type)) {
        return expression_fail(walk->error, node->column, "its size is not known");
    }
    *value = expression_integer(type.bytes, 4, false);
    return true;
}

static bool segment(const struct walk *walk, const struct expression_node *node,
                    struct expression_value *value)
{
    struct expression_value selector;
    struct expression_value offset;
    uint32_t base;

    if (!evaluate(walk, node->left, &selector) || !operand(walk, node->right, &offset) ||
        !number_or_fail(walk, node, &selector)) {
        return false;
    }
    base = selector.base;
    if (!selector.is_segment &&
        !walk->provider->segment(walk->provider->context, (uint32_t)selector.number, &base)) {
        return expression_fail(walk->error, node->column, "%04X: no such segment",
                               (unsigned)selector.number);
    }
    *value = expression_integer(base + (uint32_t)offset.number, 4, false);
    return true;
}

static bool choice(const struct walk *walk, const struct expression_node *node,
                   struct expression_value *value)
{
    struct expression_value condition;

    return operand(walk, node->left, &condition) &&
           evaluate(walk, condition.number ? node->right : node->third, value);
}

static bool locate(const struct walk *walk, uint16_t index, struct expression_value *value)
{
    const struct expression_node *node = &walk->tree->nodes[index];

    switch (node->kind) {
    case NODE_NUMBER:
        *value = expression_integer(node->number, node->bytes, node->is_signed != 0);
        return true;
    case NODE_TEXT:
        *value = (struct expression_value){.is_text = 1};
        name_copy(walk, node, value->text, sizeof(value->text));
        return true;
    case NODE_NAME:
    case NODE_MACHINE_NAME:
        return named(walk, node, value);
    case NODE_UNARY:
        return unary(walk, node, value);
    case NODE_BINARY:
        return binary(walk, node, value);
    case NODE_CONDITION:
        return choice(walk, node, value);
    case NODE_MEMBER:
    case NODE_ARROW:
        return member(walk, node, value);
    case NODE_INDEX:
        return indexed(walk, node, value);
    case NODE_MEMORY:
        if (!operand(walk, node->left, value)) {
            return false;
        }
        *value =
            (struct expression_value){.bytes = 4,
                                      .place = value->is_physical ? PLACE_PHYSICAL : PLACE_MEMORY,
                                      .address = (uint32_t)value->number};
        return load_or_fail(walk, node, value);
    case NODE_PHYSICAL:
        if (!operand(walk, node->left, value)) {
            return false;
        }
        value->is_physical = 1;
        return true;
    case NODE_SEGMENT:
        return segment(walk, node, value);
    case NODE_CAST:
        return cast(walk, node, value);
    default:
        return size_of(walk, node, value);
    }
}

static bool evaluate(const struct walk *walk, uint16_t index, struct expression_value *value)
{
    const struct expression_node *node = &walk->tree->nodes[index];

    return locate(walk, index, value) &&
           (value->place == PLACE_NONE || load_or_fail(walk, node, value));
}

bool expression_evaluate(const struct expression *expression,
                         const struct expression_provider *provider, struct expression_value *value,
                         struct expression_error *error)
{
    struct walk walk = {.tree = expression, .provider = provider, .error = error};

    if (error) {
        *error = (struct expression_error){0};
    }
    memset(value, 0, sizeof(*value));
    return evaluate(&walk, expression->root, value);
}
