/* uname [-asnrvm]: names of the system: -s kernel, -n machine, -r release, -v version, -m
 * processor. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const char letters[] = "snrvm";
    bool options[128] = {false}, any = false;
    struct utsname name;
    int option;

    while ((option = getopt(argc, argv, "asnrvm")) != -1) {
        if (option == '?') {
            usage(1, "uname [-asnrvm]");
        }
        options[option] = true;
        any = true;
    }
    if (uname(&name) != 0) {
        err(1, "uname");
    }
    options['s'] = options['s'] || !any;
    any = false;
    for (int i = 0; letters[i] != '\0'; i++) {
        const char *text = &name.sysname[i * UTSNAME_BYTES]; /* the fields follow each other so */

        if (options[(int)letters[i]] || options['a']) {
            printf("%s%s", any ? " " : "", text);
            any = true;
        }
    }
    putchar('\n');
    return 0;
}
