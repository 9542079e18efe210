#include <limits.h>
#include <unistd.h>

#include "collect/collect.h"
#include "collect/job.h"
#include "collect/works.h"
#include "sys/sandbox.h"

/* --- the collectors ------------------------------------------------------- */

static const struct collect_option csv_options[] = {
	{ .name = "table", .value = "TABLE", .required = true,
	    .sentence = "the table that the rows are for" },
	{ .name = "file", .value = "FILE", .required = true, .path = true,
	    .sentence = "the file to read; it may be replaced between runs" },
	{ .name = "map", .value = "COLUMN=HEADER", .keyed = true,
	    .sentence = "the header of a column, if it is not the column's "
	    "own name or title" },
	{ .name = "const", .value = "COLUMN=VALUE", .keyed = true,
	    .sentence = "one value for a column that the file lacks" },
	{ .name = "value", .value = "COLUMN.FROM=TO", .keyed = true,
	    .sentence = "what a value of the file means, such as "
	    "status.Enabled=active" },
	{ .name = "dates", .value = "FORM",
	    .sentence = "how dates are written: iso (default), dmy, mdy" },
	{ .name = "since", .value = "TIME",
	    .sentence = "from when on the file is complete, for tables of "
	    "events (the first event)" },
	{ .name = "separator", .value = "CHAR",
	    .sentence = "comma (default), semicolon, tab, pipe or auto" },
	{ 0 }
};

static const struct collect_option git_options[] = {
	{ .name = "path", .value = "DIR", .required = true, .path = true,
	    .sentence = "the repository, bare or with a work tree" },
	{ .name = "branch", .value = "NAME",
	    .sentence = "the main branch, if it cannot be found out" },
	{ .name = "repo", .value = "NAME",
	    .sentence = "the name for its rows, instead of the source's" },
	{ 0 }
};

static const struct collect_option linux_options[] = {
	{ .name = "root", .value = "DIR", .path = true,
	    .sentence = "read the files of a system below this folder, "
	    "instead of this machine" },
	{ .name = "host", .value = "NAME",
	    .sentence = "the name for its rows, instead of the source's" },
	{ .name = "apt-days", .value = "N",
	    .sentence = "the age of the package lists up to which they tell "
	    "what is missing (default 7)" },
	{ 0 }
};

static const struct collect_option ssh_options[] = {
	{ .name = "host", .value = "HOST",
	    .sentence = "a server to ask" },
	{ .name = "port", .value = "PORT",
	    .sentence = "its port (default 22)" },
	{ .name = "endpoint", .value = "HOST:PORT", .many = true,
	    .sentence = "more servers" },
	{ 0 }
};

static const struct collect_option tls_options[] = {
	{ .name = "host", .value = "HOST",
	    .sentence = "a server to ask" },
	{ .name = "port", .value = "PORT",
	    .sentence = "its port (default 443)" },
	{ .name = "sni", .value = "NAME",
	    .sentence = "the name to ask for, if it is not the host" },
	{ .name = "endpoint", .value = "HOST:PORT[/NAME]", .many = true,
	    .sentence = "more servers" },
	{ .name = "ca", .value = "FILE", .path = true,
	    .sentence = "the roots to trust, instead of the machine's" },
	{ 0 }
};

static const char *const any_table[] = { "*", NULL };
static const char *const git_tables[] = { "git_repo", "git_commit",
	"git_branch", "git_tag", NULL };
static const char *const linux_tables[] = { "host", "account",
	"group_member", "sudo_rule", "sshd_config", "authorized_key",
	"package", "listening_socket", "firewall_chain", "firewall_rule",
	"mount", "block_device", "kernel_setting", "sensitive_file", NULL };
static const char *const ssh_tables[] = { "ssh_endpoint", "ssh_algorithm",
	NULL };
static const char *const tls_tables[] = { "tls_endpoint", "tls_protocol",
	"tls_cipher", "tls_certificate", NULL };

const struct collector collect_all[] = {
	{ "csv", 1, "rows of any table from a CSV file", any_table,
	    csv_options, true, &csv_work },
	{ "git", 1, "commits, branches and tags of a repository", git_tables,
	    git_options, false, &git_work },
	{ "linux", 1, "accounts, software and settings of this machine",
	    linux_tables, linux_options, false, &linux_work },
	{ "ssh", 1, "what SSH servers offer before anybody signs in",
	    ssh_tables, ssh_options, false, &ssh_work },
	{ "tls", 1, "protocols, ciphers and certificates of TLS servers",
	    tls_tables, tls_options, false, &tls_work },
	{ 0 }
};

