/* A line on the terminal: typed with raw input, so that the shell itself moves the cursor and
 * brings earlier lines back. Keys: arrows, Home, End, Backspace, Delete, Tab (completes a word),
 * Ctrl-A E B F P N K U W L C D, Ctrl-R (looks for an earlier line), Alt-B F D and Ctrl-arrows (by
 * words). The line is shown without knowing its width: it should fit.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "user/sh/sh.h"

#define LINE_BYTES    1024
#define HISTORY_LIMIT 200
#define CTRL(c)       ((c)&0x1F)

enum {
    KEY_UP = 256,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_WORD_DELETE,
    KEY_NONE,
    KEY_EOF
};

struct line {
    const char *prompt;
    char text[LINE_BYTES];
    int length, cursor;
    int shown;              /* the place in the history, `count` for the new line */
    char typed[LINE_BYTES]; /* the new line, while an old one is shown */
};

static char *history[HISTORY_LIMIT];
static int count; /* lines in the history */

static int read_byte(void)
{
    unsigned char c;

    for (;;) {
        int got = read(STDIN_FILENO, &c, 1);

        if (got == 1) {
            return c;
        }
        if (got == 0 || errno != EINTR) {
            return KEY_EOF;
        }
        if (trap_waits()) {
            traps_pending();
        }
    }
}

/* ESC [ number ~, or ESC [ 1 ; 5 letter with Ctrl held */
static int read_number_key(int c)
{
    int last = read_byte();

    if (last == ';') {
        read_byte(); /* the keys that are held */
        last = read_byte();
        return last == 'C' ? KEY_WORD_RIGHT : last == 'D' ? KEY_WORD_LEFT : KEY_NONE;
    }
    return c == '1' || c == '7' ? KEY_HOME : c == '3' ? KEY_DELETE : KEY_END;
}

/* Keys that send ESC [ letter, ESC [ number ~, or (with Alt) ESC letter */
static int read_key(void)
{
    int c = read_byte();

    if (c != '\033') {
        return c;
    }
    c = read_byte();
    if (c != '[' && c != 'O') {
        return c == 'b'   ? KEY_WORD_LEFT
               : c == 'f' ? KEY_WORD_RIGHT
               : c == 'd' ? KEY_WORD_DELETE
                          : KEY_NONE;
    }
    c = read_byte();
    switch (c) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'H':
        return KEY_HOME;
    case 'F':
        return KEY_END;
    case '1':
    case '3':
    case '4':
    case '7':
    case '8':
        return read_number_key(c);
    default:
        return KEY_NONE;
    }
}

static void put(const char *text, int length)
{
    write(STDOUT_FILENO, text, (size_t)length);
}

static void move_left(int columns)
{
    while (columns-- > 0) {
        put("\b", 1);
    }
}

/* Show the line from `from` on, blank what stood behind it, and put the cursor in its place. */
static void redraw(struct line *line, int from, int old_length)
{
    put(line->text + from, line->length - from);
    for (int i = line->length; i < old_length; i++) {
        put(" ", 1);
    }
    move_left((old_length > line->length ? old_length : line->length) - line->cursor);
}

static void insert(struct line *line, char c)
{
    if (line->length + 1 >= LINE_BYTES) {
        return;
    }
    memmove(line->text + line->cursor + 1, line->text + line->cursor,
            (size_t)(line->length - line->cursor));
    line->text[line->cursor++] = c;
    line->length++;
    redraw(line, line->cursor - 1, line->length);
}

/* Take `bytes` before the cursor away. */
static void erase(struct line *line, int bytes)
{
    int old_length = line->length;

    if (bytes > line->cursor) {
        bytes = line->cursor;
    }
    memmove(line->text + line->cursor - bytes, line->text + line->cursor,
            (size_t)(line->length - line->cursor));
    line->cursor -= bytes;
    line->length -= bytes;
    move_left(bytes);
    redraw(line, line->cursor, old_length);
}

static void move_to(struct line *line, int place)
{
    place = place < 0 ? 0 : place > line->length ? line->length : place;
    move_left(line->cursor - place);
    if (place > line->cursor) {
        put(line->text + line->cursor, place - line->cursor);
    }
    line->cursor = place;
}

