# The installed library, wherever it was installed: `find_package(ipc CONFIG)`, target `ipc::ipc` for C++, `ipc::c` for C.
# The static library if `ipc_USE_STATIC_LIBS` is set.
get_filename_component(ipc_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

# For C.
if(NOT TARGET ipc::c)
    if(ipc_USE_STATIC_LIBS)
        add_library(ipc::c STATIC IMPORTED)
        set_target_properties(ipc::c PROPERTIES
            IMPORTED_LOCATION "${ipc_PREFIX}/lib/libipc.a"
            INTERFACE_LINK_LIBRARIES "gcc_s;util;rt;pthread;m;dl")
    else()
        add_library(ipc::c SHARED IMPORTED)
        set_target_properties(ipc::c PROPERTIES
            IMPORTED_LOCATION "${ipc_PREFIX}/lib/libipc.so.0"
            IMPORTED_SONAME libipc.so.0)
    endif()
    set_target_properties(ipc::c PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${ipc_PREFIX}/include")
endif()

# For C++: the headers over it.
if(NOT TARGET ipc::ipc)
    add_library(ipc::ipc INTERFACE IMPORTED)
    set_target_properties(ipc::ipc PROPERTIES
        INTERFACE_COMPILE_FEATURES cxx_std_17
        INTERFACE_LINK_LIBRARIES ipc::c)
endif()
