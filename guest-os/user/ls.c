/* ls [-laAdFhinrRtSu1C] [PATH...]: the files of directories, in the order of their names; in
 * columns on a terminal. -l long, -a hidden ones too, -t by time, -S by size, -r backwards, -R what
 * is below, -d directories themselves, -i numbers, -F kinds, -h sizes for people, -n owners as
 * numbers. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <grp.h>
#include <modes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES  1024
#define COLUMNS     80
#define HALF_YEAR   (365 * 86400 / 2)
#define USAGE       "ls [-laAdFhinrRtSu1C] [PATH...]"
#define OWNER_BYTES 24

struct file {
    char *name, *path;
    struct stat64 status;
};

struct list {
    struct file *files;
    size_t count, room;
};

struct widths {
    int number, links, owner, group, size; /* columns of -l */
};

static bool options[128];
static time_t now;
static bool titled; /* several directories are shown */

/* ---- order ---- */

static uint32_t time_of(const struct file *file)
{
    return options['u'] ? file->status.st_atime : file->status.st_mtime;
}

static uint32_t part_of(const struct file *file)
{
    return options['u'] ? file->status.st_atime_nsec : file->status.st_mtime_nsec;
}

static int compare(const void *a, const void *b)
{
    const struct file *left = a, *right = b;
    int order = 0;

    if (options['t']) {
        order = time_of(left) < time_of(right)   ? 1
                : time_of(left) > time_of(right) ? -1
                : part_of(left) < part_of(right) ? 1
                                                 : -(part_of(left) > part_of(right));
    } else if (options['S']) {
        order = left->status.st_size < right->status.st_size
                    ? 1
                    : -(left->status.st_size > right->status.st_size);
    }
    order = order == 0 ? strcmp(left->name, right->name) : order;
    return options['r'] ? -order : order;
}

/* ---- one file ---- */

static const char *owner_text(uint32_t number, bool is_group, char text[OWNER_BYTES])
{
    const struct group *group = is_group && !options['n'] ? getgrgid(number) : NULL;
    const struct passwd *user = !is_group && !options['n'] ? getpwuid(number) : NULL;

    if (group != NULL || user != NULL) {
        snprintf(text, OWNER_BYTES, "%s", group != NULL ? group->gr_name : user->pw_name);
    } else {
        snprintf(text, OWNER_BYTES, "%u", number);
    }
    return text;
}

/* The size, or the numbers of a device. */
static const char *size_text(const struct stat64 *status, char text[OWNER_BYTES])
{
    static const char units[] = " KMG";
    uint64_t size = (uint64_t)status->st_size, tenths = size * 10;
    int unit = 0;

    if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
        snprintf(text, OWNER_BYTES, "%u, %u", (uint32_t)status->st_rdev >> 8 & 0xFFF,
                 (uint32_t)status->st_rdev & 255);
    } else if (!options['h'] || size < 1024) {
        snprintf(text, OWNER_BYTES, "%llu", size);
    } else {
        for (; tenths >= 10240 && unit < 3; unit++) {
            tenths = (tenths + 1023) / 1024;
        }
        if (tenths < 100) {
            snprintf(text, OWNER_BYTES, "%llu.%llu%c", tenths / 10, tenths % 10, units[unit]);
        } else {
            snprintf(text, OWNER_BYTES, "%llu%c", (tenths + 9) / 10, units[unit]);
        }
    }
    return text;
}

static const char *time_text(time_t time, char text[OWNER_BYTES])
{
    bool recent = time <= now && now - time < HALF_YEAR;

    strftime(text, OWNER_BYTES, recent ? "%b %e %H:%M" : "%b %e  %Y", localtime(&time));
    return text;
}

static char kind_mark(uint32_t mode)
{
    return S_ISDIR(mode)                    ? '/'
           : S_ISLNK(mode)                  ? '@'
           : S_ISFIFO(mode)                 ? '|'
           : S_ISREG(mode) && (mode & 0111) ? '*'
                                            : '\0';
}

static int show_name(const struct file *file, int number_width)
{
    char mark = options['F'] ? kind_mark(file->status.st_mode) : '\0';
    int width = 0;

    if (options['l'] && mark == '@') {
        mark = '\0';
    }
    if (options['i']) {
        width = printf("%*llu ", number_width, file->status.st_ino);
    }
    width += printf("%s", file->name);
    if (mark != '\0') {
        putchar(mark);
        width++;
    }
    return width;
}

static void show_long(const struct file *file, const struct widths *widths)
{
    const struct stat64 *status = &file->status;
    char mode[MODE_TEXT_BYTES], owner[OWNER_BYTES], group[OWNER_BYTES], size[OWNER_BYTES];
    char time[OWNER_BYTES], target[PATH_BYTES];
    int length;

    if (options['i']) {
        printf("%*llu ", widths->number, status->st_ino);
    }
    mode_text(status->st_mode, mode);
    printf("%s %*u %-*s %-*s %*s %s ", mode, widths->links, status->st_nlink, widths->owner,
           owner_text(status->st_uid, false, owner), widths->group,
           owner_text(status->st_gid, true, group), widths->size, size_text(status, size),
           time_text((time_t)time_of(file), time));
    printf("%s", file->name);
    if (S_ISLNK(status->st_mode)) {
        length = readlink(file->path, target, sizeof(target));
        printf(" -> %.*s", length > 0 ? length : 0, target);
    } else if (options['F'] && kind_mark(status->st_mode) != '\0') {
        putchar(kind_mark(status->st_mode));
    }
    putchar('\n');
}

