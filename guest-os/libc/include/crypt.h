/* Passwords. SPDX-License-Identifier: MIT */
#pragma once

/* The password `key` as /etc/shadow keeps it: $5$salt$hash, or $5$rounds=N$salt$hash. `setting` is
 * such a text, or only its beginning up to the salt. Valid until the next call; NULL: another way
 * of hashing. */
char *crypt(const char *key, const char *setting);
