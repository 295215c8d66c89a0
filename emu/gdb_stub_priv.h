/* Inside gdb's stub: shared by the gdb_stub*.c alone.
 * SPDX-License-Identifier: MIT */
#pragma once

#include "emu/gdb_packet.h"
#include "emu/gdb_stub.h"
#include "emu/history.h"
#include "emu/machine_observe.h"

#define GDB_BREAKPOINTS_MAX 63u     /* one of the machine's 64 is the stub's own */
#define GDB_POINTS_MAX      127u    /* breakpoints and watchpoints */
#define GDB_THREAD_CPU      0x10000 /* the thread while there are no processes, and the idle one */
#define GDB_SYSTEM_FIRST    32u     /* number of the first register of org.ringside.system */

/* Numbers in Z and z packets. */
enum gdb_point_kind {
    GDB_BREAK_SOFTWARE,
    GDB_BREAK_HARDWARE,
    GDB_WATCH_WRITE,
    GDB_WATCH_READ,
    GDB_WATCH_ACCESS
};

struct gdb_point {
    uint32_t kind;    /* enum gdb_point_kind */
    uint32_t address; /* linear */
    uint32_t bytes;   /* of a watchpoint, from 1 */
};

enum gdb_move {
    GDB_REST,
    GDB_RUN,
    GDB_STEP,     /* one instruction of the program; what interrupts it is passed over */
    GDB_RANGE,    /* until it leaves range_first..range_end */
    GDB_PASS,     /* until the interrupted program goes on; then `after_pass` */
    GDB_AWAIT,    /* until a thread that sleeps goes on where it left off */
    GDB_BACK,     /* back to the last breakpoint or watchpoint */
    GDB_BACK_OVER /* back to before the interrupt whose return has been undone */
};

enum gdb_reason {
    GDB_BY_STEP,
    GDB_BY_BREAKPOINT,
    GDB_BY_WATCH,
    GDB_BY_BEGIN, /* of recorded history */
    GDB_BY_END,   /* of the machine */
    GDB_BY_INTERRUPT
};

/* Where an interrupted program goes on. */
struct gdb_goal {
    uint32_t esp; /* at least, as it is */
    uint32_t cpl;
    uint32_t cr3;
    uint32_t linear; /* of its next instruction */
    int32_t thread;
};

struct gdb_stub {
    struct session *session;
    struct machine *machine;
    struct history *history;
    const struct guest_os *os;         /* may be NULL */
    const struct elf_symbols *symbols; /* may be NULL */

    /* the line */
    struct gdb_parser parser;
    char *output;       /* of output_room bytes */
    size_t output_used; /* bytes to be sent */
    size_t output_room;
    uint32_t no_ack;      /* 1: nothing is acknowledged */
    uint32_t say_swbreak; /* 1: gdb knows these words in stop replies */
    uint32_t say_hwbreak;
    enum gdb_wish wish;
    size_t reply_used;                 /* bytes of the reply in the making */
    char reply[GDB_PAYLOAD_BYTES + 1]; /* it */
    char last[GDB_FRAME_BYTES];        /* the last frame, to be sent again on - */
    size_t last_bytes;
    uint32_t interrupts_shown; /* 1: single steps go into interrupt handlers */
    uint32_t physical;         /* 1: m, M and X have physical addresses */

    /* points */
    uint32_t point_count; /* 0..GDB_POINTS_MAX */
    struct gdb_point points[GDB_POINTS_MAX];
    uint32_t armed;                     /* 1: the machine knows them */
    uint32_t watch_points[WATCHES_MAX]; /* index of the point of each of the machine's watches */

    /* the move */
    enum gdb_move move;
    enum gdb_move after_pass; /* GDB_STEP, GDB_RANGE */
    uint32_t range_first;
    uint32_t range_end;
    struct gdb_goal goal;
    struct history_place search_end;   /* backwards: hits lie before this */
    struct history_place return_place; /* GDB_BACK_OVER: of the IRET */
    uint32_t idle;                     /* 1: halted until some input */

    /* what happened in it */
    uint32_t watch_hit; /* 1: hit_point has been met, at hit_address */
    uint32_t hit_point; /* index of the point */
    uint32_t hit_address;
    uint32_t event_kinds;          /* seen since it was cleared: bits 1 << EVENT_* */
    struct machine_event delivery; /* the last */
    enum gdb_reason reason;        /* of the last stop */

    /* threads */
    int32_t thread;           /* that g, m and so on are about */
    uint32_t processes_known; /* 1: `processes` are those of the present */
    uint32_t process_count;
    struct guest_process *processes; /* of GUEST_PROCESSES_MAX */
};

/* ---- replies: gdb_stub.c ---- */

void gdb_reply_clear(struct gdb_stub *stub);
void gdb_reply(struct gdb_stub *stub, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void gdb_reply_bytes(struct gdb_stub *stub, const void *bytes, size_t size); /* as digits */
void gdb_send_reply(struct gdb_stub *stub);
/* Text for the user while a move or a monitor command goes on. */
void gdb_say(struct gdb_stub *stub, const char *text);

/* ---- registers: gdb_stub_registers.c ---- */

/* The text of target.xml, to be freed; NULL without memory. */
char *gdb_target_description(void);
uint32_t gdb_register_count(void);
/* Adds one register to the reply, "xx" where it is not known. */
void gdb_register_read(struct gdb_stub *stub, const struct guest_process *sleeper, uint32_t number);
/* false: it can not be written, or not to this. */
bool gdb_register_write(struct gdb_stub *stub, uint32_t number, const char *hex);
/* All that `G` brings. */
bool gdb_registers_write(struct gdb_stub *stub, const char *hex);

/* ---- threads: gdb_stub_threads.c ---- */

/* The thread that has the processor. */
int32_t gdb_thread_running(struct gdb_stub *stub);
/* NULL: the running one, or one that is not there. */
const struct guest_process *gdb_thread_sleeper(struct gdb_stub *stub, int32_t thread);
bool gdb_thread_exists(struct gdb_stub *stub, int32_t thread);
void gdb_threads_refresh(struct gdb_stub *stub);
/* Of entry `index` of the list. */
int32_t gdb_thread_of(const struct guest_process *process);
void gdb_thread_describe(struct gdb_stub *stub, int32_t thread, char *text, size_t bytes);
/* -1 and 0 stand for any. */
bool gdb_thread_number(const char **text, int32_t *thread);
bool gdb_thread_read(struct gdb_stub *stub, int32_t thread, uint32_t linear, void *bytes,
                     uint32_t size);
/* <threads>, to be freed. */
char *gdb_threads_xml(struct gdb_stub *stub);

/* ---- moves: gdb_stub_move.c ---- */

void gdb_arm(struct gdb_stub *stub, bool arm);
bool gdb_point_add(struct gdb_stub *stub, const struct gdb_point *point);
void gdb_point_remove(struct gdb_stub *stub, const struct gdb_point *point);
void gdb_move_begin(struct gdb_stub *stub, enum gdb_move move);
/* One instruction back. */
void gdb_move_step_back(struct gdb_stub *stub);
/* Stop now, and say why. */
void gdb_move_end(struct gdb_stub *stub, enum gdb_reason reason);
void gdb_move_interrupt(struct gdb_stub *stub);
/* The stop reply for the last stop. */
void gdb_stop_reply(struct gdb_stub *stub);

/* ---- questions: gdb_stub_query.c ---- */

/* Packets that begin with q or Q; leaves the reply empty for what it does not know. */
void gdb_query(struct gdb_stub *stub, const char *packet, size_t length);
