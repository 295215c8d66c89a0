/* su [-] [NAME [ARGUMENTS]]: another user's shell, root's if nobody is named; needs that user's
 * password, unless root asks. Has to be set-user-ID root. SPDX-License-Identifier: MIT */
#include "user/account.h"

int main(int argc, char **argv)
{
    char password[ACCOUNT_LINE] = "";
    bool as_login = argc > 1 && strcmp(argv[1], "-") == 0;
    char **arguments = argv + 1 + as_login;
    const char *name = *arguments == NULL ? "root" : *arguments++;
    struct passwd *user;
    bool good = getuid() == 0;

    if (!good && account_ask("Password: ", false, password)) {
        good = account_admits(name, password);
        memset(password, 0, sizeof(password));
        sleep(good ? 0 : 2);
    }
    user = getpwnam(name);
    if (!good || user == NULL) {
        fputs(good ? "su: no such user\n" : "su: not allowed\n", stderr);
        return 1;
    }
    if (account_become(user) != 0) {
        perror("su");
        return 1;
    }
    account_start_shell(user, as_login, arguments);
    return 126;
}
