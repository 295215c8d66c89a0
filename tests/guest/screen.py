#!/usr/bin/env python3
"""screen.py FOLDER [SEEDS]: the guest's screen against another terminal, tmux.

user/test_screen of build folder FOLDER writes escape sequences by chance, in tmux on this host and
on tty1 of the guest under QEMU, whose video memory is read. Status 0 the same, 1 not, 77 not
possible here. SPDX-License-Identifier: MIT
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

COLUMNS, ROWS = 80, 25
PATIENCE = 60  # seconds


def wait_for(get):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rows = get()
        if rows:
            return rows
        time.sleep(0.05)  # asks again, does not hope for a duration
    sys.exit("the program does not come to its end")


def in_tmux(folder, build, seed):
    tmux = ["tmux", "-S", os.path.join(folder, "socket"), "-f", "/dev/null"]
    program = os.path.join(build, "user/test_screen")
    subprocess.run(tmux + ["new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
                           f"sleep 0.2; exec {program} {seed}", ";", "set", "status", "off"],
                   check=True)

    def look():
        text = subprocess.run(tmux + ["capture-pane", "-p"], capture_output=True, text=True,
                              check=True).stdout
        rows = [row.rstrip() for row in text.split("\n")[:ROWS]]
        rows += [""] * (ROWS - len(rows))
        return rows if rows[-1] == "DONE" else None

    try:
        return wait_for(look)
    finally:
        subprocess.run(tmux + ["kill-server"], check=False)


def in_guest(folder, build, seed):
    memory = os.path.join(folder, "memory")
    command = ["qemu-system-i386", "-kernel", os.path.join(build, "kernel.elf"), "-initrd",
               os.path.join(build, "ramdisk.img"), "-append",
               f"init=/bin/test_screen console=tty1 quiet seed={seed}", "-serial", "null",
               "-monitor", "stdio", "-display", "none", "-no-reboot"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:

        def look():
            process.stdin.write(f"pmemsave 0xb8000 32768 \"{memory}\"\n".encode())
            process.stdin.flush()
            time.sleep(0.1)
            if not os.path.exists(memory) or os.path.getsize(memory) < 32768:
                return None
            with open(memory, "rb") as file:
                text = file.read()[::2].decode("cp437")
            rows = [text[i:i + COLUMNS].rstrip() for i in range(0, len(text), COLUMNS)]
            if "DONE" not in rows:
                return None
            last = rows.index("DONE")
            return rows[last - ROWS + 1:last + 1]

        try:
            return wait_for(look)
        finally:
            process.kill()


def main():
    build = sys.argv[1]
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for tool in ["tmux", "qemu-system-i386"]:
        if not shutil.which(tool):
            print("skipped:", tool, "is not installed")
            sys.exit(77)
    try:
        subprocess.run([os.path.join(build, "user/true")], check=True)
    except OSError:
        print("skipped: this host does not run 32-bit i386 programs")
        sys.exit(77)
    failed = 0
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            expected, found = in_tmux(folder, build, seed), in_guest(folder, build, seed)
        if expected != found:
            failed += 1
            for number, (want, got) in enumerate(zip(expected, found)):
                if want != got:
                    print(f"seed {seed} row {number + 1}\n  tmux  {want!r}\n  guest {got!r}")
    print(f"{failed} of {seeds} screens differ")
    sys.exit(failed != 0)


main()
