/* ATA disks: two channels with two drives each, by programmed input and output, 28-bit addresses.
 * SPDX-License-Identifier: MIT */
#pragma once

/* Find the drives, make block devices hda..hdd of them and start a thread for each channel. Called
 * by a thread, with interrupts on. */
void ata_initialise(void);
