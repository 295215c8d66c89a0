# What an observer of every instruction and what history cost; tools/bench --watching runs it. The
# ctest runs one short guest, it checks that no instruction is missed.
add_executable(bench_machine ${CMAKE_CURRENT_LIST_DIR}/bench_machine.c)
target_link_libraries(bench_machine PRIVATE ringside_core m)
set_target_properties(bench_machine PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
add_test(NAME bench_machine COMMAND bench_machine --append n=2 ${CMAKE_BINARY_DIR}/bench/intloop.elf)
