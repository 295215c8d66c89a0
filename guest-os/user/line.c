/* line: echoes each line typed on the console, until end of file (Ctrl-D). While it waits it sleeps
 * in the kernel, inside read. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char text[128];
    int length;

    while ((length = read(STDIN_FILENO, text, sizeof(text) - 1)) > 0) {
        if (text[length - 1] == '\n') {
            length--;
        }
        text[length] = '\0';
        printf("line: you typed \"%s\"\n", text);
    }
    return length == 0 ? 0 : 1;
}
