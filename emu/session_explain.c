/* Commands that steer what panels show: an address for the page walk, an explanation, the syntax
 * of the disassembly; and a panel as text.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/explain.h"
#include "emu/session_priv.h"

#define LINE_COLUMNS 76u
#define SHOW_COLUMNS 100u
#define SHOW_ROWS    40u

void session_do_mmu(struct session *session, const char *argument)
{
    uint32_t address;

    if (argument[0] == '\0') {
        session->mmu_chosen = 0;
        session_say(session, "mmu: the access that comes next");
        return;
    }
    if (session_place(session, argument, &address)) {
        session->mmu_chosen = 1;
        session->mmu_address = address;
        session_say(session, "mmu: linear address %08" PRIX32 "; panel mmu shows it", address);
    }
}

void session_set_painter(struct session *session, const struct session_painter *painter)
{
    session->painter = *painter;
}

void session_do_show(struct session *session, const char *argument)
{
    uint32_t columns = SHOW_COLUMNS;
    uint32_t rows = SHOW_ROWS;
    char panel[32] = "";
    bool known = false;

    if (!session->painter.paint) {
        session_refuse(session, "show: no panels here");
        return;
    }
    sscanf(argument, "%31s %" SCNu32 " %" SCNu32, panel, &columns, &rows);
    if (columns < 10 || columns > 256 || rows < 2 || rows > 256) {
        session_refuse(session, "%.40s: 10 to 256 columns, 2 to 256 rows", argument);
        return;
    }
    char *text =
        session->painter.paint(session->painter.context, session, panel, columns, rows, &known);
    if (!text) {
        session_refuse(session, "show: no memory");
    } else if (!known) {
        session_refuse(session, "%.31s: no such panel; there are %.300s", panel[0] ? panel : "show",
                       text);
    } else {
        session_print(session, "%s", text);
    }
    free(text);
}

/* Words in lines of a readable length. */
static void print_paragraph(struct session *session, const char *words)
{
    while (*words) {
        size_t length = strlen(words);

        if (length > LINE_COLUMNS) {
            length = LINE_COLUMNS;
            while (length > 0 && words[length] != ' ') {
                length--;
            }
            length = length ? length : LINE_COLUMNS;
        }
        session_print(session, "\n%.*s", (int)length, words);
        words += length;
        words += strspn(words, " ");
    }
}

static void list_words(struct session *session)
{
    const struct explanation *entry;
    size_t used = 0;

    for (uint32_t topic = 0; (entry = explanation(topic)) != NULL; topic++) {
        size_t length = strlen(entry->key);
        bool new_line = topic == 0 || used + length + 1 > LINE_COLUMNS;

        session_print(session, "%s%s", topic == 0 ? "" : new_line ? "\n" : " ", entry->key);
        used = new_line ? length : used + length + 1;
    }
}

void session_do_explain(struct session *session, const char *argument)
{
    const struct explanation *entry;

    if (argument[0] == '\0') {
        list_words(session);
        return;
    }
    uint32_t topic = explain_find(argument);
    entry = explanation(topic);
    if (!entry) {
        session_refuse(session, "%.40s: nothing is explained by that word; explain lists them",
                       argument);
        return;
    }
    session->explained = topic + 1;
    session_print(session, "%s: %s", entry->key, entry->title);
    print_paragraph(session, entry->words);
    session_print(session, "\nRead on: %s", entry->manual);
}

void session_do_syntax(struct session *session, const char *argument)
{
    bool att = strcmp(argument, "att") == 0;

    if (!att && strcmp(argument, "intel") != 0) {
        session_refuse(session, "%.40s: must be intel or att",
                       argument[0] ? argument : "set-syntax");
        return;
    }
    session->att_syntax = att;
    session_say(session, "disassembly as %s writes it", att ? "AT&T" : "Intel");
}
