/* What an archive needs to become files in memory: ram_files.c. SPDX-License-Identifier: MIT */
#pragma once

#include "files/node.h"

/* The data of a new file or link are these: on the file system's device at byte `at`, or without a
 * device in memory, at that address. */
void ram_begin_with(struct node *node, uint32_t at, uint32_t bytes);

/* As in struct file_system_kind. */
int32_t ram_mount(struct file_system *system);
void ram_unmount(struct file_system *system);
void ram_statfs(struct file_system *system, struct statfs64 *to);
