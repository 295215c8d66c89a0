/* Regular expressions: the pattern becomes a nondeterministic automaton, all of whose states are
 * followed at once, so the time is pattern times text. See: Thompson, "Regular Expression Search
 * Algorithm", CACM 11 (1968). SPDX-License-Identifier: MIT */
#include "libc/include/regex.h"

#include "libc/include/ctype.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"
#include "libc/regex_steps.h"

#define REPEAT_MOST 255

struct parser {
    struct regex *regex;
    const char *at, *start;
    uint32_t depth; /* open parentheses */
    bool extended;
};

/* A part of the automaton: it begins at `first`; its last step is followed by what comes next. */
struct part {
    uint32_t first;
    uint32_t last; /* its `first` is still to be set */
};

static struct part parse_choice(struct parser *parser);

static uint32_t add_step(struct parser *parser, enum step_kind kind)
{
    struct regex *regex = parser->regex;

    if (regex->count == regex->room) {
        uint32_t room = regex->room == 0 ? 32 : regex->room * 2;
        struct regex_step *steps = realloc(regex->steps, room * sizeof(*steps));

        if (steps == NULL) {
            regex->error = "out of memory";
            return 0;
        }
        regex->steps = steps;
        regex->room = room;
    }
    memset(&regex->steps[regex->count], 0, sizeof(struct regex_step));
    regex->steps[regex->count].kind = kind;
    return regex->count++;
}

static struct part one_step(struct parser *parser, enum step_kind kind)
{
    uint32_t step = add_step(parser, kind);

    return (struct part){step, step};
}

/* A split of which only one way goes on: a step that does nothing. */
static struct part nothing(struct parser *parser)
{
    struct part part = one_step(parser, STEP_SPLIT);

    if (parser->regex->error == NULL) {
        parser->regex->steps[part.first].second = UINT32_MAX;
    }
    return part;
}

static void connect(struct parser *parser, uint32_t last, uint32_t next)
{
    if (parser->regex->error == NULL) {
        parser->regex->steps[last].first = next;
    }
}

static struct part in_sequence(struct parser *parser, struct part a, struct part b)
{
    connect(parser, a.last, b.first);
    return (struct part){a.first, b.last};
}

/* ---- characters and sets ---- */

static void set_add(struct regex_step *step, int c, bool any_case)
{
    step->set[(uint8_t)c / 32] |= 1u << (uint8_t)c % 32;
    if (any_case && isalpha(c)) {
        step->set[(uint8_t)(c ^ 0x20) / 32] |= 1u << (uint8_t)(c ^ 0x20) % 32;
    }
}

static void set_invert(struct regex_step *step)
{
    for (int i = 0; i < SET_WORDS; i++) {
        step->set[i] = ~step->set[i];
    }
}

static struct part one_character(struct parser *parser, char c)
{
    bool any_case = parser->regex->flags & REGEX_ANY_CASE && isalpha(c);
    struct part part = one_step(parser, any_case ? STEP_SET : STEP_CHARACTER);

    if (any_case) {
        set_add(&parser->regex->steps[part.first], c, true);
    }
    parser->regex->steps[part.first].character = (uint8_t)c;
    return part;
}

/* [:name:] at `at`: adds its characters and returns its length, 0: it is none. */
static size_t add_class(struct regex_step *step, const char *at, bool any_case)
{
    static const struct {
        char name[11];
        int (*contains)(int c);
    } classes[] = {
        {"[:alpha:]", isalpha}, {"[:digit:]", isdigit}, {"[:alnum:]", isalnum},
        {"[:upper:]", isupper}, {"[:lower:]", islower}, {"[:space:]", isspace},
        {"[:blank:]", isblank}, {"[:punct:]", ispunct}, {"[:print:]", isprint},
        {"[:graph:]", isgraph}, {"[:cntrl:]", iscntrl}, {"[:xdigit:]", isxdigit},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        size_t length = strlen(classes[i].name);

        if (strncmp(at, classes[i].name, length) == 0) {
            for (int c = 0; c < 256; c++) {
                if (classes[i].contains(c)) {
                    set_add(step, c, any_case);
                }
            }
            return length;
        }
    }
    return 0;
}

/* Behind the bracket. */
static struct part parse_set(struct parser *parser)
{
    struct part part = one_step(parser, STEP_SET);
    struct regex_step *step = &parser->regex->steps[part.first];
    bool inverted = *parser->at == '^', any_case = parser->regex->flags & REGEX_ANY_CASE;
    const char *at = parser->at + inverted;

