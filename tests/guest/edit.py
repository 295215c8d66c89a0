#!/usr/bin/env python3
"""edit.py FOLDER: keys typed into the guest's editor, on a terminal of this host, and the file that
comes of them. Status 0 as expected, 1 not, 77: 32-bit programs do not run here.
SPDX-License-Identifier: MIT
"""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios

UP, DOWN, RIGHT, LEFT = (b"\x1b[" + letter for letter in (b"A", b"B", b"C", b"D"))
HOME, END, DELETE = b"\x1b[1~", b"\x1b[4~", b"\x1b[3~"
PAGE_DOWN = b"\x1b[6~"
SAVE, QUIT, CUT, PUT, FIND = b"\x13", b"\x11", b"\x0b", b"\x15", b"\x06"

CASES = (
    # what was there, the keys, what is there then
    (None, b"hello\rworld\r" + SAVE + QUIT, b"hello\nworld\n"),
    (b"one\ntwo\nthree\n", DOWN + CUT + UP + PUT + SAVE + QUIT, b"two\none\nthree\n"),
    (b"abc\n", END + b"d" + HOME + b"X" + RIGHT + DELETE + SAVE + QUIT, b"Xacd\n"),
    (b"ab\ncd\n", DOWN + b"\x7f" + SAVE + QUIT, b"abcd\n"),
    (b"ab\ncd\n", END + DELETE + b"\r\t" + SAVE + QUIT, b"ab\n\tcd\n"),
    (b"".join(b"line %d\n" % i for i in range(50)), FIND + b"line 33\r" + END + b"!" + SAVE + QUIT,
     b"".join(b"line %d%s\n" % (i, b"!" if i == 33 else b"") for i in range(50))),
    (b"a\n" * 40, PAGE_DOWN + b"X" + SAVE + QUIT, b"a\n" * 8 + b"Xa\n" + b"a\n" * 31),
    (b"kept\n", b"lost" + QUIT + QUIT, b"kept\n"),
    (b"x\n", FIND + b"nowhere\r" + b"\x1b[99~" + b"y" + SAVE + QUIT, b"yx\n"),
)


def run(program, path, keys):
    """What the editor wrote to its terminal, and its status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(program, [program, path])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
    seen = b""
    while b"\x1b[?25h" not in seen:  # it has shown the text and reads keys now
        seen += os.read(terminal, 65536)
    os.write(terminal, keys)
    try:
        while True:
            part = os.read(terminal, 65536)
            if not part:
                break
            seen += part
    except OSError:  # the other side is closed
        pass
    return seen, os.waitpid(pid, 0)[1]


def main():
    program = os.path.abspath(os.path.join(sys.argv[1], "user/edit"))
    try:
        subprocess.run([os.path.join(sys.argv[1], "user/true")], check=True)
    except OSError:
        print("skipped: this host does not run 32-bit i386 programs")
        return 77
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text")
        for before, keys, after in CASES:
            if before is None:
                before = b""
            else:
                with open(path, "wb") as file:
                    file.write(before)
            seen, status = run(program, path, keys)
            with open(path, "rb") as file:
                got = file.read()
            if got != after or status != 0 or b"^S save" not in seen:
                failures += 1
                print("keys %r: status %d, the file is %r, expected %r" %
                      (keys, status, got, after))
    print("%d texts, %d failures" % (len(CASES), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
