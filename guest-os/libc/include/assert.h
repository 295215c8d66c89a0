/* What must be true. See: C11 7.2. SPDX-License-Identifier: MIT */

_Noreturn void assert_failed(const char *what, const char *file, int line);

#undef assert
#ifdef NDEBUG
#define assert(what) ((void)0)
#else
#define assert(what) ((what) ? (void)0 : assert_failed(#what, __FILE__, __LINE__))
#endif
