/*
 * sudoers(5): who may run what as whom. Aliases are expanded as text, tags and
 * run-as lists carried on within a line as sudo does; what stands for a member
 * of a netgroup or a uid stays as it is written.
 */
#include <ctype.h>
#include <stdio.h>

#include "base/vec.h"
#include "collect/host.h"
#include "helper/helper.h"

#define DEPTH_MAX 16             /* of aliases within aliases */
#define TEXT_MAX ((size_t)32768) /* of a list after expansion */
#define NAMES_MAX 4096           /* of one rule */

enum alias_kind { ALIAS_USER, ALIAS_RUNAS, ALIAS_HOST, ALIAS_CMND };

struct alias {
	enum alias_kind kind;
	struct str name;
	struct str members;
};

struct entry {
	struct str text; /* of a line, joined, without comments */
	struct str file;
	int64_t line;
};

struct sudoers {
	struct arena *a;
	VEC(struct alias) aliases;
	VEC(struct entry) rules;
	bool no_auth;            /* Defaults !authenticate, for everybody */
	VEC(struct str) no_auth_of; /* Defaults:USER !authenticate */
	sudoers_each *each;
	void *ctx;
};

/* --- lines ---------------------------------------------------------------- */

/* A # begins a comment, but not before a number that is a uid, nor in quotes
 * or after a backslash. */
static size_t
comment_at(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] == '#' && !quoted && !(i + 1 < s.len &&
		    isdigit((unsigned char)s.ptr[i + 1])))
			return (i);
	}
	return (s.len);
}

/* Lines that end in a backslash go on. */
static bool
next_entry(struct arena *a, struct str *rest, int64_t *line, struct str *ret)
{
	BUF_SCOPED b = BUF_INIT;
	struct str one;
	bool more = true, any = false;

	while (more && str_split(rest, '\n', &one)) {
		any = true;
		++*line;
		if (one.len > 0 && one.ptr[one.len - 1] == '\r')
			one.len--;
		more = one.len > 0 && one.ptr[one.len - 1] == '\\';
		if (more)
			one.len--;
		one.len = comment_at(one);
		buf_putstr(&b, one);
		if (more)
			buf_putc(&b, ' ');
	}
	*ret = str_trim(arena_str(a, buf_str(&b)));
	return (any);
}

/* Up to the first ${stop} outside quotes, escapes and parentheses. */
static struct str
until(struct str s, char stop)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == stop && depth == 0)
			return ((struct str){ s.ptr, i });
	}
	return (s);
}

/* The next part of a list; false at its end. */
static bool
part(struct str *rest, char sep, struct str *ret)
{
	if (rest->ptr == NULL || rest->len == 0)
		return (false);
	struct str p = until(*rest, sep);
	size_t used = p.len < rest->len ? p.len + 1 : p.len;
	rest->ptr += used;
	rest->len -= used;
	*ret = str_trim(p);
	return (true);
}

/* --- aliases -------------------------------------------------------------- */

static const struct alias *
alias_find(const struct sudoers *s, enum alias_kind kind, struct str name)
{
	for (size_t i = 0; i < s->aliases.n; i++)
		if (s->aliases.at[i].kind == kind &&
		    str_eq(s->aliases.at[i].name, name))
			return (&s->aliases.at[i]);
	return (NULL);
}

static bool
alias_name(struct str s)
{
	if (s.len == 0 || !isupper((unsigned char)s.ptr[0]) ||
	    str_is(s, "ALL"))
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (!isupper((unsigned char)s.ptr[i]) && s.ptr[i] != '_' &&
		    !isdigit((unsigned char)s.ptr[i]))
			return (false);
	return (true);
}

/* The members of a list with aliases expanded, a comma and a space between.
 * "!" before an alias goes before each of its members. */
static void
expand(const struct sudoers *s, enum alias_kind kind, struct str list,
    bool not, int depth, struct buf *out)
{
	struct str item;

	while (part(&list, ',', &item) && out->len < TEXT_MAX) {
		bool negated = not;
		struct str name = item;
		const struct alias *a;

		while (name.len > 0 && name.ptr[0] == '!') {
			negated = !negated;
			name = str_trim((struct str){ name.ptr + 1,
			    name.len - 1 });
		}
		if (name.len == 0)
			continue;
		a = alias_name(name) ? alias_find(s, kind, name) : NULL;
		if (a != NULL && depth < DEPTH_MAX) {
			expand(s, kind, a->members, negated, depth + 1, out);
			continue;
		}
		if (out->len > 0)
			buf_puts(out, ", ");
		if (negated)
			buf_putc(out, '!');
		buf_putstr(out, name);
	}
}

