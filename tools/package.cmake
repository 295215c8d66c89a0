# Packages: a .deb, and a tarball that brings its libraries, for machines where nothing can be
# installed. Man page and shell completions are made from emu/options.def.
if(NOT TARGET ringside)
  return()
endif()
add_executable(options_doc ${CMAKE_SOURCE_DIR}/tools/options_doc.c)
target_link_libraries(options_doc PRIVATE ringside_options)
target_compile_definitions(options_doc PRIVATE RINGSIDE_VERSION="${PROJECT_VERSION}")
set_target_properties(options_doc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)

set(out ${CMAKE_BINARY_DIR}/tools)
set(made "")
foreach(kind man bash zsh)
  add_custom_command(OUTPUT ${out}/ringside.${kind}
    COMMAND options_doc ${kind} ${out}/ringside.${kind}
    DEPENDS options_doc ${CMAKE_SOURCE_DIR}/emu/options.def COMMENT "ringside.${kind}" VERBATIM)
  list(APPEND made ${out}/ringside.${kind})
endforeach()
add_custom_target(option_documents ALL DEPENDS ${made})

include(GNUInstallDirs)
install(FILES ${out}/ringside.man DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 RENAME ringside.1)
install(FILES ${out}/ringside.bash DESTINATION share/bash-completion/completions RENAME ringside)
install(FILES ${out}/ringside.zsh DESTINATION share/zsh/vendor-completions RENAME _ringside)
install(PROGRAMS ${CMAKE_SOURCE_DIR}/tools/guest-cc DESTINATION ${CMAKE_INSTALL_BINDIR}
  RENAME ringside-cc)
install(FILES ${CMAKE_BINARY_DIR}/guest-os/libc.a DESTINATION share/ringside)
foreach(folder libc/include common include)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/guest-os/${folder} DESTINATION
    share/ringside/guest-os/${folder}/.. FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}
  PATTERN "images" EXCLUDE)

# What the program needs of other libraries, but for the C library, lies beside it.
install(CODE "
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES $<TARGET_FILE:ringside>
      $<TARGET_FILE:ringside-window>
    RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing
    POST_EXCLUDE_REGEXES \"/(ld-linux.*|lib(c|m|dl|rt|pthread|resolv))[.]so.*\")
  if(missing)
    message(FATAL_ERROR \"libraries that are missing: \${missing}\")
  endif()
  foreach(library IN LISTS found)
    file(INSTALL \${library} DESTINATION \${CMAKE_INSTALL_PREFIX}/lib/ringside
      FOLLOW_SYMLINK_CHAIN)
  endforeach()
  # some name folders of the system in which they look for each other
  file(GLOB libraries \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/ringside/*)
  foreach(library IN LISTS libraries)
    file(RPATH_REMOVE FILE \${library})
  endforeach()" COMPONENT libraries)

set(CPACK_PACKAGE_NAME ringside)
set(CPACK_PACKAGE_VENDOR Ringside)
set(CPACK_PACKAGE_CONTACT "the Ringside project <nobody@invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "a 32-bit x86 PC that can be watched, stepped, and stepped back")
set(CPACK_PACKAGE_FILE_NAME "ringside-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR "DEB;TGZ")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/tools/packaging/parts.cmake)
set(CPACK_DEBIAN_PACKAGE_SECTION education)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
find_program(SHLIBDEPS dpkg-shlibdeps)
if(SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libsdl2-2.0-0, libsdl2-ttf-2.0-0, libelf1, libdw1, libzydis4.0, \
libxxhash0, libzstd1, libpng16-16, libjansson4, libedit2, libncursesw6")
endif()
include(CPack)
