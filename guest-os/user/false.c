/* false: ends with status 1. SPDX-License-Identifier: MIT */
#include <unistd.h>

int main(void)
{
    return 1;
}
