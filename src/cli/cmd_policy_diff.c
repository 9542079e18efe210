/* tickmark policy DIR diff: two versions side by side, by line or by word. */
#include "cli/changes.h"
#include "cli/cmd_policy.h"

static const char *
name_of(struct cli *c, const struct record *v)
{
	return (arena_printf(c->arena, "version " STR_FMT " (" STR_FMT ")",
	    STR_ARG(record_str(v, F_POLICY_VERSION_VERSION)),
	    STR_ARG(record_str(v, F_POLICY_VERSION_STATE))));
}

static int
find_pair(struct policy_job *j, const struct policies_item *it,
    struct changes *ret, struct err *e)
{
	struct cli *c = j->c;
	const char *from = cli_opt(c, "from"), *to = cli_opt(c, "to");
	struct record *old = NULL, *new = NULL;
	size_t n = it->versions.n;
	int r = 0;

	if (to != NULL)
		r = policies_version(it, str_from(to), &new, e);
	else if (n != 0)
		new = it->work != NULL ? it->work : &it->versions.at[n - 1];
	if (r == 0 && from != NULL)
		r = policies_version(it, str_from(from), &old, e);
	else if (r == 0 && it->current != NULL && new != it->current)
		old = it->current;
	else if (r == 0 && new != NULL && new > it->versions.at)
		old = new - 1;
	if (r != 0)
		return (r);
	if (new == NULL)
		return (err_set(e, ERR_INPUT, c->arg[2],
		    "draft one: tickmark policy DIR new CODE --author PERSON",
		    "the policy has no version yet"));
	ret->new = record_str(new, F_POLICY_VERSION_TEXT);
	ret->new_name = name_of(c, new);
	if (cli_opt(c, "template") != NULL) {
		ret->old_name = "the template with the facts of today";
		return (policies_template(&j->x, it, &ret->old, e));
	}
	if (old != NULL) {
		ret->old = record_str(old, F_POLICY_VERSION_TEXT);
		ret->old_name = name_of(c, old);
		return (0);
	}
	ret->old = record_str(it->policy, F_POLICY_TEXT);
	ret->old_name = ret->old.len != 0 ? "the text in force" : "nothing";
	return (0);
}

int
cmd_policy_diff(struct policy_job *j, struct err *e)
{
	struct cli *c = j->c;
	struct policies_item it;
	struct changes p = { 0 };

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "diff", "tickmark policy DIR diff POL-04",
		    "name one policy"));
	int r = cmd_policy_open(j, SESSION_READ, e);
	if (r == 0)
		r = policies_one(&j->x, str_from(c->arg[2]), &it, e);
	if (r == 0)
		r = find_pair(j, &it, &p, e);
	if (r != 0)
		return (r);
	changes_print(c, &p, cli_opt(c, "words") != NULL);
	return (0);
}
