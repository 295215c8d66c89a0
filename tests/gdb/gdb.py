#!/usr/bin/env python3
"""gdb.py SESSION RINGSIDE FOLDER SAMPLE SOURCE: sessions of a real gdb with `ringside --gdb`.

FOLDER: of the guest's build; for the session "debian" the path of vmlinux. SAMPLE: sample.c built.
SOURCE: of the project. Status 0 as expected, 1 not, 77 without gdb.
SPDX-License-Identifier: MIT
"""
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE = 100  # seconds
failures = []


def check(good, words):
    if not good:
        print("FAILED:", words)
        failures.append(words)


class Machine:
    """A ringside that waits for gdb on a socket in the file system."""

    def __init__(self, ringside, arguments, where=None):
        self.work = tempfile.mkdtemp()
        self.path = where or "unix:" + os.path.join(self.work, "gdb")
        self.process = subprocess.Popen(
            [ringside] + [self.path if word == "@" else word for word in arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.greeting = self.process.stderr.readline().decode()
        self.target = self.greeting.split("target remote ")[-1].strip()

    def end(self):
        """(status, standard output, standard error)"""
        try:
            out, trouble = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, trouble = self.process.communicate()
            check(False, "ringside did not end when gdb left")
        shutil.rmtree(self.work)
        return self.process.returncode, out.decode(errors="replace"), trouble.decode()


def gdb(machine, symbols, commands):
    """What gdb prints, echo lines (`>name`) between."""
    script = os.path.join(machine.work, "commands")
    lines = ["set pagination off", "set confirm off", "set width 0", "set debuginfod enabled off"]
    if symbols:
        lines.append("file " + symbols)
    lines.append("target remote " + machine.target)
    with open(script, "w", encoding="ascii") as file:
        file.write("\n".join(lines + commands) + "\n")
    done = subprocess.run(["gdb", "-nx", "-batch", "-x", script], capture_output=True,
                          timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
    return done.stdout.decode() + done.stderr.decode()


def attempt(command):
    """A command that may fail, without the end of gdb's script."""
    return ("python exec(\"try:\\n gdb.execute('%s')\\nexcept gdb.error as error:\\n "
            "print('refused', error)\")" % command)


def expect(said, patterns):
    """The patterns come in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.MULTILINE).search(said, at)
        if not found:
            check(False, "not said: %s" % pattern)
            print(said)
            return
        at = found.end()


def values(said, name):
    return re.findall(r"^%s (.*)$" % name, said, re.MULTILINE)


def kernel(ringside, folder, _sample, _source):
    """A system call by name, its callers, its way back; who wrote a variable; the same registers
    after steps forward and back."""
    machine = Machine(ringside, ["--headless", "--mem", "32M", "--gdb", "@"])
    said = gdb(machine, os.path.join(folder, "kernel.elf"), [
        "info registers cr0 eip", "hbreak sys_getpid", "continue", "bt 3", "info registers cr0 cpl",
        "finish", "delete", "break scheduler_tick", "continue", "delete",
        "set $before = ticks", "watch ticks", "continue", "printf \"more %d\\n\", ticks - $before",
        "reverse-continue", "printf \"same %d\\n\", ticks - $before", "bt 2", "delete",
        "printf \"at %x %x %d %d\\n\", $eip, $esp, $eflags, $clock", "stepi 40",
        "printf \"then %x %d\\n\", $eip, $clock", "reverse-stepi 40",
        "printf \"at %x %x %d %d\\n\", $eip, $esp, $eflags, $clock", "stepi 40",
        "printf \"then %x %d\\n\", $eip, $clock",
        "reverse-stepi", attempt("set var ticks = 5"), attempt("x/wx 0xB0000000"),
        "reverse-continue", "info registers clock eip",
        attempt("set var *(int *)0x500 = 5"), "monitor branch", "set var *(int *)0x500 = 5",
        "stepi", "x/wx 0x500", "kill"])
    expect(said, [
        r"^cr0 .*\[ ET NW CD \]", r"^eip +0xfffffff0",
        r"^Thread \d+ hit Breakpoint 1, .*sys_getpid", r"^#[12] .*system_call \(frame=",
        r"^cr0 .* PG .* PE |^cr0 .* PE .* PG ", r"^cpl +0x0 ", r"Value returned",
        r"Breakpoint 2, scheduler_tick", r"Hardware watchpoint 3: ticks",
        r"^Old value = (\d+)\nNew value = (\d+)", r"^more 1$",
        r"^Old value = (\d+)\nNew value = (\d+)", r"^same 0$", r"^#0 .*scheduler_tick",
        r"^at ", r"^refused Cannot access memory at address 0x",
        r"refused Cannot access memory at address 0xb0000000",
        r"No more reverse-execution history", r"^clock +0x0 ", r"^eip +0xfffffff0",
        r"^refused Cannot access memory at address 0x500", r"^0x500:\t0x0*5$",
        r"a new one begins here"])
    places = values(said, "at")
    check(len(places) == 2 and places[0] == places[1], "back to where we were: %s" % places)
    places = values(said, "then")
    check(len(places) == 2 and places[0] == places[1], "and forward again: %s" % places)
    check(machine.end()[0] == 0, "status of ringside")


def line_of(source, mark):
    with open(os.path.join(source, "tests/gdb/sample.c"), encoding="ascii") as file:
        return next(n for n, line in enumerate(file, 1) if "/* %s */" % mark in line)


def program(ringside, folder, sample, source):
    """A program of the guest line by line, there and back; then it runs to its end."""
    del folder
    booked, books, writes = (line_of(source, word) for word in ("booked", "books", "writes"))
    machine = Machine(ringside, ["exec", "--gdb", "@", sample])
    said = gdb(machine, sample, [
        "break work", "continue", "next", "next", "next", "info locals", "step",
        "printf \"amount %d\\n\", amount",
        "next", "printf \"balance %d\\n\", account.balance", "reverse-next",
        "printf \"balance %d\\n\", account.balance", "bt", "reverse-finish", "info locals",
        "watch account.entries", "continue", "delete",
        "tbreak %d" % writes, "continue", "info locals", "next", "reverse-next", "info locals",
        "print account", "delete", "detach"])
    expect(said, [
        r"Breakpoint 1, work \(rounds=3\)", r"^%d\t" % books, r"^i = 1$", r"^total = 0$",
        r"^book \(to=0x[0-9a-f]+ <account>, amount=10\)", r"^%d\t" % booked, r"^amount 10$",
        r"^balance 10$", r"^%d\t" % booked, r"^balance 0$", r"^#1 .*work \(rounds=3\)",
        r"^#2 .*_start", r"^0x[0-9a-f]+ in work \(rounds=3\)", r"^total = 0$",
        r"Hardware watchpoint 2: account.entries", r"^Old value = (0|<unreadable>)\nNew value = 1$",
        r"Temporary breakpoint 3, work", r"^total = 100$", r"^%d\t" % (writes + 1),
        r"^%d\t" % writes, r"^total = 100$", r"balance = 60, entries = 3", r"detached"])
    status, out, _ = machine.end()
    check(status == 7, "the program's status is 7, not %d" % status)
    check(out == "done\n", "once written, in spite of going back: %r" % out)


def threads(ringside, folder, _sample, _source):
    """gdb's threads are what /proc of the guest says."""
    machine = Machine(ringside, ["exec", "--gdb", "@", os.path.join(folder, "user/sh"), "-c",
                                 "cat /proc/[0-9]*/stat"])
    said = gdb(machine, os.path.join(folder, "kernel.elf"), [
        "info threads", "break process_exit", "ignore 1 1", "continue", "info threads",
        "thread find tty1", "python t = [x for x in gdb.selected_inferior().threads() "
        "if 'tty1' in str(x.details)][0]; t.switch()", "bt", "info registers eip", "delete",
        "thread 1", "detach"])
    _, out, _ = machine.end()
    expect(said, [r"Thread 65536 \(processor\)", r"Breakpoint 1, process_exit",
                  r"Thread 65536 \(idle", r"^#0 .* schedule \(\)", r"sleep_on"])
    listed = re.findall(r"Thread (\d+) \(([^,]+), (\w+)",
                        said.split("Breakpoint 1, process_exit")[1])
    listed = {int(pid): (name, state) for pid, name, state in listed if int(pid) < 65536}
    proc = {int(pid): (name, state)
            for pid, name, state in re.findall(r"^(\d+) \((.*?)\) (\w)", out, re.MULTILINE)}
    letters = {"waiting": "S", "running": "R", "ready": "R", "zombie": "Z", "stopped": "T"}
    check(len(proc) > 5, "/proc tells of processes: %s" % out)
    for pid, (name, state) in listed.items():
        check(pid in proc, "pid %d is not in /proc" % pid)
        if pid in proc:
            check(proc[pid][0] == name, "pid %d: %s in /proc is %s" % (pid, name, proc[pid][0]))
        # who ends here ran when it read /proc; others slept and sleep
        check(state == "running" or letters.get(state) == proc.get(pid, "??")[1],
              "pid %d is %s, in /proc %s" % (pid, state, proc.get(pid)))
    check(set(proc) == set(listed), "in /proc: %s, in gdb %s" % (sorted(proc), sorted(listed)))


def debian(ringside, vmlinux, _sample, _source):
    """Debian's kernel has no symbols: by address, forwards and back."""
    if not os.path.exists(vmlinux):
        print("skipped: %s could not be fetched" % vmlinux)
        sys.exit(77)
    machine = Machine(ringside, ["--headless", "--mem", "64M", "--gdb", "@", "--append", "nokaslr",
                                 vmlinux])
    said = gdb(machine, None, [
        "printf \"start %x\\n\", $eip", "stepi 25", "printf \"at %x %d\\n\", $eip, $clock",
        "reverse-stepi 25", "printf \"start %x\\n\", $eip",
        "monitor go 30000000", "maintenance flush register-cache",
        "printf \"paging %d\\n\", ($cr0 & 0x80000000) != 0",
        "printf \"kernel %d\\n\", $eip >= 0xc1000000", "set $place = $eip",
        "printf \"here %x %x %d\\n\", $eip, $esp, $clock", "stepi 300",
        "printf \"there %x %d\\n\", $eip, $clock", "reverse-stepi 300",
        "printf \"here %x %x %d\\n\", $eip, $esp, $clock", "break *$place", "stepi 50",
        "reverse-continue", "printf \"here %x %x %d\\n\", $eip, $esp, $clock", "kill"])
    expect(said, [r"^start 1000000$", r"^at ", r"^start 1000000$", r"^paging 1$", r"^kernel 1$",
                  r"Breakpoint 1"])
    places = values(said, "here")
    check(len(places) == 3 and len(set(places)) == 1, "back to the same place: %s" % places)
    check(machine.end()[0] == 0, "status of ringside")


class Mi:
    """gdb behind its machine interface, as an editor has it."""

    def __init__(self):
        self.process = subprocess.Popen(["gdb", "-nx", "--interpreter=mi2"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""

    def wait(self, pattern):
        """All that is printed up to a line that matches."""
        until = time.monotonic() + PATIENCE
        said = []
        while time.monotonic() < until:
            line, end, rest = self.text.partition(b"\n")
            if end:
                self.text = rest
                said.append(line.decode(errors="replace"))
                if re.match(pattern, said[-1]):
                    return "\n".join(said)
                continue
            if select.select([self.process.stdout], [], [], 1)[0]:
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    break
                self.text += more
        check(False, "no %s from gdb: %s" % (pattern, "\n".join(said)))
        return ""

    def do(self, command, pattern=r"\^(done|running|connected|error|exit)"):
        self.process.stdin.write((command + "\n").encode())
        self.process.stdin.flush()
        said = self.wait(pattern)
        check("^error" not in said, "%s: %s" % (command, said))
        return said

    def move(self, command):
        self.do(command)
        return self.wait(r"\*stopped")


def vscode(ringside, folder, sample, source):
    """The launch.json of docs/gdb.md does what it says, by what an editor sends to gdb."""
    del sample
    with open(os.path.join(source, "docs/gdb.md"), encoding="utf-8") as file:
        block = re.search(r"```json\n(.*?)```", file.read(), re.DOTALL).group(1)
    launch = json.loads(block)["configurations"][0]
    check(launch["MIMode"] == "gdb" and launch["type"] == "cppdbg", "what kind of launch")
    machine = Machine(ringside, ["--headless", "--mem", "32M", "--gdb", "0"])
    mi = Mi()
    mi.wait(r"\(gdb\)")
    mi.do("-file-exec-and-symbols " + launch["program"].replace(
        "${workspaceFolder}/build/guest-os", folder))
    mi.do("-target-select remote " + launch["miDebuggerServerAddress"].replace(
        "localhost:1234", machine.target))
    for command in launch["setupCommands"] + launch.get("postRemoteConnectCommands", []):
        mi.do('-interpreter-exec console "%s"' % command["text"])
    mi.do("-break-insert sys_getpid")
    check('func="sys_getpid"' in mi.move("-exec-continue"), "stopped in sys_getpid")
    check("system_call" in mi.do("-stack-list-frames 0 2"), "called by system_call")
    check('name="' in mi.do("-thread-info"), "threads have names")
    mi.do("-data-list-register-values x 8")
    mi.do("-stack-list-variables 1")
    mi.move("-exec-finish")
    mi.move("-exec-step-instruction")
    check('func="sys_getpid"' in mi.move("-exec-continue --reverse"), "back in sys_getpid")
    mi.do('-interpreter-exec console "kill"')
    mi.do("-gdb-exit")
    mi.process.wait(timeout=PATIENCE)
    check(machine.end()[0] == 0, "status of ringside")


def packets(ringside, folder, _sample, _source):
    """What gdb would not send; the port; a lost line; Ctrl-C."""
    del folder
    machine = Machine(ringside, ["--headless", "--mem", "32M", "--gdb", "0"])
    port = int(machine.target.split(":")[-1])
    again = subprocess.run([ringside, "--headless", "--gdb", str(port)], capture_output=True,
                           check=False, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    check(again.returncode == 2 and again.stderr.count(b"\n") == 1 and
          b"in use" in again.stderr, "a port that is taken: %s" % again.stderr)

    def send(line, payload):
        line.sendall(b"$" + payload + b"#%02x" % (sum(payload) % 256))

    def receive(line):
        text = b""
        while not re.search(rb"\$[^#]*#..", text):
            more = line.recv(4096)
            if not more:
                return None
            text += more
        return re.search(rb"\$([^#]*)#..", text).group(1)

    line = socket.create_connection(("localhost", port), timeout=PATIENCE)
    for payload, answer in [
            (b"nonsense", rb""), (b"m0,zz", rb"E01"), (b"mb0000000,4", rb"E14"),
            (b"pffff", rb"E01"), (b"P8=1", rb"E01"), (b"Z0,1000", rb"E01"), (b"Z9,0,1", rb""),
            (b"vMustReplyEmpty", rb""), (b"vCont;q", rb"E01"), (b"vCont", rb""),
            (b"Hg7777", rb"E01"), (b"T7777", rb"E01"),
            (b"qXfer:features:read:target.xml:0,10", rb"m<\?xml .*"),
            (b"qXfer:features:read:other.xml:0,10", rb"E00"), (b"qRcmd,0", rb"E01"),
            (b"QThreadEvents:1", rb""), (b"bs", rb"T05replaylog:begin;.*")]:
        send(line, payload)
        said = receive(line)
        check(said is not None and re.fullmatch(answer, said),
              "%s is answered by %s" % (payload, said))
    send(line, b"c")
    time.sleep(0.3)
    line.sendall(b"\x03")
    said = receive(line)
    check(said.startswith(b"T02"), "Ctrl-C: %s" % said)
    line.close()  # not a word: the machine waits for the next
    line = socket.create_connection(("localhost", port), timeout=PATIENCE)
    send(line, b"?")
    check(receive(line).startswith(b"T05"), "connected again")
    send(line, b"k")
    line.close()
    check(machine.end()[0] == 0, "status of ringside")


def main():
    if not shutil.which("gdb"):
        print("skipped: no gdb here (apt-get install gdb)")
        sys.exit(77)
    globals()[sys.argv[1]](*sys.argv[2:])
    sys.exit(1 if failures else 0)


main()
