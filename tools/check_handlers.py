#!/usr/bin/env python3
"""Instruction handlers of the fast build chain by tail calls: look at the machine code.

A call through a register or memory inside an op_* or flat_* function means that the compiler
lost a tail call, and every instruction would grow the stack of the host. A direct call there
spills registers on the fast path; slow paths are reached in tail position instead.
SPDX-License-Identifier: MIT
"""
import argparse
import re
import subprocess
import sys

# function that a handler may call in the middle -> why
CALLABLE = {
    "__stack_chk_fail": "never returns",
    "timing_rep_extra": "once for a whole REP instruction",
    "copy_elements": "once for a whole REP MOVS",
    "fill_elements": "once for a whole REP STOS",
    "leave_after": "ends the chain: back to the run loop, from a REP body with locals",
    "leave_within": "the same between iterations of a REP instruction",
    "memcpy": "a REP MOVS at once, in pieces of a page",
    "memset": "a REP STOS at once, in pieces of a page",
    "timing_bsf_extra": "clocks depend on the operand, the instruction is rare",
    "timing_bsr_extra": "clocks depend on the operand, the instruction is rare",
}
# the same for every function of a name: x87 operations take tens of clocks
CALLABLE_PREFIXES = ("fpu_",)
FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
CALL = re.compile(r"\t(?:notrack )?(?:bnd )?callq?\s+(\*?)(.*)$")
TARGET = re.compile(r"R_X86_64_\w+\s+([^\s+-]+)")
# A careful body may call what it likes, but not its own end: each instruction would nest.
END = "careful_next"
HANDLERS_MIN = 50  # fewer than this, and the check looks at the wrong file


def disassemble(path):
    return subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path], check=True,
                          stdout=subprocess.PIPE).stdout.decode().splitlines()


def calls_of(lines):
    """(function, is indirect, target) of each call, and the set of handlers seen."""
    calls, handlers, function, pending = [], set(), "", None
    for line in lines:
        found = FUNCTION.match(line)
        if found:
            function = found.group(1)
            if function.startswith(("op_", "flat_", "narrow_")):
                handlers.add(function)
            continue
        if not function.startswith(("op_", "flat_", "narrow_", "careful_")):
            continue
        relocation = TARGET.search(line)
        if relocation and pending is not None:
            calls[pending][2] = relocation.group(1)
            pending = None
        call = CALL.search(line)
        if call:
            calls.append([function, call.group(1) == "*", call.group(2).strip()])
            pending = len(calls) - 1
    return calls, handlers


def callee(target):
    """Name out of a relocation ("f", "f@PLT") or an operand ("40 <f.isra.0>", "40 <f+0x8>")."""
    inner = re.search(r"<([^>]+)>", target)
    return re.split(r"[@.+]", inner.group(1) if inner else target)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--dispatch", choices=("tail", "plain"), default="tail")
    parser.add_argument("--machine", default="x86_64", help="processor of the host")
    parser.add_argument("library", help="libringside_cpu.a or a program that contains it")
    args = parser.parse_args()
    if args.dispatch == "plain":
        print("plain-loop build: handlers return to a loop, nothing to check")
        return 0
    if args.machine not in ("x86_64", "AMD64"):
        print("calls are recognised in x86-64 code only, this is %s: nothing checked"
              % args.machine)
        return 0

    calls, handlers = calls_of(disassemble(args.library))
    problems = []
    for function, indirect, target in calls:
        if function.startswith("careful_"):
            if not indirect and callee(target) == END:
                problems.append("%s: call of %s: the tail call is lost" % (function, target))
        elif indirect:
            problems.append("%s: indirect call of %s: the tail call is lost" % (function, target))
        elif callee(target) not in CALLABLE and not callee(target).startswith(CALLABLE_PREFIXES):
            problems.append("%s: call of %s is not in tail position" % (function, target))
    if len(handlers) < HANDLERS_MIN:
        problems.append("only %d op_* functions in %s" % (len(handlers), args.library))
    for problem in problems:
        print(problem)
    print("%d handlers, %d problems" % (len(handlers), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
