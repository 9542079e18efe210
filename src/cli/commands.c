/* The list of commands; each has its file cmd_NAME.c. */
#include "cli/commands.h"

const struct cli_command *const cli_commands[] = {
	&cmd_init,
	&cmd_source,
	&cmd_collect,
	&cmd_record,
	&cmd_occurrences,
	&cmd_perform,
	&cmd_tasks,
	&cmd_policy,
	&cmd_training,
	&cmd_test,
	&cmd_status,
	&cmd_sql,
	&cmd_report,
	&cmd_bundle,
	&cmd_verify,
	&cmd_serve,
	&cmd_ledger,
	&cmd_erase,
	&cmd_keys,
	&cmd_rebuild,
	&cmd_backup,
	&cmd_restore,
	&cmd_doctor,
	NULL,
};
