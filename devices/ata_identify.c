/* What IDENTIFY DEVICE says of a disk: 256 words.
 * See: ATA-4 (NCITS 317-1998) 8.12; word 48 as in ATA-1.
 * SPDX-License-Identifier: MIT */
#include "devices/ata_pio.h"

static void put_word(struct ata_state *state, uint32_t word, uint32_t value)
{
    state->buffer[2 * word] = (uint8_t)value;
    state->buffer[2 * word + 1] = (uint8_t)(value >> 8);
}

static void put_double(struct ata_state *state, uint32_t word, uint32_t value)
{
    put_word(state, word, value & 0xFFFF);
    put_word(state, word + 1, value >> 16);
}

/* Text stands with the first letter in the upper half of each word, filled up with blanks. */
static void put_text(struct ata_state *state, uint32_t word, uint32_t bytes, const char *text)
{
    for (uint32_t i = 0; i < bytes; i++) {
        state->buffer[(2 * word + i) ^ 1] = *text ? (uint8_t)*text++ : ' ';
    }
}

static void put_translation(struct ata *ata)
{
    struct ata_state *state = ata->state;
    uint32_t selected = ata_selected(state);
    const struct ata_geometry *now = &state->drives[selected].geometry;
    uint32_t sectors = ata->drives[selected].sectors;
    uint32_t reached = (uint32_t)now->cylinders * now->heads * now->sectors;
    struct ata_geometry plain = ata_geometry(sectors);

    put_word(state, 1, plain.cylinders);
    put_word(state, 3, plain.heads);
    put_word(state, 4, plain.sectors * ATA_SECTOR_BYTES); /* bytes a track (ATA-1) */
    put_word(state, 5, ATA_SECTOR_BYTES);                 /* bytes a sector (ATA-1) */
    put_word(state, 6, plain.sectors);
    put_word(state, 54, now->cylinders);
    put_word(state, 55, now->heads);
    put_word(state, 56, now->sectors);
    put_double(state, 57, reached < sectors ? reached : sectors);
    put_double(state, 60, sectors);
}

void ata_identify(struct ata *ata)
{
    struct ata_state *state = ata->state;
    uint32_t selected = ata_selected(state);
    const struct ata_drive_state *drive = &state->drives[selected];
    char serial[] = "RS00000000";

    for (uint32_t i = 0; i < ATA_SECTOR_BYTES; i++) {
        state->buffer[i] = 0;
    }
    serial[9] = (char)('1' + ata->first_disk + selected);
    put_word(state, 0, 0x0040); /* fixed disk */
    put_translation(ata);
    put_text(state, 10, 20, serial);
    put_text(state, 23, 8, "1.0");
    put_text(state, 27, 40, "Ringside ATA disk");
    put_word(state, 47, 0x8000 | ATA_BLOCK_SECTORS);
    put_word(state, 48, 0x0001); /* 32-bit data port (ATA-1) */
    put_word(state, 49, 0x0200); /* LBA, no DMA */
    put_word(state, 51, 0x0200); /* PIO mode 2 without IORDY */
    put_word(state, 53, 0x0003); /* words 54-58 and 64-70 are valid */
    put_word(state, 59, drive->multiple ? 0x0100u | drive->multiple : 0);
    put_word(state, 64, 0x0003); /* PIO modes 3 and 4 */
    put_word(state, 67, 120);    /* ns per cycle */
    put_word(state, 68, 120);
    put_word(state, 80, 0x001E); /* ATA-1 to ATA-4 */
    put_word(state, 82, 0x0060); /* look-ahead and write cache */
    put_word(state, 83, 0x5000); /* valid, FLUSH CACHE */
    put_word(state, 84, 0x4000);
    put_word(state, 85, (uint32_t)drive->look_ahead << 6 | (uint32_t)drive->write_cache << 5);
    put_word(state, 86, 0x1000);
    put_word(state, 87, 0x4000);
}
