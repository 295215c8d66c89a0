#!/usr/bin/env python3
# compare_calls.py RINGSIDE FOLDER: runs the self-checking programs of build folder FOLDER on this
# host under strace, and in the guest with --trace syscall, and compares which calls the first
# process made and how they failed. Status 0 the same, 1 not, 77 this can not be tried here.
# SPDX-License-Identifier: MIT
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import zip_longest

PROGRAMS = ["test_memory", "test_pipe", "test_process", "test_signal"]
# nanosleep: how often a signal interrupts it depends on the moment. Standard output is a terminal
# only in the guest, and what a sigreturn brings back is not a result.
LEFT_OUT = {"nanosleep", "restart_syscall"}
WITHOUT_RESULT = {"ioctl", "sigreturn", "rt_sigreturn"}


def calls_of(lines):
    """The calls' names, each with its error; one of several equal ones that follow each other."""
    calls = []
    for line in lines:
        match = re.match(r"(\w+)\(", line)
        if not match or match.group(1) in LEFT_OUT:
            continue
        call = match.group(1)
        error = re.search(r"\)\s*= -1 (E\w+)", line)
        if error and call not in WITHOUT_RESULT:
            call += " " + error.group(1)
        elif "(goes on elsewhere)" in line and call not in WITHOUT_RESULT:
            call += " ?"  # a handler runs first: the emulator does not see the result
        if not calls or calls[-1] != call:
            calls.append(call)
    return calls


def on_host(program, work):
    trace = os.path.join(work, "host")
    run = subprocess.run(["strace", "-o", trace, program], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
    if run.returncode != 0:
        raise SystemExit(f"{program} on this host: status {run.returncode}\n{run.stdout.decode()}")
    with open(trace, encoding="latin-1") as lines:
        calls = calls_of(lines)
    return calls[1:] if calls[0] == "execve" else calls


def strace_lines(trace):
    """What strace would write of process 1: a call's line and its result's, if any, as one."""
    lines = []
    for line in trace:
        match = re.search(r" syscall pid=1 \S+  ((\w+)(?:\(.*| = .*))$", line)
        if not match:
            continue
        if match.group(1).startswith(match.group(2) + "("):
            lines.append(match.group(1))
        elif lines and lines[-1].startswith(match.group(2) + "("):
            lines[-1] += match.group(1)[len(match.group(2)):]
    return lines


def in_guest(emulator, folder, name, work):
    trace = os.path.join(work, "guest")
    command = [emulator, "--headless", "--mem", "64M", "--debugcon", "/dev/null", "--trace",
               "syscall:" + trace, "--initrd", f"{folder}/ramdisk.img", f"{folder}/kernel.elf",
               f"init=/bin/{name}"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=100)
    if run.returncode != 0:
        raise SystemExit(f"{name} in the guest: status {run.returncode}\n{run.stdout.decode()}")
    with open(trace, encoding="latin-1") as lines:
        return calls_of(strace_lines(lines))


def main():
    emulator, folder = sys.argv[1:3]
    for needed in ["strace", emulator]:
        if shutil.which(needed) is None:
            print(f"skipped: no {needed} here")
            return 77
    probe = subprocess.run(["strace", "-o", "/dev/null", f"{folder}/user/true"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        print("skipped: this host does not run 32-bit i386 programs under strace")
        return 77
    status = 0
    with tempfile.TemporaryDirectory() as work:
        for name in PROGRAMS:
            host = on_host(f"{folder}/user/{name}", work)
            guest = in_guest(emulator, folder, name, work)
            guest = [there if here == there.split()[0] + " ?" else here
                     for there, here in zip_longest(host, guest, fillvalue="nothing")]
            print(f"{name}: {len(host)} calls on Linux, {len(guest)} here")
            for line in difflib.unified_diff(host, guest, "Linux", "here", lineterm="", n=2):
                print(line)
                status = 1
    return status


sys.exit(main())
