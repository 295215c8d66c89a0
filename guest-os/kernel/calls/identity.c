/* System calls about the process itself: numbers, name, and what is only kept for it. Interrupts
 * are on. See: getpid(2), set_tid_address(2), prctl(2), personality(2).
 * SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/process.h"
#include "heart/system_call.h"

#define PR_SET_PDEATHSIG    1u
#define PR_GET_DUMPABLE     3u
#define PR_SET_DUMPABLE     4u
#define PR_SET_NAME         15u
#define PR_GET_NAME         16u
#define PERSONALITY_LINUX   0u
#define PERSONALITY_LINUX32 8u /* says i686, which it does anyway */
#define PERSONALITY_ASK     0xFFFFFFFFu

int32_t sys_getpid(struct trap_frame *frame)
{
    (void)frame;
    return current->leader->pid;
}

int32_t sys_getppid(struct trap_frame *frame)
{
    const struct process *parent = current->leader->parent;

    (void)frame;
    return parent == NULL ? 0 : parent->pid;
}

int32_t sys_gettid(struct trap_frame *frame)
{
    (void)frame;
    return current->pid;
}

/* The word that is set to 0 when this thread ends. */
int32_t sys_set_tid_address(struct trap_frame *frame)
{
    current->clear_tid = frame->ebx;
    return current->pid;
}

/* prctl(what, argument, ...): the name, and two questions with one answer. */
int32_t sys_prctl(struct trap_frame *frame)
{
    char name[NAME_BYTES];
    int32_t result;

    switch (frame->ebx) {
    case PR_SET_NAME:
        result = copy_text_from_user(name, frame->ecx, sizeof(name));
        if (result == -E2BIG) {
            name[NAME_BYTES - 1] = '\0'; /* cut, as on Linux */
        } else if (result < 0) {
            return result;
        }
        memcpy(current->name, name, NAME_BYTES);
        return 0;
    case PR_GET_NAME:
        return copy_to_user(frame->ecx, current->name, NAME_BYTES);
    case PR_GET_DUMPABLE:
    case PR_SET_DUMPABLE:
        return 0; /* no core files are written */
    default:
        return -EINVAL;
    }
}

int32_t sys_personality(struct trap_frame *frame)
{
    uint32_t before = current->personality;

    if (frame->ebx == PERSONALITY_LINUX || frame->ebx == PERSONALITY_LINUX32) {
        current->personality = frame->ebx;
    } else if (frame->ebx != PERSONALITY_ASK) {
        return -EINVAL;
    }
    return (int32_t)before;
}

int32_t sys_brk(struct trap_frame *frame)
{
    return (int32_t)space_set_break(current->space, frame->ebx);
}
