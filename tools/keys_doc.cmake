# The tables in docs/keys.md are the program's; the test says when they have to be again.
if(TARGET ringside_ui)
  add_executable(keys_doc keys_doc.c)
  target_link_libraries(keys_doc PRIVATE ringside_ui)
  set_target_properties(keys_doc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
  add_test(NAME docs_keys_are_up_to_date
    COMMAND keys_doc --check ${CMAKE_SOURCE_DIR}/docs/keys.md)
endif()
