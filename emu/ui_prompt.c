/* The debugger's command line on the terminal.
 * SPDX-License-Identifier: MIT */
#include "emu/ui_prompt.h"

#include <histedit.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "emu/session.h"

#define HISTORY_LINES 500

static EditLine *editor;
static History *lines;
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static char *prompt_text(EditLine *edit)
{
    static char text[] = "(ringside) ";

    (void)edit;
    return text;
}

/* The rest of the command's name, if there is only one. */
static unsigned char complete(EditLine *edit, int key)
{
    const LineInfo *info = el_line(edit);
    size_t length = (size_t)(info->cursor - info->buffer);
    char word[32];
    char rest[32];
    const char *name;

    (void)key;
    if (length >= sizeof(word) || memchr(info->buffer, ' ', length)) {
        return CC_ERROR;
    }
    memcpy(word, info->buffer, length);
    word[length] = '\0';
    name = session_complete(word, 0);
    if (!name) {
        return CC_ERROR;
    }
    if (session_complete(word, 1)) {
        fputc('\n', stdout);
        for (size_t i = 0; (name = session_complete(word, i)) != NULL; i++) {
            printf("  %.*s\n", (int)strcspn(name, " "), name);
        }
        return CC_REDISPLAY;
    }
    snprintf(rest, sizeof(rest), "%.*s ", (int)(strcspn(name, " ") - length), name + length);
    return el_insertstr(edit, rest) == 0 ? CC_REFRESH : CC_ERROR;
}

static bool prompt_open(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    HistEvent event;

    editor = el_init("ringside", stdin, stdout, stderr);
    lines = history_init();
    if (!editor || !lines) {
        return false;
    }
    history(lines, &event, H_SETSIZE, HISTORY_LINES);
    el_set(editor, EL_PROMPT, prompt_text);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, lines);
    el_set(editor, EL_ADDFN, "complete", "complete the command", complete);
    el_set(editor, EL_BIND, "^I", "complete", NULL);
    el_source(editor, NULL);
    sigaction(SIGINT, &action, NULL);
    return true;
}

bool ui_prompt_line(char *line, size_t bytes)
{
    HistEvent event;
    int count = 0;
    const char *text;

    if (!editor && !prompt_open()) {
        return false;
    }
    text = el_gets(editor, &count);
    if (!text || count <= 0) {
        bool again = interrupted != 0; /* Ctrl-C empties the line */

        interrupted = 0;
        line[0] = '\0';
        return again;
    }
    if (text[0] != '\n') {
        history(lines, &event, H_ENTER, text);
    }
    snprintf(line, bytes, "%.*s", (int)strcspn(text, "\n"), text);
    interrupted = 0;
    return true;
}

bool ui_prompt_interrupted(void)
{
    bool was = interrupted != 0;

    interrupted = 0;
    return was;
}

void ui_prompt_close(void)
{
    if (lines) {
        history_end(lines);
        lines = NULL;
    }
    if (editor) {
        el_end(editor);
        editor = NULL;
    }
}
