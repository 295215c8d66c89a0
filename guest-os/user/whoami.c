/* whoami: the name of the user this process acts for. SPDX-License-Identifier: MIT */
#include <err.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    const struct passwd *user = getpwuid((uint32_t)geteuid());

    if (user == NULL) {
        errx(1, "user %d has no name", geteuid());
    }
    puts(user->pw_name);
    return 0;
}
