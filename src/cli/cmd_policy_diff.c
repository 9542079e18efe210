/* tickmark policy DIR diff: two versions side by side, by line or by word. */
#include "cli/changes.h"
#include "cli/cmd_policy.h"

int
cmd_policy_diff(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_item it;
	struct policies_pair p;

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "diff", "tickmark policy DIR diff POL-04",
		    "name one policy"));
	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = policies_one(&j->x, str_from(c->arg[2]), &it, e);
	if (r == 0)
		r = policies_pair(&j->x, &it, str_from(cli_opt(c, "from")),
		    str_from(cli_opt(c, "to")), cli_opt(c, "template") != NULL, &p,
		    e);
	if (r != 0)
		return (r);
	struct changes both = { p.old, p.new, p.old_name, p.new_name };
	changes_print(c, &both, cli_opt(c, "words") != NULL);
	return (0);
}
