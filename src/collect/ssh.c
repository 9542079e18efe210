/*
 * What SSH servers say before anybody signs in: the greeting, and the
 * algorithms that they offer.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "collect/endpoint.h"
#include "collect/sshhello.h"
#include "collect/works.h"
#include "sys/dial.h"

#define PATIENCE (15 * CLOCK_SECOND)
#define ANSWER_MAX ((size_t)512 << 10)
#define GREETING "SSH-2.0-Tickmark\r\n"

struct server {
	const struct endpoint *at;
	bool reachable;
	struct err why;
	struct sshhello hello;
};

static int
ask(struct arena *a, struct server *s, struct err *e)
{
	DIAL_SCOPED d = DIAL_INIT;
	BUF_SCOPED in = BUF_INIT;
	int rc = dial_open(&d, s->at->host, s->at->port, PATIENCE, e);

	if (rc != 0)
		return (rc);
	if ((rc = dial_write(&d, GREETING, strlen(GREETING), e)) != 0)
		return (err_at(e, "%s", s->at->text));
	while (in.len < ANSWER_MAX) {
		char tmp[8192];
		int64_t n = dial_read(&d, tmp, sizeof(tmp), e);
		if (n < 0)
			return (err_at(e, "%s", s->at->text));
		if (n == 0)
			return (err_set(e, ERR_IO, s->at->text, "look at the "
			    "server's log", "the server closed the connection "
			    "before it said what it offers"));
		buf_put(&in, tmp, (size_t)n);
		switch (sshhello_read(buf_str(&in), &s->hello)) {
		case SSHHELLO_DONE:
			/* What it points to has to stay. */
			(void)sshhello_read(arena_str(a, buf_str(&in)),
			    &s->hello);
			return (0);
		case SSHHELLO_NONSENSE:
			return (err_set(e, ERR_IO, s->at->text, "check the "
			    "port", "the server does not speak SSH"));
		case SSHHELLO_MORE:
			break;
		}
	}
	return (err_set(e, ERR_IO, s->at->text, NULL, "the server's answer has "
	    "no end"));
}

/* --- rows ----------------------------------------------------------------- */

/* "SSH-2.0-..." */
static struct str
protocol_of(struct str banner)
{
	struct str word;

	(void)str_split(&banner, '-', &word);
	(void)str_split(&banner, '-', &word);
	return (word);
}

static void
put_endpoint(struct job *j, const struct server *s)
{
	struct cell c[F_SSH_ENDPOINT_PROTOCOL + 1] = { 0 };

	c[F_SSH_ENDPOINT_ENDPOINT] = CELL_STR(str_from(s->at->text));
	c[F_SSH_ENDPOINT_REACHABLE] = CELL_INT(s->reachable);
	c[F_SSH_ENDPOINT_BANNER] = s->reachable ?
	    job_text(j, s->hello.banner) : CELL_BLIND;
	c[F_SSH_ENDPOINT_PROTOCOL] = s->reachable ?
	    job_text(j, protocol_of(s->hello.banner)) : CELL_BLIND;
	job_row(j, c);
}

static void
put_list(struct job *j, const struct server *s, enum sshhello_kind kind,
    struct str list, struct map *seen)
{
	struct str name;

	while (str_split(&list, ',', &name)) {
		struct cell c[F_SSH_ALGORITHM_WEAK + 1] = { 0 };
		if (name.len == 0 || sshhello_signal(name) ||
		    map_put(seen, name, j) != NULL)
			continue;
		c[F_SSH_ALGORITHM_ENDPOINT] = CELL_STR(str_from(s->at->text));
		c[F_SSH_ALGORITHM_KIND] = CELL_STR(str_from(
		    sshhello_kind(kind)));
		c[F_SSH_ALGORITHM_NAME] = job_text(j, name);
		c[F_SSH_ALGORITHM_WEAK] = CELL_INT(sshhello_weak(kind, name));
		job_row(j, c);
	}
}

static void
put_algorithms(struct job *j, const struct server *s)
{
	for (int k = 0; k < SSHHELLO_KIND_MAX; k++) {
		struct map seen;
		map_init(&seen, job_arena(j));
		for (int way = 0; way < 2; way++)
			put_list(j, s, (enum sshhello_kind)k,
			    s->hello.lists[k][way], &seen);
	}
}

/* --- the run -------------------------------------------------------------- */

static int
ssh_prepare(struct arena *a, const struct collect_source *s,
    struct sandbox *box, struct collect_limits *lim, struct err *e)
{
	static const char *const paths[] = { "/etc", "/usr", "/lib", "/lib64",
		"/run/systemd/resolve", NULL };
	struct endpoint *list;
	size_t n;
	int rc = endpoint_list(a, s, 22, &list, &n, e);

	if (rc != 0)
		return (rc);
	box->profile = SANDBOX_NET;
	box->read = paths;
	box->ports = endpoint_ports(a, list, n, &box->nports);
	lim->wall_us = (int64_t)(n < 40 ? n : 40) * 30 * CLOCK_SECOND;
	return (0);
}

static int
ssh_run(struct job *j, struct err *e)
{
	struct arena *a = job_arena(j);
	struct collect_source s = { .name = job_source(j),
		.options = job_options(j) };
	const char *lost = NULL;
	struct endpoint *at;
	size_t n, reached = 0;
	int rc = endpoint_list(a, &s, 22, &at, &n, e);

	if (rc != 0)
		return (rc);
	struct server *list = arena_array(a, n, sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		list[i].at = &at[i];
		list[i].reachable = ask(a, &list[i], &list[i].why) == 0;
		reached += list[i].reachable;
		if (!list[i].reachable)
			lost = at[i].text;
	}
	if (reached == 0) {
		*e = list[0].why;
		return (-(int)e->code);
	}
	if (job_wants(j, T_SSH_ENDPOINT)) {
		job_table(j, T_SSH_ENDPOINT);
		for (size_t i = 0; i < n; i++)
			put_endpoint(j, &list[i]);
		job_end(j, NULL);
	}
	if (!job_wants(j, T_SSH_ALGORITHM))
		return (0);
	if (lost != NULL) {
		job_blind(j, T_SSH_ALGORITHM, "%s could not be reached", lost);
		return (0);
	}
	job_table(j, T_SSH_ALGORITHM);
	for (size_t i = 0; i < n; i++)
		put_algorithms(j, &list[i]);
	job_end(j, NULL);
	return (0);
}

const struct collect_work ssh_work = { ssh_prepare, ssh_run };
