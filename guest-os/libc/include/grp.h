/* The groups in /etc/group: lines of name:password:gid:member,member...
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

struct group {
    char *gr_name;   /* text */
    char *gr_passwd; /* text */
    uint32_t gr_gid; /* number of the group */
    char **gr_mem;   /* names of the members, then NULL */
};

/* Valid until the next call; NULL: there is none. */
struct group *getgrnam(const char *name);
struct group *getgrgid(uint32_t number);
/* One after the other. */
void setgrent(void);
struct group *getgrent(void);
void endgrent(void);
