# The guest's programs on the host's own Linux: judged by its shell, its programs and its C library,
# case by case. Included by CMakeLists.txt. SPDX-License-Identifier: MIT

add_test(NAME guest_shell_cases
  COMMAND ${REPOSITORY}/tests/guest/shell_cases.sh ${CMAKE_CURRENT_BINARY_DIR}/user/sh)
add_test(NAME guest_program_cases
  COMMAND ${REPOSITORY}/tests/guest/program_cases.sh ${CMAKE_CURRENT_BINARY_DIR}/user)
add_test(NAME guest_libc
  COMMAND ${REPOSITORY}/tests/guest/libc.sh ${CMAKE_CURRENT_BINARY_DIR}/user
          ${CMAKE_CURRENT_SOURCE_DIR}/user/test_libc.c)
set_tests_properties(guest_shell_cases guest_program_cases guest_libc
  PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)
# docs/tour.md, typed as it stands there
add_test(NAME guest_tour
  COMMAND ${REPOSITORY}/tests/guest/tour.py $<TARGET_FILE:ringside> ${CMAKE_CURRENT_BINARY_DIR}
          ${REPOSITORY}/docs/tour.md)
set_tests_properties(guest_tour PROPERTIES TIMEOUT 300 LABELS guest)
# docs/guest.md: each figure is there and plausible
add_test(NAME guest_figures
  COMMAND ${REPOSITORY}/tests/guest/figures.py --count 20 --check ${CMAKE_BINARY_DIR})
set_tests_properties(guest_figures PROPERTIES TIMEOUT 150 LABELS guest)

# the lines of --trace, and that it changes nothing
add_test(NAME guest_ringside_trace
  COMMAND ${REPOSITORY}/tests/guest/trace.sh $<TARGET_FILE:ringside> ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(guest_ringside_trace PROPERTIES TIMEOUT 60 LABELS guest)

# strace against the host's
add_test(NAME guest_strace
  COMMAND ${REPOSITORY}/tests/guest/strace.sh $<TARGET_FILE:ringside> ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(guest_strace PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120 LABELS guest)
# the guest's assembler against the host's
add_test(NAME guest_as
  COMMAND ${REPOSITORY}/tests/guest/as.sh $<TARGET_FILE:ringside> ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(guest_as PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 60 LABELS guest)
# keys typed into the editor
add_test(NAME guest_edit
  COMMAND ${REPOSITORY}/tests/guest/edit.py ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(guest_edit PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 60 LABELS guest)
