/* The frame that the kernel pushes on a program's stack for a signal handler, and the way back from
 * it. The layout is that of Linux on i386, byte by byte, since handlers may look at it and change
 * it. Interrupts may be on or off. See: sigreturn(2). SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/cpu.h"
#include "heart/descriptors.h"
#include "heart/signal.h"
#include "heart/system_call.h"
#include "support/x87.h"

struct plain_frame {         /* handler(signal) */
    uint32_t return_address; /* where the handler's RET goes */
    uint32_t signal;         /* the handler's argument */
    struct sigcontext context;
    uint8_t x87_unused[624]; /* the state is above the frame, where `fpstate` points */
    uint32_t mask_high;      /* blocked signals 33..64 before the handler */
    uint8_t trampoline[8];
};

struct info_frame {           /* handler(signal, &info, &context), with SA_SIGINFO */
    uint32_t return_address;  /* where the handler's RET goes */
    uint32_t signal;          /* first argument */
    uint32_t info_address;    /* second */
    uint32_t context_address; /* third */
    struct siginfo info;
    struct ucontext context;
    uint8_t trampoline[8];
};

/* Code on the stack for handlers without sa_restorer: call (rt_)sigreturn. The page is executable:
 * this CPU knows no pages that are not. */
static const uint8_t plain_trampoline[8] = {
    0x58,                                     /* pop eax: drop the handler's argument */
    0xB8, SYS_sigreturn, 0, 0, 0, 0xCD, 0x80, /* mov eax, 119; int 80h */
};
static const uint8_t info_trampoline[8] = {
    0xB8, SYS_rt_sigreturn, 0, 0, 0, 0xCD, 0x80, 0, /* mov eax, 173; int 80h */
};

static void save_context(struct sigcontext *context, const struct trap_frame *frame,
                         uint32_t x87_at)
{
    *context = (struct sigcontext){
        .gs = frame->gs & 0xFFFF,
        .fs = frame->fs & 0xFFFF,
        .es = frame->es & 0xFFFF,
        .ds = frame->ds & 0xFFFF,
        .edi = frame->edi,
        .esi = frame->esi,
        .ebp = frame->ebp,
        .esp = frame->esp,
        .ebx = frame->ebx,
        .edx = frame->edx,
        .ecx = frame->ecx,
        .eax = frame->eax,
        .trapno = current->trap_vector,
        .err = current->trap_error,
        .eip = frame->eip,
        .cs = frame->cs & 0xFFFF,
        .eflags = frame->eflags,
        .esp_at_signal = frame->esp,
        .ss = frame->ss & 0xFFFF,
        .fpstate = x87_at,
        .oldmask = (uint32_t)signal_mask_to_return_to(),
        .cr2 = current->cr2,
    };
}

/* A selector that POP can load: the program's data segment or none. */
static uint32_t safe_selector(uint32_t selector)
{
    selector &= 0xFFFF;
    return selector == user_data || selector == THREAD_DATA ? selector : 0;
}

/* The program may have changed anything in `context`; the mode, the segments of code and stack and
 * the system's flags stay what they must be in user mode. */
static void load_context(struct trap_frame *frame, const struct sigcontext *context)
{
    frame->gs = safe_selector(context->gs);
    frame->fs = safe_selector(context->fs);
    frame->es = safe_selector(context->es);
    frame->ds = safe_selector(context->ds);
    frame->edi = context->edi;
    frame->esi = context->esi;
    frame->ebp = context->ebp;
    frame->ebx = context->ebx;
    frame->edx = context->edx;
    frame->ecx = context->ecx;
    frame->eax = context->eax;
    frame->eip = context->eip;
    frame->esp = context->esp;
    frame->cs = user_code;
    frame->ss = user_data;
    frame->eflags = (frame->eflags & ~EFLAGS_USER) | (context->eflags & EFLAGS_USER);
}

void signal_fill_info(struct siginfo *info, uint32_t signal, const struct signal_cause *cause)
{
    *info = (struct siginfo){.si_signo = (int32_t)signal, .si_code = cause->code};
    if (cause->is_address) {
        info->si_addr = cause->value;
    } else {
        info->si_pid = (int32_t)cause->value;
        info->si_uid = cause->user;
        info->si_status = cause->status; /* or the value that came with it */
    }
}

/* Where a frame of `bytes` goes: below the stack pointer, so that the handler finds the stack as
 * after a call: ESP + 4 is a multiple of 16. */
static uint32_t place_frame(uint32_t esp, uint32_t bytes)
{
    return ((esp - bytes + 4) & ~15u) - 4;
}

static bool push_plain(struct trap_frame *frame, uint32_t at, uint32_t x87_at, uint32_t signal,
                       const struct kernel_sigaction *action)
{
    struct plain_frame image = {.signal = signal,
                                .mask_high = (uint32_t)(signal_mask_to_return_to() >> 32)};

    image.return_address = action->sa_flags & SA_RESTORER
                               ? action->sa_restorer
                               : at + (uint32_t)offsetof(struct plain_frame, trampoline);
    save_context(&image.context, frame, x87_at);
    memcpy(image.trampoline, plain_trampoline, sizeof(plain_trampoline));
    return copy_to_user(at, &image, sizeof(image)) == 0;
}

