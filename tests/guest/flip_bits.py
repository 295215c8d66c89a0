#!/usr/bin/env python3
"""flip_bits.py IMAGE SEED: invert some bits in the metadata of an ext2 image: superblock, group
descriptors, bitmaps, inodes, directories, indirect blocks. The same seed flips the same bits.
SPDX-License-Identifier: MIT"""
import random
import struct
import sys

SUPERBLOCK = 1024
DIRECTORY, LINK = 0x4000, 0xA000


def number(data, at, size=4):
    return int.from_bytes(data[at : at + size], "little")


def places(data):
    """(first byte, bytes, weight) of each kind of metadata."""
    block = 1024 << number(data, SUPERBLOCK + 24)
    inode_bytes = number(data, SUPERBLOCK + 88, 2) if number(data, SUPERBLOCK + 76) else 128
    blocks, per_group = number(data, SUPERBLOCK + 4), number(data, SUPERBLOCK + 32)
    inodes_per_group, first = number(data, SUPERBLOCK + 40), number(data, SUPERBLOCK + 20)
    table = (first + 1) * block
    found = [(SUPERBLOCK, 104, 6), (table, 18, 6)]
    for group in range((blocks - first + per_group - 1) // per_group):
        block_bits, inode_bits, inodes = struct.unpack_from("<3I", data, table + group * 32)
        found += [(block_bits * block, block // 8, 1), (inode_bits * block, block // 8, 1)]
        for index in range(inodes_per_group):
            at = inodes * block + index * inode_bytes
            mode = number(data, at, 2)
            if not mode:
                continue
            is_link = mode & 0xF000 == LINK
            found.append((at, 100, 3 if mode & 0xF000 == DIRECTORY else 1))
            if not is_link and number(data, at + 40):
                if mode & 0xF000 == DIRECTORY:
                    found.append((number(data, at + 40) * block, 64, 3))
                if number(data, at + 88):
                    found.append((number(data, at + 88) * block, 64, 1))
    return found


def main():
    image, seed = sys.argv[1], int(sys.argv[2])
    chance = random.Random(seed)
    with open(image, "rb") as file:
        data = bytearray(file.read())
    found = places(bytes(data))
    for _ in range(chance.choice((1, 2, 4, 10, 40))):
        at, size, _ = chance.choices(found, [place[2] for place in found])[0]
        data[at + chance.randrange(size)] ^= 1 << chance.randrange(8)
    with open(image, "wb") as file:
        file.write(data)


main()
