/* id [-u | -g | -G] [-n] [-r] [USER]: the user and the groups of this process, or of a user.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GROUPS_MOST 32

struct identity {
    uint32_t user, effective_user, group, effective_group;
    uint32_t groups[GROUPS_MOST];
    int count; /* of groups */
};

static bool names;

static void show_user(uint32_t number, bool with_name)
{
    const struct passwd *user = getpwuid(number);

    if (with_name) {
        printf("%u", number);
        if (user != NULL) {
            printf("(%s)", user->pw_name);
        }
    } else if (names && user != NULL) {
        printf("%s", user->pw_name);
    } else {
        printf("%u", number);
    }
}

static void show_group(uint32_t number, bool with_name)
{
    const struct group *group = getgrgid(number);

    if (with_name) {
        printf("%u", number);
        if (group != NULL) {
            printf("(%s)", group->gr_name);
        }
    } else if (names && group != NULL) {
        printf("%s", group->gr_name);
    } else {
        printf("%u", number);
    }
}

static void read_own(struct identity *identity)
{
    identity->user = (uint32_t)getuid();
    identity->effective_user = (uint32_t)geteuid();
    identity->group = (uint32_t)getgid();
    identity->effective_group = (uint32_t)getegid();
    identity->count = getgroups(GROUPS_MOST, identity->groups);
    identity->count = identity->count < 0 ? 0 : identity->count;
}

static void read_user(struct identity *identity, const char *name)
{
    const struct passwd *user = getpwnam(name);
    const struct group *group;

    if (user == NULL) {
        errx(1, "no such user: %s", name);
    }
    identity->user = identity->effective_user = user->pw_uid;
    identity->group = identity->effective_group = user->pw_gid;
    identity->groups[identity->count++] = user->pw_gid;
    setgrent();
    while ((group = getgrent()) != NULL) {
        for (char **member = group->gr_mem; *member != NULL; member++) {
            if (strcmp(*member, name) == 0 && group->gr_gid != identity->group &&
                identity->count < GROUPS_MOST) {
                identity->groups[identity->count++] = group->gr_gid;
            }
        }
    }
    endgrent();
}

/* All groups, each once, the effective one first. */
static void show_groups(const struct identity *identity, bool with_names)
{
    show_group(identity->effective_group, with_names);
    for (int i = 0; i < identity->count; i++) {
        if (identity->groups[i] != identity->effective_group) {
            putchar(with_names ? ',' : ' ');
            show_group(identity->groups[i], with_names);
        }
    }
}

static void show_all(const struct identity *identity)
{
    printf("uid=");
    show_user(identity->user, true);
    printf(" gid=");
    show_group(identity->group, true);
    if (identity->effective_user != identity->user) {
        printf(" euid=");
        show_user(identity->effective_user, true);
    }
    if (identity->effective_group != identity->group) {
        printf(" egid=");
        show_group(identity->effective_group, true);
    }
    printf(" groups=");
    show_groups(identity, true);
}

int main(int argc, char **argv)
{
    struct identity identity = {0};
    bool real = false;
    char what = 'a';
    int option;

    while ((option = getopt(argc, argv, "ugGnr")) != -1) {
        if (option == '?') {
            usage(1, "id [-u | -g | -G] [-n] [-r] [USER]");
        }
        names = names || option == 'n';
        real = real || option == 'r';
        what = option == 'u' || option == 'g' || option == 'G' ? (char)option : what;
    }
    if (optind < argc) {
        read_user(&identity, argv[optind]);
    } else {
        read_own(&identity);
    }
    if (what == 'u') {
        show_user(real ? identity.user : identity.effective_user, false);
    } else if (what == 'g') {
        show_group(real ? identity.group : identity.effective_group, false);
    } else if (what == 'G') {
        show_groups(&identity, false);
    } else {
        show_all(&identity);
    }
    putchar('\n');
    return finish_output(0);
}
