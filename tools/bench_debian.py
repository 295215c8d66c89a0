#!/usr/bin/env python3
"""Boot Debian's kernel on ringside and on qemu -icount shift=0 in turns and print the ratio.

Both get one multiboot image: a stub, the unpacked kernel, its zero page, an initial disk of
busybox alone; with --bzimage the compressed kernel as it comes, which unpacks itself first. It ends
when the first program has run some commands. SPDX-License-Identifier: MIT
"""
import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
KERNELS = os.path.join(ROOT, "tests", "kernels")
STUB, ZERO_PAGE, COMMAND, INITRD = 0x100000, 0x101000, 0x102000, 0x3000000
RAM_MIB = 64
QUICK = ("cryptomgr.notests noisapnp nokaslr "
         "initcall_blacklist=load_system_certificate_list,init_blk_tracer")
INIT = """#!/busybox sh
/busybox mkdir /proc
/busybox mount -t proc proc /proc
/busybox mknod /port c 1 4
i=0
while [ $i -lt 50 ]; do /busybox true; i=$((i+1)); done
/busybox yes | /busybox head -n 2000 | /busybox wc -l
echo the shell has run
printf '\\020' | /busybox dd of=/port bs=1 seek=244 2>/dev/null
"""


def segments_of(path):
    """(physical, bytes, size in memory) of each PT_LOAD, and the entry."""
    with open(path, "rb") as file:
        image = file.read()
    entry, offset = struct.unpack_from("<II", image, 24)
    count = struct.unpack_from("<H", image, 44)[0]
    found = []
    for i in range(count):
        kind, start, _, physical, size, memory = struct.unpack_from("<6I", image, offset + 32 * i)
        if kind == 1:
            found.append((physical, image[start:start + size], memory))
    return found, entry


def zero_page(initrd_bytes):
    page = bytearray(4096)
    ranges = [(0, 0x9FC00, 1), (0x9FC00, 0x400, 2), (0xF0000, 0x10000, 2),
              (0x100000, (RAM_MIB - 1) << 20, 1)]
    for i, (base, size, kind) in enumerate(ranges):
        struct.pack_into("<QQI", page, 0x2D0 + 20 * i, base, size, kind)
    page[0x1E8] = len(ranges)
    page[6], page[7], page[0x0E], page[0x0F], page[0x10] = 3, 80, 25, 1, 16
    struct.pack_into("<H4sH", page, 0x1FE, 0xAA55, b"HdrS", 0x20F)
    page[0x210], page[0x211] = 0xFF, 1
    struct.pack_into("<II", page, 0x218, INITRD, initrd_bytes)
    struct.pack_into("<I", page, 0x228, COMMAND)
    return bytes(page)


def stub(entry, folder):
    source, flat = os.path.join(KERNELS, "linux_stub.S"), os.path.join(folder, "stub")
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-N",
                    "-Wl,-Ttext=0x%x" % STUB, "-DZERO_PAGE=0x%x" % ZERO_PAGE,
                    "-DKERNEL_ENTRY=0x%x" % entry, "-o", flat + ".elf", source], check=True,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", flat + ".elf", flat], check=True)
    with open(flat, "rb") as file:
        return file.read()


def ramdisk_make(folder):
    init, disk = os.path.join(folder, "init"), os.path.join(folder, "disk")
    with open(init, "w", encoding="ascii") as file:
        file.write(INIT)
    os.chmod(init, 0o755)
    subprocess.run([os.path.join(BUILD, "guest-os", "mkcpio"), disk, "init=" + init, "busybox="
                    + os.path.join(BUILD, "guest-os", "busybox", "bin", "busybox")], check=True)
    return disk


