/* The boot sector: finds /boot/loader in the ext2 that fills the disk, copies it to 1000:0000 and
 * jumps there with DL = drive. It reads the file system itself, so nothing has to be entered here
 * when the loader's file moves. Needs: blocks of 1, 2 or 4 KiB, a loader within its twelve direct
 * blocks. Bytes 0 to 511 of the first KiB, which ext2 leaves to the boot sector.
 *
 *   7C00 this, and the stack below it     8000 superblock     9000 a block of descriptors or inodes
 *
 * See: D. Poirier, "The Second Extended File System". SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/post_codes.h"

#define ORIGIN         0x7C00
#define LOADER_SEGMENT 0x1000
#define SUPERBLOCK     0x8000
#define BLOCK          0x9000
#define ROOT_INODE     2
#define EXT2_MAGIC     0xEF53
#define DIRECT_BLOCKS  12

/* fields of the superblock (at BP), a group descriptor (32 bytes), an inode, a directory entry */
#define S_FIRST_BLOCK      20(%bp)
#define S_LOG_BLOCK_SIZE   24(%bp)
#define S_INODES_PER_GROUP 40(%bp)
#define S_MAGIC            56(%bp)
#define S_REVISION         76(%bp)
#define S_INODE_SIZE       88(%bp)
#define G_INODE_TABLE      8
#define I_SIZE             4
#define I_BLOCKS           40
#define D_LENGTH           4
#define D_NAME_LENGTH      6
#define D_NAME             8

/* variables below the superblock */
#define drive       -1(%bp)             /* byte */
#define no_packets  -2(%bp)             /* byte: 1 if INT 13h has no AH=42h */
#define per_track   -8(%bp)             /* long: sectors */
#define heads       -12(%bp)            /* long */
#define block_bytes -16(%bp)            /* long */

        .code16
        .section .sector, "ax"
        .globl  boot_sector
        .type   boot_sector, @function
boot_sector:
        cld                             /* CS may be 0 or 07C0h: nothing below depends on it */
        xorw    %ax, %ax
        movw    %ax, %ss
        movw    $ORIGIN, %sp
        movw    $SUPERBLOCK, %bp
        movw    %ax, %ds
        movw    %ax, %es
        movb    $POST_SECTOR, %al
        outb    %al, $PORT_POST
        movb    %dl, drive

        /* Packets, or the geometry to do without. */
        movb    $0x41, %ah
        movw    $0x55AA, %bx
        int     $0x13
        setc    no_packets
        jnc     2f
        movb    $0x08, %ah
        movb    drive, %dl
        int     $0x13
        andl    $0x3F, %ecx
        movl    %ecx, per_track
        movzbl  %dh, %eax
        incw    %ax
        movl    %eax, heads

2:      xorw    %ax, %ax
        movw    %ax, %es                /* AH=08h changes it */
        movw    %bp, %bx
        xorl    %eax, %eax
        movb    $2, %al
        call    read_sector
        movw    $no_ext2, %si
        cmpw    $EXT2_MAGIC, S_MAGIC
        jne     fail
        movb    $POST_SECTOR_EXT2, %al
        outb    %al, $PORT_POST
        movb    S_LOG_BLOCK_SIZE, %cl
        movl    $1024, %eax
        shll    %cl, %eax
        movl    %eax, block_bytes
        cmpb    $0, S_REVISION
        jne     3f
        movw    $128, S_INODE_SIZE

        /* From the root directory to the loader. */
3:      xorl    %eax, %eax
        movb    $ROOT_INODE, %al
        call    read_file
        movw    $boot_name, %si
        call    look_up
        call    read_file
        movb    $POST_SECTOR_FOUND, %al
        outb    %al, $PORT_POST
        movw    $loader_name, %si
        call    look_up
        call    read_file
        movb    drive, %dl
        ljmp    $LOADER_SEGMENT, $0

        .size   boot_sector, . - boot_sector

/* Print DS:SI up to the line feed; then what the firmware does when a disk does not boot. */
        .type   fail, @function
fail:
        movb    $POST_SECTOR_FAIL, %al
        outb    %al, $PORT_POST
1:      lodsb
        movb    $0x0E, %ah
        movw    $0x0007, %bx
        int     $0x10
        movb    $0x01, %ah              /* and to COM1 */
        xorw    %dx, %dx
        int     $0x14
        cmpb    $'\n', %al
        jne     1b
        int     $0x18
        .size   fail, . - fail

