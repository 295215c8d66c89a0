/* edit FILE: a small editor for the whole screen. Arrows, Home, End, PageUp and PageDown move; what
 * is typed goes in; Backspace and Delete take out; Ctrl-K cuts a line, Ctrl-U puts it back; Ctrl-F
 * finds a text; Ctrl-S saves, Ctrl-Q ends. SPDX-License-Identifier: MIT */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define HELP         "^S save  ^Q end  ^F find  ^K cut line  ^U put back"
#define ROWS_ELSE    24
#define COLUMNS_ELSE 80
#define TAB_COLUMNS  8
#define WORD_BYTES   64
#define CTRL(c)      ((c)&0x1F)

enum key { UP = 256, DOWN, LEFT, RIGHT, HOME, END, PAGE_UP, PAGE_DOWN, DELETE, NO_KEY };

struct line {
    char *text;
    size_t length;
};

static struct line *lines;
static int line_count;
static int row, column;   /* of the cursor in the text, 0.. */
static int top, left;     /* what the screen begins with */
static int rows, columns; /* of the screen */
static struct line cut;   /* by Ctrl-K */
static bool is_changed, wants_end;
static const char *path, *note = HELP;
static char wanted[WORD_BYTES];
static struct termios before;

static void *grown(void *memory, size_t bytes)
{
    memory = realloc(memory, bytes);
    if (memory == NULL) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        errx(1, "the text is too long for the memory");
    }
    return memory;
}

static void insert_line(int at, const char *text, size_t length)
{
    lines = grown(lines, (size_t)(line_count + 1) * sizeof(*lines));
    memmove(lines + at + 1, lines + at, (size_t)(line_count - at) * sizeof(*lines));
    lines[at] = (struct line){grown(NULL, length + 1), length};
    memcpy(lines[at].text, text, length);
    line_count++;
}

static void remove_line(int at)
{
    free(lines[at].text);
    memmove(lines + at, lines + at + 1, (size_t)(line_count - at - 1) * sizeof(*lines));
    line_count--;
}

/* Bytes into a line at `at`. */
static void insert_text(struct line *line, int at, const char *text, size_t length)
{
    line->text = grown(line->text, line->length + length + 1);
    memmove(line->text + at + length, line->text + at, line->length - (size_t)at);
    memcpy(line->text + at, text, length);
    line->length += length;
    is_changed = true;
}

static void read_file(void)
{
    FILE *from = fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    int length;

    while (from != NULL && (length = getline(&text, &room, from)) > 0) {
        insert_line(line_count, text, (size_t)length - (text[length - 1] == '\n'));
    }
    if (from == NULL && errno != ENOENT) {
        err(1, "%s", path);
    }
    if (from != NULL) {
        fclose(from);
    }
    free(text);
    if (line_count == 0) {
        insert_line(0, "", 0);
    }
}

static void save(void)
{
    FILE *to = fopen(path, "w");
    bool is_well = to != NULL;

    for (int i = 0; i < line_count && to != NULL; i++) {
        bool is_last_empty = i == line_count - 1 && lines[i].length == 0;

        fwrite(lines[i].text, 1, lines[i].length, to);
        if (!is_last_empty) {
            fputc('\n', to);
        }
    }
    is_well = is_well && !ferror(to) && fclose(to) == 0;
    is_changed = is_changed && !is_well;
    note = is_well ? "saved" : "it could not be saved";
}

/* The screen column of a place in a line: tabs go to the next multiple of 8. */
static int width(const struct line *line, int up_to)
{
    int at = 0;

    for (int i = 0; i < up_to; i++) {
        at = line->text[i] == '\t' ? (at / TAB_COLUMNS + 1) * TAB_COLUMNS : at + 1;
    }
    return at;
}

static void show_line(const struct line *line)
{
    for (int i = 0; i < (int)line->length; i++) {
        int from = width(line, i), to = width(line, i + 1);

        for (int at = from; at < to; at++) {
            if (at >= left && at < left + columns) {
                char c = line->text[i];

                putchar(c == '\t' ? ' ' : c >= ' ' ? c : '?');
            }
        }
    }
    fputs("\x1b[K\r\n", stdout);
}

static void show(void)
{
    struct winsize size;
    int at = width(&lines[row], column);

    rows = ROWS_ELSE;
    columns = COLUMNS_ELSE;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2 && size.ws_col > 9) {
        rows = size.ws_row;
        columns = size.ws_col;
    }
    top = row < top ? row : row > top + rows - 2 ? row - rows + 2 : top;
    left = at < left ? at : at >= left + columns ? at - columns + 1 : left;
    fputs("\x1b[?25l\x1b[H", stdout);
    for (int i = 0; i < rows - 1; i++) {
        if (top + i < line_count) {
            show_line(&lines[top + i]);
        } else {
            fputs("~\x1b[K\r\n", stdout);
        }
    }
    printf("\x1b[7m%.*s%s %d/%d  %.*s\x1b[0m\x1b[K", columns / 3, path, is_changed ? "*" : "",
           row + 1, line_count, columns / 2, note);
    printf("\x1b[%d;%dH\x1b[?25h", row - top + 1, at - left + 1);
    fflush(stdout);
}

static int byte(void)
{
    unsigned char c;

    return read(STDIN_FILENO, &c, 1) == 1 ? c : EOF;
}

