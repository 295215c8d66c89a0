/* The quiz: what will the next micro-steps push or change? Questions are made of the journal of the
 * step ahead, chosen by --seed; an answer is any expression of the debugger, evaluated before it
 * happens: "eip" is as good as the number. Nothing is shown before it is answered.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/file.h"
#include "emu/session_priv.h"

/* Registers that a delivery, a system call or a return is about. */
static const struct {
    uint32_t reg;
    const char *name;
} asked[] = {
    {JREG_EIP, "EIP"}, {JREG_ESP, "ESP"}, {JREG_EFLAGS, "EFLAGS"},
    {JREG_CPL, "CPL"}, {JREG_CS, "CS"},   {JREG_SS, "SS"},
    {JREG_EAX, "EAX"}, {JREG_EBP, "EBP"}, {JREG_CR2, "CR2"},
};

/* splitmix64: the same questions for the same seed. */
static uint64_t draw(struct session_quiz *quiz)
{
    uint64_t mixed = quiz->random += 0x9E3779B97F4A7C15u;

    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return mixed ^ mixed >> 31;
}

static const char *register_name(const struct journal_entry *entry)
{
    for (uint32_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        if (entry->kind == JOURNAL_REGISTER && entry->detail == asked[i].reg &&
            entry->value != entry->previous) {
            return asked[i].name;
        }
    }
    return NULL;
}

/* A micro-step that a question can be about. */
static bool is_question(const struct journal_entry *entry)
{
    return (entry->kind == JOURNAL_MEMORY_WRITE && entry->size > 0) || register_name(entry);
}

static const char *step_words(const struct cpu_step_info *info, const struct journal *journal)
{
    if (info->what & STEP_DELIVERY) {
        return info->kind == DELIVERY_SOFTWARE    ? "the delivery of a software interrupt"
               : info->kind == DELIVERY_EXCEPTION ? "the delivery of an exception"
                                                  : "the delivery of an interrupt";
    }
    for (uint32_t i = 0; i < journal->count; i++) {
        if (journal->entries[i].kind == JOURNAL_IRET_STEP) {
            return "the return from an interrupt";
        }
    }
    return "the next instruction";
}

static void ask(struct session *session, uint32_t index)
{
    struct session_quiz *quiz = &session->quiz;
    const struct journal_entry *entry = &session->journal.entries[index];
    const char *what = step_words(&session->next, &session->journal);
    const char *name = register_name(entry);

    quiz->pending = 1;
    quiz->index = index;
    quiz->place = history_present(session->history);
    quiz->size = name ? 4 : entry->size;
    quiz->expected = entry->value;
    if (name) {
        snprintf(quiz->question, sizeof(quiz->question),
                 "%s: after micro-step %" PRIu32 ", what is %s?", what, index + 1, name);
    } else {
        snprintf(quiz->question, sizeof(quiz->question),
                 "%s: micro-step %" PRIu32 " writes %" PRIu32 " bytes to %08" PRIX32 "; what?",
                 what, index + 1, entry->size, entry->address);
    }
    session_say(session, "question %" PRIu32 ": %s (answer EXPR: a number, or eip, esp - 4 ...)",
                quiz->count + 1, quiz->question);
}

void session_do_quiz(struct session *session, const char *argument)
{
    uint32_t places[JOURNAL_CAPACITY];
    uint32_t count = 0;

    if (strncmp(argument, "result", 6) == 0) {
        session_quiz_result(session, argument + 6 + strspn(argument + 6, " "));
        return;
    }
    if (argument[0]) {
        session_refuse(session, "quiz asks about what comes next; quiz result [FILE] tells");
        return;
    }
    if (session->quiz.count == SESSION_QUIZ_MAX) {
        session_refuse(session, "that was enough: quiz result");
        return;
    }
    session_look_ahead(session);
    for (uint32_t i = session->micro; i < session->journal.count; i++) {
        if (is_question(&session->journal.entries[i])) {
            places[count++] = i;
        }
    }
    if (count == 0) {
        session_refuse(session, "nothing is pushed or changed here that could be asked; until "
                                "interrupt, until syscall or step goes on");
        return;
    }
    if (!session->quiz.random) {
        session->quiz.seed = machine_get_config(session->machine)->seed;
        session->quiz.random = session->quiz.seed + 1;
    }
    ask(session, places[draw(&session->quiz) % count]);
}

/* The answer, seen from before the micro-step that is asked about. */
static bool evaluate(struct session *session, const char *text, struct expression_value *value)
{
    uint32_t micro = session->micro;
    bool good;

    session->micro = session->quiz.index;
    good = session_evaluate(session, text, value);
    session->micro = micro;
    return good;
}

void session_do_answer(struct session *session, const char *argument)
{
    struct session_quiz *quiz = &session->quiz;
    struct session_quiz_row *row = &quiz->rows[quiz->count];
    struct expression_value value;
    uint32_t mask = quiz->size >= 4 ? UINT32_MAX : (1u << (8 * quiz->size)) - 1;

    if (!quiz->pending || history_compare(quiz->place, history_present(session->history)) != 0) {
        quiz->pending = 0;
        session_refuse(session, "there is no question; quiz asks one");
        return;
    }
    session_look_ahead(session);
    if (!evaluate(session, argument, &value)) {
        return; /* told; another try */
    }
    quiz->pending = 0;
    row->right = (((uint32_t)value.number ^ quiz->expected) & mask) == 0;
    row->clock = quiz->place.clock;
    row->expected = quiz->expected & mask;
    snprintf(row->question, sizeof(row->question), "%s", quiz->question);
    snprintf(row->answer, sizeof(row->answer), "%.60s", argument);
    quiz->count++;
    quiz->right += row->right;
    session_shown_state(session, &session->previous);
    session->micro = quiz->index + 1 < session->journal.count ? quiz->index + 1 : quiz->index;
    session_say(session, "%s: it is %0*" PRIX32 "; %" PRIu32 " of %" PRIu32 " right",
                row->right ? "right" : "no", (int)quiz->size * 2, row->expected, quiz->right,
                quiz->count);
}

static json_t *rows_json(const struct session_quiz *quiz)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < quiz->count; i++) {
        const struct session_quiz_row *row = &quiz->rows[i];
        json_t *object = json_object();
        char text[16];

        snprintf(text, sizeof(text), "%" PRIX32 "h", row->expected);
        json_object_set_new(object, "clock", json_integer((json_int_t)row->clock));
        json_object_set_new(object, "question", json_string(row->question));
        json_object_set_new(object, "answer", json_string(row->answer));
        json_object_set_new(object, "expected", json_string(text));
        json_object_set_new(object, "right", json_boolean(row->right));
        json_array_append_new(list, object);
    }
    return list;
}

void session_quiz_result(struct session *session, const char *path)
{
    const struct session_quiz *quiz = &session->quiz;
    struct err err = {0};
    json_t *root;
    char *text;

    session_say(session, "%" PRIu32 " of %" PRIu32 " right", quiz->right, quiz->count);
    if (!path[0]) {
        return;
    }
    root = json_object();
    json_object_set_new(root, "ringside-quiz", json_integer(1));
    json_object_set_new(root, "seed", json_integer((json_int_t)quiz->seed));
    json_object_set_new(root, "asked", json_integer(quiz->count));
    json_object_set_new(root, "right", json_integer(quiz->right));
    json_object_set_new(root, "questions", rows_json(quiz));
    text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
    json_decref(root);
    if (!text || !file_write(path, text, strlen(text), &err)) {
        session_refuse(session, "quiz: %.400s", text ? err.message : "no memory");
    }
    free(text);
}