static const struct collector *extra; /* tests add their own */

void
collect_use(const struct collector *c)
{
	extra = c;
}

const struct collector *
collect_find(struct str name)
{
	for (const struct collector *c = collect_all; c->name != NULL; c++)
		if (str_is(name, c->name))
			return (c);
	for (const struct collector *c = extra; c != NULL && c->name != NULL;
	    c++)
		if (str_is(name, c->name))
			return (c);
	return (NULL);
}

/* --- options -------------------------------------------------------------- */

static const struct collect_option *
option_find(const struct collector *c, struct str name)
{
	for (const struct collect_option *o = c->options; o->name != NULL; o++)
		if (str_is(name, o->name))
			return (o);
	return (NULL);
}

/* "one of --a, --b and --c" for the remedy. */
static const char *
option_names(struct arena *a, const struct collector *c)
{
	BUF_SCOPED b = BUF_INIT;

	buf_puts(&b, "it takes");
	for (const struct collect_option *o = c->options; o->name != NULL; o++)
		buf_printf(&b, "%s --%s", o == c->options ? "" : ",", o->name);
	return (arena_strdup(a, b.ptr));
}

/* One option and its value into the map. */
static int
option_put(struct arena *a, const struct collect_option *o, struct str value,
    struct val *map, struct err *e)
{
	struct val *old = val_get(map, o->name);
	char where[128];

	(void)snprintf(where, sizeof(where), "--%s", o->name);
	if (o->keyed) {
		ptrdiff_t eq = str_find(value, "=");
		if (eq <= 0)
			return (err_set(e, ERR_USAGE, where, NULL,
			    "it needs %s", o->value));
		struct str k = { value.ptr, (size_t)eq };
		struct str v = { value.ptr + eq + 1,
			value.len - (size_t)eq - 1 };
		char *key = arena_printf(a, "%s." STR_FMT, o->name, STR_ARG(k));
		if (val_get(map, key) != NULL)
			return (err_set(e, ERR_USAGE, where, "give it once",
			    "two values for " STR_FMT, STR_ARG(k)));
		val_put(a, map, key, val_str(a, v));
		return (0);
	}
	if (old != NULL && !o->many)
		return (err_set(e, ERR_USAGE, where, "give it once",
		    "the option is given twice"));
	if (o->path && value.len > 0 && value.ptr[0] != '/') {
		char cwd[PATH_MAX];
		if (getcwd(cwd, sizeof(cwd)) == NULL)
			return (err_set(e, ERR_ENV, where, "give the whole "
			    "path", "the current folder is gone"));
		value = str_from(arena_printf(a, "%s/" STR_FMT, cwd,
		    STR_ARG(value)));
	}
	if (old != NULL)
		val_put(a, map, o->name, val_fmt(a, STR_FMT " " STR_FMT,
		    STR_ARG(old->u.s), STR_ARG(value)));
	else
		val_put(a, map, o->name, val_str(a, value));
	return (0);
}

int
collect_options(struct arena *a, const struct collector *c, int argc,
    char *const *argv, struct val **ret, struct err *e)
{
	struct val *map = val_map(a);
	int rc;

	for (int i = 0; i < argc; i++) {
		struct str arg = str_from(argv[i]), name, value;
		if (!str_starts(arg, "--"))
			return (err_set(e, ERR_USAGE, argv[i],
			    option_names(a, c), "this is not an option"));
		name = (struct str){ arg.ptr + 2, arg.len - 2 };
		ptrdiff_t eq = str_find(name, "=");
		if (eq >= 0) {
			value = (struct str){ name.ptr + eq + 1,
				name.len - (size_t)eq - 1 };
			name.len = (size_t)eq;
		}
		const struct collect_option *o = option_find(c, name);
		if (o == NULL)
			return (err_set(e, ERR_USAGE, argv[i],
			    option_names(a, c), "the collector %s has no such "
			    "option", c->name));
		if (eq < 0 && i + 1 >= argc)
			return (err_set(e, ERR_USAGE, argv[i], NULL,
			    "it needs %s", o->value));
		if (eq < 0)
			value = str_from(argv[++i]);
		if ((rc = option_put(a, o, value, map, e)) != 0)
			return (rc);
	}
	struct collect_source s = { .name = STR("new"),
		.collector = str_from(c->name), .options = map };
	if ((rc = collect_check(&s, e)) != 0)
		return (rc);
	*ret = map;
	return (0);
}

