#!/usr/bin/env python3
"""What the guest's services cost: runs the program `measure` and prints a table.

    figures.py [--count N] [--check] BUILD_FOLDER

In Ringside and under QEMU the bundled disk runs it as the first program, with the same kernel; on
this host's own Linux the same ELF file runs directly (once for warmth, and tied to one processor).
The columns are clocks: Ringside's are those of its clock table, the same on every host; the others
are those of this host's time-stamp counter, so those two may be compared with each other. A column
is missing where there is no such emulator, or no 32-bit programs. --check: Ringside alone, and
every figure has to be there and within its bounds. SPDX-License-Identifier: MIT
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

# name: (least, most) clocks of the i486's table that are plausible
BOUNDS = {
    "millisecond": (100000, 102000),  # of a machine of 100 MHz
    "getpid": (150, 2000),            # a gate there and back is 71 + 4 + 36 already
    "signal": (1000, 20000),
    "pipe_byte": (500, 10000),
    "pipe_page": (2048, 40000),       # 1024 dwords twice
    "switch": (800, 20000),
    "page_zero": (1024, 20000),       # 1024 dwords of zeros
    "page_copy": (2048, 40000),
    "fork": (10000, 400000),
    "fork_exec": (20000, 1000000),
    "vfork_exec": (15000, 800000),
    "open_close": (2000, 80000),
    "read_cold": (33000, 300000),     # 10 us for the command, 8 sectors of 40 us
    "read_cached": (1024, 20000),
}
COLD_BYTES = 32 << 20
SECONDS = 120


def figures_in(text):
    """{name: (median, least)} of the lines that measure writes; what else is there is no figure."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] in BOUNDS and words[1].isdigit() and words[2].isdigit():
            found[words[0]] = (int(words[1]), int(words[2]))
    return found


def output_of(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    return done.stdout.decode("latin-1") + done.stderr.decode("latin-1")


def guest_words(count):
    return "init=/bin/measure count=%d quiet" % count


def in_ringside(build, count):
    return output_of([os.path.join(build, "ringside"), "--headless", "--debugcon", os.devnull,
                      "--append", guest_words(count)])


def in_qemu(build, count):
    if shutil.which("qemu-system-i386") is None:
        return ""
    guest = os.path.join(build, "guest-os")
    return output_of([
        "qemu-system-i386", "-accel", "tcg", "-m", "64", "-display", "none", "-monitor", "none",
        "-serial", "stdio", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
        "-kernel", os.path.join(guest, "kernel.elf"), "-append", guest_words(count),
        "-drive", "file=%s,format=raw,snapshot=on" % os.path.join(guest, "disk.img")])


def on_host(build, count):
    """The file to read from is made here, written to the disk and taken out of the host's cache."""
    program = os.path.join(build, "guest-os", "user", "measure")
    tied = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    with tempfile.NamedTemporaryFile(dir=build) as file:
        file.write(os.urandom(COLD_BYTES))
        file.flush()
        try:
            output_of([program, str(count), file.name])
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return output_of(tied + [program, str(count), file.name])
        except OSError:
            return ""


def check(figures):
    wrong = 0
    for name, (least, most) in BOUNDS.items():
        if name not in figures:
            print("%s: no such line" % name)
            wrong += 1
        elif not least <= figures[name][1] <= figures[name][0] <= most:
            print("%s: median %d, least %d; plausible are %d to %d"
                  % (name, *figures[name], least, most))
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("build")
    arguments = parser.parse_args()
    text = in_ringside(arguments.build, arguments.count)
    columns = [("Ringside", figures_in(text))]
    if not arguments.check:
        columns.append(("QEMU (TCG)", figures_in(in_qemu(arguments.build, arguments.count))))
        columns.append(("host", figures_in(on_host(arguments.build, arguments.count))))
    print("| median (least) of %d | %s |" % (arguments.count, " | ".join(c[0] for c in columns)))
    print("|---|" + "--:|" * len(columns))
    for name in BOUNDS:
        cells = ["%d (%d)" % c[1][name] if name in c[1] else "-" for c in columns]
        print("| %s | %s |" % (name, " | ".join(cells)))
    wrong = check(columns[0][1])
    if wrong:
        print("--- output of the guest ---\n" + text)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
