/* stat [-L] [-c FORMAT] FILE...: what the kernel knows about files. In FORMAT: %a %A permissions,
 * %b %B blocks and their size, %f mode, %F kind, %g %G group, %h names, %i number, %n path, %s
 * size, %t %T device, %u %U owner, %X %Y %Z times. SPDX-License-Identifier: MIT */
#include <err.h>
#include <grp.h>
#include <modes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *kind_of(const struct stat64 *status)
{
    uint32_t mode = status->st_mode;

    return S_ISDIR(mode)    ? "directory"
           : S_ISREG(mode)  ? status->st_size == 0 ? "regular empty file" : "regular file"
           : S_ISCHR(mode)  ? "character special file"
           : S_ISBLK(mode)  ? "block special file"
           : S_ISLNK(mode)  ? "symbolic link"
           : S_ISFIFO(mode) ? "fifo"
                            : "socket";
}

static void show_name(uint32_t number, bool is_group)
{
    const struct group *group = is_group ? getgrgid(number) : NULL;
    const struct passwd *user = is_group ? NULL : getpwuid(number);

    fputs(group != NULL ? group->gr_name : user != NULL ? user->pw_name : "UNKNOWN", stdout);
}

static void show_part(char letter, const char *path, const struct stat64 *status)
{
    char mode[MODE_TEXT_BYTES];

    switch (letter) {
    case 'a':
        printf("%o", status->st_mode & 07777);
        break;
    case 'A':
        mode_text(status->st_mode, mode);
        fputs(mode, stdout);
        break;
    case 'b':
        printf("%llu", status->st_blocks);
        break;
    case 'B':
        fputs("512", stdout);
        break;
    case 'f':
        printf("%x", status->st_mode);
        break;
    case 'F':
        fputs(kind_of(status), stdout);
        break;
    case 'g':
    case 'u':
        printf("%u", letter == 'g' ? status->st_gid : status->st_uid);
        break;
    case 'G':
    case 'U':
        show_name(letter == 'G' ? status->st_gid : status->st_uid, letter == 'G');
        break;
    case 'h':
        printf("%u", status->st_nlink);
        break;
    case 'i':
        printf("%llu", status->st_ino);
        break;
    case 'n':
        fputs(path, stdout);
        break;
    case 's':
        printf("%lld", status->st_size);
        break;
    case 't':
    case 'T':
        printf("%x", letter == 't' ? (uint32_t)status->st_rdev >> 8 & 0xFFF
                                   : (uint32_t)status->st_rdev & 255);
        break;
    case 'X':
    case 'Y':
    case 'Z':
        printf("%u", letter == 'X'   ? status->st_atime
                     : letter == 'Y' ? status->st_mtime
                                     : status->st_ctime);
        break;
    default:
        putchar(letter);
        break;
    }
}

static void show_format(const char *format, const char *path, const struct stat64 *status)
{
    for (; *format != '\0'; format++) {
        if (*format == '%' && format[1] != '\0') {
            show_part(*++format, path, status);
        } else {
            putchar(*format);
        }
    }
    putchar('\n');
}

static void show_time(const char *title, uint32_t seconds)
{
    time_t time = (time_t)seconds;
    char text[32];

    strftime(text, sizeof(text), "%F %T", localtime(&time));
    printf("%s: %s UTC\n", title, text);
}

static void show_all(const char *path, const struct stat64 *status)
{
    show_format("  File: %n\n  Kind: %F, %s bytes in %b blocks of 512\n  Node: %i, %h names", path,
                status);
    show_format("Access: %A (%a), owner %u (%U), group %g (%G)", path, status);
    if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
        printf("Device: %u, %u\n", (uint32_t)status->st_rdev >> 8 & 0xFFF,
               (uint32_t)status->st_rdev & 255);
    }
    show_time("  Read", status->st_atime);
    show_time("Change", status->st_mtime);
    show_time("Status", status->st_ctime);
}

int main(int argc, char **argv)
{
    const char *format = NULL;
    struct stat64 status;
    bool follow = false;
    int option, result = 0;

    while ((option = getopt(argc, argv, "Lc:")) != -1) {
        if (option == '?') {
            usage(1, "stat [-L] [-c FORMAT] FILE...");
        }
        follow = follow || option == 'L';
        format = option == 'c' ? optarg : format;
    }
    for (int i = optind; i < argc; i++) {
        if ((follow ? stat(argv[i], &status) : lstat(argv[i], &status)) != 0) {
            warn("%s", argv[i]);
            result = 1;
        } else if (format != NULL) {
            show_format(format, argv[i], &status);
        } else {
            show_all(argv[i], &status);
        }
    }
    return finish_output(result);
}
