#!/usr/bin/env python3
"""Time the bench guests on ringside and, with --peers, on the emulators installed here.

Rates are guest instructions (tests/bench_guests/counts.tsv, or what the guest counts on qemu)
over CPU time of the emulator's process, medians of the rounds; starting up is not in them.
Compare numbers of one run only: the emulators take turns in every round.
SPDX-License-Identifier: MIT
"""
import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(ROOT, "tests", "bench_guests")
BUILD = os.path.join(ROOT, "build")
sys.path.insert(0, SOURCES)
import check_guest  # noqa: E402 (needs the path above)

GUESTS = {"intloop": 200, "crc_sha": 64, "sortmem": 60, "calls": 100, "paging": 40,
          "traps": 2000000}
RAM_MIB = 32
PAGE_FAULTS = 81920  # of the paging guest at its default n
SETUP_ONLY = [("traps", "main")]
FIRST_OUTPUT_MS = 10  # aims of ringside: at most these, by the best run of all
PEAK_MIB = 16  # beyond what the guest touches, which is next to nothing at the start
STARTS = 5  # runs to the first byte in each round: a busy host must not decide
BOCHS_SHARE = "/usr/share/bochs"


def image_of(guest):
    return os.path.join(BUILD, "bench", guest + ".elf")


def make_rom(guest, command_line, folder):
    """A 64 KiB firmware image with the guest in it, for emulators without multiboot."""
    flat, stub, rom = (os.path.join(folder, guest + end) for end in (".bin", ".o", ".rom"))
    image = image_of(guest)
    subprocess.run(["objcopy", "-O", "binary", image, flat], check=True)
    symbols = subprocess.run(["nm", image], check=True, stdout=subprocess.PIPE).stdout.decode()
    entry = next(line.split()[0] for line in symbols.splitlines() if line.endswith(" T _start"))
    subprocess.run(["gcc", "-m32", "-c", "-DENTRY=0x" + entry, '-DPAYLOAD="%s"' % flat,
                    '-DCMDLINE="%s"' % command_line, "-o", stub,
                    os.path.join(SOURCES, "rom.S")], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext=0", "--section-start=.rom=0",
                    "--oformat=binary", "-e", "0", "-o", rom, stub], check=True)
    return rom


def ringside_command(guest, command_line, _folder):
    return [os.path.join(BUILD, "ringside"), "--headless", "--timing", "i486", "--mem",
            "%dM" % RAM_MIB, image_of(guest)] + command_line.split()


def qemu_command(guest, command_line, _folder, extra=()):
    return ["qemu-system-i386", "-m", str(RAM_MIB), "-nodefaults", "-display", "none", "-serial",
            "stdio", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
            "-accel", "tcg", *extra, "-kernel", image_of(guest), "-append", command_line]


def qemu_icount_command(guest, command_line, folder):
    return qemu_command(guest, command_line, folder, ("-icount", "shift=0"))


def bochs_command(guest, command_line, folder):
    rom = make_rom(guest, command_line, folder)
    settings = os.path.join(folder, "bochsrc")
    with open(settings, "w", encoding="ascii") as file:
        file.write("\n".join([
            'display_library: rfb, options="timeout=0"', "romimage: file=" + rom,
            "vgaromimage: file=%s/VGABIOS-lgpl-latest" % BOCHS_SHARE, "megs: %d" % RAM_MIB,
            "cpu: model=pentium, count=1, ips=50000000", "clock: sync=none", "boot: disk",
            "com1: enabled=1, mode=file, dev=/dev/stdout", "log: /dev/null",
            "panic: action=fatal", "error: action=ignore", "info: action=ignore",
            "debug: action=ignore",
            # without a sound card the default driver brings the whole emulator down
            "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy", ""]))
    commands = os.path.join(folder, "rc")
    with open(commands, "w", encoding="ascii") as file:
        file.write("c\n")  # Debian's bochs has its debugger built in and waits for this
    return ["bochs-bin", "-q", "-f", settings, "-rc", commands]


PEERS = {"bochs": ("bochs-bin", bochs_command),
         "qemu": ("qemu-system-i386", qemu_command),
         "qemu-icount": ("qemu-system-i386", qemu_icount_command)}


