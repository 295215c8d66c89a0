/* Process groups and sessions: which processes are one job, and which jobs belong to one terminal.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* The session of a group that has members, else 0. */
int32_t group_session(int32_t group);

/* Has no member a parent in the same session but outside the group? Then nobody is there who could
 * continue the group if it were stopped. */
bool group_is_orphaned(int32_t group);

/* If `group` is orphaned and has stopped members, they hear SIGHUP and SIGCONT: they would wait for
 * ever otherwise. For processes whose parent ended. */
void group_release_stopped(int32_t group);
