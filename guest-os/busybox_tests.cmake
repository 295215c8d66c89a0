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
set_tests_properties(guest_busybox_fetch guest_busybox_host guest_busybox_qemu
  guest_busybox_ringside PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)

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
foreach(emulator qemu ringside)
  set(program qemu-system-i386)
  if(emulator STREQUAL "ringside")
    set(program $<TARGET_FILE:ringside>)
  endif()
  add_test(NAME guest_calls_${emulator}
    COMMAND ${REPOSITORY}/tests/guest/compare_calls.py ${program} ${CMAKE_CURRENT_BINARY_DIR})
  set_tests_properties(guest_calls_${emulator} PROPERTIES
    SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)
endforeach()
