/* clear: an empty screen, and the cursor at its top. SPDX-License-Identifier: MIT */
#include <stdio.h>

int main(void)
{
    fputs("\033[H\033[2J", stdout);
    return 0;
}