/* Find a name in the directory at 1000:0000. in: SI = length byte, name; EDX = directory's bytes.
 * out: EAX = inode */
        .type   look_up, @function
look_up:
        pushw   $LOADER_SEGMENT
        popw    %es
        xorw    %di, %di
1:      cmpw    %dx, %di
        jae     3f
        movzbw  (%si), %cx
        cmpb    %cl, %es:D_NAME_LENGTH(%di)
        jne     2f
        pushw   %si
        pushw   %di
        incw    %si
        addw    $D_NAME, %di
        repe cmpsb
        popw    %di
        popw    %si
        movl    %es:(%di), %eax
        je      4f
2:      movw    %es:D_LENGTH(%di), %ax
        addw    %ax, %di
        jc      3f                      /* a length that leads nowhere */
        testw   %ax, %ax
        jnz     1b
3:      movw    $no_loader, %si
        jmp     fail
4:      ret
        .size   look_up, . - look_up

/* Read the file of inode EAX to 1000:0000. out: EDX = its bytes */
        .type   read_file, @function
read_file:
        decl    %eax
        xorl    %edx, %edx
        movw    %dx, %es
        divl    S_INODES_PER_GROUP      /* EAX = group, EDX = place in it */
        pushl   %edx
        shll    $5, %eax
        xorl    %edx, %edx
        divl    block_bytes
        addl    S_FIRST_BLOCK, %eax
        incl    %eax                    /* descriptors begin behind the superblock's block */
        call    read_inode_block
        movl    G_INODE_TABLE(%si), %ecx
        popl    %eax
        movzwl  S_INODE_SIZE, %edx
        mull    %edx
        divl    block_bytes
        addl    %ecx, %eax
        call    read_inode_block        /* SI = inode */
        pushl   I_SIZE(%si)
        addw    $I_BLOCKS, %si
        pushw   $LOADER_SEGMENT
        popw    %es
        movw    $DIRECT_BLOCKS, %cx
1:      lodsl
        testl   %eax, %eax
        jz      2f
        xorw    %bx, %bx
        call    read_block
        movw    block_bytes, %ax
        shrw    $4, %ax
        movw    %es, %bx
        addw    %ax, %bx
        movw    %bx, %es
        loop    1b
2:      popl    %edx
        ret
        .size   read_file, . - read_file

/* Read block EAX to 0000:BLOCK. out: SI = BLOCK + DX */
        .type   read_inode_block, @function
read_inode_block:
        movw    $BLOCK, %bx
        movw    %bx, %si
        addw    %dx, %si                /* and on into read_block */
        .size   read_inode_block, . - read_inode_block

/* Read block EAX to ES:BX. */
        .type   read_block, @function
read_block:
        pushal
        movl    block_bytes, %ecx
        shrw    $9, %cx
        mull    %ecx
1:      call    read_sector
        incl    %eax
        addw    $512, %bx
        loop    1b
        popal
        ret
        .size   read_block, . - read_block

/* Read sector EAX to ES:BX. */
        .type   read_sector, @function
read_sector:
        pushal
        cmpb    $0, no_packets
        jne     1f
        pushl   $0                      /* the packet, last field first */
        pushl   %eax
        pushw   %es
        pushw   %bx
        pushw   $1
        pushw   $16
        movw    %sp, %si
        movb    $0x42, %ah
        movb    drive, %dl
        int     $0x13
        leaw    16(%si), %sp
        jmp     2f
1:      xorl    %edx, %edx
        divl    per_track
        incw    %dx
        movw    %dx, %cx                /* CL = sector */
        xorl    %edx, %edx
        divl    heads                   /* EAX = cylinder, EDX = head */
        movb    %al, %ch
        shlb    $6, %ah
        orb     %ah, %cl
        movb    %dl, %dh
        movb    drive, %dl
        movw    $0x0201, %ax
        int     $0x13
2:      movw    $disk_error, %si
        jc      fail
        popal
        ret
        .size   read_sector, . - read_sector

boot_name:
        .byte   4
        .ascii  "boot"
loader_name:
        .byte   6
        .ascii  "loader"
disk_error:
        .ascii  "boot: read error\r\n"
no_ext2:
        .ascii  "boot: no ext2\r\n"
no_loader:
        .ascii  "boot: no /boot/loader\r\n"

        .org    boot_sector + 510
        .word   0xAA55
        .section .note.GNU-stack, "", @progbits
