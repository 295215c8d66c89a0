/* sync: what is still to be written is written. SPDX-License-Identifier: MIT */
#include <unistd.h>

int main(void)
{
    return sync();
}
