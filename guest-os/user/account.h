/* What login and su share: passwords, and becoming somebody. SPDX-License-Identifier: MIT */
#pragma once

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ACCOUNT_LINE   128
#define ACCOUNT_GROUPS 16

/* A line from the terminal, without its end; false: end of file, or interrupted. */
static bool account_ask(const char *prompt, bool echo, char line[ACCOUNT_LINE])
{
    struct termios before, hidden;
    int length;

    if (!echo && tcgetattr(STDIN_FILENO, &before) == 0) {
        hidden = before;
        hidden.c_lflag = (hidden.c_lflag & ~ECHO) | ECHONL;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    write(STDOUT_FILENO, prompt, strlen(prompt)); /* from here on nothing typed is lost */
    length = read(STDIN_FILENO, line, ACCOUNT_LINE - 1);
    if (!echo) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    }
    line[length < 0 ? 0 : length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return length > 0;
}

/* The hash in /etc/shadow; NULL: none, nobody can log in. Valid until the next call. */
static char *account_hash(const char *name)
{
    static char line[256];
    FILE *file = fopen("/etc/shadow", "r");
    char *found = NULL;
    size_t length = strlen(name);

    while (file != NULL && found == NULL && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            found = line + length + 1;
            found[strcspn(found, ":\n")] = '\0';
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* Does the password fit? An empty hash: none is asked for. */
static bool account_admits(const char *name, const char *password)
{
    const char *hash = account_hash(name), *computed;

    if (hash == NULL) {
        crypt(password, "$5$nobody"); /* takes as long as for somebody */
        return false;
    }
    computed = crypt(password, hash);
    return *hash == '\0' || (computed != NULL && strcmp(computed, hash) == 0);
}

/* Users and groups of this process from now on; 0, -1 with errno. */
static int account_become(const struct passwd *user)
{
    uint32_t groups[ACCOUNT_GROUPS];
    size_t count = 0;
    struct group *group;

    groups[count++] = user->pw_gid;
    setgrent();
    while ((group = getgrent()) != NULL && count < ACCOUNT_GROUPS) {
        for (char **member = group->gr_mem; *member != NULL; member++) {
            if (strcmp(*member, user->pw_name) == 0 && group->gr_gid != user->pw_gid) {
                groups[count++] = group->gr_gid;
                break;
            }
        }
    }
    endgrent();
    if (setgroups(count, groups) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
        return -1;
    }
    return 0;
}

/* Start the user's shell; `as_login`: with a new environment, in the home directory. Comes back
 * only with an error. */
static void account_start_shell(const struct passwd *user, bool as_login, char *const *arguments)
{
    const char *shell = user->pw_shell[0] == '\0' ? "/bin/sh" : user->pw_shell;
    const char *name = strrchr(shell, '/') == NULL ? shell : strrchr(shell, '/') + 1;
    char first[32];
    char *argv[8] = {first};

    snprintf(first, sizeof(first), "%s%s", as_login ? "-" : "", name);
    for (int i = 0; i < 6 && arguments[i] != NULL; i++) {
        argv[i + 1] = arguments[i];
    }
    setenv("HOME", user->pw_dir, 1);
    setenv("SHELL", shell, 1);
    setenv("USER", user->pw_name, 1);
    setenv("LOGNAME", user->pw_name, 1);
    setenv("PATH", "/bin", 1);
    if (as_login && chdir(user->pw_dir) != 0) {
        printf("%s: %s\n", user->pw_dir, strerror(errno));
        chdir("/");
    }
    execve(shell, argv, environ);
    perror(shell);
}
