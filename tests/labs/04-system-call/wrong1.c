/* loses: system-calls <= 60
 * SPDX-License-Identifier: MIT */

/* Clocks of a system call: the same 2000 bytes, with fewer system calls.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    int text = open("/host/text", O_RDONLY);
    char byte;

    while (read(text, &byte, 1) == 1) {
        write(1, &byte, 1);
    }
    return 0;
}