/* ---- many files ---- */

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static struct widths measure(const struct list *list)
{
    struct widths widths = {0};
    char text[OWNER_BYTES];

    for (size_t i = 0; i < list->count; i++) {
        const struct stat64 *status = &list->files[i].status;

        widths.number = larger(widths.number, snprintf(text, sizeof(text), "%llu", status->st_ino));
        widths.links = larger(widths.links, snprintf(text, sizeof(text), "%u", status->st_nlink));
        widths.owner = larger(widths.owner, (int)strlen(owner_text(status->st_uid, false, text)));
        widths.group = larger(widths.group, (int)strlen(owner_text(status->st_gid, true, text)));
        widths.size = larger(widths.size, (int)strlen(size_text(status, text)));
    }
    return widths;
}

static int terminal_columns(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS;
}

static void show_columns(const struct list *list, int number_width)
{
    int width = 0;
    size_t columns, rows;

    for (size_t i = 0; i < list->count; i++) {
        width = larger(width, (int)strlen(list->files[i].name));
    }
    width += 2 + (options['F'] ? 1 : 0) + (options['i'] ? number_width + 1 : 0);
    columns = (size_t)larger(1, terminal_columns() / width);
    rows = (list->count + columns - 1) / columns;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < list->count; i += rows) {
            int used = show_name(&list->files[i], number_width);

            if (i + rows < list->count) {
                printf("%*s", width - used, "");
            }
        }
        putchar('\n');
    }
}

static void show_list(struct list *list)
{
    struct widths widths = measure(list);

    qsort(list->files, list->count, sizeof(*list->files), compare);
    if (options['C'] && list->count > 0) {
        show_columns(list, widths.number);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (options['l']) {
            show_long(&list->files[i], &widths);
        } else {
            show_name(&list->files[i], widths.number);
            putchar('\n');
        }
    }
}

static bool add_file(struct list *list, const char *path, const char *name, bool follow)
{
    struct file *file;

    if (list->count == list->room) {
        list->room = list->room == 0 ? 64 : list->room * 2;
        list->files = realloc(list->files, list->room * sizeof(*list->files));
        if (list->files == NULL) {
            errx(2, "out of memory");
        }
    }
    file = &list->files[list->count];
    if ((!follow || stat(path, &file->status) != 0) && lstat(path, &file->status) != 0) {
        warn("%s", path);
        return false;
    }
    file->name = strdup(name);
    file->path = strdup(path);
    list->count++;
    return true;
}

static void free_list(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->files[i].name);
        free(list->files[i].path);
    }
    free(list->files);
}

static bool is_shown(const char *name)
{
    bool is_self = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;

    return name[0] != '.' || options['a'] || (options['A'] && !is_self);
}

static int show_directory(const char *path);

/* -R: the directories in `list`, each with a title. */
static int show_below(const struct list *list)
{
    int result = 0;

    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->files[i].name;

        if (S_ISDIR(list->files[i].status.st_mode) && strcmp(name, ".") != 0 &&
            strcmp(name, "..") != 0) {
            putchar('\n');
            result |= show_directory(list->files[i].path);
        }
    }
    return result;
}

static int show_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct list list = {0};
    struct dirent64 *entry;
    char below[PATH_BYTES];
    uint64_t blocks = 0;
    int result = 0;

    if (directory == NULL) {
        warn("%s", path);
        return 2;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (is_shown(entry->d_name)) {
            snprintf(below, sizeof(below), "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/",
                     entry->d_name);
            result |= !add_file(&list, below, entry->d_name, false);
        }
    }
    closedir(directory);
    if (titled || options['R']) {
        printf("%s:\n", path);
    }
    if (options['l']) {
        for (size_t i = 0; i < list.count; i++) {
            blocks += list.files[i].status.st_blocks;
        }
        printf("total %llu\n", blocks / 2);
    }
    show_list(&list);
    if (options['R']) {
        result |= show_below(&list);
    }
    free_list(&list);
    return result;
}

/* Files first, then directories. */
static int show_arguments(char **paths, int count)
{
    struct list files = {0}, folders = {0};
    int result = 0;

    for (int i = 0; i < count; i++) {
        struct stat64 status;
        bool follow = !options['l'] && !options['d'] && !options['F'];
        bool is_folder = (follow || lstat(paths[i], &status) != 0 || !S_ISLNK(status.st_mode)) &&
                         stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode);

        result |=
            add_file(is_folder && !options['d'] ? &folders : &files, paths[i], paths[i], follow)
                ? 0
                : 2;
    }
    show_list(&files);
    qsort(folders.files, folders.count, sizeof(*folders.files), compare);
    titled = count > 1;
    for (size_t i = 0; i < folders.count; i++) {
        if (i > 0 || files.count > 0) {
            putchar('\n');
        }
        result |= show_directory(folders.files[i].path);
    }
    return result;
}

int main(int argc, char **argv)
{
    static char *here[] = {".", NULL};
    int option;

    options['C'] = isatty(STDOUT_FILENO) != 0;
    now = time(NULL);
    while ((option = getopt(argc, argv, "laAdFhinrRtSu1C")) != -1) {
        if (option == '?') {
            usage(2, USAGE);
        }
        options[option] = true;
        options['C'] = options['C'] && option != 'l' && option != '1';
        options['l'] = options['l'] || option == 'n';
    }
    return finish_output(optind == argc ? show_arguments(here, 1)
                                        : show_arguments(argv + optind, argc - optind));
}
