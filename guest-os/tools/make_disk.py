#!/usr/bin/env python3
"""make_disk.py: fill a folder and make the ext2 image of the bundled disk out of it.

The file system is made by mke2fs and filled by debugfs in sorted order, with a fixed UUID, hash
seed and time: `mke2fs -d` takes names in the order of the host's folders, and its owners and times.
Only features that a plain ext2 driver knows: filetype, sparse_super, large_file.
SPDX-License-Identifier: MIT
"""
import argparse
import os
import shutil
import stat
import subprocess
import sys

UUID = "52494e47-5349-4445-8086-000000000003"
HASH_SEED = "52494e47-5349-4445-8086-000000000004"
TIME = "946684800"  # 2000-01-01 00:00:00 UTC, where the machine's clock begins
BLOCK_BYTES = 4096
SECTOR_BYTES = 512
FIRST_USER = 1000


def fail(text):
    sys.exit("make_disk.py: " + text)


def read_modes(path):
    """{path: (rights, user, group)}"""
    modes = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                modes[words[0]] = (int(words[1], 8), int(words[2]), int(words[3]))
    return modes


def fill_folder(root, entries, modes):
    shutil.rmtree(root, ignore_errors=True)
    for entry in entries:
        name, source = entry.split("=", 1)
        target = os.path.join(root, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        os.chmod(target, 0o755 if os.access(source, os.X_OK) else 0o644)
    for path in modes:
        if not os.path.exists(root + path) and not os.path.basename(path) == "shadow":
            os.makedirs(root + path)


def add_homes(root, modes):
    """A folder for each user of /etc/passwd, which belongs to that user."""
    path = os.path.join(root, "etc/passwd")
    if not os.path.exists(path):
        return
    with open(path, encoding="ascii") as file:
        for line in file:
            fields = line.strip().split(":")
            if len(fields) == 7 and int(fields[2]) >= FIRST_USER:
                os.makedirs(root + fields[5], exist_ok=True)
                modes.setdefault(fields[5], (0o755, int(fields[2]), int(fields[3])))


def owner_commands(path, is_folder, default, modes):
    rights, user, group = modes.get(path, (default, 0, 0))
    kind = stat.S_IFDIR if is_folder else stat.S_IFREG
    yield "set_inode_field %s mode 0%o" % (path, kind | rights)
    if user or group:
        yield "set_inode_field %s uid %d" % (path, user)
        yield "set_inode_field %s gid %d" % (path, group)


def debugfs_commands(root, modes):
    """Commands that copy everything below `root`, folders before what is in them."""
    for base, folders, names in os.walk(root):
        folders.sort()
        here = "/" + os.path.relpath(base, root)
        here = "/" if here == "/." else here
        for name in folders:
            path = os.path.join(here, name)
            yield "mkdir " + path
            yield from owner_commands(path, True, 0o755, modes)
        yield "cd " + here
        for name in sorted(names):
            source = os.path.join(base, name)
            path = os.path.join(here, name)
            yield "write %s %s" % (os.path.relpath(source, root), name)
            yield from owner_commands(path, False, stat.S_IMODE(os.stat(source).st_mode), modes)


def run(command, folder, text=None):
    environment = dict(os.environ, E2FSPROGS_FAKE_TIME=TIME, LC_ALL="C", TZ="UTC")
    done = subprocess.run(command, cwd=folder, input=text, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        fail("%s failed:\n%s" % (command[0], done.stdout))
    return done.stdout


def make_image(arguments, image, modes):
    if os.path.exists(image):
        os.remove(image)
    run([arguments.mke2fs, "-q", "-F", "-t", "ext2", "-b", str(BLOCK_BYTES), "-I", "128", "-m", "0",
         "-L", "ringside", "-U", UUID, "-O", "none,filetype,sparse_super,large_file",
         "-E", "hash_seed=%s,lazy_itable_init=0,root_owner=0:0" % HASH_SEED,
         image, "%dM" % arguments.mebibytes], arguments.root)
    script = image + ".debugfs"
    with open(script, "w", encoding="ascii") as file:
        file.write("\n".join(debugfs_commands(arguments.root, modes)) + "\n")
    output = run([arguments.debugfs, "-w", "-f", script, image], arguments.root)
    # debugfs ends with status 0 whatever happens; it repeats commands after "debugfs: "
    noise = ("debugfs", "Allocated inode")
    bad = [line for line in output.split("\n") if line and not line.startswith(noise)]
    if bad:
        fail("debugfs: " + bad[0])
    os.remove(script)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--mke2fs", required=True)
    parser.add_argument("--debugfs", required=True)
    parser.add_argument("--mebibytes", type=int, required=True)
    parser.add_argument("--sector", required=True, help="boot sector, 512 bytes")
    parser.add_argument("--modes", required=True, help="table of rights and owners")
    parser.add_argument("--root", required=True, help="folder to fill")
    parser.add_argument("image")
    parser.add_argument("entries", nargs="+", help="NAME=FILE")
    arguments = parser.parse_args()

    arguments.root = os.path.abspath(arguments.root)
    modes = read_modes(arguments.modes)
    fill_folder(arguments.root, arguments.entries, modes)
    add_homes(arguments.root, modes)
    partial = os.path.abspath(arguments.image) + ".new"
    make_image(arguments, partial, modes)
    with open(arguments.sector, "rb") as file:
        sector = file.read()
    if len(sector) != SECTOR_BYTES:
        fail("%s is not a boot sector of %d bytes" % (arguments.sector, SECTOR_BYTES))
    with open(partial, "r+b") as file:
        file.write(sector)
    os.replace(partial, arguments.image)


if __name__ == "__main__":
    main()
