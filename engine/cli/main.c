/* main.c: the door. Everything is in the library, so that tests can call it. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return as_cli_main(argc, argv);
}