static struct str
expanded(const struct sudoers *s, enum alias_kind kind, struct str list)
{
	BUF_SCOPED b = BUF_INIT;

	expand(s, kind, list, false, 0, &b);
	if (b.len > TEXT_MAX)
		b.len = TEXT_MAX;
	return (arena_str(s->a, buf_str(&b)));
}

/* "User_Alias A = x, y : B = z" */
static bool
read_aliases(struct sudoers *s, struct str text)
{
	static const struct {
		const char *word;
		enum alias_kind kind;
	} words[] = { { "User_Alias", ALIAS_USER },
		{ "Runas_Alias", ALIAS_RUNAS }, { "Host_Alias", ALIAS_HOST },
		{ "Cmnd_Alias", ALIAS_CMND }, { "Cmd_Alias", ALIAS_CMND } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);
		struct str rest, def;

		if (!str_starts(text, words[i].word) || text.len <= n ||
		    !isspace((unsigned char)text.ptr[n]))
			continue;
		rest = (struct str){ text.ptr + n, text.len - n };
		while (part(&rest, ':', &def)) {
			struct str name = until(def, '=');
			if (name.len == def.len)
				continue;
			struct str members = { def.ptr + name.len + 1,
				def.len - name.len - 1 };
			vec_push(&s->aliases, (struct alias){ words[i].kind,
			    str_trim(name), str_trim(members) });
		}
		return (true);
	}
	return (false);
}

/* --- defaults ------------------------------------------------------------- */

static bool
says_no_auth(struct str settings)
{
	struct str one;

	while (part(&settings, ',', &one))
		if (str_is(one, "!authenticate") ||
		    str_is(one, "! authenticate"))
			return (true);
	return (false);
}

static bool
read_defaults(struct sudoers *s, struct str text)
{
	struct str rest, who;

	if (!str_starts(text, "Defaults"))
		return (false);
	rest = (struct str){ text.ptr + 8, text.len - 8 };
	if (rest.len > 0 && isspace((unsigned char)rest.ptr[0])) {
		s->no_auth |= says_no_auth(rest);
		return (true);
	}
	if (rest.len == 0 || rest.ptr[0] != ':')
		return (rest.len == 0 || strchr("@>!", rest.ptr[0]) != NULL);
	rest = str_trim((struct str){ rest.ptr + 1, rest.len - 1 });
	who = until(rest, ' ');
	if (says_no_auth((struct str){ rest.ptr + who.len,
	    rest.len - who.len }))
		vec_push(&s->no_auth_of, who);
	return (true);
}

static bool
spared(const struct sudoers *s, struct str who)
{
	if (s->no_auth)
		return (true);
	for (size_t i = 0; i < s->no_auth_of.n; i++) {
		struct str list = expanded(s, ALIAS_USER, s->no_auth_of.at[i]);
		struct str one;
		while (part(&list, ',', &one))
			if (str_eq(one, who))
				return (true);
	}
	return (false);
}

/* --- rules ---------------------------------------------------------------- */

/* What is carried from one command of a list to the next. */
struct carried {
	struct str runas; /* as written, within the parentheses */
	bool nopasswd;
};

/* "(root:adm) NOPASSWD: SETENV: /bin/x": what comes before the command. */
static struct str
take_prefix(struct str item, struct carried *c)
{
	static const char *const tags[] = { "NOPASSWD", "PASSWD", "NOEXEC",
		"EXEC", "SETENV", "NOSETENV", "LOG_INPUT", "NOLOG_INPUT",
		"LOG_OUTPUT", "NOLOG_OUTPUT", "MAIL", "NOMAIL", "FOLLOW",
		"NOFOLLOW", "INTERCEPT", "NOINTERCEPT", NULL };

	if (item.len > 0 && item.ptr[0] == '(') {
		ptrdiff_t end = str_find(item, ")");
		if (end < 0)
			return (item);
		c->runas = str_trim((struct str){ item.ptr + 1,
		    (size_t)end - 1 });
		item = str_trim((struct str){ item.ptr + end + 1,
		    item.len - (size_t)end - 1 });
	}
	for (;;) {
		struct str tag = until(item, ':');
		bool known = false;

		for (size_t i = 0; tags[i] != NULL; i++)
			known |= str_is(str_trim(tag), tags[i]);
		if (tag.len == item.len || !known)
			return (item);
		if (str_is(str_trim(tag), "NOPASSWD"))
			c->nopasswd = true;
		else if (str_is(str_trim(tag), "PASSWD"))
			c->nopasswd = false;
		item = str_trim((struct str){ item.ptr + tag.len + 1,
		    item.len - tag.len - 1 });
	}
}

