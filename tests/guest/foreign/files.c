/* Files, directories, links, locks and the texts of errors. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *words, int result)
{
    printf("%s: %d %s\n", words, result, result < 0 ? strerror(errno) : "");
}

static void list(void)
{
    struct dirent **names;
    int count = scandir(".", &names, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        printf("%s/%d ", names[i]->d_name, names[i]->d_type);
    }
    printf("\n");
}

static void locks(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    int pid;

    tell("lock", fcntl(fd, F_SETLK, &lock));
    pid = fork();
    if (pid == 0) {
        struct flock other = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 4, .l_len = 1};

        tell("child locks", fcntl(fd, F_SETLK, &other));
        fcntl(fd, F_GETLK, &other);
        printf("held: type %d start %d length %d by the parent %d\n", other.l_type,
               (int)other.l_start, (int)other.l_len, other.l_pid == getppid());
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

int main(void)
{
    char folder[] = "/tmp/filesXXXXXX", text[PATH_MAX];
    struct timeval times[2] = {{1000000000, 0}, {981173106, 0}};
    struct stat now;
    FILE *stream;
    int fd, number = 0;
    float value = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    umask(022);
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) {
        return 1;
    }
    fd = open("a", O_CREAT | O_EXCL | O_RDWR, 0666);
    tell("again", open("a", O_CREAT | O_EXCL | O_RDWR, 0666));
    tell("write", (int)write(fd, "0123456789", 10));
    tell("pwrite", (int)pwrite(fd, "end", 3, 100000));
    tell("lseek", (int)lseek(fd, -3, SEEK_END));
    tell("before the start", (int)lseek(fd, -1, SEEK_SET));
    locks(fd);
    tell("link", link("a", "b"));
    tell("symlink", symlink("a", "c"));
    tell("mkdir", mkdir("d", 0777));
    tell("rename over a directory", rename("a", "d"));
    tell("rename into it", rename("b", "d/b"));
    tell("rmdir", rmdir("d"));
    tell("utimes", utimes("a", times));
    stat("a", &now);
    printf("%o %d links, %d bytes, %d\n", now.st_mode, (int)now.st_nlink, (int)now.st_size,
           (int)now.st_mtime);
    lstat("c", &now);
    printf("%o %d\n", now.st_mode, (int)now.st_size);
    tell("readlink", (int)readlink("c", text, sizeof(text)));
    tell("chmod", chmod("a", 04751));
    tell("truncate", truncate("a", 5));
    tell("open a directory", open("d", O_WRONLY));
    tell("through a file", open("a/x", O_RDONLY));
    tell("too long", open(memset(text, 'x', PATH_MAX - 1) ? text : "", O_RDONLY));
    symlink("loop", "loop");
    tell("loop", open("loop", O_RDONLY));
    list();
    stream = fopen("t", "w+");
    fprintf(stream, "%d words %.2f\nsecond\n", 42, 2.5);
    rewind(stream);
    number = fscanf(stream, "%d words %f", &number, &value) == 2 ? number : -1;
    printf("%d %.2f ", number, (double)value);
    printf("%s", fgets(text, sizeof(text), stream) != NULL ? text : "?");
    printf("%s", fgets(text, sizeof(text), stream) != NULL ? text : "?");
    printf("%ld %d\n", ftell(stream), fgetc(stream) == EOF && feof(stream));
    fclose(stream);
    tell("remove", system("rm -r /tmp/files??????") == 0 ? 0 : -1);
    tell("gone", chdir(folder));
    return 0;
}
