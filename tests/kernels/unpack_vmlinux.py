#!/usr/bin/env python3
"""unpack_vmlinux.py BZIMAGE VMLINUX: the ELF file inside a bzImage, as its own code unpacks it.

See: Linux kernel documentation, "The Linux/x86 Boot Protocol": setup_sects (1F1h),
payload_offset (248h), payload_length (24Ch). XZ only, which Debian's i386 kernels use.
SPDX-License-Identifier: MIT
"""
import lzma
import struct
import sys


def main():
    with open(sys.argv[1], "rb") as file:
        image = file.read()
    setup = ((image[0x1F1] or 4) + 1) * 512
    offset, length = struct.unpack_from("<II", image, 0x248)
    payload = image[setup + offset : setup + offset + length]
    if not payload.startswith(b"\xfd7zXZ\x00"):
        sys.exit("%s: its payload is not compressed with xz" % sys.argv[1])
    # The unpacked size follows the stream: not part of it.
    vmlinux = lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(payload)
    with open(sys.argv[2], "wb") as file:
        file.write(vmlinux)


main()