    for (bool first = true; *at != '\0' && (first || *at != ']'); first = false) {
        size_t length = add_class(step, at, any_case);
        int low = (uint8_t)*at, high = low;

        if (length > 0) {
            at += length;
            continue;
        }
        at++;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
            high = (uint8_t)at[1];
            at += 2;
        }
        for (int c = low; c <= high; c++) {
            set_add(step, c, any_case);
        }
    }
    if (*at != ']') {
        parser->regex->error = "a ] is missing";
        return part;
    }
    parser->at = at + 1;
    if (inverted) {
        set_invert(step);
    }
    return part;
}

/* \w and \W: letters, digits, _ and all others. */
static struct part word_set(struct parser *parser, bool inverted)
{
    struct part part = one_step(parser, STEP_SET);
    struct regex_step *step = &parser->regex->steps[part.first];

    for (int c = 0; c < 256; c++) {
        if (isalnum(c) || c == '_') {
            set_add(step, c, false);
        }
    }
    if (inverted) {
        set_invert(step);
    }
    return part;
}

/* ---- the grammar ---- */

static struct part parse_escape(struct parser *parser)
{
    char c = *parser->at++;

    switch (c) {
    case '<':
        return one_step(parser, STEP_WORD_START);
    case '>':
        return one_step(parser, STEP_WORD_END);
    case 'b':
        return one_step(parser, STEP_BOUNDARY);
    case 'B':
        return one_step(parser, STEP_NO_BOUNDARY);
    case 'w':
    case 'W':
        return word_set(parser, c == 'W');
    case '\0':
        parser->at--;
        parser->regex->error = "a backslash at the end";
        return nothing(parser);
    default:
        return one_character(parser, c);
    }
}

/* Is an operator here? In a basic expression those of ( ) { } + ? | have a backslash. */
static bool is_operator(const struct parser *parser, char c)
{
    return parser->extended ? parser->at[0] == c : parser->at[0] == '\\' && parser->at[1] == c;
}

static void skip_operator(struct parser *parser)
{
    parser->at += parser->extended ? 1 : 2;
}

static struct part parse_group(struct parser *parser)
{
    struct part part;

    skip_operator(parser);
    parser->depth++;
    part = parse_choice(parser);
    parser->depth--;
    if (!is_operator(parser, ')')) {
        parser->regex->error = "a ) is missing";
        return part;
    }
    skip_operator(parser);
    return part;
}

/* Do ^ and $ mean the ends of the line here? In a basic expression only at its ends. */
static bool is_start_anchor(const struct parser *parser, bool first)
{
    return *parser->at == '^' && (parser->extended || first);
}

static bool is_end_anchor(const struct parser *parser)
{
    const char *next = parser->at + 1;

    return *parser->at == '$' && (parser->extended || *next == '\0' ||
                                  strncmp(next, "\\)", 2) == 0 || strncmp(next, "\\|", 2) == 0);
}

static struct part parse_atom(struct parser *parser, bool first)
{
    if (is_operator(parser, '(')) {
        return parse_group(parser);
    }
    if (is_start_anchor(parser, first) || is_end_anchor(parser)) {
        return one_step(parser, *parser->at++ == '^' ? STEP_LINE_START : STEP_LINE_END);
    }
    switch (*parser->at++) {
    case '.':
        return one_step(parser, STEP_ANY);
    case '[':
        return parse_set(parser);
    case '\\':
        return parse_escape(parser);
    default:
        return one_character(parser, parser->at[-1]);
    }
}

/* The part once more: what stands between `from` and `to` is parsed again. */
static struct part parse_again(struct parser *parser, const char *from, bool first)
{
    const char *at = parser->at;
    struct part part;

    parser->at = from;
    part = parse_atom(parser, first);
    parser->at = at;
    return part;
}

/* part* (or part+, if `once`) */
static struct part repeated(struct parser *parser, struct part part, bool once)
{
    uint32_t split = add_step(parser, STEP_SPLIT), end;

    if (parser->regex->error != NULL) {
        return part;
    }
    connect(parser, part.last, split);
    end = nothing(parser).first;
    connect(parser, split, end);
    parser->regex->steps[split].second = part.first;
    return (struct part){once ? part.first : split, end};
}

static struct part optional(struct parser *parser, struct part part)
{
    uint32_t split = add_step(parser, STEP_SPLIT), end = nothing(parser).first;

    if (parser->regex->error == NULL) {
        connect(parser, part.last, end);
        connect(parser, split, part.first);
        parser->regex->steps[split].second = end;
    }
    return (struct part){split, end};
}