/* A key, or what its sequence of bytes stands for. */
static int key(void)
{
    static const char letters[] = "ABDCHF";
    static const enum key of_letters[] = {UP, DOWN, LEFT, RIGHT, HOME, END};
    static const enum key of_digits[] = {NO_KEY, HOME, NO_KEY, DELETE, END, PAGE_UP, PAGE_DOWN};
    int c = byte(), number;
    const char *letter;

    if (c != '\x1b') {
        return c;
    }
    c = byte();
    if (c != '[' && c != 'O') {
        return NO_KEY;
    }
    c = byte();
    letter = c > 0 ? strchr(letters, c) : NULL;
    if (letter != NULL) {
        return (int)of_letters[letter - letters];
    }
    number = c - '0';
    while (c != '~' && c != EOF) {
        c = byte();
    }
    return number >= 0 && number < 7 ? (int)of_digits[number] : NO_KEY;
}

static void move(int code)
{
    int by = code == PAGE_UP || code == PAGE_DOWN ? rows - 2 : 1;

    if (code == LEFT && column > 0) {
        column--;
    } else if (code == RIGHT && column < (int)lines[row].length) {
        column++;
    } else if (code == HOME || code == END) {
        column = code == HOME ? 0 : (int)lines[row].length;
    } else if (code == UP || code == PAGE_UP) {
        row = row > by ? row - by : 0;
    } else if (code == DOWN || code == PAGE_DOWN) {
        row = row + by < line_count ? row + by : line_count - 1;
    }
    column = column > (int)lines[row].length ? (int)lines[row].length : column;
}

/* The byte at the cursor, or the end of its line. */
static void delete_here(void)
{
    struct line *line = &lines[row];

    if (column < (int)line->length) {
        memmove(line->text + column, line->text + column + 1, line->length - (size_t)column - 1);
        line->length--;
    } else if (row + 1 < line_count) {
        insert_text(line, column, lines[row + 1].text, lines[row + 1].length);
        remove_line(row + 1);
    } else {
        return;
    }
    is_changed = true;
}

static void delete_before(void)
{
    if (column > 0) {
        column--;
    } else if (row > 0) {
        row--;
        column = (int)lines[row].length;
    } else {
        return;
    }
    delete_here();
}

static void break_line(void)
{
    insert_line(row + 1, lines[row].text + column, lines[row].length - (size_t)column);
    lines[row].length = (size_t)column;
    row++;
    column = 0;
    is_changed = true;
}

static void cut_line(void)
{
    free(cut.text);
    cut = lines[row];
    lines[row] = (struct line){grown(NULL, 1), 0};
    if (line_count > 1) {
        remove_line(row);
        row -= row == line_count;
    }
    column = 0;
    is_changed = true;
}

/* Behind the cursor, and from the top again. */
static void find(void)
{
    size_t length;

    for (int i = 0; i <= line_count; i++) {
        int at = (row + i) % line_count;

        lines[at].text[lines[at].length] = '\0'; /* there is room for it */
        for (char *from =
                 lines[at].text + (i == 0 && column < (int)lines[at].length ? column + 1 : 0);
             (from = strstr(from, wanted)) != NULL && *wanted != '\0';) {
            row = at;
            column = (int)(from - lines[at].text);
            note = HELP;
            return;
        }
    }
    length = strlen(wanted);
    note = length == 0 ? HELP : "not found";
}

static void ask_and_find(void)
{
    size_t length = 0;
    int c = 0;

    while (c != '\r' && c != '\n' && c != EOF) {
        wanted[length] = '\0';
        note = length == 0 ? "find what?" : wanted;
        show();
        c = key();
        if ((c == 127 || c == '\b') && length > 0) {
            length--;
        } else if (c >= ' ' && c < 127 && length < WORD_BYTES - 1) {
            wanted[length++] = (char)c;
        }
    }
    find();
}

/* One key; false: the end. */
static bool obey(int code)
{
    bool asked = wants_end;
    char c = (char)code;

    wants_end = false;
    note = code == NO_KEY ? note : HELP;
    if (code == EOF) {
        return false;
    }
    if (code == CTRL('Q')) {
        wants_end = true;
        note = "not saved: ^Q once more to lose it, ^S to save";
        return is_changed && !asked;
    }
    if (code == CTRL('S')) {
        save();
    } else if (code == CTRL('F')) {
        ask_and_find();
    } else if (code == CTRL('K')) {
        cut_line();
    } else if (code == CTRL('U') && cut.text != NULL) {
        insert_line(row++, cut.text, cut.length);
        is_changed = true;
    } else if (code == '\r' || code == '\n') {
        break_line();
    } else if (code == 127 || code == '\b') {
        delete_before();
    } else if (code == DELETE) {
        delete_here();
    } else if (code > 255) {
        move(code);
    } else if (code >= ' ' || code == '\t') {
        insert_text(&lines[row], column++, &c, 1);
    }
    return true;
}

int main(int argc, char **argv)
{
    struct termios raw;

    if (argc != 2) {
        usage(1, "edit FILE");
    }
    path = argv[1];
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        err(1, "the standard input");
    }
    read_file();
    raw = before;
    raw.c_iflag &= ~(uint32_t)(IXON | ICRNL | INLCR);
    raw.c_lflag &= ~(uint32_t)(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    setvbuf(stdout, NULL, _IOFBF, 0);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    do {
        show();
    } while (obey(key()));
    printf("\x1b[%d;1H\x1b[K\r\n", rows);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return 0;
}
