#!/usr/bin/env python3
"""exec.py RINGSIDE FOLDER: programs of the host under `ringside exec`.

What they write on both outputs and how they end is compared with the same file run by this host's
own Linux. FOLDER: of the guest's build. Status 0 as expected, 1 not, 77 if the host cannot run
32-bit programs. SPDX-License-Identifier: MIT
"""
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 60  # seconds
failures = []


def check(good, words):
    if not good:
        print("FAILED:", words)
        failures.append(words)


def outcome(command, **options):
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, **options)
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode
    return done.stdout, done.stderr, status


class Runs:
    def __init__(self, ringside, folder, work):
        self.ringside = ringside
        self.programs = os.path.join(folder, "user")
        self.work = work

    def guest(self, *words, **options):
        return outcome([self.ringside, "exec", *words], **options)

    def program(self, name):
        return os.path.join(self.programs, name)

    def same(self, name, *words, **options):
        """The same outcome as on the host."""
        command = [self.program(name), *words]
        options.setdefault("input", b"")
        host = outcome(command, **options)
        guest = self.guest("--", *command, **options)
        check(guest == host, f"{name} {words}: {str(guest)[:300]}, on the host {str(host)[:300]}")

    def path(self, name):
        return os.path.join(self.work, name)


def compare_with_host(runs):
    noise = random.Random(5).randbytes(150001)
    with open(runs.path("noise"), "wb") as file:
        file.write(noise)
    runs.same("echo", "a b", "", "c\td", "\xe4")
    runs.same("cat")
    runs.same("cat", input=noise)
    runs.same("wc", input=noise)
    runs.same("sort", input=b"two\r\none\n\0three\n" * 50)
    runs.same("sh", "-c", "echo out; echo error >&2; exit 9")
    runs.same("sh", "-c", "kill -9 $$")
    runs.same("divzero")
    runs.same("false")
    with open(runs.path("noise"), "rb") as file:
        out, _, status = runs.guest(runs.program("cat"), stdin=file)
    check(out == noise and status == 0, "a file as standard input")


def own_statuses(runs):
    work = runs.path
    check(runs.guest("--max-clocks", "50M", runs.program("yes"))[2] == 124, "limit")
    yes = subprocess.Popen([runs.ringside, "exec", runs.program("yes")], stdout=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yes.stdout.read(1)
    yes.stdout.close()
    check(yes.wait(PATIENCE) == 128 + signal.SIGPIPE, "closed output")
    runs.guest("--json", work("exit"), runs.program("divzero"), input=b"")
    with open(work("exit"), encoding="utf-8") as file:
        check(json.load(file)["exit"] == {"kind": "signaled", "signal": 8}, "signal in --json")
    runs.guest("--json", work("exit"), runs.program("sh"), "-c", "exit 136", input=b"")
    with open(work("exit"), encoding="utf-8") as file:
        check(json.load(file)["exit"] == {"kind": "exited", "status": 136}, "status in --json")
    with open(runs.program("true"), "rb") as file:
        image = bytearray(file.read())
    image[42:44] = b"\0\0"  # e_phentsize: execve refuses it
    with open(work("broken"), "wb") as file:
        file.write(image)
    _, error, status = runs.guest(work("broken"), input=b"")
    check(status == 126 and b"broken" in error, f"not executable: {status} {error}")
    out, error, status = runs.guest("/bin/true", input=b"")
    check(status == 2 and out == b"" and error.count(b"\n") == 1, "64-bit program")


def shared_folder(runs):
    os.makedirs(runs.path("share/in"))
    with open(runs.path("share/in/text"), "w", encoding="utf-8") as file:
        file.write("from the host\n")
    os.symlink("in/text", runs.path("share/link"))
    out, error, status = runs.guest("--share", runs.path("share"), runs.program("sh"), "-c",
                                    "cat /host/link; echo x >/host/new", input=b"")
    check(out == b"from the host\n" and status != 0 and b"ead-only" in error,
          f"--share: {out} {error} {status}")


def same_twice(runs):
    hashes = []
    for _ in range(2):
        with open(runs.path("noise"), "rb") as file:
            runs.guest("--json", runs.path("run"), runs.program("cat"), stdin=file)
        with open(runs.path("run"), encoding="utf-8") as file:
            hashes.append(json.load(file)["hash"])
    check(hashes[0] == hashes[1], "the same file as input twice, two outcomes")


def on_a_terminal(runs):
    """Ctrl-C goes to the guest, and its line discipline makes SIGINT of it."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(runs.ringside, [runs.ringside, "exec", runs.program("cat")])
    seen = b""
    end = time.monotonic() + PATIENCE
    sent = 0
    while time.monotonic() < end:
        if select.select([master], [], [], 0.05)[0]:
            try:
                seen += os.read(master, 1000)
            except OSError:
                break
        if sent == 0:
            os.write(master, b"typed\r")
            sent = 1
        elif sent == 1 and seen.count(b"typed\r") == 2:  # echo and answer
            os.write(master, b"\x03")
            sent = 2
    if sent < 2:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(status == 128 + signal.SIGINT, f"Ctrl-C on a terminal: status {status}, {seen}")


def main():
    ringside, folder = sys.argv[1:3]
    try:
        subprocess.run([os.path.join(folder, "user", "true")], check=False)
    except OSError:
        print("skipped: this host cannot run 32-bit programs")
        return 77
    with tempfile.TemporaryDirectory() as work:
        runs = Runs(ringside, folder, work)
        for part in (compare_with_host, own_statuses, shared_folder, same_twice, on_a_terminal):
            part(runs)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
