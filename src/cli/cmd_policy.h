/* What the files of the command "policy" share. */
#ifndef CLI_CMD_POLICY_H
#define CLI_CMD_POLICY_H

#include "cli/actor.h"
#include "cli/session.h"
#include "program/policies.h"

struct policy_job {
	struct cli *c;
	struct session s;
	struct act x;
};

/* cmd_policy_open(j, need, e): the workspace c->arg[0]. */
int cmd_policy_open(struct policy_job *j, enum session_need need,
    struct err *e);
/* cmd_policy_done(j, e): after writing: evidence and ledger follow. */
int cmd_policy_done(struct policy_job *j, struct err *e);
/* cmd_policy_need(c, option, e): the value of an option that has to be there. */
int cmd_policy_need(struct cli *c, const char *option, const char *what,
    const char **ret, struct err *e);

/* The verbs that have files of their own. */
int cmd_policy_campaign(struct policy_job *j, struct err *e);
int cmd_policy_acknowledge(struct policy_job *j, struct err *e);
int cmd_policy_facts(struct policy_job *j, struct err *e);
int cmd_policy_diff(struct policy_job *j, struct err *e);

#endif