/* Behind the { : {n}, {n,} or {n,m}, by as many copies of the part. */
static struct part counted(struct parser *parser, struct part part, const char *from, bool first)
{
    char *end;
    uint32_t least = strtoul(parser->at, &end, 10), most = least;
    struct part whole = nothing(parser);

    if (*end == ',') {
        most = isdigit(end[1]) ? strtoul(end + 1, &end, 10) : UINT32_MAX;
        end += *end == ',';
    }
    parser->at = end;
    if (!is_operator(parser, '}') || least > REPEAT_MOST || most < least ||
        (most > REPEAT_MOST && most != UINT32_MAX)) {
        parser->regex->error = "not a number of repetitions";
        return part;
    }
    skip_operator(parser);
    for (uint32_t i = 0; i < least && parser->regex->error == NULL; i++) {
        whole = in_sequence(parser, whole, parse_again(parser, from, first));
    }
    if (most == UINT32_MAX) {
        part = repeated(parser, parse_again(parser, from, first), false);
        return in_sequence(parser, whole, part);
    }
    for (uint32_t i = least; i < most && parser->regex->error == NULL; i++) {
        part = optional(parser, parse_again(parser, from, first));
        whole = in_sequence(parser, whole, part);
    }
    return whole;
}

static struct part parse_repeated(struct parser *parser, bool first)
{
    const char *from = parser->at;
    bool is_anchor = is_start_anchor(parser, first);
    struct part part = parse_atom(parser, first);

    while (parser->regex->error == NULL) {
        if (*parser->at == '*' && !(is_anchor && !parser->extended)) {
            parser->at++;
            part = repeated(parser, part, false);
        } else if (is_operator(parser, '+')) {
            skip_operator(parser);
            part = repeated(parser, part, true);
        } else if (is_operator(parser, '?')) {
            skip_operator(parser);
            part = optional(parser, part);
        } else if (is_operator(parser, '{') && isdigit(parser->at[parser->extended ? 1 : 2])) {
            skip_operator(parser);
            part = counted(parser, part, from, first);
        } else {
            break;
        }
    }
    return part;
}

static struct part parse_branch(struct parser *parser)
{
    struct part whole = nothing(parser);

    for (bool first = true; *parser->at != '\0' && parser->regex->error == NULL; first = false) {
        if (is_operator(parser, '|') || (is_operator(parser, ')') && parser->depth > 0)) {
            break;
        }
        if (first && *parser->at == '*') { /* nothing to repeat: itself */
            parser->at++;
            whole = in_sequence(parser, whole, one_character(parser, '*'));
            continue;
        }
        whole = in_sequence(parser, whole, parse_repeated(parser, first));
    }
    return whole;
}

static struct part parse_choice(struct parser *parser)
{
    struct part part = parse_branch(parser);

    while (is_operator(parser, '|') && parser->regex->error == NULL) {
        struct part other;
        uint32_t split, end;

        skip_operator(parser);
        other = parse_branch(parser);
        split = add_step(parser, STEP_SPLIT);
        end = nothing(parser).first;
        if (parser->regex->error == NULL) {
            connect(parser, part.last, end);
            connect(parser, other.last, end);
            connect(parser, split, part.first);
            parser->regex->steps[split].second = other.first;
        }
        part = (struct part){split, end};
    }
    return part;
}

static struct part parse_fixed(struct parser *parser)
{
    struct part whole = nothing(parser);

    while (*parser->at != '\0' && parser->regex->error == NULL) {
        whole = in_sequence(parser, whole, one_character(parser, *parser->at));
        parser->at++;
    }
    return whole;
}

bool regex_compile(struct regex *regex, const char *pattern, uint32_t flags)
{
    struct parser parser = {
        .regex = regex, .at = pattern, .start = pattern, .extended = (flags & REGEX_EXTENDED) != 0};
    struct part begin, part;

    *regex = (struct regex){.flags = flags};
    begin = nothing(&parser); /* step 0: where it begins */
    part = flags & REGEX_FIXED ? parse_fixed(&parser) : parse_choice(&parser);
    part = in_sequence(&parser, part, one_step(&parser, STEP_MATCH));
    if (*parser.at != '\0' && regex->error == NULL) {
        regex->error = "a ( is missing";
    }
    if (regex->error != NULL) {
        return false;
    }
    connect(&parser, begin.last, part.first);
    regex->lists[0] = malloc(regex->count * sizeof(uint32_t));
    regex->lists[1] = malloc(regex->count * sizeof(uint32_t));
    regex->marks = calloc(regex->count, sizeof(uint32_t));
    if (regex->lists[0] == NULL || regex->lists[1] == NULL || regex->marks == NULL) {
        regex->error = "out of memory";
    }
    return regex->error == NULL;
}
