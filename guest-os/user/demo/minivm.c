/* minivm: a tiny virtual machine takes "interrupts": the timer's signal is its interrupt line, and
 * between two of its instructions it goes through its vector, saves its state and returns.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <sys/time.h>

#include "user/demo/show.h"

#define TICK_US     5000
#define TICKS       10
#define VECTOR      20u /* address of the handler in the virtual memory */
#define STACK_WORDS 16

enum operation { ADD_ONE, JUMP, COUNT_TICK, RETURN };

struct instruction {
    enum operation operation;
    uint32_t operand; /* of JUMP: an address; of COUNT_TICK, ADD_ONE: a register */
};

/* The program adds one to register 0 for ever; the handler at VECTOR counts in register 1. */
static const struct instruction memory[] = {
    [0] = {ADD_ONE, 0},
    [1] = {JUMP, 0},
    [VECTOR] = {COUNT_TICK, 1},
    [VECTOR + 1] = {RETURN, 0},
};

struct machine {
    uint32_t registers[2];
    uint32_t counter;            /* address of the next instruction */
    uint32_t enabled;            /* 0 while its handler runs: the mask */
    uint32_t saved[STACK_WORDS]; /* its interrupt stack */
    uint32_t depth, deepest;     /* words on it */
};

static volatile uint32_t line; /* its interrupt line: requests that wait */

static void on_tick(int signal_number)
{
    (void)signal_number;
    line++;
}

static void take_interrupt(struct machine *machine)
{
    line--;
    machine->saved[machine->depth++] = machine->counter;
    machine->deepest = machine->depth > machine->deepest ? machine->depth : machine->deepest;
    machine->enabled = 0;
    machine->counter = VECTOR;
}

static void execute(struct machine *machine)
{
    const struct instruction *now = &memory[machine->counter++];

    switch (now->operation) {
    case ADD_ONE:
    case COUNT_TICK:
        machine->registers[now->operand]++;
        break;
    case JUMP:
        machine->counter = now->operand;
        break;
    case RETURN:
        machine->counter = machine->saved[--machine->depth];
        machine->enabled = 1;
        break;
    }
}

int main(void)
{
    struct machine machine = {.enabled = 1};
    struct itimerval timer = {.it_interval = {.tv_usec = TICK_US},
                              .it_value = {.tv_usec = TICK_US}};

    show_title("minivm", "D10", "a signal as a virtual machine's interrupt",
               "upcall beside interrupt: the same steps, one level up");
    signal(SIGALRM, on_tick);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (machine.registers[1] < TICKS || machine.depth > 0) {
        if (line > 0 && machine.enabled) {
            take_interrupt(&machine); /* only between two instructions */
        }
        execute(&machine);
    }
    printf("  %u interrupts while the program counted to %u\n", machine.registers[1],
           machine.registers[0]);
    show_check(machine.registers[1] == TICKS, "every tick of the timer went through its vector");
    show_check(machine.registers[0] > 0 && machine.depth == 0, "its program went on in between");
    show_check(machine.deepest == 1, "masked in the handler: never one inside another");
    return show_end("minivm");
}
