# Tests of power-on: the BIOS services by a program that runs from a boot sector (also on firmware
# written by others), and the disk with everything that can be wrong with it.
# Included by CMakeLists.txt. SPDX-License-Identifier: MIT

set(BIOS_TESTS ${REPOSITORY}/tests/guest/bios)
set(BIOS_FLAGS -m16 -march=i386 -mregparm=3 -mpreferred-stack-boundary=2 -Os -Wno-main
  -I${BIOS_TESTS})
file(GLOB bios_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
  ${BIOS_TESTS}/*.c ${BIOS_TESTS}/*.S)
set(bios_objects)
foreach(source ${bios_sources})
  guest_object(bios_objects ${source} bios ${BIOS_FLAGS})
endforeach()
set(script ${BIOS_TESTS}/bios.ld)
set(linked ${CMAKE_CURRENT_BINARY_DIR}/objects/bios_test.elf)
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/bios_test.img
  COMMAND ${LINK} -T ${script} -o ${linked} ${bios_objects}
  COMMAND ${GUEST_OBJCOPY} -O binary ${linked} ${CMAKE_CURRENT_BINARY_DIR}/bios_test.img
  COMMAND truncate -s 2M ${CMAKE_CURRENT_BINARY_DIR}/bios_test.img
  DEPENDS ${bios_objects} ${script}
  COMMENT "Guest: bios_test.img" VERBATIM)
add_custom_target(guest_bios_test ALL DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/bios_test.img)

function(power_on_test name emulator mode)
  add_test(NAME ${name}
    COMMAND ${REPOSITORY}/tests/guest/power_on.sh ${emulator} ${CMAKE_CURRENT_BINARY_DIR} ${mode})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 150 LABELS guest)
endfunction()

foreach(mode services no_disk unsigned disk shell small_blocks errors)
  power_on_test(power_on_ringside_${mode} $<TARGET_FILE:ringside> ${mode})
  power_on_test(power_on_qemu_rom_${mode} qemu-rom ${mode})
  power_on_test(power_on_qemu_${mode} qemu-system-i386 ${mode})
endforeach()
power_on_test(power_on_qemu_rom_again qemu-rom again)
foreach(mode i386 append flips image reproducible)
  power_on_test(power_on_ringside_${mode} $<TARGET_FILE:ringside> ${mode})
endforeach()
add_test(NAME power_on_codes COMMAND ${REPOSITORY}/tests/guest/post_codes.sh)
set_tests_properties(power_on_codes PROPERTIES LABELS guest)
