/* How a parent learns what became of its children: they ended, were stopped, went on. Whoever waits
 * sleeps on its leader's PCB and looks at all children again when one has news. Interrupts are on.
 * See: wait(2), waitid(2), wait4(2). SPDX-License-Identifier: MIT */
#include "calls/ptrace.h"
#include "heart/clock.h"
#include "heart/cpu.h"
#include "heart/process.h"
#include "heart/scheduler.h"
#include "heart/signal.h"
#include "heart/system_call.h"

/* Linux's options about threads: every child is meant here, with or without them. */
#define ALWAYS_SO (__WNOTHREAD | __WALL | __WCLONE)

struct wait_request {
    int32_t pid;      /* > 0 this child, 0 own group, -1 any, < -1 this group */
    uint32_t options; /* WNOHANG, WUNTRACED = WSTOPPED, WEXITED, WCONTINUED, WNOWAIT */
};

/* What a child had to tell. */
struct news {
    int32_t pid;         /* whose; 0: there are none */
    uint32_t user;       /* its real user */
    int32_t status;      /* as waitpid stores it */
    struct rusage usage; /* its and its children's time */
};

static bool is_meant(const struct process *child, int32_t pid)
{
    bool is_traced = child->tracing.tracer == current->leader;

    if (child->leader != child ? !is_traced || child->state == PROCESS_ZOMBIE
                               : !is_traced && child->parent != current->leader) {
        return false;
    }
    return pid == -1 || child->pid == pid || (pid == 0 && child->group == current->group) ||
           (pid < -1 && child->group == -pid);
}

/* Has this child something to tell? Then *status is that; it is told only once, unless WNOWAIT. */
static bool has_news(struct process *child, uint32_t options, int32_t *status)
{
    bool stays = (options & WNOWAIT) != 0;
    struct process *tracer = child->tracing.tracer;

    if (tracer == current->leader && child->tracing.is_unseen) {
        child->tracing.is_unseen = stays;
        *status = child->tracing.status;
        return true;
    }
    if (child->leader != child || (tracer != NULL && tracer != current->leader)) {
        return false; /* the end of a traced child is its tracer's news first */
    }

    if (child->state == PROCESS_ZOMBIE && child->together.threads == 0 && (options & WEXITED)) {
        *status = child->wait_status;
        return true;
    }
    if (child->stop_unseen && (options & WUNTRACED)) {
        child->stop_unseen = stays;
        *status = child->wait_status;
        return true;
    }
    if (child->continue_unseen && (options & WCONTINUED)) {
        child->continue_unseen = stays;
        *status = 0xFFFF;
        return true;
    }
    return false;
}

/* A child with news, NULL if none has any; *exists: is there a child that is meant at all? */
static struct process *find_news(const struct wait_request *request, int32_t *status, bool *exists)
{
    *exists = false;
    for (struct process *child = process_first; child != NULL; child = child->next) {
        if (is_meant(child, request->pid)) {
            *exists = true;
            if (has_news(child, request->options, status)) {
                return child;
            }
        }
    }
    return NULL;
}

static void take_news(struct process *child, const struct wait_request *request, struct news *news)
{
    const struct thread_group *its = &child->together;
    struct thread_group *mine = &current->leader->together;
    uint32_t user, system;

    process_times(child, &user, &system);
    user += its->children_user_ticks;
    system += its->children_system_ticks;
    news->pid = child->pid;
    news->user = child->uid;
    news->usage =
        (struct rusage){.ru_utime = ticks_to_timeval(user), .ru_stime = ticks_to_timeval(system)};
    if (child->state != PROCESS_ZOMBIE || its->threads != 0 || (request->options & WNOWAIT)) {
        return;
    }
    if (child->parent != current->leader) {
        ptrace_release(child, 0); /* the parent has not had it yet */
    } else {
        mine->children_user_ticks += user;
        mine->children_system_ticks += system;
        process_free_ended_threads(); /* they refer to their leader */
        process_free(child);
    }
}

/* Wait until a child has news, or (WNOHANG) look once. 0, or an error. */
static int32_t wait_for_child(const struct wait_request *request, struct news *news)
{
    struct process *child;
    bool exists;

    news->pid = 0;
    interrupts_off();
    for (;;) {
        child = find_news(request, &news->status, &exists);
        if (child != NULL || !exists || (request->options & WNOHANG) ||
            signal_is_pending(current)) {
            break;
        }
        sleep_on(current->leader);
    }
    interrupts_on();
    if (child != NULL) {
        take_news(child, request, news);
        return 0;
    }
    if (!exists) {
        return -ECHILD;
    }
    return request->options & WNOHANG ? 0 : -ERESTARTSYS;
}

/* The results go out last: a zombie is gone even if a pointer was bad, as on Linux. */
int32_t sys_wait4(uint32_t pid, uint32_t status_to, uint32_t options, uint32_t usage_to)
{
    struct wait_request request = {(int32_t)pid, (options & ~ALWAYS_SO) | WEXITED};
    struct news news;
    int32_t result;

    if (options & ~(uint32_t)(WNOHANG | WUNTRACED | WCONTINUED | ALWAYS_SO)) {
        return -EINVAL;
    }
    result = wait_for_child(&request, &news);
    if (result != 0 || news.pid == 0) {
        return result;
    }
    if (copy_result(status_to, &news.status, sizeof(news.status)) != 0 ||
        copy_result(usage_to, &news.usage, sizeof(news.usage)) != 0) {
        return -EFAULT;
    }
    return news.pid;
}

static void news_to_info(const struct news *news, struct siginfo *info)
{
    int32_t status = news->status;

    *info = (struct siginfo){.si_signo = SIGCHLD, .si_pid = news->pid, .si_uid = news->user};
    if (WIFCONTINUED(status)) {
        info->si_code = CLD_CONTINUED;
        info->si_status = SIGCONT;
    } else if (WIFSTOPPED(status)) {
        info->si_code = CLD_STOPPED;
        info->si_status = WSTOPSIG(status);
    } else if (WIFEXITED(status)) {
        info->si_code = CLD_EXITED;
        info->si_status = WEXITSTATUS(status);
    } else {
        info->si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
        info->si_status = WTERMSIG(status);
    }
}

/* As wait4, but the caller says what kinds of news it
 * wants, and gets it in parts. */
int32_t sys_waitid(uint32_t kind, uint32_t id, uint32_t info_to, uint32_t options,
                   uint32_t usage_to)
{
    struct wait_request request = {-1, options & ~ALWAYS_SO};
    struct siginfo info = {0};
    struct news news;
    int32_t result;

    if ((request.options & ~(uint32_t)(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT)) ||
        (request.options & (WUNTRACED | WEXITED | WCONTINUED)) == 0 || kind > P_PGID ||
        (kind != P_ALL && (int32_t)id < (kind == P_PID ? 1 : 0))) {
        return -EINVAL;
    }
    if (kind != P_ALL) {
        request.pid = kind == P_PID ? (int32_t)id : -(int32_t)id;
    }
    result = wait_for_child(&request, &news);
    if (result != 0) {
        return result;
    }
    if (news.pid != 0) {
        news_to_info(&news, &info);
    }
    if (copy_result(info_to, &info, sizeof(info)) != 0) {
        return -EFAULT;
    }
    return copy_result(usage_to, &news.usage, sizeof(news.usage));
}
