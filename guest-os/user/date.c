/* date [-u] [-d @SECONDS] [-r FILE] [+FORMAT]: the time as the kernel has it, in UTC; or that time,
 * or when the file was changed. SPDX-License-Identifier: MIT */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEXT_BYTES 512
#define USAGE      "date [-u] [-d @SECONDS] [-r FILE] [+FORMAT]"

int main(int argc, char **argv)
{
    time_t shown = time(NULL);
    const char *format = "%a %b %e %H:%M:%S %Z %Y";
    char text[TEXT_BYTES];
    struct stat64 status;
    int option;

    while ((option = getopt(argc, argv, "ud:r:")) != -1) {
        switch (option) {
        case 'u':
            break;
        case 'd':
            if (*optarg != '@') {
                errx(1, "a time is given as @SECONDS since 1970");
            }
            shown = strtol(optarg + 1, NULL, 10);
            break;
        case 'r':
            if (stat(optarg, &status) != 0) {
                err(1, "%s", optarg);
            }
            shown = (time_t)status.st_mtime;
            break;
        default:
            usage(1, USAGE);
        }
    }
    if (optind < argc) {
        if (argv[optind][0] != '+') {
            usage(1, USAGE);
        }
        format = argv[optind] + 1;
    }
    text[0] = '\0';
    strftime(text, sizeof(text), format, localtime(&shown));
    puts(text);
    return finish_output(0);
}
