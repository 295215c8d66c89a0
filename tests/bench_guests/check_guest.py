#!/usr/bin/env python3
"""Run one bench guest on ringside and hold checksum and instruction counts against the tables.

With --timing unit every instruction and each further iteration of a REP costs one clock, and a
delivery nothing, so the guest's own RDTSC (tsc=1) counts the instructions of each segment.
Exit status 77 means that no count is on file for this image and no qemu-system-i386 is here to ask.
SPDX-License-Identifier: MIT
"""
import argparse
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys

# qemu counts the repetitions of a small copy that a compiler may have made with REP
QEMU_SLACK = 64
HERE = os.path.dirname(os.path.abspath(__file__))
PT_LOAD = 1


def image_hash(path):
    """Hash of the bytes that a loader would put into memory."""
    with open(path, "rb") as file:
        data = file.read()
    offset, = struct.unpack_from("<I", data, 28)
    size, count = struct.unpack_from("<HH", data, 42)
    digest = hashlib.sha256()
    for i in range(count):
        kind, start, _, _, length, _ = struct.unpack_from("<6I", data, offset + i * size)
        if kind == PT_LOAD:
            digest.update(data[start:start + length])
    return digest.hexdigest()[:16]


def table(name):
    with open(os.path.join(HERE, name), encoding="ascii") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def parse(output):
    """Result fields and segment counts out of the guest's lines."""
    result = re.search(r"BENCH RESULT (\S+) (.*)", output)
    tsc = re.search(r"BENCH TSC (.*)", output)
    if not result or not tsc:
        sys.exit("the guest did not finish; it printed:\n" + output[-2000:])
    fields = dict(word.split("=") for word in result.group(2).split())
    counts = {k: int(v) for k, v in (word.split("=") for word in tsc.group(1).split())}
    return fields, counts


def run(command, timeout):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, check=False)
    text = done.stdout.decode("latin-1").replace("\r", "")
    return done.returncode, text, done.stderr.decode("latin-1")


def ask_qemu(image, n):
    """Segment counts of an image that no table knows; the timer segment is left out."""
    if not shutil.which("qemu-system-i386"):
        print("no counts on file for this image, and no qemu-system-i386 to ask")
        sys.exit(77)
    _, text, _ = run(["qemu-system-i386", "-m", "32", "-nodefaults", "-display", "none",
                      "-serial", "stdio", "-no-reboot", "-icount", "shift=0", "-device",
                      "isa-debug-exit,iobase=0xf4,iosize=0x04", "-kernel", image,
                      "-append", "tsc=1 n=%d" % n], 200)
    fields, counts = parse(text)
    if "repelems" in fields:
        counts["main"] -= int(fields["repelems"]) - n
    for segment in ("timer", "main" if "walk" in counts else ""):
        counts.pop(segment, None)
    return {k: str(v) for k, v in counts.items()}


def expected_counts(guest, image, n):
    """Counts by segment, by how much they may be wrong, and iterations of REP after the first."""
    digest = image_hash(image)
    rows = [r[3:] for r in table("counts.tsv") if r[:3] == [guest, digest, str(n)]]
    if rows:
        return {r[0]: r[1] for r in rows}, 0, {r[0]: int(r[2]) for r in rows if len(r) > 2}
    print("image %s is not in counts.tsv: asking qemu" % digest)
    return ask_qemu(image, n), QEMU_SLACK, {}


def value_of(expression, ticks):
    """NUMBER or NUMBER+NUMBER*ticks."""
    base, _, per_tick = expression.partition("+")
    return int(base) + (int(per_tick.split("*")[0]) * ticks if per_tick else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--ringside", required=True)
    parser.add_argument("--guest", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--n", type=int, required=True)
    args = parser.parse_args()

    checksums = {(r[0], int(r[1])): r[2] for r in table("expected.tsv")}
    status, text, errors = run([args.ringside, "--headless", "--timing", "unit", "--mem", "32M",
                                args.image, "tsc=1", "n=%d" % args.n], 280)
    if status != 0x10 * 2 + 1:
        sys.exit("exit status %d, expected 33\n%s%s" % (status, text[-2000:], errors[-2000:]))
    fields, counts = parse(text)

    wrong = []
    if fields["checksum"] != checksums[args.guest, args.n]:
        wrong.append("checksum %s, expected %s" % (fields["checksum"],
                                                   checksums[args.guest, args.n]))
    expected, slack, repeated = expected_counts(args.guest, args.image, args.n)
    if "repelems" in fields:  # the guest knows its own
        repeated = {"main": int(fields["repelems"]) - int(fields["repops"])}
    for segment, expression in expected.items():
        counts[segment] -= repeated.get(segment, 0)
        want = value_of(expression, int(fields.get("ticks", "0")))
        print("%s %s: %d instructions, expected %d" % (args.guest, segment, counts[segment], want))
        if abs(counts[segment] - want) > slack:
            wrong.append("%s: %+d instructions" % (segment, counts[segment] - want))
    if wrong:
        sys.exit("; ".join(wrong))


if __name__ == "__main__":
    main()
