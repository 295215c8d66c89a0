/* test EXPRESSION: the shell's own test, for programs that can only start programs.
 * SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char **words = calloc((size_t)argc + 4, sizeof(*words));

    if (words == NULL) {
        err(2, "memory");
    }
    words[0] = "sh";
    words[1] = "-c";
    words[2] = "test \"$@\"";
    memcpy(words + 3, argv, (size_t)argc * sizeof(*words)); /* "test" becomes $0 */
    execvp("sh", words);
    err(2, "sh");
}
