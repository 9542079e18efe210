#include "cli/cli.h"

/* Every command takes these. */
static const struct cli_opt common[] = {
	{ "json", OPT_FLAG, NULL, "print the result as JSON" },
	{ "help", OPT_FLAG, NULL, "explain this command" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

/* Edit distance of short words, with a bound. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= 63)
		return (99);
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diag = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t d = diag + (a[i - 1] != b[j - 1]);
			diag = row[j];
			if (row[j] + 1 < d)
				d = row[j] + 1;
			if (row[j - 1] + 1 < d)
				d = row[j - 1] + 1;
			row[j] = d;
		}
	}
	return (row[n]);
}

const char *
cli_nearest(const char *word, const char *const *list, size_t n)
{
	const char *best = NULL;
	size_t min = 3; /* two slips at most */

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, list[i]);
		if (d < min) {
			min = d;
			best = list[i];
		}
	}
	return (best);
}

int
cli_verb(const char *verb, const char *const *names, size_t n,
    const char *what, struct err *e)
{
	BUF_SCOPED all = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(verb, names[i]) == 0)
			return ((int)i);
		buf_printf(&all, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ",
		    names[i]);
	}
	const char *near = cli_nearest(verb, names, n);
	if (near != NULL) {
		buf_reset(&all);
		buf_printf(&all, "did you mean %s?", near);
	}
	return (err_set(e, ERR_USAGE, verb, all.ptr, "this is not done to %s",
	    what));
}

static const struct cli_opt *
find_common(const char *arg)
{
	for (const struct cli_opt *o = common; o->name != NULL; o++)
		if (arg[0] == '-' && arg[1] == '-' && strcmp(arg + 2, o->name) == 0)
			return (o);
	return (NULL);
}

static const struct cli_opt *
find_opt(const struct cli *c, struct str name)
{
	for (const struct cli_opt *o = c->command->opts; o != NULL && o->name; o++)
		if (str_is(name, o->name))
			return (o);
	for (const struct cli_opt *o = common; o->name != NULL; o++)
		if (str_is(name, o->name))
			return (o);
	return (NULL);
}

static int
unknown_opt(const struct cli *c, const char *arg, struct err *e)
{
	const char *names[64];
	size_t n = 0;

	for (const struct cli_opt *o = c->command->opts; o && o->name && n < 60; o++)
		names[n++] = o->name;
	for (const struct cli_opt *o = common; o->name != NULL && n < 64; o++)
		names[n++] = o->name;
	const char *near = cli_nearest(arg + strspn(arg, "-"), names, n);
	const char *fix = near != NULL ?
	    arena_printf(c->arena, "did you mean --%s?", near) :
	    arena_printf(c->arena, "see tickmark %s --help", c->command->name);
	return (err_set(e, ERR_USAGE, arg, fix, "%s has no such option",
	    c->command->name));
}

static int
one_opt(struct cli *c, int argc, char **argv, int *i, struct err *e)
{
	const char *arg = argv[*i];
	const char *eq = strchr(arg, '=');
	bool is_long = arg[1] == '-';
	struct str name = str_from(arg + (is_long ? 2 : 1));

	if (is_long && eq != NULL)
		name.len = (size_t)(eq - name.ptr);
	const struct cli_opt *o = find_opt(c, name);
	if (o == NULL || (o->kind == OPT_SHORT) == is_long)
		return (unknown_opt(c, arg, e));
	const char *value = "";
	if (o->kind == OPT_FLAG) {
		if (is_long && eq != NULL)
			return (err_set(e, ERR_USAGE, arg, NULL,
			    "the option takes no value"));
	} else if (is_long && eq != NULL) {
		value = eq + 1;
	} else if (*i + 1 < argc) {
		value = argv[++*i];
	} else {
		return (err_set(e, ERR_USAGE, arg,
		    arena_printf(c->arena, "give %s", o->arg ? o->arg : "a value"),
		    "the option needs a value"));
	}
	if (o->kind != OPT_MULTI && cli_opt(c, o->name) != NULL)
		return (err_set(e, ERR_USAGE, arg, "give it once",
		    "the option was given twice"));
	c->given[c->ngiven++] = (struct cli_given){ o, value };
	return (0);
}

