/* INT 19h and INT 18h: the first disk whose first sector ends in 55AAh is started at 0000:7C00.
 * Where there is none, the machine sleeps until a key is pressed and then looks again; with the
 * timer stopped meanwhile, so that a machine without a keyboard is seen to have halted for good.
 * SPDX-License-Identifier: MIT */
#include "devices/platform_map.h"
#include "firmware/firmware.h"

#define BOOT_OFFSET     0x7C00
#define SIGNATURE       0xAA55
#define SIGNATURE_AT    510
#define KEYBOARD_ALONE  ((uint8_t) ~(1 << IRQ_KEYBOARD))
#define PRINT_DRIVE_LEN 2

static ROM_DATA char disk_text[] = "firmware: disk ";
static ROM_DATA char error_text[] = "h: read error ";
static ROM_DATA char unsigned_text[] = "h: no boot sector (55AAh missing)";
static ROM_DATA char end_text[] = "\r\n";
static ROM_DATA char nothing_text[] =
    "firmware: nothing to boot from; press a key to look again\r\n";

static void complain(uint8_t number, ROM char *text, uint8_t status)
{
    print(disk_text);
    print_hex(number, PRINT_DRIVE_LEN);
    print(text);
    if (status) {
        print_hex(status, 2);
    }
    print(end_text);
}

static void try_disk(uint8_t number)
{
    struct drive drive;
    uint16_t count = 1;
    uint8_t status;

    if (!ata_drive(number, &drive)) {
        return;
    }
    status = ata_transfer(&drive, ATA_READ, 0, &count, 0, BOOT_OFFSET);
    if (status != DISK_OK) {
        complain(number, error_text, status);
    } else if (*(LOW uint16_t *)(BOOT_OFFSET + SIGNATURE_AT) != SIGNATURE) {
        complain(number, unsigned_text, 0);
    } else {
        post_code(POST_HANDOVER);
        boot_enter(number);
    }
}

/* Interrupts are off. */
static void sleep_until_key(void)
{
    uint8_t mask = port_read8(PORT_PIC_MASTER_DATA);

    post_code(POST_NO_BOOT);
    print(nothing_text);
    port_write8(PORT_PIC_MASTER_DATA, KEYBOARD_ALONE);
    pit_stop();
    keyboard_wait();
    pit_start();
    port_write8(PORT_PIC_MASTER_DATA, mask);
}

void boot_service(struct frame *frame)
{
    (void)frame;
    for (;;) {
        post_code(POST_BOOT);
        interrupts_on();
        for (uint8_t i = 0; i < DISKS_MAX; i++) {
            try_disk((uint8_t)(FIRST_DISK + i));
        }
        interrupts_off();
        sleep_until_key();
    }
}

void boot_nothing(struct frame *frame)
{
    interrupts_off();
    sleep_until_key();
    boot_service(frame);
}
