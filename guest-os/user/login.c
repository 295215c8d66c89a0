/* login [-f] [NAME]: asks for name and password, and becomes the user's shell. -f: no password, for
 * getty. A wrong answer costs time. SPDX-License-Identifier: MIT */
#include <sys/utsname.h>

#include "user/account.h"

#define TRIES 3
#define DELAY 2 /* seconds after a wrong password */

static void show_file(const char *path)
{
    char buffer[256];
    int fd = open(path, O_RDONLY), got;

    while (fd >= 0 && (got = read(fd, buffer, sizeof(buffer))) > 0) {
        write(STDOUT_FILENO, buffer, (size_t)got);
    }
    close(fd);
}

/* Only TERM of the environment remains, and what a kernel's command line told is not the user's
 * affair. */
static void forget_environment(void)
{
    static char *empty[] = {NULL};
    const char *term = getenv("TERM");

    environ = empty;
    setenv("TERM", term == NULL ? "vt102" : term, 1);
}

static int become(const char *name)
{
    char *no_arguments[] = {NULL};
    struct passwd *user = getpwnam(name);

    if (user == NULL) {
        printf("login: no such user: %s\n", name);
        return 1;
    }
    show_file("/etc/motd");
    if (account_become(user) != 0) {
        perror("login");
        return 1;
    }
    forget_environment();
    account_start_shell(user, true, no_arguments);
    return 1;
}

static void ask_name(char name[ACCOUNT_LINE])
{
    struct utsname system;
    char prompt[UTSNAME_BYTES + 16];

    uname(&system);
    snprintf(prompt, sizeof(prompt), "%s login: ", system.nodename);
    do {
        if (!account_ask(prompt, true, name)) {
            exit(0); /* a new getty begins anew */
        }
    } while (name[0] == '\0');
}

int main(int argc, char **argv)
{
    char name[ACCOUNT_LINE] = "", password[ACCOUNT_LINE];

    if (getuid() != 0) {
        fputs("login: only root can let others in\n", stderr);
        return 1;
    }
    if (argc == 3 && strcmp(argv[1], "-f") == 0) {
        return become(argv[2]);
    }
    if (argc == 2) {
        snprintf(name, sizeof(name), "%s", argv[1]);
    }
    for (int i = 0; i < TRIES; i++) {
        bool good;

        if (name[0] == '\0') {
            ask_name(name);
        }
        if (!account_ask("Password: ", false, password)) {
            return 0;
        }
        good = account_admits(name, password);
        memset(password, 0, sizeof(password));
        if (good) {
            return become(name);
        }
        sleep(DELAY);
        printf("Login incorrect\n\n");
        name[0] = '\0';
    }
    return 1;
}
