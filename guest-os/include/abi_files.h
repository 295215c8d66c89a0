/* What user programs and the kernel agree on about files; part of abi.h. See: open(2), stat(2),
 * fcntl(2), getdents(2). SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

#define O_RDONLY    0x0u
#define O_WRONLY    0x1u
#define O_RDWR      0x2u
#define O_ACCMODE   0x3u
#define O_CREAT     0x40u
#define O_EXCL      0x80u
#define O_NOCTTY    0x100u
#define O_TRUNC     0x200u
#define O_APPEND    0x400u
#define O_NONBLOCK  0x800u
#define O_DSYNC     0x1000u
#define O_ASYNC     0x2000u /* tell the owner when something can be read or written */
#define O_LARGEFILE 0x8000u
#define O_DIRECTORY 0x10000u
#define O_NOFOLLOW  0x20000u
#define O_CLOEXEC   0x80000u
#define O_SYNC      0x101000u
#define O_PATH      0x200000u

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR        0x200u
#define AT_EACCESS          0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_NO_AUTOMOUNT     0x800u
#define AT_EMPTY_PATH       0x1000u
#define AT_STATX_SYNC       0x6000u
#define UTIME_NOW           0x3FFFFFFFu
#define UTIME_OMIT          0x3FFFFFFEu

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define F_GETLK         5
#define F_SETLK         6
#define F_SETLKW        7
#define F_SETOWN        8 /* who hears of O_ASYNC: a pid, or minus a group */
#define F_GETOWN        9
#define F_SETSIG        10 /* with which signal; 0: SIGIO, without siginfo */
#define F_GETSIG        11
#define F_GETLK64       12
#define F_SETLK64       13
#define F_SETLKW64      14
#define F_DUPFD_CLOEXEC 1030
#define FD_CLOEXEC      1

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

struct flock {         /* of F_SETLK and the like */
    uint16_t l_type;   /* F_RDLCK, F_WRLCK, F_UNLCK */
    uint16_t l_whence; /* SEEK_... */
    int32_t l_start;   /* bytes from there */
    int32_t l_len;     /* bytes; 0: to the end, however far that moves */
    int32_t l_pid;     /* F_GETLK: whose it is */
};

struct flock64 {       /* of F_SETLK64 and the like */
    uint16_t l_type;   /* as above */
    uint16_t l_whence; /* as above */
    int64_t l_start;   /* as above */
    int64_t l_len;     /* as above */
    int32_t l_pid;     /* as above */
} __attribute__((packed, aligned(4)));

#define LOCK_SH 1u
#define LOCK_EX 2u
#define LOCK_NB 4u
#define LOCK_UN 8u

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

#define PIPE_BUF 4096 /* a write of at most so many bytes is not mixed with others */

#define S_IFMT      0170000u
#define S_IFIFO     0010000u
#define S_IFCHR     0020000u
#define S_IFDIR     0040000u
#define S_IFREG     0100000u
#define S_IFLNK     0120000u
#define S_IFBLK     0060000u
#define S_IFSOCK    0140000u
#define S_ISUID     0004000u
#define S_ISGID     0002000u
#define S_ISVTX     0001000u
#define S_IXGRP     0000010u
#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)

struct stat64 {
    uint64_t st_dev;                   /* file system */
    uint32_t pad0;                     /* 0 */
    uint32_t st_ino_low;               /* as st_ino */
    uint32_t st_mode;                  /* S_IF... and permissions */
    uint32_t st_nlink;                 /* names */
    uint32_t st_uid;                   /* owner */
    uint32_t st_gid;                   /* group */
    uint64_t st_rdev;                  /* device files: which */
    uint32_t pad3;                     /* 0 */
    int64_t st_size;                   /* bytes */
    uint32_t st_blksize;               /* bytes, good for one read */
    uint64_t st_blocks;                /* of 512 bytes */
    uint32_t st_atime;                 /* seconds */
    uint32_t st_atime_nsec;            /* nanoseconds */
    uint32_t st_mtime;                 /* seconds */
    uint32_t st_mtime_nsec;            /* nanoseconds */
    uint32_t st_ctime;                 /* seconds */
    uint32_t st_ctime_nsec;            /* nanoseconds */
    uint64_t st_ino;                   /* number of the file in its file system */
} __attribute__((packed, aligned(4))); /* 96 bytes */

