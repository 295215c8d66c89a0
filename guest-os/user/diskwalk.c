/* diskwalk: mount each disk that is there, look at everything in it, change something in every
 * directory, and let it go. For disks that were damaged: whatever they contain, each call comes
 * back, with a result or an error. Prints what it met. SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MOST   12    /* directories in directories; a damaged disk may have rings */
#define VISITS_MOST  2000  /* entries of one disk */
#define BYTES_MOST   65536 /* that are read from one file, and as many from its end */
#define PATH_BYTES   1024
#define BUFFER_BYTES 4096
#define MOUNT_AT     "/tmp/disk"

static uint32_t visits, errors, changes;
static char buffer[BUFFER_BYTES];

/* Count what went wrong; the call's result. */
static int noted(int result)
{
    errors += result < 0;
    return result;
}

static void read_some(int fd)
{
    for (uint32_t done = 0; done < BYTES_MOST; done += BUFFER_BYTES) {
        if (noted(read(fd, buffer, BUFFER_BYTES)) <= 0) {
            return;
        }
    }
}

static void look_at_file(const char *path, const struct stat64 *status, bool change)
{
    int fd = noted(open(path, O_RDONLY | O_NONBLOCK));

    if (fd < 0) {
        return;
    }
    read_some(fd);
    if (status->st_size > BYTES_MOST * 2 && status->st_size < 0x7FFFFFFF) {
        lseek(fd, (int)status->st_size - BYTES_MOST, SEEK_SET);
        read_some(fd);
    }
    close(fd);
    if (!change) {
        return;
    }
    fd = noted(open(path, O_WRONLY | O_APPEND));
    if (fd >= 0) {
        changes += noted(write(fd, buffer, 1500)) > 0;
        close(fd);
    }
    if (visits % 3 == 0) {
        changes += noted(truncate(path, (int)(visits * 37 % 20000))) == 0;
    }
    if (visits % 7 == 0) {
        changes += noted(unlink(path)) == 0;
    }
}

/* Make, rename and remove in a directory. */
static void change_in(char *path)
{
    size_t length = strlen(path);
    char other[PATH_BYTES + 20];
    int fd;

    strcpy(other, path);
    strcpy(path + length, "/a_new_one");
    strcpy(other + length, "/a_newer_one");
    fd = noted(open(path, O_WRONLY | O_CREAT, 0644));
    if (fd >= 0) {
        for (int i = 0; i < 20; i++) {
            changes += noted(write(fd, buffer, 1000)) > 0;
        }
        close(fd);
    }
    changes += noted(rename(path, other)) == 0;
    changes += noted(mkdir(path, 0755)) == 0;
    if (visits % 2 == 0) {
        noted(rmdir(path));
        noted(unlink(other));
    }
    path[length] = '\0';
}

static void walk(char *path, uint32_t depth, bool change)
{
    size_t length = strlen(path);
    DIR *directory = opendir(path);
    struct dirent64 *entry;

    if (directory == NULL) {
        errors++;
        return;
    }
    while ((entry = readdir(directory)) != NULL && visits < VISITS_MOST) {
        struct stat64 status;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            length + strlen(entry->d_name) + 20 > PATH_BYTES) {
            continue;
        }
        visits++;
        path[length] = '/';
        strcpy(path + length + 1, entry->d_name);
        if (noted(lstat(path, &status)) == 0) {
            if (S_ISDIR(status.st_mode) && depth < DEPTH_MOST) {
                walk(path, depth + 1, change);
            } else if (S_ISREG(status.st_mode)) {
                look_at_file(path, &status, change);
            } else if (S_ISLNK(status.st_mode)) {
                noted(readlink(path, buffer, BUFFER_BYTES));
            }
        }
        path[length] = '\0';
    }
    closedir(directory);
    if (change) {
        change_in(path);
    }
}

static void one_disk(const char *disk)
{
    static char path[PATH_BYTES + 40];

    visits = errors = changes = 0;
    if (mount(disk, MOUNT_AT, "ext2", 0, NULL) != 0) {
        printf("diskwalk: %s: not mounted, error %d\n", disk, errno);
        return;
    }
    strcpy(path, MOUNT_AT);
    walk(path, 0, false);
    walk(path, 0, true);
    sync();
    walk(path, 0, false);
    printf("diskwalk: %s: %u entries, %u errors, %u changes\n", disk, visits, errors, changes);
    if (umount2(MOUNT_AT, 0) != 0) {
        printf("diskwalk: %s: stays mounted, error %d\n", disk, errno);
    }
}

int main(void)
{
    static const char *const disks[] = {"/dev/hda", "/dev/hdb", "/dev/hdc", "/dev/hdd"};

    if (mkdir(MOUNT_AT, 0755) != 0) {
        perror(MOUNT_AT);
        return 1;
    }
    for (uint32_t i = 0; i < sizeof(disks) / sizeof(disks[0]); i++) {
        one_disk(disks[i]);
    }
    puts("diskwalk: done");
    return 0;
}
