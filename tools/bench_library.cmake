# What the library alone does in a second; the ctest runs it briefly, it checks its results.
add_executable(bench_library ${CMAKE_CURRENT_LIST_DIR}/bench_library.c)
target_link_libraries(bench_library PRIVATE ringside_core)
set_target_properties(bench_library PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
add_test(NAME bench_library COMMAND bench_library 0.2)