struct statfs64 {                      /* of statfs64; sizes in units of f_bsize */
    uint32_t f_type;                   /* which kind: see statfs(2) */
    uint32_t f_bsize;                  /* bytes of a block */
    uint64_t f_blocks;                 /* all */
    uint64_t f_bfree;                  /* free */
    uint64_t f_bavail;                 /* free for others than root */
    uint64_t f_files;                  /* nodes, all */
    uint64_t f_ffree;                  /* nodes, free */
    uint32_t f_fsid[2];                /* 0 */
    uint32_t f_namelen;                /* bytes of a name at most */
    uint32_t f_frsize;                 /* as f_bsize */
    uint32_t f_flags;                  /* ST_... */
    uint32_t f_spare[4];               /* 0 */
} __attribute__((packed, aligned(4))); /* 84 bytes */
#define ST_RDONLY 1u
#define ST_VALID  0x20u

#define RENAME_NOREPLACE 1u

#define DT_FIFO 1
#define DT_CHR  2
#define DT_DIR  4
#define DT_BLK  6
#define DT_REG  8
#define DT_LNK  10

struct dirent64 {
    uint64_t d_ino;    /* number of the file */
    int64_t d_off;     /* where the next entry begins */
    uint16_t d_reclen; /* bytes of this entry, a multiple of 4 */
    uint8_t d_type;    /* DT_... */
    char d_name[];     /* ends with a null byte */
} __attribute__((packed));
#define DIRENT_HEADER 19 /* bytes before the name */

struct old_dirent {    /* of getdents; d_type is the last byte of the entry */
    uint32_t d_ino;    /* number of the file */
    uint32_t d_off;    /* where the next entry begins */
    uint16_t d_reclen; /* bytes of this entry, a multiple of 4 */
    char d_name[];     /* ends with a null byte */
} __attribute__((packed));
#define OLD_DIRENT_HEADER 10 /* bytes before the name */

struct statx_timestamp {
    int64_t tv_sec;   /* seconds since 1970 */
    uint32_t tv_nsec; /* nanoseconds */
    int32_t pad;      /* 0 */
};

struct statx {
    uint32_t stx_mask;                      /* STATX_...: what is filled in */
    uint32_t stx_blksize;                   /* bytes, good for one read */
    uint64_t stx_attributes;                /* 0 */
    uint32_t stx_nlink, stx_uid, stx_gid;   /* as in stat64 */
    uint16_t stx_mode, pad0;                /* as in stat64 */
    uint64_t stx_ino, stx_size, stx_blocks; /* as in stat64 */
    uint64_t stx_attributes_mask;           /* 0 */
    struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime; /* stx_btime: not kept */
    uint32_t stx_rdev_major, stx_rdev_minor;                           /* device files: which */
    uint32_t stx_dev_major, stx_dev_minor;                             /* file system */
    uint64_t stx_spare[14];                                            /* 0 */
};                                                                     /* 256 bytes */
#define STATX_BASIC_STATS 0x7FFu
#define STATX_RESERVED    0x80000000u

#define MS_RDONLY  0x1u
#define MS_REMOUNT 0x20u
#define MS_BIND    0x1000u
#define MS_MOVE    0x2000u

struct iovec {
    uint32_t iov_base; /* user address */
    uint32_t iov_len;  /* bytes */
};
#define IOV_MAX 1024

struct pollfd {
    int32_t fd;       /* negative: ignored */
    uint16_t events;  /* POLL... asked for */
    uint16_t revents; /* POLL... found */
};
#define POLLIN     0x01u
#define POLLPRI    0x02u
#define POLLOUT    0x04u
#define POLLERR    0x08u
#define POLLHUP    0x10u
#define POLLNVAL   0x20u
#define POLLRDNORM 0x40u
#define POLLWRNORM 0x100u
