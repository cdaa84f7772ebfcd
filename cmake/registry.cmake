# assay_embed(TARGET GLOB…): each file becomes a C string `as_embedded_NAME` with its length in
# `as_embedded_NAME_size`, declared in generated/embedded.h. NAME is the file name with _ for other characters.
function(assay_embed target)
    set(header ${CMAKE_BINARY_DIR}/generated/embedded.h)
    set(source ${CMAKE_BINARY_DIR}/generated/embedded.c)
    file(GLOB files CONFIGURE_DEPENDS ${ARGN})
    add_custom_command(OUTPUT ${header} ${source}
        COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DSOURCE=${source} "-DFILES=${files}"
                -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
        DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
    target_sources(${target} PRIVATE ${source} ${header})
endfunction()
