/* What backup and restore print alike. */
#ifndef CLI_CMD_BACKUP_H
#define CLI_CMD_BACKUP_H

#include "cli/cli.h"
#include "seal/depot.h"

/* cmd_backup_list(c, d, e): the points of a depot that was opened. */
int cmd_backup_list(struct cli *c, const struct depot *d, struct err *e);

#endif
