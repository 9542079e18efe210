#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "collect/host.h"
#include "helper/shadow.h"
#include "text/date.h"

/* /etc/login.defs, where it does not say otherwise. */
#define UID_MIN 1000
#define UID_MAX 60000

/* One record of /var/log/lastlog, by uid (lastlog(8), struct lastlog). */
#define LASTLOG_SIZE 292

/* --- parsers -------------------------------------------------------------- */

static bool
split_fields(struct str line, struct str *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_split(&line, ':', &f[i]))
			return (false);
	/* NIS entries stand for others that are elsewhere. */
	return (f[0].len > 0 && f[0].ptr[0] != '+' && f[0].ptr[0] != '-' &&
	    f[0].ptr[0] != '#');
}

bool
accounts_read_user(struct str line, struct accounts_user *ret)
{
	struct str f[7];
	struct accounts_user u;

	if (!split_fields(line, f, 7) || !str_to_i64(f[2], &u.uid) ||
	    !str_to_i64(f[3], &u.gid) || u.uid < 0 || u.gid < 0)
		return (false);
	u.login = f[0];
	u.password = f[1];
	u.gecos = f[4];
	u.home = f[5].len > 0 ? f[5] : STR("/");
	u.shell = f[6].len > 0 ? f[6] : STR("/bin/sh");
	*ret = u;
	return (true);
}

bool
accounts_read_group(struct str line, struct accounts_group *ret)
{
	struct str f[4];
	struct accounts_group g;

	if (!split_fields(line, f, 4) || !str_to_i64(f[2], &g.gid) ||
	    g.gid < 0)
		return (false);
	g.name = f[0];
	g.members = f[3];
	*ret = g;
	return (true);
}

bool
accounts_interactive(struct str shell)
{
	static const char *const no[] = { "nologin", "false", "true", "sync",
		"halt", "shutdown", "null", "reboot", NULL };
	size_t i = shell.len;

	while (i > 0 && shell.ptr[i - 1] != '/')
		i--;
	struct str base = { shell.ptr + i, shell.len - i };
	for (size_t k = 0; no[k] != NULL; k++)
		if (str_is(base, no[k]))
			return (false);
	return (base.len > 0);
}

/* --- the table account ---------------------------------------------------- */

struct reading {
	struct host *h;
	struct map shadow; /* login to struct shadow_line */
	bool shadow_known;
	struct str lastlog;
	bool lastlog_known;
	int64_t uid_min, uid_max;
};

static void
read_shadow(struct reading *r)
{
	struct str text, line;
	struct shadow_line s;
	struct err e = { 0 };

	map_init(&r->shadow, r->h->a);
	if (host_ask(r->h, "shadow", &text, &e) != 0)
		return;
	r->shadow_known = true;
	while (str_split(&text, '\n', &line))
		if (shadow_get(line, &s) &&
		    map_get(&r->shadow, s.login) == NULL) {
			struct shadow_line *keep = arena_new(r->h->a,
			    struct shadow_line);
			*keep = s;
			(void)map_put(&r->shadow, s.login, keep);
		}
}

/* UID_MIN and UID_MAX of /etc/login.defs. */
static void
read_limits(struct reading *r)
{
	struct str text, line;

	r->uid_min = UID_MIN;
	r->uid_max = UID_MAX;
	if (host_read(r->h, "/etc/login.defs", 1 << 20, &text, NULL) != 0)
		return;
	while (str_split(&text, '\n', &line)) {
		int64_t v;
		line = str_trim(line);
		if (!str_starts(line, "UID_M") || line.len < 9)
			continue;
		struct str value = str_trim((struct str){ line.ptr + 7,
		    line.len - 7 });
		if (!str_to_i64(value, &v))
			continue;
		if (str_starts(line, "UID_MIN"))
			r->uid_min = v;
		else if (str_starts(line, "UID_MAX"))
			r->uid_max = v;
	}
}

static struct cell
day_cell(struct host *h, int64_t day)
{
	char text[DATE_SIZE];

	if (day < 0 || day > DATE_MAX)
		return (CELL_NONE);
	return (CELL_STR(str_from(arena_strdup(h->a, date_print(day, text)))));
}

