# docs/isa.md is printed from the instruction table; the test says when it has to be again.
if(TARGET ringside_cpu)
  add_executable(isa_doc isa_doc.c)
  target_link_libraries(isa_doc PRIVATE ringside_cpu)
  set_target_properties(isa_doc PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
  add_test(NAME docs_isa_is_up_to_date
    COMMAND isa_doc --check ${CMAKE_SOURCE_DIR}/docs/isa.md)
endif()
