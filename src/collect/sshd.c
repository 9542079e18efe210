/*
 * The settings of the SSH server: what `sshd -T` says is in force. For a
 * folder with the files of another machine, whose sshd cannot be asked, the
 * files are read by sshd's own rule: the first value of a setting counts.
 */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "collect/host.h"

#define INCLUDE_DEPTH 16
#define INCLUDE_MAX ((size_t)4 << 20)

/* sshd_config(5) of OpenSSH 9.2, as Debian 12 has it: what holds where the
 * file says nothing. Only what a reader of the table asks for. */
static const char *const defaults[][2] = {
	{ "port", "22" }, { "permitrootlogin", "prohibit-password" },
	{ "passwordauthentication", "yes" }, { "pubkeyauthentication", "yes" },
	{ "permitemptypasswords", "no" },
	{ "kbdinteractiveauthentication", "yes" },
	{ "hostbasedauthentication", "no" }, { "ignorerhosts", "yes" },
	{ "strictmodes", "yes" }, { "maxauthtries", "6" },
	{ "maxsessions", "10" }, { "logingracetime", "120" },
	{ "loglevel", "INFO" }, { "x11forwarding", "no" },
	{ "allowtcpforwarding", "yes" }, { "allowagentforwarding", "yes" },
	{ "permituserenvironment", "no" }, { "permittunnel", "no" },
	{ "gatewayports", "no" }, { "usepam", "no" },
	{ "clientaliveinterval", "0" }, { "clientalivecountmax", "3" },
	{ "authorizedkeysfile", ".ssh/authorized_keys .ssh/authorized_keys2" },
	{ "banner", "none" }, { "compression", "yes" }, { "usedns", "no" },
};

/* --- parser --------------------------------------------------------------- */

struct reading {
	struct arena *a;
	struct map seen;
	sshd_include *include;
	sshd_each *each;
	void *ctx;
	int depth;
	bool matched; /* inside a Match block */
	struct str when; /* its condition */
};

/* Settings that may be given several times, each value counting. */
static bool
repeats(struct str option)
{
	static const char *const many[] = { "port", "listenaddress", "hostkey",
		"allowusers", "denyusers", "allowgroups", "denygroups",
		"acceptenv", "subsystem", "setenv", NULL };

	for (size_t i = 0; many[i] != NULL; i++)
		if (str_is(option, many[i]))
			return (true);
	return (false);
}

/* "Keyword value", "Keyword=value", the keyword in any case. */
static bool
split_setting(struct arena *a, struct str line, struct str *option,
    struct str *value)
{
	size_t n = 0;

	line = str_trim(line);
	while (n < line.len && (isalnum((unsigned char)line.ptr[n]) ||
	    line.ptr[n] == '-'))
		n++;
	if (n == 0)
		return (false);
	char *low = arena_strndup(a, line.ptr, n);
	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)low[i]);
	struct str rest = str_trim((struct str){ line.ptr + n, line.len - n });
	if (rest.len > 0 && rest.ptr[0] == '=')
		rest = str_trim((struct str){ rest.ptr + 1, rest.len - 1 });
	if (rest.len >= 2 && rest.ptr[0] == '"' &&
	    rest.ptr[rest.len - 1] == '"')
		rest = (struct str){ rest.ptr + 1, rest.len - 2 };
	*option = (struct str){ low, n };
	*value = rest;
	return (rest.len > 0);
}

static void
read_text(struct reading *r, struct str text)
{
	struct str line, option, value;

	if (r->depth++ > INCLUDE_DEPTH)
		return;
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.len == 0 || line.ptr[0] == '#' ||
		    !split_setting(r->a, line, &option, &value))
			continue;
		if (str_is(option, "match")) {
			r->matched = !str_is(value, "all");
			r->when = value;
			continue;
		}
		if (str_is(option, "include") && !r->matched) {
			struct str one;
			while (str_split(&value, ' ', &one))
				if (one.len > 0)
					read_text(r, r->include(r->ctx, one));
			/* A Match of an included file ends with it. */
			r->matched = false;
			continue;
		}
		if (str_is(option, "challengeresponseauthentication"))
			option = STR("kbdinteractiveauthentication");
		if (r->matched) {
			r->each(r->ctx, STR("match"), str_from(arena_printf(
			    r->a, STR_FMT ": " STR_FMT " " STR_FMT,
			    STR_ARG(r->when), STR_ARG(option),
			    STR_ARG(value))));
			continue;
		}
		if (map_get(&r->seen, option) != NULL && !repeats(option))
			continue;
		(void)map_put(&r->seen, option, r);
		r->each(r->ctx, option, value);
	}
	r->depth--;
}

