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
#define IN_MEMORY(call, n, ...)                                                                    \
    int32_t sys_##call(uint32_t a)                                                                 \
    {                                                                                              \
        uint32_t at[n];                                                                            \
                                                                                                   \
        return copy_from_user(at, a, sizeof(at)) != 0 ? -EFAULT : (__VA_ARGS__);                   \
    }

#include "calls/forms.def"
