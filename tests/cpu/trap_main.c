/* All trap tests, one per row of cpu/trap_paths.def: a row without a test does not link. Then the
 * behaviours that are not traps, listed in behaviours.def.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#include "behaviours.h"

int main(void)
{
    static const struct CMUnitTest traps[] = {
#define TRAP_PATH(id, vector, error, message) cmocka_unit_test(test_trap_##id),
#define TRAP_CASE(id, path)                   cmocka_unit_test(test_trap_##id),
#include "cpu/trap_paths.def"
#undef TRAP_PATH
#undef TRAP_CASE
    };
    static const struct CMUnitTest behaviours[] = {
#define BEHAVIOUR(id) cmocka_unit_test(test_##id),
#include "behaviours.def"
#undef BEHAVIOUR
    };
    const int failed = cmocka_run_group_tests(traps, NULL, NULL);
    return failed + cmocka_run_group_tests(behaviours, NULL, NULL) != 0;
}
