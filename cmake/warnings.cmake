# The house's warnings (STYLE: Build). ASSAY_WERROR turns them into errors; CI does.
function(assay_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
                           -Wmissing-prototypes -Wvla -Wformat=2 -Wundef)
    if(ASSAY_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()
