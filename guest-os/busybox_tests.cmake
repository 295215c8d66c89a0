# Judged by others: busybox on our kernel, strace beside our trace. Included by CMakeLists.txt.
# SPDX-License-Identifier: MIT

# A program nobody here wrote judges the kernel: busybox, from its package.
add_test(NAME guest_busybox_fetch
  COMMAND ${REPOSITORY}/tests/guest/fetch_busybox.sh ${CMAKE_CURRENT_BINARY_DIR}/busybox)
set_tests_properties(guest_busybox_fetch PROPERTIES FIXTURES_SETUP busybox)
function(guest_busybox_test name emulator)
  add_test(NAME guest_busybox_${name}
    COMMAND ${REPOSITORY}/tests/guest/busybox.sh ${emulator} ${CMAKE_CURRENT_BINARY_DIR}
            ${CMAKE_CURRENT_BINARY_DIR}/busybox ${ARGN})
  set_tests_properties(guest_busybox_${name} PROPERTIES FIXTURES_REQUIRED busybox)
endfunction()
guest_busybox_test(host host)
guest_busybox_test(qemu qemu-system-i386)
guest_busybox_test(ringside $<TARGET_FILE:ringside>)
# a command for each of 133 applets
guest_busybox_test(applets_host host x87=yes busybox_applets)
guest_busybox_test(applets_qemu qemu-system-i386 x87=yes busybox_applets)
guest_busybox_test(applets_ringside $<TARGET_FILE:ringside> x87=yes busybox_applets)
set_tests_properties(guest_busybox_fetch guest_busybox_host guest_busybox_qemu
  guest_busybox_ringside guest_busybox_applets_host guest_busybox_applets_qemu
  guest_busybox_applets_ringside PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)

# The same digits as on this host's processor.
add_test(NAME guest_busybox_numbers
  COMMAND ${REPOSITORY}/tests/guest/numbers.sh $<TARGET_FILE:ringside>
          ${CMAKE_CURRENT_BINARY_DIR}/busybox)
set_tests_properties(guest_busybox_numbers PROPERTIES FIXTURES_REQUIRED busybox
  SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)

# Its interactive shell, with job control.
foreach(emulator qemu ringside)
  set(program qemu-system-i386)
  if(emulator STREQUAL "ringside")
    set(program $<TARGET_FILE:ringside>)
  endif()
  add_test(NAME guest_busybox_session_${emulator}
    COMMAND ${REPOSITORY}/tests/guest/session.sh ${program} ${CMAKE_CURRENT_BINARY_DIR}
            ${REPOSITORY}/tests/guest/busybox_session.txt ${CMAKE_CURRENT_BINARY_DIR}/busybox)
  set_tests_properties(guest_busybox_session_${emulator} PROPERTIES FIXTURES_REQUIRED busybox
    SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)
endforeach()

# The calls of our own programs, beside strace's account of them on this host.
add_test(NAME guest_calls_ringside
  COMMAND ${REPOSITORY}/tests/guest/compare_calls.py $<TARGET_FILE:ringside>
          ${CMAKE_CURRENT_BINARY_DIR})
set_tests_properties(guest_calls_ringside PROPERTIES
  SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)

# Programs of ours with C libraries of others: the same on this host's Linux and in the guest.
add_test(NAME guest_foreign_fetch
  COMMAND ${REPOSITORY}/tests/guest/fetch_foreign.sh ${CMAKE_CURRENT_BINARY_DIR}/foreign)
set_tests_properties(guest_foreign_fetch PROPERTIES FIXTURES_SETUP foreign
  SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS guest)
foreach(library glibc musl)
  add_test(NAME guest_foreign_${library}
    COMMAND ${REPOSITORY}/tests/guest/foreign.sh $<TARGET_FILE:ringside>
            ${CMAKE_CURRENT_BINARY_DIR}/foreign ${library})
  set_tests_properties(guest_foreign_${library} PROPERTIES FIXTURES_REQUIRED foreign
    SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS guest)
endforeach()
