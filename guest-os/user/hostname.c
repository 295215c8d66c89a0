/* hostname [NAME]: the name of this machine, or a new one. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct utsname name;

    if (argc > 1) {
        if (sethostname(argv[1], strlen(argv[1])) != 0) {
            err(1, "%s", argv[1]);
        }
        return 0;
    }
    if (uname(&name) != 0) {
        err(1, "uname");
    }
    puts(name.nodename);
    return 0;
}