static void replace(struct line *line, const char *text)
{
    int old_length = line->length;

    move_to(line, 0);
    line->length = (int)strlen(text);
    memcpy(line->text, text, (size_t)line->length);
    line->cursor = line->length;
    redraw(line, 0, old_length);
}

static void show_history(struct line *line, int step)
{
    int place = line->shown + step;

    if (place < 0 || place > count) {
        return;
    }
    line->text[line->length] = '\0';
    if (line->shown == count) {
        strcpy(line->typed, line->text);
    }
    line->shown = place;
    replace(line, place == count ? line->typed : history[place]);
}

static void remember(const char *text)
{
    if (*text == '\0' || (count > 0 && strcmp(history[count - 1], text) == 0)) {
        return;
    }
    if (count == HISTORY_LIMIT) {
        free(history[0]);
        memmove(history, history + 1, (HISTORY_LIMIT - 1) * sizeof(history[0]));
        count--;
    }
    history[count++] = strdup(text);
}

static int word_before(const struct line *line)
{
    int place = line->cursor;

    while (place > 0 && line->text[place - 1] == ' ') {
        place--;
    }
    while (place > 0 && line->text[place - 1] != ' ') {
        place--;
    }
    return line->cursor - place;
}

static int word_behind(const struct line *line)
{
    int place = line->cursor;

    while (place < line->length && !isalnum(line->text[place])) {
        place++;
    }
    while (place < line->length && isalnum(line->text[place])) {
        place++;
    }
    return place;
}

/* By words; false: the key is another. */
static bool edit_words(struct line *line, int key)
{
    int place = line->cursor;

    switch (key) {
    case KEY_WORD_LEFT:
        while (place > 0 && !isalnum(line->text[place - 1])) {
            place--;
        }
        while (place > 0 && isalnum(line->text[place - 1])) {
            place--;
        }
        move_to(line, place);
        return true;
    case KEY_WORD_RIGHT:
        move_to(line, word_behind(line));
        return true;
    case KEY_WORD_DELETE:
        place = word_behind(line) - line->cursor;
        move_to(line, word_behind(line));
        erase(line, place);
        return true;
    default:
        return false;
    }
}

/* ---- looking for an earlier line ---- */

/* The newest line before `from` that has `text` in it; -1: none. */
static int search(const char *text, int from)
{
    for (int i = from - 1; i >= 0; i--) {
        if (strstr(history[i], text) != NULL) {
            return i;
        }
    }
    return -1;
}

static void show_search(struct line *line, const char *text, int found)
{
    char shown[LINE_BYTES];

    snprintf(shown, sizeof(shown), "(search '%s') %s", text, found < 0 ? "" : history[found]);
    replace(line, shown);
}

/* Ctrl-R: what is typed is looked for; again Ctrl-R goes on. Returns the key that ended it. */
static int search_history(struct line *line)
{
    char text[LINE_BYTES] = "";
    int length = 0, found = -1, key;

    for (;;) {
        show_search(line, text, found);
        key = read_key();
        if (key == CTRL('R')) {
            int next = search(text, found < 0 ? count : found);

            found = next < 0 ? found : next;
        } else if ((key == CTRL('H') || key == 0x7F) && length > 0) {
            text[--length] = '\0';
            found = search(text, count);
        } else if (key >= ' ' && key < 0x7F && length + 1 < LINE_BYTES / 2) {
            text[length++] = (char)key;
            text[length] = '\0';
            found = search(text, count);
        } else {
            break;
        }
    }
    replace(line, found < 0 || key == CTRL('G') ? "" : history[found]);
    return key;
}

/* ---- completion ---- */

static bool ends_word(char c)
{
    return strchr(" \t|&;<>()=", c) != NULL;
}

/* Does the word at `start` name a command? */
static bool is_command_place(const struct line *line, int start)
{
    while (start > 0 && line->text[start - 1] == ' ') {
        start--;
    }
    return start == 0 || strchr("|&;(", line->text[start - 1]) != NULL;
}

static void show_again(struct line *line)
{
    int cursor = line->cursor;

    put(line->prompt, (int)strlen(line->prompt));
    put(line->text, line->length);
    move_left(line->length - cursor);
}

