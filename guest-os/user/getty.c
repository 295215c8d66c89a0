/* getty [TERM]: prepares the terminal that init opened for it, says what system this is and lets
 * somebody log in. With autologin=1 in the environment (from the kernel's command line) nobody is
 * asked: root is logged in. SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CTRL(c) ((c)&0x1F)

/* As after the start of the machine, whatever was there before. */
static void set_terminal(void)
{
    struct termios settings;

    if (tcgetattr(STDIN_FILENO, &settings) != 0) {
        return;
    }
    settings.c_iflag = ICRNL | IXON;
    settings.c_oflag = OPOST | ONLCR;
    settings.c_cflag |= CLOCAL | CREAD | HUPCL;
    settings.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    memset(settings.c_cc, 0, sizeof(settings.c_cc));
    settings.c_cc[VINTR] = CTRL('C');
    settings.c_cc[VQUIT] = CTRL('\\');
    settings.c_cc[VERASE] = 0x7F;
    settings.c_cc[VKILL] = CTRL('U');
    settings.c_cc[VEOF] = CTRL('D');
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VSTART] = CTRL('Q');
    settings.c_cc[VSTOP] = CTRL('S');
    settings.c_cc[VSUSP] = CTRL('Z');
    settings.c_cc[VREPRINT] = CTRL('R');
    settings.c_cc[VDISCARD] = CTRL('O');
    settings.c_cc[VWERASE] = CTRL('W');
    settings.c_cc[VLNEXT] = CTRL('V');
    tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

static void show_file(const char *path)
{
    char buffer[256];
    int fd = open(path, O_RDONLY), got;

    while (fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0) {
        write(STDOUT_FILENO, buffer, (size_t)got);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    const char *autologin = getenv("autologin");
    bool at_once = autologin != NULL && strcmp(autologin, "1") == 0;
    char *const asks[] = {"/bin/login", NULL}, *const root[] = {"/bin/login", "-f", "root", NULL};

    set_terminal();
    setenv("TERM", argc > 1 ? argv[1] : "vt102", 1);
    show_file("/etc/issue");
    execve("/bin/login", at_once ? root : asks, environ);
    perror("getty: /bin/login");
    sleep(5);
    return 1;
}