void
sshd_read(struct arena *a, struct str text, sshd_include *include,
    sshd_each *each, void *ctx)
{
	struct reading r = { .a = a, .include = include, .each = each,
		.ctx = ctx };

	map_init(&r.seen, a);
	read_text(&r, text);
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (map_get(&r.seen, str_from(defaults[i][0])) == NULL)
			each(ctx, str_from(defaults[i][0]),
			    str_from(defaults[i][1]));
}

/* --- the table ------------------------------------------------------------ */

struct putting {
	struct host *h;
	struct map seen;
};

static void
put_setting(void *ctx, struct str option, struct str value)
{
	struct putting *p = ctx;
	struct host *h = p->h;
	struct cell c[F_SSHD_CONFIG_VALUE + 1] = { 0 };
	struct str key = str_from(arena_printf(h->a, STR_FMT " " STR_FMT,
	    STR_ARG(option), STR_ARG(value)));

	if (map_put(&p->seen, key, h) != NULL)
		return;
	/* sshd prints this synonym for what the file calls otherwise. */
	if (str_is(option, "permitrootlogin") &&
	    str_is(value, "without-password"))
		value = STR("prohibit-password");
	c[F_SSHD_CONFIG_HOST] = CELL_STR(h->name);
	c[F_SSHD_CONFIG_OPTION] = job_text(h->job, option);
	c[F_SSHD_CONFIG_VALUE] = value.len > 0 ? job_text(h->job, value) :
	    CELL_STR(STR("none"));
	job_row(h->job, c);
}

/* All files below the folder that match, one after the other. */
static struct str
include_files(void *ctx, struct str pattern)
{
	struct putting *p = ctx;
	struct host *h = p->h;
	BUF_SCOPED b = BUF_INIT;
	const char *full = pattern.ptr[0] == '/' ?
	    arena_printf(h->a, "%s" STR_FMT, h->root, STR_ARG(pattern)) :
	    arena_printf(h->a, "%s/etc/ssh/" STR_FMT, h->root,
	    STR_ARG(pattern));
	glob_t g;

	if (glob(full, 0, NULL, &g) != 0)
		return (STR_NULL);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct str text;
		if (host_read(h, g.gl_pathv[i] + strlen(h->root), INCLUDE_MAX,
		    &text, NULL) == 0) {
			buf_putstr(&b, text);
			/* A Match in a file ends with it. */
			buf_puts(&b, "\nMatch all\n");
		}
	}
	globfree(&g);
	return (arena_str(h->a, buf_str(&b)));
}

static void
put_printed(struct putting *p, struct str text)
{
	struct str line, option;

	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.len == 0 || !str_split(&line, ' ', &option))
			continue;
		put_setting(p, option, str_trim(line));
	}
}

void
host_sshd(struct host *h)
{
	struct putting p = { .h = h };
	struct str text;
	struct err e = { 0 };
	int rc = h->other ? host_read(h, "/etc/ssh/sshd_config", INCLUDE_MAX,
	    &text, &e) : host_ask(h, "sshd", &text, &e);

	if (rc != 0 && rc != -ERR_NOTFOUND) {
		job_blind(h->job, T_SSHD_CONFIG, "%s", e.what);
		return;
	}
	map_init(&p.seen, h->a);
	job_table(h->job, T_SSHD_CONFIG);
	if (rc == 0 && h->other)
		sshd_read(h->a, text, include_files, put_setting, &p);
	else if (rc == 0)
		put_printed(&p, text);
	if (rc == 0)
		job_raw(h->job, "sshd", text);
	job_end(h->job, rc != 0 ? "there is no SSH server" : NULL);
}