def image_make(kernel, disk, words, folder):
    with open(disk, "rb") as file:
        initrd = file.read()
    segments, entry = segments_of(kernel)
    first = stub(entry, folder).ljust(0x1000, b"\0") + zero_page(len(initrd))
    first += words.encode() + b"\0"
    segments = [(STUB, first, len(first))] + segments + [(INITRD, initrd, len(initrd))]
    headers, body, at = b"", b"", 0x1000
    for physical, data, memory in segments:
        headers += struct.pack("<8I", 1, at, physical, physical, len(data), memory, 7, 4096)
        data += b"\0" * (-len(data) % 4096)
        body += data
        at += len(data)
    start = STUB + 12
    elf = b"\x7fELF\1\1\1" + b"\0" * 9 + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, start, 52, 0, 0,
                                                    52, 32, len(segments), 40, 0, 0)
    path = os.path.join(folder, "debian.elf")
    with open(path, "wb") as file:
        file.write((elf + headers).ljust(0x1000, b"\0") + body)
    return path


def run(command, limit):
    before = time.monotonic()
    used = os.times().children_user + os.times().children_system
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=limit, check=False)
    if b"the shell has run" not in done.stdout:
        sys.exit("%s: the kernel did not come to its shell:\n%s"
                 % (command[0], done.stdout.decode("latin-1")[-2000:]))
    used = os.times().children_user + os.times().children_system - used
    return used, time.monotonic() - before


def main():
    parser = argparse.ArgumentParser(prog="tools/bench_debian.py",
                                     description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stock", action="store_true", help="with all self-tests: minutes")
    parser.add_argument("--limit", type=int, default=900, help="seconds for one run")
    parser.add_argument("--bzimage", action="store_true", help="vmlinuz instead of vmlinux")
    parser.add_argument("--apic", action="store_true", help="with local APIC and I/O APIC")
    parser.add_argument("--kernel", help="else what the tests have fetched")
    args = parser.parse_args()
    words = "console=ttyS0 nokaslr" if args.stock else "console=ttyS0 " + QUICK
    kernel = args.kernel or os.path.join(BUILD, "tests", "kernels", "debian",
                                         "vmlinuz" if args.bzimage else "vmlinux")
    if not os.path.exists(kernel):
        sys.exit("%s: not there; `tools/test -R debian` fetches it" % kernel)
    figures = {"ringside": [], "qemu-icount": []}
    with tempfile.TemporaryDirectory() as folder:
        disk = ramdisk_make(folder)
        ours = [os.path.join(BUILD, "ringside"), "--headless", "--mem", "%dM" % RAM_MIB,
                "--json", os.path.join(folder, "json"),
                "--debugcon", "/dev/null", "--apic", "on" if args.apic else "off"]
        theirs = ["qemu-system-i386", "-m", str(RAM_MIB), "-nodefaults", "-display", "none",
                  "-serial", "stdio", "-no-reboot", "-icount", "shift=0", "-device",
                  "isa-debug-exit,iobase=0xf4,iosize=4", "-machine",
                  "pc,acpi=off" if args.apic else "isapc", "-cpu",
                  "pentium3" if args.apic else "pentium3,-apic"]
        if args.bzimage:
            ours += ["--initrd", disk, "--append", words, kernel]
            theirs += ["-kernel", kernel, "-initrd", disk, "-append", words]
        else:
            image = image_make(kernel, disk, words, folder)
            ours += [image]
            theirs += ["-kernel", image]
        commands = {"ringside": ours, "qemu-icount": theirs}
        for _ in range(args.rounds):
            for name, command in commands.items():
                figures[name].append(run(command, args.limit))
        with open(os.path.join(folder, "json"), encoding="ascii") as file:
            print("%.2f G instructions" % (json.load(file)["instructions"] / 1e9))
    medians = {name: [statistics.median(v) for v in zip(*runs)] for name, runs in figures.items()}
    for name, (cpu, wall) in medians.items():
        print("%-12s %7.2f s CPU %7.2f s wall" % (name, cpu, wall))
    ratio = medians["ringside"][0] / medians["qemu-icount"][0]
    print("ratio by CPU time %.2f (at most 2.5: %s)"
          % (ratio, "kept" if ratio <= 2.5 else "MISSED"))
    return 0 if ratio <= 2.5 else 1


if __name__ == "__main__":
    sys.exit(main())
