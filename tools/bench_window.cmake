# What the window costs the machine. The ctest asks for less than the aim, for a host that is busy.
if(TARGET ringside_ui AND TARGET ringside)
  add_executable(bench_window bench_window.c)
  target_link_libraries(bench_window PRIVATE ringside_ui)
  set_target_properties(bench_window PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
  add_test(NAME bench_window COMMAND bench_window ${CMAKE_BINARY_DIR}/guest-os)
  set_tests_properties(bench_window PROPERTIES TIMEOUT 300)
endif()
