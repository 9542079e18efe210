/* The commands, each in its file cmd_NAME.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cli_command cmd_api;
extern const struct cli_command cmd_backup;
extern const struct cli_command cmd_bundle;
extern const struct cli_command cmd_collect;
extern const struct cli_command cmd_doctor;
extern const struct cli_command cmd_erase;
extern const struct cli_command cmd_gap;
extern const struct cli_command cmd_incidents;
extern const struct cli_command cmd_init;
extern const struct cli_command cmd_keys;
extern const struct cli_command cmd_ledger;
extern const struct cli_command cmd_meeting;
extern const struct cli_command cmd_messages;
extern const struct cli_command cmd_occurrences;
extern const struct cli_command cmd_people;
extern const struct cli_command cmd_perform;
extern const struct cli_command cmd_policy;
extern const struct cli_command cmd_programme;
extern const struct cli_command cmd_rebuild;
extern const struct cli_command cmd_record;
extern const struct cli_command cmd_report;
extern const struct cli_command cmd_restore;
extern const struct cli_command cmd_retention, cmd_privacy;
extern const struct cli_command cmd_review;
extern const struct cli_command cmd_risks;
extern const struct cli_command cmd_serve;
extern const struct cli_command cmd_source;
extern const struct cli_command cmd_sql;
extern const struct cli_command cmd_status;
extern const struct cli_command cmd_tasks;
extern const struct cli_command cmd_test;
extern const struct cli_command cmd_token;
extern const struct cli_command cmd_training;
extern const struct cli_command cmd_user;
extern const struct cli_command cmd_vendors;
extern const struct cli_command cmd_verify;
extern const struct cli_command cmd_who_can;

#endif
