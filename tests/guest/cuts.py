#!/usr/bin/env python3
"""cuts.py RINGSIDE FOLDER [--cuts N] [--seed S] [--kill]: the power goes at random clocks.

`promise` (guest-os/user) works on an ext2 disk and says on the console what fsync() promised it.
The machine ends after a random number of clocks (--kill: the emulator is killed after a random
time instead, so no two runs are the same); then e2fsck -p has to mend the disk without questions,
find nothing more, and every file that was promised, and not touched since, has its bytes.

Status 0 as promised, 1 not, 77 a tool is missing. SPDX-License-Identifier: MIT
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

ENDED_BY_LIMIT = 124
CLOCKS = (12_000_000, 400_000_000)  # promise begins to write at about 8 million
KILL_MS = (60, 900)
E2FSCK_MENDED = 1
BLOCK_SIZES = (1024, 2048, 4096)


def pattern(tag, count):
    """The bytes that promise's fill() makes of a tag."""
    value, result = tag, bytearray(count)
    for i in range(count):
        value = (value * 1664525 + 1013904223) & 0xFFFFFFFF
        result[i] = value >> 24
    return bytes(result)


def make_disk(work, folder):
    """One empty disk for each size of block; they are copied for each cut."""
    root = os.path.join(work, "root")
    for name in ("bin", "tmp", "dev", "proc", "etc"):
        os.makedirs(os.path.join(root, name))
    shutil.copy(os.path.join(folder, "objects/small/promise"), os.path.join(root, "bin"))
    for size in BLOCK_SIZES:
        subprocess.run(["mke2fs", "-q", "-t", "ext2", "-b", str(size), "-d", root,
                        os.path.join(work, "disk%d" % size), "8192k"],
                       check=True, stdout=subprocess.DEVNULL)


def run(ringside, folder, disk, seed, clocks, milliseconds):
    """What the guest wrote, as whole lines, until its power went."""
    command = [ringside, "--headless", "--mem", "16M", "--debugcon", "/dev/null", "--disk", disk]
    if clocks:
        command += ["--max-clocks", str(clocks)]
    command += [os.path.join(folder, "kernel.elf"), "init=/bin/promise", "rounds=1000000",
                "seed=%d" % seed]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        if milliseconds:
            time.sleep(milliseconds / 1000)
            process.kill()
        output, _ = process.communicate(timeout=120)
    if not milliseconds and process.returncode != ENDED_BY_LIMIT:
        return None, "ringside ended with status %d: %s" % (process.returncode, output[-200:])
    return output.decode("latin-1").replace("\r", "").split("\n")[:-1], None


def promised(lines):
    """Name to (tag, bytes) of the files that were not touched after their last promise."""
    files = {}
    for line in lines:
        words = line.split()
        if len(words) == 2 and words[0] == "begin":
            files.pop(words[1], None)
        elif len(words) == 4 and words[0] == "promised":
            files[words[1]] = (int(words[2]), int(words[3]))
    return files


def judge(disk, files, work):
    """What is wrong with the disk, as lines."""
    wrong = []
    fsck = subprocess.run(["e2fsck", "-p", disk], capture_output=True, text=True, check=False)
    if fsck.returncode > E2FSCK_MENDED:
        wrong.append("e2fsck -p ended with %d: %s" % (fsck.returncode, fsck.stdout[-400:]))
    fsck = subprocess.run(["e2fsck", "-fn", disk], capture_output=True, text=True, check=False)
    if fsck.returncode != 0:
        wrong.append("e2fsck -fn found something after it: %s" % fsck.stdout[-400:])
    for name, (tag, count) in sorted(files.items()):
        copy = os.path.join(work, "copy")
        if os.path.exists(copy):
            os.unlink(copy)
        subprocess.run(["debugfs", "-R", "dump /tmp/%s %s" % (name, copy), disk],
                       capture_output=True, check=False)
        if not os.path.exists(copy):
            wrong.append("%s is gone" % name)
            continue
        with open(copy, "rb") as file:
            if file.read() != pattern(tag, count):
                wrong.append("%s is not what was promised (tag %d, %d bytes)" % (name, tag, count))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("ringside")
    parser.add_argument("folder")
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in ("mke2fs", "e2fsck", "debugfs"):
        if not shutil.which(tool):
            print("skipped: no %s here (apt-get install e2fsprogs)" % tool)
            return 77
    chance = random.Random(options.seed)
    failures = promises = 0
    with tempfile.TemporaryDirectory() as work:
        make_disk(work, options.folder)
        for cut in range(options.cuts):
            seed = chance.randrange(1, 40000)
            size = chance.choice(BLOCK_SIZES)
            clocks = 0 if options.kill else chance.randrange(*CLOCKS)
            milliseconds = chance.randrange(*KILL_MS) if options.kill else 0
            disk = os.path.join(work, "disk")
            shutil.copy(os.path.join(work, "disk%d" % size), disk)
            lines, trouble = run(options.ringside, options.folder, disk, seed, clocks, milliseconds)
            files = promised(lines) if lines is not None else {}
            wrong = [trouble] if trouble else judge(disk, files, work)
            promises += len(files)
            failures += bool(wrong)
            for what in wrong:
                print("cut %d (seed %d, %d clocks, %d ms, blocks of %d): %s" %
                      (cut + 1, seed, clocks, milliseconds, size, what), flush=True)
            if sys.stdout.isatty():
                print("\r%d of %d" % (cut + 1, options.cuts), end="", flush=True)
    print("%d cuts, %d promises looked at, %d failures; --seed %d" %
          (options.cuts, promises, failures, options.seed))
    if promises < options.cuts:
        print("too few promises to judge by")
        return 1
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
