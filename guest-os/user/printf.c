/* printf FORMAT [ARGUMENT...]: the shell's own printf, for programs that can only start programs.
 * SPDX-License-Identifier: MIT */
#include "user/in_shell.h"

int main(int argc, char **argv)
{
    run_in_shell("printf \"$@\"", argc, argv);
}