def run_once(command, limit):
    """One run under benchrun; its key=value pairs."""
    done = subprocess.run([os.path.join(BUILD, "tools", "benchrun"), "-t", str(limit), "--"]
                          + command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    words = done.stdout.decode("latin-1").split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def checksum_of(pairs):
    fields = dict(w.split("=") for w in pairs.get("result", "").split(",") if "=" in w)
    return fields.get("checksum", pairs.get("status", "nothing"))


class Runs:
    """All figures of one emulator: lists, one entry for each round."""

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.figures = {}
        self.wrong = []

    def add(self, key, value):
        self.figures.setdefault(key, []).append(float(value))

    def take(self, guest, folder, checksums, limit):
        pairs = run_once(self.command(guest, "x=1", folder), limit)
        if checksum_of(pairs) != checksums[guest, GUESTS[guest]]:
            self.wrong.append("%s: %s" % (guest, checksum_of(pairs)))
            return
        for key, value in pairs.items():
            if key.endswith(("_ms", "_kb")):
                self.add(guest + "." + key, value)

    def take_start(self, folder):
        for _ in range(STARTS):
            pairs = run_once(self.command("intloop", "n=1", folder), 60)
            for key in ("boot_ms", "maxrss_kb"):
                if float(pairs.get(key, -1)) >= 0:
                    self.add("start." + key, pairs[key])

    def median(self, key):
        values = self.figures.get(key)
        return statistics.median(values) if values else None


def summarise(runs, counts, clock):
    """Rates of the segments in MIPS, their geometric mean, and the other figures."""
    mips = {}
    for (guest, segment), instructions in counts.items():
        time_ms = runs.median("%s.%s.%s" % (guest, segment, clock))
        if time_ms:
            mips["%s.%s" % (guest, segment)] = instructions / time_ms / 1e3
    syscalls = runs.median("traps.syscalls." + clock)
    faults = runs.median("paging.faults." + clock)
    boots = runs.figures.get("start.boot_ms")
    peak = runs.median("start.maxrss_kb")
    complete = mips and len(mips) == len(counts)
    return {
        "mips": mips,
        "geomean_mips": math.exp(statistics.mean(map(math.log, mips.values())))
                        if complete else None,
        "int80_ns": syscalls * 1e6 / GUESTS["traps"] if syscalls else None,
        "page_fault_ns": faults * 1e6 / PAGE_FAULTS if faults else None,
        "first_output_ms": min(boots) if boots else None,
        "peak_rss_mib": peak / 1024 if peak else None,
        "wrong": runs.wrong,
        "raw": runs.figures,
    }


def segment_counts(guests):
    counts = {}
    for guest in guests:
        expected, _, _ = check_guest.expected_counts(guest, image_of(guest), GUESTS[guest])
        for segment, expression in expected.items():
            if (guest, segment) not in SETUP_ONLY:
                # the few thousand instructions of the ticks are left out of the rate
                counts[guest, segment] = check_guest.value_of(expression, 0)
    return counts


def cell(value, form="%.0f"):
    return "-" if value is None else form % value


def print_table(results, counts, clock):
    names = list(results)
    first = results[names[0]]
    reference = results.get("bochs")
    heads = names + (["/bochs"] if reference and "ringside" in results else [])
    print("guest MIPS by %s (medians)" % clock)
    print("%-18s" % "segment" + "".join("%13s" % n for n in heads))
    rows = ["%s.%s" % key for key in counts]
    for row in rows + ["geomean"]:
        values = [results[n]["geomean_mips"] if row == "geomean" else results[n]["mips"].get(row)
                  for n in names]
        line = "%-18s" % row + "".join("%13s" % cell(v) for v in values)
        if len(heads) > len(names):
            other = reference["geomean_mips"] if row == "geomean" else reference["mips"].get(row)
            line += "%13s" % cell(values[0] / other if values[0] and other else None, "%.2fx")
        print(line)
    for key, label, form in (("int80_ns", "int 0x80, ns", "%.0f"),
                             ("page_fault_ns", "#PF, ns", "%.0f"),
                             ("first_output_ms", "first output, ms", "%.1f"),
                             ("peak_rss_mib", "peak RSS, MiB", "%.1f")):
        print("%-18s" % label + "".join("%13s" % cell(results[n][key], form) for n in names))
    for name in names:
        for wrong in results[name]["wrong"]:
            print("WRONG: %s: %s" % (name, wrong))
    return not first["wrong"]


def print_aims(figures):
    """The two aims that need no peer to compare with; a line for each. A host that is busy misses
    the first, so they do not decide the status."""
    for key, label, limit in (("first_output_ms", "first output, ms", FIRST_OUTPUT_MS),
                              ("peak_rss_mib", "peak RSS, MiB", PEAK_MIB)):
        good = figures[key] is not None and figures[key] <= limit
        print("%-18s%13s  at most %d: %s" % (label, cell(figures[key], "%.1f"), limit,
                                             "kept" if good else "MISSED"))


WATCHED = {"plain_mips": "plain", "count_mips": "count", "ring_mips": "ring",
           "history_mips": "history", "history_ratio": "history/plain", "back_ms": "back, ms",
           "step_ms": "step, ms", "jump_ms": "jump, ms"}
BUNDLED = "churn"  # of the bundled guest, beside the bench guests


def watched_once(guest):
    """One run in each mode, in turns in one process; the figures by name."""
    arguments = ["--rounds", "1"]
    if guest == BUNDLED:
        arguments += ["--mem", "64", "--clocks", "5000000000", "--initrd",
                      os.path.join(BUILD, "guest-os", "ramdisk.img"), "--append",
                      "init=/bin/churn count=20000", os.path.join(BUILD, "guest-os", "kernel.elf")]
    else:
        arguments.append(image_of(guest))
    done = subprocess.run([os.path.join(BUILD, "tools", "bench_machine")] + arguments,
                          stdout=subprocess.PIPE, check=True)
    words = done.stdout.decode().splitlines()[0].split()[1:]
    return {key: float(value) for key, value in (word.split("=", 1) for word in words)}


def bochs_once(guest, counts, limit, folder):
    """MIPS of bochs over the whole run of a bench guest, or None."""
    pairs = run_once(bochs_command(guest, "x=1", folder), limit)
    instructions = sum(count for (name, _), count in counts.items() if name == guest)
    time_ms = float(pairs.get("run.cpu_ms", 0))
    return instructions / time_ms / 1e3 if time_ms > 0 else None


def print_watched(figures, path):
    """The table, and the two aims; a busy host may miss them, so they do not decide the status."""
    medians = {guest: {key: statistics.median(values) for key, values in found.items()}
               for guest, found in figures.items()}
    keys = [key for key in list(WATCHED) + ["bochs_mips", "ring_bochs"]
            if any(key in found for found in medians.values())]
    heads = dict(WATCHED, bochs_mips="bochs", ring_bochs="ring/bochs")
    print("guest MIPS by CPU time over the whole run (medians)")
    print("%-10s" % "guest" + "".join("%14s" % heads[key] for key in keys))
    for guest, found in medians.items():
        print("%-10s" % guest + "".join(
            "%14s" % cell(found.get(key), "%.2f" if "ratio" in key or key == "ring_bochs" else
                          "%.0f" if "mips" in key else "%.1f") for key in keys))
    aims = [("history_ratio", "with history", 0.9, "of plain"),
            ("ring_bochs", "with a hook on every instruction", 1, "of bochs without one")]
    for key, label, limit, unit in aims:
        ratios = [found[key] for found in medians.values() if key in found]
        if ratios:
            mean = math.exp(statistics.mean(map(math.log, ratios)))
            print("%s: %.2f %s, at worst %.2f; at least %.1f: %s" %
                  (label, mean, unit, min(ratios), limit,
                   "kept" if min(ratios) >= limit else "MISSED"))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
    print("written: " + os.path.relpath(path))


def watching(guests, rounds, peers, limit, path):
    """Plain, observed and with history, in turns; with peers bochs, unobserved, too."""
    peers = peers and shutil.which("bochs-bin")
    counts = segment_counts(guests) if peers else {}
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for guest in guests + [BUNDLED]:
                print("round %d of %d: %s" % (number + 1, rounds, guest), file=sys.stderr)
                found = watched_once(guest)
                bochs = bochs_once(guest, counts, limit, folder) \
                    if peers and guest != BUNDLED else None
                if bochs:
                    found.update(bochs_mips=bochs, ring_bochs=found["ring_mips"] / bochs)
                for key, value in found.items():
                    figures.setdefault(guest, {}).setdefault(key, []).append(value)
    print_watched(figures, path)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/bench",
                                     description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", action="store_true", help="the emulators installed here too")
    parser.add_argument("--watching", action="store_true",
                        help="instead: what an observer of every instruction and history cost; "
                             "with --peers beside bochs without an observer")
    parser.add_argument("--only", default="", help="only these emulators, by name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--guests", default=" ".join(GUESTS))
    parser.add_argument("--clock", choices=("cpu_ms", "wall_ms"), default="cpu_ms",
                        help="CPU time of the process (default) or, on a quiet host, wall time")
    parser.add_argument("--limit", type=int, default=120, help="seconds for one run")
    parser.add_argument("--json", default=os.path.join(BUILD, "bench", "bench.json"))
    args = parser.parse_args()

    guests = args.guests.split()
    unknown = [g for g in guests if g not in GUESTS]
    if unknown:
        sys.exit("tools/bench: no guest '%s'; there are: %s" % (unknown[0], " ".join(GUESTS)))
    if args.watching:
        path = os.path.join(os.path.dirname(args.json), "watching.json")
        return watching(guests, args.rounds, args.peers, args.limit, path)
    candidates = {"ringside": (os.path.join(BUILD, "ringside"), ringside_command)}
    if args.peers:
        candidates.update(PEERS)
    runs = []
    for name, (program, command) in candidates.items():
        if args.only and name not in args.only.split():
            continue
        if not shutil.which(program):
            print("%s is not installed, left out" % name, file=sys.stderr)
            continue
        runs.append(Runs(name, command))
    if not runs:
        sys.exit("tools/bench: nothing to run")

    checksums = {(r[0], int(r[1])): r[2] for r in check_guest.table("expected.tsv")}
    counts = segment_counts(guests)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(args.rounds):
            for run in runs:
                print("round %d of %d: %s" % (number + 1, args.rounds, run.name), file=sys.stderr)
                for guest in guests:
                    run.take(guest, folder, checksums, args.limit)
                run.take_start(folder)

    results = {run.name: summarise(run, counts, args.clock) for run in runs}
    good = print_table(results, counts, args.clock)
    if "ringside" in results:
        print_aims(results["ringside"])
    os.makedirs(os.path.dirname(os.path.abspath(args.json)), exist_ok=True)
    with open(args.json, "w", encoding="ascii") as file:
        json.dump({"clock": args.clock, "rounds": args.rounds, "emulators": results}, file,
                  indent=1)
        file.write("\n")
    print("written: " + os.path.relpath(args.json))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