int
cli_parse(struct cli *c, int argc, char **argv, struct err *e)
{
	bool only_args = false;

	c->arg = arena_array(c->arena, (size_t)argc + 1, sizeof(char *));
	c->given = arena_array(c->arena, (size_t)argc + 1, sizeof(*c->given));
	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];
		if (!only_args && strcmp(a, "--") == 0) {
			only_args = true;
		} else if (!only_args && a[0] == '-' && a[1] != '\0' &&
		    (!c->command->raw || find_common(a) != NULL)) {
			int r = one_opt(c, argc, argv, &i, e);
			if (r != 0)
				return (r);
		} else {
			c->arg[c->nargs++] = a;
		}
	}
	c->json = cli_opt(c, "json") != NULL;
	if (cli_opt(c, "help") != NULL)
		return (0);
	const char *fix = arena_printf(c->arena, "usage: tickmark %s %s",
	    c->command->name, c->command->usage);
	if (c->nargs < c->command->min_args)
		return (err_set(e, ERR_USAGE, NULL, fix, "%s needs %s",
		    c->command->name, c->nargs == 0 ?
		    "the directory of a workspace" : "more arguments"));
	if (c->nargs > c->command->max_args)
		return (err_set(e, ERR_USAGE, c->arg[c->command->max_args], fix,
		    "%s takes no more arguments", c->command->name));
	return (0);
}

const char *
cli_opt(const struct cli *c, const char *name)
{
	for (size_t i = c->ngiven; i-- > 0;)
		if (strcmp(c->given[i].opt->name, name) == 0)
			return (c->given[i].value);
	return (NULL);
}

const char *
cli_opt_nth(const struct cli *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->ngiven; i++)
		if (strcmp(c->given[i].opt->name, name) == 0 && n-- == 0)
			return (c->given[i].value);
	return (NULL);
}

int
cli_opt_int(const struct cli *c, const char *name, int64_t otherwise,
    int64_t *ret, struct err *e)
{
	const char *s = cli_opt(c, name);
	int64_t v = otherwise;

	if (s != NULL && (!str_to_i64(str_from(s), &v) || v < 0))
		return (err_set(e, ERR_USAGE,
		    arena_printf(c->arena, "--%s %s", name, s),
		    "give a whole number such as 10", "this is not a number"));
	*ret = v;
	return (0);
}

void
cli_help_command(const struct cli_command *cmd)
{
	printf("tickmark %s %s\n\n%s\n", cmd->name, cmd->usage, cmd->help);
	printf("\nOptions\n");
	for (int k = 0; k < 2; k++) {
		const struct cli_opt *o = k == 0 ? cmd->opts : common;
		for (; o != NULL && o->name != NULL; o++) {
			char left[64];
			snprintf(left, sizeof(left), "%s%s%s%s",
			    o->kind == OPT_SHORT ? "-" : "--", o->name,
			    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
			printf("  %-26s %s\n", left, o->help);
		}
	}
	printf("\nExit status: 0 yes, done; 1 the answer is no; 2 bad usage or "
	       "input; 3 could not.\n");
}

void
cli_help(const struct cli *c)
{
	(void)c;
	printf("tickmark: SOC 2 on evidence that can be checked\n\n"
	       "usage: tickmark COMMAND DIR [ARGUMENTS]   "
	       "(DIR is a workspace)\n\n");
	for (size_t i = 0; cli_commands[i] != NULL; i++)
		printf("  %-9s %s\n", cli_commands[i]->name,
		    cli_commands[i]->summary);
	printf("\nFirst steps\n"
	       "  tickmark init work --org \"Your company\"\n"
	       "  tickmark source work add linux\n"
	       "  tickmark collect work\n"
	       "  tickmark test work\n"
	       "  tickmark status work\n\n"
	       "tickmark COMMAND --help explains one command. Every command that "
	       "prints a\nresult takes --json. Exit status: 0 yes, done; 1 the "
	       "answer is no; 2 bad usage\nor input; 3 could not.\n");
}
