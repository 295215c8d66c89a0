# The disk: build/guest-os/root/ is filled, and becomes an ext2 image of DISK_MEBIBYTES with the
# boot sector in its first 512 bytes. The same input gives the same image, byte for byte.
# Included by CMakeLists.txt. SPDX-License-Identifier: MIT

set(DISK_MEBIBYTES 32 CACHE STRING "size of the bundled disk in MiB (a sparse file)")

find_program(MKE2FS mke2fs PATHS /sbin /usr/sbin)
find_program(DEBUGFS debugfs PATHS /sbin /usr/sbin)
if(NOT MKE2FS OR NOT DEBUGFS)
  message(FATAL_ERROR "No mke2fs or no debugfs for the guest's disk: apt-get install e2fsprogs")
endif()
find_package(Python3 COMPONENTS Interpreter REQUIRED)

set(small_kernel ${CMAKE_CURRENT_BINARY_DIR}/objects/kernel.small)
add_custom_command(
  OUTPUT ${small_kernel}
  COMMAND ${GUEST_OBJCOPY} --strip-debug ${CMAKE_CURRENT_BINARY_DIR}/kernel.elf ${small_kernel}
  DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/kernel.elf
  COMMENT "Guest: kernel.elf for the disk" VERBATIM)

set(disk_entries ${ramdisk_entries}
  boot/kernel.elf=${small_kernel}
  boot/loader=${CMAKE_CURRENT_BINARY_DIR}/loader
  boot/cmdline=${CMAKE_CURRENT_SOURCE_DIR}/disk/cmdline)
foreach(section 1 2 3 7)
  list(APPEND disk_entries usr/share/man/${section}=${man_folder}/${section})
endforeach()
set(rules ${CMAKE_CURRENT_SOURCE_DIR}/disk/modes)
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/disk.img
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tools/make_disk.py
          --mke2fs ${MKE2FS} --debugfs ${DEBUGFS} --mebibytes ${DISK_MEBIBYTES}
          --sector ${CMAKE_CURRENT_BINARY_DIR}/boot_sector.bin --modes ${rules}
          --root ${CMAKE_CURRENT_BINARY_DIR}/root ${CMAKE_CURRENT_BINARY_DIR}/disk.img
          ${disk_entries}
  DEPENDS ${programs} ${small_kernel} ${rules} ${man_folder}/1 ${CMAKE_CURRENT_SOURCE_DIR}/disk/cmdline
          ${CMAKE_CURRENT_SOURCE_DIR}/tools/make_disk.py ${CMAKE_CURRENT_BINARY_DIR}/loader
          ${CMAKE_CURRENT_BINARY_DIR}/boot_sector.bin
  COMMENT "Guest: disk.img" VERBATIM)
