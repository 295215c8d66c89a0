# The commands in docs/debugger.md are the table's; the test says when they have to be again.
if(TARGET ringside_core)
  add_executable(commands_doc commands_doc.c)
  target_link_libraries(commands_doc PRIVATE ringside_core)
  set_target_properties(commands_doc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
  add_test(NAME docs_commands_are_up_to_date
    COMMAND commands_doc --check ${CMAKE_SOURCE_DIR}/docs/debugger.md)
endif()