static void list_choices(struct line *line, const struct list *found)
{
    put("\n", 1);
    for (size_t i = 0; i < found->count; i++) {
        put(found->items[i], (int)strlen(found->items[i]));
        put(i + 1 < found->count ? "  " : "\n", i + 1 < found->count ? 2 : 1);
    }
    show_again(line);
}

static size_t common_length(const struct list *found)
{
    size_t length = strlen(found->items[0]);

    for (size_t i = 1; i < found->count; i++) {
        size_t same = 0;

        while (same < length && found->items[i][same] == found->items[0][same]) {
            same++;
        }
        length = same;
    }
    return length;
}

/* Tab: what all possible words have in common is typed; if that is nothing, they are listed. */
static void complete(struct line *line)
{
    struct list found = {0};
    int start = line->cursor;
    size_t length, had;

    while (start > 0 && !ends_word(line->text[start - 1])) {
        start--;
    }
    had = (size_t)(line->cursor - start);
    complete_word(arena_text(line->text + start, had), is_command_place(line, start), &found);
    if (found.count == 0) {
        return;
    }
    length = common_length(&found);
    for (size_t i = had; i < length; i++) {
        insert(line, found.items[0][i]);
    }
    if (found.count == 1 && found.items[0][length - 1] != '/') {
        insert(line, ' ');
    } else if (found.count > 1 && length == had) {
        list_choices(line, &found);
    }
}

static void move_or_erase(struct line *line, int key)
{
    if (edit_words(line, key)) {
        return;
    }
    switch (key) {
    case '\t':
        complete(line);
        break;
    case CTRL('L'):
        put("\033[H\033[2J", 7);
        show_again(line);
        break;
    case CTRL('A'):
    case KEY_HOME:
        move_to(line, 0);
        break;
    case CTRL('E'):
    case KEY_END:
        move_to(line, line->length);
        break;
    case CTRL('B'):
    case KEY_LEFT:
        move_to(line, line->cursor - 1);
        break;
    case CTRL('F'):
    case KEY_RIGHT:
        move_to(line, line->cursor + 1);
        break;
    case CTRL('H'):
    case 0x7F:
        erase(line, 1);
        break;
    case CTRL('D'):
    case KEY_DELETE:
        if (line->cursor < line->length) {
            move_to(line, line->cursor + 1);
            erase(line, 1);
        }
        break;
    case CTRL('W'):
        erase(line, word_before(line));
        break;
    case CTRL('U'):
        erase(line, line->cursor);
        break;
    case CTRL('K'): {
        int old_length = line->length;

        line->length = line->cursor;
        redraw(line, line->cursor, old_length);
        break;
    }
    case CTRL('P'):
    case KEY_UP:
        show_history(line, -1);
        break;
    case CTRL('N'):
    case KEY_DOWN:
        show_history(line, 1);
        break;
    default:
        if (key >= ' ' && key < 0x7F) {
            insert(line, (char)key);
        }
        break;
    }
}

/* Keys until Enter; false: the end, or Ctrl-C (then shell.interrupted). */
static bool edit(struct line *line)
{
    for (;;) {
        int key = read_key();

        if (key == CTRL('R')) {
            key = search_history(line);
        }
        if (key == KEY_EOF || (key == CTRL('D') && line->length == 0)) {
            put("\n", 1);
            return false;
        }
        if (key == CTRL('C')) {
            put("^C\n", 3);
            shell.interrupted = 1;
            return false;
        }
        if (key == '\n' || key == '\r') {
            put("\n", 1);
            line->text[line->length] = '\0';
            return true;
        }
        move_or_erase(line, key);
    }
}

char *edit_line(const char *prompt)
{
    struct line line = {.prompt = prompt, .shown = count};
    struct termios before, raw;
    bool good;

    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return NULL;
    }
    raw = before;
    raw.c_lflag &= ~(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    put(prompt, (int)strlen(prompt)); /* not before: what is typed at it is echoed once */
    good = edit(&line);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    if (!good) {
        return NULL;
    }
    remember(line.text);
    return arena_text(line.text, strlen(line.text));
}