static struct cell
last_login(const struct reading *r, int64_t uid)
{
	uint32_t sec;
	size_t at;

	if (!r->lastlog_known || uid < 0 || uid > INT32_MAX)
		return (CELL_BLIND);
	at = (size_t)uid * LASTLOG_SIZE;
	if (at + LASTLOG_SIZE > r->lastlog.len)
		return (CELL_NONE);
	memcpy(&sec, r->lastlog.ptr + at, sizeof(sec));
	return (sec == 0 ? CELL_NONE : CELL_INT((int64_t)sec * CLOCK_SECOND));
}

/* What is known of the password: its own line, or the field in passwd. */
static bool
password_of(struct reading *r, const struct accounts_user *u,
    struct shadow_line *ret)
{
	BUF_SCOPED b = BUF_INIT;
	struct shadow_line *s;

	if (!str_is(u->password, "x")) {
		buf_printf(&b, "a:" STR_FMT ":::::::", STR_ARG(u->password));
		return (shadow_read(buf_str(&b), ret));
	}
	if (!r->shadow_known)
		return (false);
	s = map_get(&r->shadow, u->login);
	/* Without its line in shadow nothing can match. */
	*ret = s != NULL ? *s : (struct shadow_line){ .state = "disabled",
		.changed = SHADOW_NONE, .max_days = SHADOW_NONE,
		.expires = SHADOW_NONE };
	return (true);
}

static void
put_password(struct reading *r, const struct accounts_user *u, struct cell *c)
{
	struct shadow_line s;
	int64_t today = job_at(r->h->job) / CLOCK_DAY;

	if (!password_of(r, u, &s)) {
		c[F_ACCOUNT_PASSWORD_STATE] = c[F_ACCOUNT_PASSWORD_CHANGED] =
		    c[F_ACCOUNT_PASSWORD_MAX_DAYS] =
		    c[F_ACCOUNT_PASSWORD_HASH] = c[F_ACCOUNT_EXPIRES] =
		    c[F_ACCOUNT_LOCKED] = CELL_BLIND;
		return;
	}
	bool expired = s.expires >= 0 && s.expires <= today;
	bool barred = strcmp(s.state, "locked") == 0 ||
	    strcmp(s.state, "disabled") == 0;
	c[F_ACCOUNT_PASSWORD_STATE] = CELL_STR(str_from(s.state));
	c[F_ACCOUNT_PASSWORD_CHANGED] = day_cell(r->h, s.changed);
	if (s.max_days >= 0)
		c[F_ACCOUNT_PASSWORD_MAX_DAYS] = CELL_INT(s.max_days);
	c[F_ACCOUNT_PASSWORD_HASH] = s.scheme != NULL ?
	    CELL_STR(str_from(s.scheme)) : CELL_NONE;
	c[F_ACCOUNT_EXPIRES] = day_cell(r->h, s.expires);
	c[F_ACCOUNT_LOCKED] = CELL_INT(barred || expired);
}

static void
put_user(struct reading *r, const struct accounts_user *u)
{
	struct job *j = r->h->job;
	struct cell c[F_ACCOUNT_LOCKED + 1] = { 0 };

	c[F_ACCOUNT_HOST] = CELL_STR(r->h->name);
	c[F_ACCOUNT_LOGIN] = job_text(j, u->login);
	c[F_ACCOUNT_UID] = CELL_INT(u->uid);
	c[F_ACCOUNT_GID] = CELL_INT(u->gid);
	c[F_ACCOUNT_GECOS] = job_text(j, u->gecos);
	c[F_ACCOUNT_HOME] = job_text(j, u->home);
	c[F_ACCOUNT_SHELL] = job_text(j, u->shell);
	c[F_ACCOUNT_INTERACTIVE] = CELL_INT(accounts_interactive(u->shell));
	c[F_ACCOUNT_SYSTEM] = CELL_INT(u->uid != 0 &&
	    (u->uid < r->uid_min || u->uid > r->uid_max));
	put_password(r, u, c);
	c[F_ACCOUNT_LAST_LOGIN_AT] = last_login(r, u->uid);
	job_row(j, c);
}

