/* chown [-Rh] USER[:GROUP] | :GROUP FILE...: gives files to others; names or numbers.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define AS_IT_IS   UINT32_MAX
#define USAGE      "chown [-Rh] USER[:GROUP] | :GROUP FILE..."

static uint32_t owner = AS_IT_IS, group = AS_IT_IS;
static bool recursive, links;

static int change(const char *path)
{
    struct stat64 status;
    struct dirent64 *entry;
    char below[PATH_BYTES];
    DIR *directory;
    int result = 0;

    if ((links || recursive ? lchown(path, owner, group) : chown(path, owner, group)) != 0) {
        warn("%s", path);
        return 1;
    }
    if (!recursive || lstat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return 0;
    }
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
            result |= change(below);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return result;
}

static void read_owner(char *word)
{
    char *colon = strpbrk(word, ":.");

    if (colon != NULL) {
        const struct group *entry;

        *colon++ = '\0';
        entry = getgrnam(colon);
        if (entry == NULL && !isdigit(*colon)) {
            errx(1, "no such group: %s", colon);
        }
        group = entry != NULL ? entry->gr_gid : strtoul(colon, NULL, 10);
    }
    if (*word != '\0') {
        const struct passwd *entry = getpwnam(word);

        if (entry == NULL && !isdigit(*word)) {
            errx(1, "no such user: %s", word);
        }
        owner = entry != NULL ? entry->pw_uid : strtoul(word, NULL, 10);
    }
}

int main(int argc, char **argv)
{
    int option, result = 0;

    while ((option = getopt(argc, argv, "Rh")) != -1) {
        if (option == '?') {
            usage(1, USAGE);
        }
        recursive = recursive || option == 'R';
        links = links || option == 'h';
    }
    if (argc - optind < 2) {
        usage(1, USAGE);
    }
    read_owner(argv[optind]);
    for (int i = optind + 1; i < argc; i++) {
        result |= change(argv[i]);
    }
    return result;
}