/* "(a, B:c)": users and groups that commands may be run as. */
static struct str
runas_text(const struct sudoers *s, struct str runas)
{
	struct str users = until(runas, ':'), groups = STR_NULL;

	if (runas.ptr == NULL)
		return (STR("root"));
	if (users.len < runas.len)
		groups = (struct str){ runas.ptr + users.len + 1,
			runas.len - users.len - 1 };
	users = expanded(s, ALIAS_RUNAS, users);
	groups = expanded(s, ALIAS_RUNAS, groups);
	if (groups.len == 0)
		return (users.len > 0 ? users : STR("root"));
	return (str_from(arena_printf(s->a, STR_FMT ":" STR_FMT,
	    STR_ARG(users), STR_ARG(groups))));
}

/* One row for each who, of commands that share run-as and tag. */
static void
give(struct sudoers *s, const struct entry *en, struct str users,
    struct str hosts, const struct carried *c, struct str commands)
{
	struct str list = expanded(s, ALIAS_USER, users), who;
	struct sudoers_rule r = { .file = en->file, .line = en->line };
	size_t n = 0;

	r.hosts = expanded(s, ALIAS_HOST, hosts);
	r.runas = runas_text(s, c->runas);
	r.commands = expanded(s, ALIAS_CMND, commands);
	if (r.commands.len == 0 || r.hosts.len == 0)
		return;
	while (part(&list, ',', &who) && n++ < NAMES_MAX) {
		if (who.len == 0)
			continue;
		r.who = who;
		r.nopasswd = c->nopasswd || spared(s, who);
		s->each(s->ctx, &r);
	}
}

static void
read_commands(struct sudoers *s, const struct entry *en, struct str users,
    struct str hosts, struct str list)
{
	struct carried now = { STR_NULL, false }, next;
	BUF_SCOPED group = BUF_INIT;
	struct str item;

	while (part(&list, ',', &item)) {
		next = now;
		struct str command = take_prefix(item, &next);
		bool same = str_eq(next.runas, now.runas) &&
		    next.nopasswd == now.nopasswd;
		if (!same && group.len > 0) {
			give(s, en, users, hosts, &now, buf_str(&group));
			buf_reset(&group);
		}
		now = next;
		if (group.len > 0)
			buf_puts(&group, ", ");
		buf_putstr(&group, command);
	}
	if (group.len > 0)
		give(s, en, users, hosts, &now, buf_str(&group));
}

/*
 * "USERS HOSTS = COMMANDS : HOSTS = COMMANDS". Users end at the first space
 * that no comma stands before or after.
 */
static size_t
users_end(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\') {
			i++;
			continue;
		}
		if (s.ptr[i] == '"')
			quoted = !quoted;
		if (quoted || !isspace((unsigned char)s.ptr[i]))
			continue;
		size_t k = i;
		while (k < s.len && isspace((unsigned char)s.ptr[k]))
			k++;
		bool comma = (i > 0 && (s.ptr[i - 1] == ',' ||
		    s.ptr[i - 1] == '!')) || (k < s.len && s.ptr[k] == ',');
		if (!comma)
			return (i);
		i = k - 1;
	}
	return (s.len);
}

/* A colon parts two specifications only if hosts and "=" follow; one within
 * a command or after a tag does not. */
static struct str
next_spec(struct str *rest)
{
	struct str all = *rest;

	for (size_t at = 0; at < all.len;) {
		struct str p = until((struct str){ all.ptr + at,
		    all.len - at }, ':');
		size_t end = at + p.len;
		struct str after = { all.ptr + end, all.len - end };
		struct str eq = until(after, '='), comma = until(after, ',');
		bool spec = end < all.len && end > 0 &&
		    isspace((unsigned char)all.ptr[end - 1]) &&
		    eq.len < after.len && eq.len < comma.len;
		if (end >= all.len)
			break;
		if (spec) {
			*rest = (struct str){ all.ptr + end + 1,
				all.len - end - 1 };
			return (str_trim((struct str){ all.ptr, end }));
		}
		at = end + 1;
	}
	*rest = STR_NULL;
	return (str_trim(all));
}

