/* more [FILE]: shows a text in pages. Space: the next one, Enter: a line, q: the end.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define LINES_DEFAULT 24

/* What was typed at the end of a page; the keys come from the terminal, not from the input. */
static int ask(int terminal)
{
    struct termios before, raw;
    char key = 'q';

    tcgetattr(terminal, &before);
    raw = before;
    raw.c_lflag &= ~(ICANON | ECHO);
    tcsetattr(terminal, TCSADRAIN, &raw);
    fputs("--more--", stdout);
    read(terminal, &key, 1);
    fputs("\r        \r", stdout);
    tcsetattr(terminal, TCSADRAIN, &before);
    return key;
}

int main(int argc, char **argv)
{
    int terminal = open("/dev/tty", O_RDWR), page = LINES_DEFAULT, left, length;
    FILE *stream = stdin;
    struct winsize size;
    char *line = NULL;
    size_t room = 0;

    if (argc > 1 && (stream = fopen(argv[1], "r")) == NULL) {
        fprintf(stderr, "more: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    if (terminal >= 0 && ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_row > 1) {
        page = size.ws_row - 1;
    }
    left = page;
    while ((length = getline(&line, &room, stream)) > 0) {
        if (left == 0 && terminal >= 0 && isatty(STDOUT_FILENO)) {
            int key = ask(terminal);

            if (key == 'q' || key == 'Q') {
                break;
            }
            left = key == '\n' || key == '\r' ? 1 : page;
        }
        left -= left > 0;
        fwrite(line, 1, (size_t)length, stdout);
    }
    return 0;
}
