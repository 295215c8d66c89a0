/* The rows of forms.def as functions. Interrupts are on. SPDX-License-Identifier: MIT */
#include "calls/forms.h"

#include "calls/path_argument.h"
#include "heart/system_call.h"

#define ARGUMENTS_0 void
#define ARGUMENTS_1 __attribute__((unused)) uint32_t a
#define ARGUMENTS_2 ARGUMENTS_1, __attribute__((unused)) uint32_t b
#define ARGUMENTS_3 ARGUMENTS_2, __attribute__((unused)) uint32_t c
#define ARGUMENTS_4 ARGUMENTS_3, __attribute__((unused)) uint32_t d
#define ARGUMENTS_5 ARGUMENTS_4, __attribute__((unused)) uint32_t e
#define ARGUMENTS_6 ARGUMENTS_5, __attribute__((unused)) uint32_t f

#define FORM(call, n, ...)                                                                         \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        return __VA_ARGS__;                                                                        \
    }
#define ON_FILE(call, n, fd, ...)                                                                  \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        struct file *file = file_hold(fd);                                                         \
        int32_t result = -EBADF;                                                                   \
                                                                                                   \
        if (file != NULL) {                                                                        \
            result = __VA_ARGS__;                                                                  \
            file_put(file);                                                                        \
        }                                                                                          \
        return result;                                                                             \
    }
#define ON_NODE(call, n, fd, path, flags, ...)                                                     \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        struct node *node;                                                                         \
        int32_t result = node_argument(fd, path, flags, &node);                                    \
                                                                                                   \
        if (result == 0) {                                                                         \
            result = __VA_ARGS__;                                                                  \
            node_put(node);                                                                        \
        }                                                                                          \
        return result;                                                                             \
    }
#define ON_NAME(call, n, fd, path, ...)                                                            \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        struct path_end end;                                                                       \
        int32_t result = parent_argument(fd, path, -EEXIST, -EEXIST, &end);                        \
                                                                                                   \
        if (result == 0) {                                                                         \
            result = __VA_ARGS__;                                                                  \
            path_release(&end);                                                                    \
        }                                                                                          \
        return result;                                                                             \
    }
#define TAKES(call, n, type, from, ...)                                                            \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        type copy, *new = &copy;                                                                   \
                                                                                                   \
        return copy_from_user(new, from, sizeof(*new)) != 0 ? -EFAULT : (__VA_ARGS__);             \
    }
#define GIVES(call, n, type, to, ...)                                                              \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        type copy, *old = &copy;                                                                   \
        int32_t result = __VA_ARGS__;                                                              \
                                                                                                   \
        return result != 0 ? result : copy_to_user(to, old, sizeof(*old));                         \
    }
#define EXCHANGES(call, n, type, from, to, ...)                                                    \
    int32_t sys_##call(ARGUMENTS_##n)                                                              \
    {                                                                                              \
        type copies[2], *new = (from) == 0 ? NULL : &copies[0], *old = &copies[1];                 \
        int32_t result;                                                                            \
                                                                                                   \
        if (new != NULL && copy_from_user(new, from, sizeof(*new)) != 0) {                         \
            return -EFAULT;                                                                        \
        }                                                                                          \
        result = __VA_ARGS__;                                                                      \
        return result != 0 ? result : copy_result(to, old, sizeof(*old));                          \
    }
#define IN_MEMORY(call, n, ...)                                                                    \
    int32_t sys_##call(uint32_t a)                                                                 \
    {                                                                                              \
        uint32_t at[n];                                                                            \
                                                                                                   \
        return copy_from_user(at, a, sizeof(at)) != 0 ? -EFAULT : (__VA_ARGS__);                   \
    }

#include "calls/forms.def"
