/* main.c: the door. Everything is in the library, so that tests can call it. */
#include "cli/cli.h"

#include <malloc.h>

/* Buffers of some hundred KiB come and go with every rule. Given back to the system each time,
 * they would be mapped, touched and unmapped again, and every unmapping holds up all threads.
 * Large blocks are not used again; each goes back where it is freed, beside other work, and not
 * when the process ends, for which somebody waits. */
static void keep_freed_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

int main(int argc, char **argv)
{
    keep_freed_memory();
    return as_cli_main(argc, argv);
}