static void
read_rule(struct sudoers *s, const struct entry *en)
{
	size_t n = users_end(en->text);
	struct str users = { en->text.ptr, n };
	struct str rest = { en->text.ptr + n, en->text.len - n };

	while (rest.len > 0) {
		struct str spec = next_spec(&rest);
		struct str hosts = until(spec, '=');
		if (hosts.len == spec.len)
			return; /* not a rule */
		read_commands(s, en, users, str_trim(hosts),
		    (struct str){ spec.ptr + hosts.len + 1,
		    spec.len - hosts.len - 1 });
	}
}

static void
read_file(struct sudoers *s, const struct helper_file *f)
{
	struct str rest = f->bytes, text;
	int64_t line = 0, start = 1;

	for (; next_entry(s->a, &rest, &line, &text); start = line + 1) {
		if (text.len == 0 || text.ptr[0] == '@' ||
		    str_starts(text, "#include") || read_aliases(s, text) ||
		    read_defaults(s, text))
			continue;
		vec_push(&s->rules, (struct entry){ text, f->path, start });
	}
}

int
sudoers_read(struct arena *a, struct str bundle, sudoers_each *each,
    void *ctx, struct err *e)
{
	struct sudoers s = { .a = a, .each = each, .ctx = ctx };
	struct helper_file f;
	int rc;

	/* An alias may be defined after the rule that names it. */
	while ((rc = helper_bundle_next(&bundle, &f, e)) == 1)
		read_file(&s, &f);
	for (size_t i = 0; rc == 0 && i < s.rules.n; i++)
		read_rule(&s, &s.rules.at[i]);
	vec_free(&s.aliases);
	vec_free(&s.rules);
	vec_free(&s.no_auth_of);
	return (rc);
}

/* --- the table ------------------------------------------------------------ */

struct putting {
	struct host *h;
	struct map seen;
};

static void
put_rule(void *ctx, const struct sudoers_rule *r)
{
	struct putting *p = ctx;
	struct host *h = p->h;
	struct cell c[F_SUDO_RULE_LINE + 1] = { 0 };
	struct str key = str_from(arena_printf(h->a, STR_FMT "\n" STR_FMT "\n"
	    STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(r->who),
	    STR_ARG(r->hosts), STR_ARG(r->runas), STR_ARG(r->commands),
	    STR_ARG(r->file)));

	if (map_put(&p->seen, key, h) != NULL)
		return;
	c[F_SUDO_RULE_HOST] = CELL_STR(h->name);
	c[F_SUDO_RULE_WHO] = job_text(h->job, r->who);
	c[F_SUDO_RULE_HOSTS] = job_text(h->job, r->hosts);
	c[F_SUDO_RULE_RUNAS] = job_text(h->job, r->runas);
	c[F_SUDO_RULE_COMMANDS] = job_text(h->job, r->commands);
	c[F_SUDO_RULE_NOPASSWD] = CELL_INT(r->nopasswd);
	c[F_SUDO_RULE_FILE] = job_text(h->job, r->file);
	c[F_SUDO_RULE_LINE] = CELL_INT(r->line);
	job_row(h->job, c);
}

void
host_sudo(struct host *h)
{
	struct putting p = { .h = h };
	struct str bundle;
	struct err e = { 0 };
	int rc = host_ask(h, "sudoers", &bundle, &e);

	if (rc != 0 && rc != -ERR_NOTFOUND) {
		job_blind(h->job, T_SUDO_RULE, "%s", e.what);
		return;
	}
	bool absent = rc != 0;
	if (!absent)
		job_raw(h->job, "sudoers", bundle);
	map_init(&p.seen, h->a);
	job_table(h->job, T_SUDO_RULE);
	rc = absent ? 0 : sudoers_read(h->a, bundle, put_rule, &p, &e);
	if (rc != 0)
		job_blind(h->job, T_SUDO_RULE, "%s", e.what);
	else
		job_end(h->job, absent ? "there is no sudo on this machine" :
		    NULL);
}
