# The ways in: the firmware's ROM image, the boot sector and the loader. Makes firmware.bin,
# firmware.elf (names at F0000h and up), loader, boot_sector.bin, loader.elf (names of both).
# Included by CMakeLists.txt. SPDX-License-Identifier: MIT

# GNU's, whatever compiles the emulator: LLVM's cannot move addresses
if(GUEST_CC MATCHES "^i686-linux-gnu-gcc$")
  set(GUEST_OBJCOPY i686-linux-gnu-objcopy)
else()
  find_program(GUEST_OBJCOPY NAMES objcopy x86_64-linux-gnu-objcopy REQUIRED)
endif()

# No tables in data segments: 16-bit code reaches its constants through FS only.
set(FIRMWARE_FLAGS -m16 -march=i386 -mregparm=3 -mpreferred-stack-boundary=2 -Os
  -fno-jump-tables -fno-tree-switch-conversion -fomit-frame-pointer
  -DRINGSIDE_VERSION="${PROJECT_VERSION}")
set(LOADER_FLAGS -march=i386 -mpreferred-stack-boundary=2 -Os -ffunction-sections)

file(GLOB firmware_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
  firmware/*.c firmware/*.S)
set(firmware_objects)
foreach(source ${firmware_sources})
  guest_object(firmware_objects ${source} firmware ${FIRMWARE_FLAGS})
endforeach()
set(script ${CMAKE_CURRENT_SOURCE_DIR}/firmware/firmware.ld)
set(linked ${CMAKE_CURRENT_BINARY_DIR}/objects/firmware.elf)
# Linked with the offsets of segment F000h; the debugger wants linear addresses.
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/firmware.bin ${CMAKE_CURRENT_BINARY_DIR}/firmware.elf
  COMMAND ${LINK} -T ${script} -o ${linked} ${firmware_objects}
  COMMAND ${GUEST_OBJCOPY} -O binary -j .image ${linked} ${CMAKE_CURRENT_BINARY_DIR}/firmware.bin
  COMMAND ${GUEST_OBJCOPY} --strip-debug --change-addresses 0xF0000 ${linked}
          ${CMAKE_CURRENT_BINARY_DIR}/firmware.elf
  DEPENDS ${firmware_objects} ${script}
  COMMENT "Guest: firmware.bin" VERBATIM)

file(GLOB loader_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
  loader/*.c loader/*.S)
set(loader_objects)
foreach(source ${loader_sources} ${common_sources})
  guest_object(loader_objects ${source} loader ${LOADER_FLAGS})
endforeach()
set(script ${CMAKE_CURRENT_SOURCE_DIR}/loader/loader.ld)
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/loader.elf ${CMAKE_CURRENT_BINARY_DIR}/loader
         ${CMAKE_CURRENT_BINARY_DIR}/boot_sector.bin
  COMMAND ${LINK} -Wl,--gc-sections -T ${script} -o ${CMAKE_CURRENT_BINARY_DIR}/loader.elf
          ${loader_objects}
  COMMAND ${GUEST_OBJCOPY} -O binary -j .loader ${CMAKE_CURRENT_BINARY_DIR}/loader.elf
          ${CMAKE_CURRENT_BINARY_DIR}/loader
  COMMAND ${GUEST_OBJCOPY} -O binary -j .sector ${CMAKE_CURRENT_BINARY_DIR}/loader.elf
          ${CMAKE_CURRENT_BINARY_DIR}/boot_sector.bin
  DEPENDS ${loader_objects} ${script}
  COMMENT "Guest: loader" VERBATIM)
