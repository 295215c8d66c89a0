/* less [FILE...]: shows a text in pages, forwards and backwards. Space or f: the next page, b: the
 * one before, Enter, j, k and the arrows: a line, g and G: beginning and end, /TEXT: search, n:
 * again, q: the end. To something that is no terminal it only copies. SPDX-License-Identifier: MIT
 */
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

#define COLUMNS_DEFAULT 80
#define LINES_DEFAULT   24
#define SEARCH_BYTES    64
#define TAB_COLUMNS     8

static char **lines; /* of the whole text, without their ends */
static int line_count, line_room;
static int rows, columns;
static int first; /* line at the top */
static char wanted[SEARCH_BYTES];
static const char *note = "";
static int terminal = -1;
static struct termios before;

static void add_line(char *line)
{
    if (line_count == line_room) {
        line_room = line_room == 0 ? 256 : 2 * line_room;
        lines = realloc(lines, (size_t)line_room * sizeof(*lines));
        if (lines == NULL) {
            errx(1, "the text is too long for the memory");
        }
    }
    lines[line_count++] = line;
}

static void read_text(FILE *from)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, from) > 0) {
        line[strcspn(line, "\n")] = '\0';
        add_line(line);
        line = NULL;
        room = 0;
    }
}

/* A line as wide as the screen at most; control characters as ^X. */
static void show_line(const char *line)
{
    int column = 0;

    for (; *line != '\0' && column < columns; line++) {
        if (*line == '\t') {
            int width = TAB_COLUMNS - column % TAB_COLUMNS;

            printf("%*s", width, "");
            column += width;
        } else if ((unsigned char)*line < ' ') {
            printf("^%c", *line + '@');
            column += 2;
        } else {
            putchar(*line);
            column++;
        }
    }
    fputs("\x1b[K\r\n", stdout);
}

static void show_page(void)
{
    int last = line_count - rows;

    first = first > last ? last : first;
    first = first < 0 ? 0 : first;
    fputs("\x1b[H", stdout);
    for (int i = 0; i < rows; i++) {
        show_line(first + i < line_count ? lines[first + i] : "~");
    }
    printf("\x1b[7m%s%s lines %d-%d of %d, q ends\x1b[0m\x1b[K", note, note[0] ? ";" : "",
           line_count > 0 ? first + 1 : 0, first + rows < line_count ? first + rows : line_count,
           line_count);
    fflush(stdout);
    note = "";
}

/* From the line after the top one on, around once. */
static void search(void)
{
    for (int i = 1; i <= line_count && wanted[0] != '\0'; i++) {
        int line = (first + i) % line_count;

        if (strstr(lines[line], wanted) != NULL) {
            first = line;
            return;
        }
    }
    note = wanted[0] == '\0' ? "/ and a text searches" : "not found";
}

static int read_key(void)
{
    unsigned char key;

    return read(terminal, &key, 1) == 1 ? key : 'q';
}

static void ask_for_text(void)
{
    size_t length = 0;

    wanted[0] = '\0';
    for (;;) {
        int key;

        printf("\r\x1b[K/%s", wanted);
        fflush(stdout);
        key = read_key();
        if (key == '\r' || key == '\n') {
            return;
        }
        if ((key == '\b' || key == 0x7F) && length > 0) {
            wanted[--length] = '\0';
        } else if (key >= ' ' && key != 0x7F && length + 1 < sizeof(wanted)) {
            wanted[length++] = (char)key;
            wanted[length] = '\0';
        }
    }
}

/* ESC [ A and its kin as the letters that do the same. */
static int key_of_sequence(void)
{
    static const char from[] = "ABHF", to[] = "kjgG";
    const char *known;
    int key;

    if (read_key() != '[') {
        return 0;
    }
    key = read_key();
    if (key == '5' || key == '6') {
        read_key(); /* ~ */
        return key == '5' ? 'b' : 'f';
    }
    known = key == 0 ? NULL : strchr(from, key);
    return known == NULL ? 0 : to[known - from];
}

/* false: that was the end. */
static bool act(int key)
{
    switch (key == 0x1B ? key_of_sequence() : key) {
    case 'q':
    case 'Q':
    case 3: /* Ctrl-C */
        return false;
    case ' ':
    case 'f':
        first += rows;
        break;
    case 'b':
        first -= rows;
        break;
    case '\r':
    case '\n':
    case 'j':
        first++;
        break;
    case 'k':
        first--;
        break;
    case 'g':
        first = 0;
        break;
    case 'G':
        first = line_count;
        break;
    case '/':
        ask_for_text();
        search();
        break;
    case 'n':
        search();
        break;
    default:
        note = "space b j k g G / n q";
    }
    return true;
}

static void browse(void)
{
    struct termios raw;
    struct winsize size;

    rows = LINES_DEFAULT - 1;
    columns = COLUMNS_DEFAULT;
    if (ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0) {
        rows = size.ws_row - 1;
        columns = size.ws_col;
    }
    tcgetattr(terminal, &before);
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(terminal, TCSADRAIN, &raw);
    fputs("\x1b[2J", stdout);
    do {
        show_page();
    } while (act(read_key()));
    fputs("\r\x1b[K", stdout);
    fflush(stdout);
    tcsetattr(terminal, TCSADRAIN, &before);
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc < 2) {
        if (isatty(STDIN_FILENO)) {
            usage(1, "less [FILE...]");
        }
        read_text(stdin);
    }
    for (int i = 1; i < argc; i++) {
        FILE *from = fopen(argv[i], "r");

        if (from == NULL) {
            warn("%s", argv[i]);
            status = 1;
            continue;
        }
        read_text(from);
        fclose(from);
    }
    terminal = isatty(STDOUT_FILENO) ? open("/dev/tty", O_RDWR) : -1;
    if (terminal >= 0 && line_count > 0) {
        browse();
    } else {
        for (int i = 0; i < line_count; i++) {
            puts(lines[i]);
        }
    }
    return finish_output(status);
}
