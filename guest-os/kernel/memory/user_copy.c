/* Copies across the border. The range is compared with the border first (a program must not make
 * the kernel read or write the kernel for it); whether the pages are there shows in the copy
 * itself. With base and bound the comparison is all there is. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "heart/process.h"
#include "include/abi.h"

static bool in_user_half(uint32_t address, size_t bytes)
{
    return address < KERNEL_BASE && bytes <= KERNEL_BASE - address;
}

int32_t copy_from_user(void *to, uint32_t from_user, size_t bytes)
{
    if (base_bound) {
        return bytes == 0 ? 0 : space_read(current->space, from_user, to, bytes);
    }
    if (!in_user_half(from_user, bytes)) {
        return -EFAULT;
    }
    return user_copy(to, (const void *)from_user, bytes);
}

int32_t copy_to_user(uint32_t to_user, const void *from, size_t bytes)
{
    if (base_bound) {
        return bytes == 0 ? 0 : space_write(current->space, to_user, from, bytes);
    }
    if (!in_user_half(to_user, bytes)) {
        return -EFAULT;
    }
    return user_copy((void *)to_user, from, bytes);
}

int32_t copy_result(uint32_t to_user, const void *from, size_t bytes)
{
    return to_user == 0 ? 0 : copy_to_user(to_user, from, bytes);
}

int32_t copy_text_from_user(char *to, uint32_t from_user, size_t size)
{
    size_t length = 0;

    while (length < size) { /* up to the end of a page at a time: the next may not be there */
        size_t part = PAGE_SIZE - (from_user + length) % PAGE_SIZE;

        part = part < size - length ? part : size - length;
        if (copy_from_user(to + length, from_user + length, part) != 0) {
            return -EFAULT;
        }
        for (size_t i = length; i < length + part; i++) {
            if (to[i] == '\0') {
                return (int32_t)i;
            }
        }
        length += part;
    }
    return -E2BIG;
}