static bool push_info(struct trap_frame *frame, uint32_t at, uint32_t x87_at, uint32_t signal,
                      const struct kernel_sigaction *action, const struct signal_cause *cause)
{
    struct info_frame image = {.signal = signal};

    image.return_address = action->sa_flags & SA_RESTORER
                               ? action->sa_restorer
                               : at + (uint32_t)offsetof(struct info_frame, trampoline);
    image.info_address = at + (uint32_t)offsetof(struct info_frame, info);
    image.context_address = at + (uint32_t)offsetof(struct info_frame, context);
    signal_fill_info(&image.info, signal, cause);
    image.context.uc_stack = current->signal_stack;
    image.context.uc_stack.ss_flags = signal_stack_flags(frame->esp);
    image.context.uc_sigmask[0] = (uint32_t)signal_mask_to_return_to();
    image.context.uc_sigmask[1] = (uint32_t)(signal_mask_to_return_to() >> 32);
    save_context(&image.context.uc_mcontext, frame, x87_at);
    memcpy(image.trampoline, info_trampoline, sizeof(info_trampoline));
    return copy_to_user(at, &image, sizeof(image)) == 0;
}

/* The x87 state, if there is one, below *esp, which moves; *at: where, 0 none. The handler begins
 * with a fresh x87. */
static bool push_x87(uint32_t *esp, uint32_t *at)
{
    struct x87_state *state = &current->x87;
    uint32_t bytes;

    *at = 0;
    if (!x87_save(current)) {
        return true;
    }
    bytes = state->kind == X87_ONLY ? X87_ONLY_BYTES : sizeof(*state);
    *at = (*esp - bytes) & ~63u;
    *esp = *at;
    return copy_to_user(*at, state, bytes) == 0;
}

/* With SA_ONSTACK on the signal stack, unless the program is there already. */
static uint32_t stack_for(const struct trap_frame *frame, const struct kernel_sigaction *action)
{
    const struct sigaltstack *stack = &current->signal_stack;

    return (action->sa_flags & SA_ONSTACK) && signal_stack_flags(frame->esp) == 0
               ? stack->ss_sp + stack->ss_size
               : frame->esp;
}

bool signal_push_frame(struct trap_frame *frame, uint32_t signal,
                       const struct kernel_sigaction *action, const struct signal_cause *cause)
{
    bool with_info = (action->sa_flags & SA_SIGINFO) != 0;
    uint32_t bytes = with_info ? sizeof(struct info_frame) : sizeof(struct plain_frame);
    uint32_t esp = stack_for(frame, action);
    uint32_t at, x87_at;

    if (!push_x87(&esp, &x87_at)) {
        return false;
    }
    at = place_frame(esp, bytes);
    if (with_info ? !push_info(frame, at, x87_at, signal, action, cause)
                  : !push_plain(frame, at, x87_at, signal, action)) {
        return false;
    }
    x87_forget(current);
    frame->esp = at;
    frame->eip = action->sa_handler;
    frame->eax = signal; /* for handlers that take arguments in registers */
    frame->edx = with_info ? at + (uint32_t)offsetof(struct info_frame, info) : 0;
    frame->ecx = with_info ? at + (uint32_t)offsetof(struct info_frame, context) : 0;
    frame->cs = user_code;
    frame->ss = frame->ds = frame->es = user_data;
    frame->eflags &= ~(EFLAGS_DIRECTION | EFLAGS_TRAP | EFLAGS_RESUME);
    return true;
}

static int32_t bad_frame(void)
{
    signal_force(current, SIGSEGV, &(struct signal_cause){.code = SI_KERNEL});
    return 0;
}

/* The x87 as it was, or as the handler wants it to be. */
static bool load_x87(const struct sigcontext *context)
{
    struct x87_state *state = &current->x87;
    uint32_t at = context->fpstate;

    x87_forget(current);
    if (at == 0) {
        return true;
    }
    if (copy_from_user(state, at, X87_ONLY_BYTES) != 0 ||
        (state->kind == X87_EXTENDED &&
         copy_from_user(state->extended, at + X87_ONLY_BYTES, sizeof(state->extended)) != 0)) {
        return false;
    }
    current->x87_used = x87_is_there();
    return true;
}

/* The handler's RET took the return address and the trampoline the argument: ESP is 8 above. */
int32_t sys_sigreturn(void)
{
    struct trap_frame *frame = current->frame;
    struct plain_frame image;

    current->call_number = -1; /* EAX is the interrupted program's, not a result to settle */
    if (copy_from_user(&image, frame->esp - 8, sizeof(image)) != 0 || !load_x87(&image.context)) {
        return bad_frame();
    }
    current->blocked =
        ((sigset_t)image.mask_high << 32 | image.context.oldmask) & ~SIGNALS_UNTOUCHABLE;
    load_context(frame, &image.context);
    return (int32_t)frame->eax;
}

/* Here only the return address is gone. */
int32_t sys_rt_sigreturn(void)
{
    struct trap_frame *frame = current->frame;
    struct info_frame image;
    const uint32_t *mask = image.context.uc_sigmask;

    current->call_number = -1;
    if (copy_from_user(&image, frame->esp - 4, sizeof(image)) != 0 ||
        !load_x87(&image.context.uc_mcontext)) {
        return bad_frame();
    }
    signal_stack_set(&image.context.uc_stack, image.context.uc_mcontext.esp); /* or it stays */
    current->blocked = ((sigset_t)mask[1] << 32 | mask[0]) & ~SIGNALS_UNTOUCHABLE;
    load_context(frame, &image.context.uc_mcontext);
    return (int32_t)frame->eax;
}
