# A .deb depends on the libraries of the system, the tarball brings them.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_COMPONENTS_ALL Unspecified)
else()
  set(CPACK_COMPONENTS_ALL Unspecified libraries)
endif()

# A tarball unpacks into one folder; a .deb's files have their places from the root on.
if(CPACK_GENERATOR MATCHES DEB)
  set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY OFF)
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY OFF)
else()
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
endif()
