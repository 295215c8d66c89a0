/* loses: output is file text.txt
 * SPDX-License-Identifier: MIT */

/* Clocks of a system call: the same 2000 bytes, with fewer system calls.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
    int text = open("/host/text", O_RDONLY);
    char buffer[256];

    write(1, buffer, (unsigned)read(text, buffer, sizeof(buffer)));
    return 0;
}
