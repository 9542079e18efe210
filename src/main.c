/* Wiring only: the command line is the only face so far. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	return (cli_main(argc, argv));
}
