#!/usr/bin/env python3
"""lines.py EMULATOR FOLDER [CASES]: the line discipline of the guest against that of this host.

Runs user/test_lines of build folder FOLDER on a pseudo terminal of this Linux and in the guest on
its first serial line, types what it asks for, and compares everything that comes back, byte for
byte. Status 0 the same, 1 not, 77 not possible here. SPDX-License-Identifier: MIT
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys

PATIENCE = 60  # seconds without a byte
READY = re.compile(rb"READY \d+ ([0-9a-f]*)\r?\n")


def converse(output, typed, name):
    """Everything from BEGIN to DONE; types what READY asks for."""
    seen = b""
    place = 0
    while b"DONE\n" not in seen[place:]:
        if not select.select([output], [], [], PATIENCE)[0]:
            sys.exit(f"{name}: nothing comes any more, the last was {seen[-300:]!r}")
        try:
            part = os.read(output, 65536)
        except OSError:
            part = b""
        if not part:
            sys.exit(f"{name}: ended early, the last was {seen[-300:]!r}")
        seen += part
        while match := READY.search(seen, place):
            place = match.end()
            os.write(typed, bytes.fromhex(match.group(1).decode()))
    return seen[seen.index(b"BEGIN\n"):seen.index(b"DONE\n")]


def on_host(folder, cases):
    program = os.path.join(folder, "user/test_lines")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(program, [program, cases])
    result = converse(terminal, terminal, "this host")
    os.waitpid(pid, 0)
    return result


def in_guest(emulator, folder, cases):
    words = ["init=/bin/test_lines", "console=ttyS0", "quiet", "cases=" + cases]
    kernel, ramdisk = os.path.join(folder, "kernel.elf"), os.path.join(folder, "ramdisk.img")
    if "qemu" in emulator:
        command = [emulator, "-m", "64", "-kernel", kernel, "-initrd", ramdisk,
                   "-append", " ".join(words), "-serial", "stdio", "-monitor", "none",
                   "-display", "none", "-no-reboot"]
    else:
        command = [emulator, "--headless", "--debugcon", "/dev/null", "--initrd", ramdisk,
                   kernel] + words
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            return converse(process.stdout.fileno(), process.stdin.fileno(), emulator)
        finally:
            process.kill()


def main():
    emulator, folder = sys.argv[1:3]
    cases = sys.argv[3] if len(sys.argv) > 3 else "200"
    if not shutil.which(emulator):
        print("skipped: no", emulator, "here")
        sys.exit(77)
    try:
        expected = on_host(folder, cases).split(b"READY")
    except OSError:
        print("skipped: this host does not run 32-bit i386 programs")
        sys.exit(77)
    found = in_guest(emulator, folder, cases).split(b"READY")
    different = 0
    for number, (want, got) in enumerate(zip(expected, found)):
        if want != got and different < 5:
            print(f"case {number}\n  host  {want!r}\n  guest {got!r}")
        different += want != got
    if different or len(expected) != len(found):
        sys.exit(f"{different} of {len(expected) - 1} cases differ")
    print(f"{len(expected) - 1} cases, the same")


main()
