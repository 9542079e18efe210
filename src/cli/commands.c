/* The list of commands; each has its file cmd_NAME.c. */
#include "cli/commands.h"

const struct cli_command cli_commands[] = {
	{ 0 },
};
