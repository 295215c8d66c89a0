/* The segment that a thread's own data are in. SPDX-License-Identifier: MIT */
#pragma once

#include "heart/process.h"

/* Take the segment from a struct user_desc in the current program's memory and store the entry's
 * number there. 0, -EFAULT, -EINVAL. */
int32_t thread_area_set(struct process *process, uint32_t segment_at);

/* Let THREAD_DATA be the thread area of this process. Interrupts are off, or it is the current one.
 */
void thread_area_use(const struct process *process);
