/* The users in /etc/passwd: lines of name:password:uid:gid:words:home:shell.
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct passwd {
    char *pw_name;   /* text */
    char *pw_passwd; /* text; "x": it is in /etc/shadow */
    uint32_t pw_uid; /* number of the user */
    uint32_t pw_gid; /* number of the first group */
    char *pw_gecos;  /* text about the person */
    char *pw_dir;    /* home directory */
    char *pw_shell;  /* program to start */
};

/* Valid until the next call; NULL: there is none. */
struct passwd *getpwnam(const char *name);
struct passwd *getpwuid(uint32_t number);
/* One after the other. */
void setpwent(void);
struct passwd *getpwent(void);
void endpwent(void);