/* The name of an option in a source's map: "map.login" is of "map". */
static bool
option_known(const struct collector *c, struct str key)
{
	ptrdiff_t dot = str_find(key, ".");
	const struct collect_option *o = option_find(c, key);

	if (o != NULL)
		return (!o->keyed);
	if (dot < 0)
		return (false);
	o = option_find(c, (struct str){ key.ptr, (size_t)dot });
	return (o != NULL && o->keyed);
}

int
source_options_ok(const struct collect_source *s, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct collector *c = collect_find(s->collector);
	const struct schema_type **tables;
	char where[128];
	size_t n;

	(void)snprintf(where, sizeof(where), "source " STR_FMT,
	    STR_ARG(s->name));
	if (c == NULL)
		return (err_set(e, ERR_INPUT, where, "the collectors are csv, "
		    "git, linux, ssh and tls", "there is no collector \""
		    STR_FMT "\"", STR_ARG(s->collector)));
	for (size_t i = 0; s->options != NULL && i < val_count(s->options); i++) {
		struct str key = s->options->u.map.key[i];
		if (s->options->u.map.at[i]->type != VAL_STR)
			return (err_set(e, ERR_INPUT, where, NULL, "the option "
			    STR_FMT " is not text", STR_ARG(key)));
		if (!option_known(c, key))
			return (err_set(e, ERR_INPUT, where,
			    option_names(&a, c), "the collector %s has no "
			    "option \"" STR_FMT "\"", c->name, STR_ARG(key)));
	}
	for (const struct collect_option *o = c->options; o->name != NULL; o++)
		if (o->required && (s->options == NULL ||
		    val_get_str(s->options, o->name).len == 0))
			return (err_set(e, ERR_USAGE, where, NULL, "the "
			    "collector %s needs --%s %s, %s", c->name, o->name,
			    o->value, o->sentence));
	return (collect_tables(&a, s, &tables, &n, e));
}

int
collect_check(const struct collect_source *s, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct sandbox box = { .profile = SANDBOX_READER };
	struct collect_limits lim = { 0 };
	int rc = source_options_ok(s, e);

	if (rc != 0)
		return (rc);
	const struct collector *c = collect_find(s->collector);
	if (c->work->prepare == NULL)
		return (0);
	return (c->work->prepare(&a, s, &box, &lim, e));
}

/* --- scope ---------------------------------------------------------------- */

static bool
listed(const char *const *list, const char *name)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return (true);
	return (false);
}

int
collect_tables(struct arena *a, const struct collect_source *s,
    const struct schema_type ***ret, size_t *ret_n, struct err *e)
{
	const struct collector *c = collect_find(s->collector);
	const char *one[2] = { NULL, NULL };
	const char *const *names = c->tables;
	const struct schema_type **list;
	size_t n = 0;

	if (strcmp(c->tables[0], "*") == 0) {
		one[0] = arena_str(a, val_get_str(s->options, "table")).ptr;
		names = one;
		if (one[0] == NULL)
			one[0] = "";
	}
	for (size_t i = 0; s->tables != NULL && s->tables[i] != NULL; i++)
		if (!listed(names, s->tables[i]))
			return (err_set(e, ERR_INPUT, s->tables[i], "leave it "
			    "out of the source's tables", "the collector %s "
			    "does not fill this table", c->name));
	for (n = 0; names[n] != NULL; n++)
		;
	list = arena_array(a, n + 1, sizeof(*list));
	n = 0;
	for (; *names != NULL; names++) {
		const struct schema_type *t = schema_find_name(*names);
		if (t == NULL || schema_is_record(t))
			return (err_set(e, ERR_INPUT, *names, "see "
			    "doc/tables.md for the tables", "there is no "
			    "evidence table of this name"));
		if (s->tables == NULL || s->tables[0] == NULL ||
		    listed(s->tables, *names))
			list[n++] = t;
	}
	*ret = list;
	*ret_n = n;
	return (0);
}
