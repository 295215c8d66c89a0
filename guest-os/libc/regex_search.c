/* Regular expressions: following all states of the automaton at once through the text.
 * SPDX-License-Identifier: MIT */
#include "libc/include/ctype.h"
#include "libc/include/regex.h"
#include "libc/include/stdlib.h"
#include "libc/regex_steps.h"

#define NO_PLACE ((size_t)-1)

struct search {
    struct regex *regex;
    const char *text;
    size_t length, at;
    uint32_t *list; /* the states entered at `at` */
    uint32_t count;
    bool matched; /* the end is one of them */
};

static bool is_word(const struct search *search, size_t place)
{
    return place < search->length && (isalnum(search->text[place]) || search->text[place] == '_');
}

/* Does a step that takes no character hold here? */
static bool holds(const struct search *search, enum step_kind kind)
{
    bool before = search->at > 0 && is_word(search, search->at - 1);
    bool behind = is_word(search, search->at);

    switch (kind) {
    case STEP_LINE_START:
        return search->at == 0;
    case STEP_LINE_END:
        return search->at == search->length;
    case STEP_WORD_START:
        return !before && behind;
    case STEP_WORD_END:
        return before && !behind;
    case STEP_BOUNDARY:
        return before != behind;
    default:
        return before == behind;
    }
}

/* Enter a state and all that are reached from it without a character. */
static void enter(struct search *search, uint32_t place)
{
    struct regex *regex = search->regex;

    while (place != UINT32_MAX && regex->marks[place] != regex->round) {
        const struct regex_step *step = &regex->steps[place];

        regex->marks[place] = regex->round;
        switch (step->kind) {
        case STEP_CHARACTER:
        case STEP_ANY:
        case STEP_SET:
            search->list[search->count++] = place;
            return;
        case STEP_MATCH:
            search->matched = true;
            return;
        case STEP_SPLIT:
            enter(search, step->second);
            break;
        default:
            if (!holds(search, step->kind)) {
                return;
            }
            break;
        }
        place = step->first;
    }
}

static bool takes(const struct regex_step *step, uint8_t c)
{
    return step->kind == STEP_ANY || (step->kind == STEP_SET && set_has(step, c)) ||
           (step->kind == STEP_CHARACTER && step->character == c);
}

/* The end of the longest match that begins at `from`; NO_PLACE: none. */
static size_t match_at(struct regex *regex, const char *text, size_t length, size_t from)
{
    struct search search = {regex, text, length, from, regex->lists[0], 0, false};
    size_t end = NO_PLACE;

    regex->round++;
    enter(&search, 0);
    for (;;) {
        const uint32_t *old = search.list;
        uint32_t count = search.count;

        if (search.matched) {
            end = search.at;
        }
        if (search.at == length || count == 0) {
            return end;
        }
        search.list = old == regex->lists[0] ? regex->lists[1] : regex->lists[0];
        search.count = 0;
        search.matched = false;
        regex->round++;
        search.at++;
        for (uint32_t i = 0; i < count; i++) {
            const struct regex_step *step = &regex->steps[old[i]];

            if (takes(step, (uint8_t)text[search.at - 1])) {
                enter(&search, step->first);
            }
        }
    }
}

bool regex_search(struct regex *regex, const char *text, size_t length, size_t from, size_t *start,
                  size_t *end)
{
    for (size_t place = from; place <= length; place++) {
        size_t behind = match_at(regex, text, length, place);

        if (behind != NO_PLACE) {
            *start = place;
            *end = behind;
            return true;
        }
    }
    return false;
}

void regex_free(struct regex *regex)
{
    free(regex->steps);
    free(regex->lists[0]);
    free(regex->lists[1]);
    free(regex->marks);
    *regex = (struct regex){0};
}
