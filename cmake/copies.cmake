# Structures of 100 to 300 bytes (findings on their way) are copied and cleared by the million. GCC's own choice for that
# is `rep movs` and `rep stos`, which are slow to begin: a loop over vectors takes 18 ns less a finding. Not in a debug
# build, whose commands clang-tidy reads.
include(CheckCCompilerFlag)
function(assay_copies target)
    set(how vector_loop:320:noalign,libcall:-1:noalign)
    check_c_compiler_flag("-mmemcpy-strategy=${how} -mmemset-strategy=${how}" ASSAY_COPIES_BY_LOOP)
    if(ASSAY_COPIES_BY_LOOP AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        target_compile_options(${target} PRIVATE -mmemcpy-strategy=${how} -mmemset-strategy=${how})
    endif()
endfunction()