static void
put_users(struct host *h, struct str passwd)
{
	struct reading r = { .h = h };
	struct map seen;
	struct accounts_user u;
	struct str line;

	read_shadow(&r);
	read_limits(&r);
	r.lastlog_known = host_read(h, "/var/log/lastlog", (size_t)64 << 20,
	    &r.lastlog, NULL) == 0;
	map_init(&seen, h->a);
	job_table(h->job, T_ACCOUNT);
	while (str_split(&passwd, '\n', &line)) {
		if (!accounts_read_user(line, &u))
			continue;
		/* Of two lines for one name the first counts. */
		struct str key = str_from(arena_printf(h->a, STR_FMT ":%lld",
		    STR_ARG(u.login), (long long)u.uid));
		if (map_put(&seen, key, h) == NULL)
			put_user(&r, &u);
	}
	job_end(h->job, r.shadow_known ? NULL : "the state of passwords is "
	    "unknown: only root may read it");
}

/* --- the table group_member ----------------------------------------------- */

static void
put_member(struct host *h, struct map *seen, const struct accounts_group *g,
    struct str login, bool primary)
{
	struct cell c[F_GROUP_MEMBER_PRIMARY_GROUP + 1] = { 0 };
	struct str key = str_from(arena_printf(h->a, STR_FMT ":" STR_FMT,
	    STR_ARG(g->name), STR_ARG(login)));

	if (login.len == 0 || map_put(seen, key, h) != NULL)
		return;
	c[F_GROUP_MEMBER_HOST] = CELL_STR(h->name);
	c[F_GROUP_MEMBER_GRP] = job_text(h->job, g->name);
	c[F_GROUP_MEMBER_GID] = CELL_INT(g->gid);
	c[F_GROUP_MEMBER_LOGIN] = job_text(h->job, login);
	c[F_GROUP_MEMBER_PRIMARY_GROUP] = CELL_INT(primary);
	job_row(h->job, c);
}

/* First groups first, so that they count where both say the same. */
static void
put_members(struct host *h, struct str passwd, struct str group)
{
	struct map seen;
	struct str line, login, rest;
	struct accounts_user u;
	struct accounts_group g;

	map_init(&seen, h->a);
	job_table(h->job, T_GROUP_MEMBER);
	while (str_split(&passwd, '\n', &line)) {
		if (!accounts_read_user(line, &u))
			continue;
		struct accounts_group own = { .gid = u.gid };
		own.name = str_from(arena_printf(h->a, "%lld",
		    (long long)u.gid));
		for (rest = group; str_split(&rest, '\n', &login);)
			if (accounts_read_group(login, &g) && g.gid == u.gid) {
				own.name = g.name;
				break;
			}
		put_member(h, &seen, &own, u.login, true);
	}
	rest = group;
	while (str_split(&rest, '\n', &line))
		if (accounts_read_group(line, &g)) {
			struct str members = g.members;
			while (str_split(&members, ',', &login))
				put_member(h, &seen, &g, str_trim(login),
				    false);
		}
	job_end(h->job, NULL);
}

void
host_accounts(struct host *h)
{
	struct str passwd, group;
	struct err e = { 0 };

	if (host_read(h, "/etc/passwd", (size_t)64 << 20, &passwd, &e) != 0) {
		if (job_wants(h->job, T_ACCOUNT))
			job_blind(h->job, T_ACCOUNT, "%s", e.what);
		if (job_wants(h->job, T_GROUP_MEMBER))
			job_blind(h->job, T_GROUP_MEMBER, "%s", e.what);
		return;
	}
	if (job_wants(h->job, T_ACCOUNT))
		put_users(h, passwd);
	if (!job_wants(h->job, T_GROUP_MEMBER))
		return;
	if (host_read(h, "/etc/group", (size_t)64 << 20, &group, &e) != 0)
		job_blind(h->job, T_GROUP_MEMBER, "%s", e.what);
	else
		put_members(h, passwd, group);
}
