/* What the rows of forms.def call: the work of system calls that have several forms. Addresses are
 * the program's; results are those of the calls. `format`: how a time is kept there.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "calls/time_argument.h"
#include "files/file.h"

#define POLICY_NORMAL 0 /* SCHED_OTHER, SCHED_BATCH and SCHED_IDLE are one here */

/* A number of 64 bits comes in two registers. */
static inline int64_t wide(uint32_t low, uint32_t high)
{
    return (int64_t)((uint64_t)high << 32 | low);
}

/* 65535 is the -1 of users' numbers that have 16 bits. */
static inline uint32_t from_16_bits(uint32_t number)
{
    return (uint16_t)number == UINT16_MAX ? UINT32_MAX : (uint16_t)number;
}

/* The group, or the session, of a process; 0: of this one. */
int32_t group_of(uint32_t pid, bool session);

/* `ids`: real, effective, saved; UINT32_MAX: it stays. */
int32_t credentials_set_one(uint32_t ids[3], uint32_t wanted);
int32_t credentials_set_two(uint32_t ids[3], uint32_t real, uint32_t effective);
int32_t credentials_set_three(uint32_t ids[3], const uint32_t wanted[3]);
int32_t credentials_get_three(const uint32_t ids[3], const uint32_t to_user[3]);
int32_t credentials_in_16_bits(uint32_t id);

/* Is there such a process? The answer goes to the program, and `result` is returned. */
int32_t priority_ask(uint32_t pid, uint32_t to_user, uint32_t answer, int32_t result);
int32_t priority_set_policy(uint32_t pid, uint32_t policy, int32_t priority);
/* `bound` for a real-time policy, 0 for the others. */
int32_t priority_bound(uint32_t policy, uint32_t bound);

/* `bytes` of the masks: 4 or 8. */
int32_t signal_call_mask(uint32_t how, uint32_t set_at, uint32_t old_at, uint32_t bytes);
/* `leader` 0: whatever process the thread is of. */
int32_t signal_call_thread(uint32_t leader, uint32_t thread, uint32_t signal);
int32_t signal_call_action(uint32_t signal, const struct kernel_sigaction *new,
                           struct kernel_sigaction *old);
int32_t signal_call_old_action(uint32_t signal, const struct old_sigaction *new,
                               struct old_sigaction *old);
int32_t signal_call_queue(uint32_t pid, uint32_t signal, const struct siginfo *info);
int32_t signal_call_suspend(sigset_t mask);
int32_t signal_call_wait(sigset_t set, uint32_t info_at, uint32_t time_at, enum time_format format);
int32_t signal_stack_exchange(const struct sigaltstack *new, struct sigaltstack *old);
/* `new` NULL: it goes on. */
int32_t timer_exchange(uint32_t which, const struct itimerval *new, struct itimerval *old);

struct rlimit_wide {
    uint64_t now;  /* what holds; UINT64_MAX: no limit */
    uint64_t most; /* up to here it may be changed */
};
/* Each of `new` and `old` may be NULL. */
int32_t limits_exchange(struct process *process, uint32_t which, const struct rlimit *new,
                        struct rlimit *old);
int32_t limits_exchange_wide(uint32_t pid, uint32_t which, const struct rlimit_wide *new,
                             struct rlimit_wide *old);

int32_t futex(uint32_t word, uint32_t operation, uint32_t value, uint32_t time_at, uint32_t bits,
              enum time_format format);

int32_t clock_get(uint32_t clock, uint32_t to_user, enum time_format format);
int32_t clock_resolution(uint32_t clock, uint32_t to_user, enum time_format format);
int32_t clock_set(uint32_t clock, uint32_t time_at, enum time_format format);
int32_t clock_sleep(uint32_t clock, uint32_t flags, uint32_t time_at, uint32_t left_at,
                    enum time_format format);

int32_t time_used(int32_t who, struct rusage *usage);

int32_t poll_for(uint32_t fds_at, uint32_t count, uint32_t time_at, uint32_t mask_at,
                 uint32_t mask_bytes, enum time_format format);
/* `mask_at`: two words, address and size of the mask; 0: none. */
int32_t select_for(uint32_t limit, const uint32_t sets_at[3], uint32_t time_at, uint32_t mask_at,
                   enum time_format format);

/* The lowest free descriptor from `least` on; this one. `flags`: O_CLOEXEC. */
int32_t file_duplicate(struct file *file, uint32_t least, uint32_t flags);
int32_t file_duplicate_to(uint32_t from, uint32_t to, uint32_t flags);
/* Where the offset is then goes to the program, or is the result. */
int32_t file_seek(struct file *file, int64_t offset, uint32_t whence, uint32_t to_user);
int32_t file_seek_near(struct file *file, int32_t offset, uint32_t whence);
int32_t file_control(struct file *file, uint32_t fd, uint32_t command, uint32_t argument);

int32_t transfer_at(struct file *file, int64_t offset, uint32_t user, uint32_t bytes, bool write);
/* `offset` NULL: where the file's own is. */
int32_t transfer_pieces(struct file *file, const int64_t *offset, uint32_t pieces_at,
                        uint32_t count, bool write);

int32_t directory_enter(struct node *node);
int32_t directory_make_root(struct node *node);
/* `is_new`: records of getdents64. */
int32_t directory_list(struct file *file, uint32_t to_user, uint32_t bytes, bool is_new);
int32_t directory_make(struct path_end *end, uint32_t mode);
int32_t directory_make_special(struct path_end *end, uint32_t mode, uint32_t device);
int32_t directory_make_symlink(struct path_end *end, uint32_t target_at);

int32_t status_give(const struct node *node, uint32_t to_user);
int32_t status_give_statx(const struct node *node, uint32_t flags, uint32_t mask, uint32_t to_user);
int32_t status_give_link(struct node *node, uint32_t to_user, uint32_t bytes);
int32_t status_give_system(const struct node *node, uint32_t bytes, uint32_t to_user);

int32_t attributes_set_mode(struct node *node, uint32_t mode);
int32_t attributes_set_owner(struct node *node, uint32_t owner, uint32_t group);
/* No path: what is open as `fd`. No times: now. */
int32_t attributes_set_times(uint32_t fd, uint32_t path_at, uint32_t times_at,
                             enum time_format format, uint32_t flags);
int32_t attributes_truncate(struct node *node, int64_t length);
int32_t attributes_truncate_file(struct file *file, int64_t length);

int32_t mounts_change(struct node *on, uint32_t source_at, uint32_t kind_at, uint32_t flags);
int32_t mounts_sync(struct file_system *system);

int32_t machine_information(struct sysinfo *info);
int32_t machine_take_name(bool of_domain, uint32_t name_at, uint32_t bytes);

bool mapping_is_range(uint32_t start, uint32_t bytes);
