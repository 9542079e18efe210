/* The commands, each in its file cmd_NAME.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cmd_init, cmd_source, cmd_collect, cmd_test,
    cmd_status, cmd_sql, cmd_report, cmd_rebuild, cmd_doctor, cmd_record,
    cmd_ledger, cmd_bundle, cmd_verify, cmd_serve, cmd_api, cmd_erase,
    cmd_keys;
extern const struct cli_command cmd_policy, cmd_training, cmd_gap,
    cmd_programme;
extern const struct cli_command cmd_user, cmd_token, cmd_who_can;
extern const struct cli_command cmd_backup, cmd_restore, cmd_occurrences,
    cmd_perform, cmd_tasks, cmd_messages, cmd_review,
    cmd_people, cmd_retention;

#endif
