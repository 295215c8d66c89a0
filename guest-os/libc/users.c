/* Reading /etc/passwd and /etc/group. SPDX-License-Identifier: MIT */
#include "libc/include/grp.h"
#include "libc/include/pwd.h"
#include "libc/include/stdio.h"
#include "libc/include/stdlib.h"
#include "libc/include/string.h"

#define LINE_BYTES   512
#define MEMBERS_MOST 32

static FILE *users, *groups;

/* Cut `line` at its colons; how many parts there are, at most `most`. */
static int split(char *line, char **parts, int most)
{
    int count = 0;

    line[strcspn(line, "\n")] = '\0';
    while (count < most) {
        parts[count++] = line;
        line = strchr(line, ':');
        if (line == NULL) {
            break;
        }
        *line++ = '\0';
    }
    return count;
}

void setpwent(void)
{
    endpwent();
    users = fopen("/etc/passwd", "re");
}

void endpwent(void)
{
    if (users != NULL) {
        fclose(users);
        users = NULL;
    }
}

struct passwd *getpwent(void)
{
    static char line[LINE_BYTES];
    static struct passwd user;
    char *parts[7];

    if (users == NULL) {
        setpwent();
    }
    while (users != NULL && fgets(line, sizeof(line), users) != NULL) {
        if (split(line, parts, 7) == 7) {
            user = (struct passwd){parts[0],
                                   parts[1],
                                   strtoul(parts[2], NULL, 10),
                                   strtoul(parts[3], NULL, 10),
                                   parts[4],
                                   parts[5],
                                   parts[6]};
            return &user;
        }
    }
    return NULL;
}

struct passwd *getpwnam(const char *name)
{
    struct passwd *user;

    setpwent();
    while ((user = getpwent()) != NULL && strcmp(user->pw_name, name) != 0) {}
    endpwent();
    return user;
}

struct passwd *getpwuid(uint32_t number)
{
    struct passwd *user;

    setpwent();
    while ((user = getpwent()) != NULL && user->pw_uid != number) {}
    endpwent();
    return user;
}

/* ---- groups ---- */

void setgrent(void)
{
    endgrent();
    groups = fopen("/etc/group", "re");
}

void endgrent(void)
{
    if (groups != NULL) {
        fclose(groups);
        groups = NULL;
    }
}

struct group *getgrent(void)
{
    static char line[LINE_BYTES];
    static char *members[MEMBERS_MOST + 1];
    static struct group group;
    char *parts[4], *rest;
    int count = 0;

    if (groups == NULL) {
        setgrent();
    }
    while (groups != NULL && fgets(line, sizeof(line), groups) != NULL) {
        if (split(line, parts, 4) == 4) {
            char *member = strtok_r(parts[3], ",", &rest);

            for (; member != NULL && count < MEMBERS_MOST; member = strtok_r(NULL, ",", &rest)) {
                members[count++] = member;
            }
            members[count] = NULL;
            group = (struct group){parts[0], parts[1], strtoul(parts[2], NULL, 10), members};
            return &group;
        }
    }
    return NULL;
}

struct group *getgrnam(const char *name)
{
    struct group *group;

    setgrent();
    while ((group = getgrent()) != NULL && strcmp(group->gr_name, name) != 0) {}
    endgrent();
    return group;
}

struct group *getgrgid(uint32_t number)
{
    struct group *group;

    setgrent();
    while ((group = getgrent()) != NULL && group->gr_gid != number) {}
    endgrent();
    return group;
}
