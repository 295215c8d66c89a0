# A .deb depends on the libraries of the system, the tarball brings them.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_COMPONENTS_ALL Unspecified)
else()
  set(CPACK_COMPONENTS_ALL Unspecified libraries)
endif()
