#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "api/crew.h"
#include "api/form.h"
#include "api/program_tasks.h"
#include "sys/httpd.h"

#define BODY_MOST ((uint64_t)1 << 20)    /* of one record */
#define BATCH_MOST ((uint64_t)64 << 20)  /* of a batch */
#define BATCHES 4                        /* that are received at a time */

struct api {
	struct httpd *h;
	struct crew *crew;
	bool form, forwarded;
	int wake[2];
	unsigned batches;
};

/* What a call is of, before and while it is in the crew. */
struct mark {
	struct call *call; /* in the crew */
	bool batch;
};

/* --- answers ---------------------------------------------------------------- */

static void
put_headers(struct httpd_call *h)
{
	static const char *const fields[][2] = {
		{ "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'; "
		    "frame-ancestors 'none'; sandbox" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Vary", "Authorization, Accept" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		httpd_header(h, fields[i][0], fields[i][1]);
}

static void
reply(struct call *c)
{
	struct httpd_call *h = c->http;

	if (c->page) {
		form_headers(h);
	} else {
		put_headers(h);
		/* Nobody keeps it for others; whoever has it asks whether it is
		 * so. */
		httpd_header(h, "Cache-Control", c->status < 400 ?
		    "private, no-cache" : "no-store");
	}
	if (c->status != 204 && c->status != 304)
		httpd_header(h, "Content-Type", c->media != NULL ? c->media :
		    "application/json");
	for (size_t i = 0; i < c->nheaders; i++)
		httpd_header(h, c->header[i].name, c->header[i].value);
	if (c->fd >= 0) {
		int fd = c->fd;
		c->fd = -1;
		httpd_reply_file(h, fd, c->size);
	} else {
		httpd_reply(h, c->status, buf_str(&c->out));
	}
}

static void
hear(void *ctx, int fd)
{
	struct api *a = ctx;
	char drop[256];

	while (read(fd, drop, sizeof(drop)) > 0)
		continue;
	for (struct call *c = crew_take(a->crew), *next; c != NULL;
	    c = next) {
		next = c->next;
		if (c->http != NULL) {
			struct mark *m = c->http->data;
			m->call = NULL;
			reply(c);
		}
		call_free(c);
	}
}

/* On a thread of the crew. */
static void
ready(void *ctx)
{
	struct api *a = ctx;
	char c = 0;

	while (write(a->wake[1], &c, 1) < 0 && errno == EINTR)
		continue;
}

/* --- requests --------------------------------------------------------------- */

/* What follows the base in a path that is ours; ptr NULL: it is another's. */
static struct str
below(struct str path)
{
	size_t n = sizeof(API_BASE) - 1;

	if (!str_starts(path, "/api") || (path.len > 4 && path.ptr[4] != '/'))
		return (STR_NULL);
	if (!str_starts(path, API_BASE) || (path.len > n && path.ptr[n] != '/'))
		return (STR("/?")); /* no route has this path */
	return (path.len == n ? STR("") :
	    (struct str){ path.ptr + n, path.len - n });
}

static struct mark *
mark_of(struct httpd_call *h)
{
	if (h->data == NULL)
		h->data = arena_new(h->arena, struct mark);
	return (h->data);
}

static void
refuse(struct httpd_call *h, struct str path, int status, const char *detail,
    const char *fix)
{
	struct call *c = call_new(h, path);
	struct err e;

	call_problem(c, status, detail, fix);
	call_fail(c, &e);
	reply(c);
	call_free(c);
}

void
api_head(struct api *a, struct httpd_call *h, struct httpd_plan *plan)
{
	struct str path = below(h->head->path);

	if (path.ptr == NULL) {
		if (a->form && form_path(h->head->path))
			plan->limit = FORM_BODY;
		return;
	}
	plan->limit = BODY_MOST;
	if (h->head->method != HTTPD_POST || !str_ends(path, ":import"))
		return;
	/* A large body takes memory: only whoever shows something that could
	 * be a token sends one, and few at a time. */
	if (httpd_parse_field(h->head, "Authorization").len == 0) {
		refuse(h, path, 401, "there is no token", "send it with the "
		    "field Authorization: Bearer TOKEN");
		return;
	}
	if (a->batches >= BATCHES) {
		refuse(h, path, 503, "other batches are being received",
		    "try again in a moment");
		return;
	}
	a->batches++;
	mark_of(h)->batch = true;
	plan->limit = BATCH_MOST;
}

bool
api_serve(struct api *a, struct httpd_call *h)
{
	struct str path = below(h->head->path);
	bool page = path.ptr == NULL && a->form && form_path(h->head->path);

	if (path.ptr == NULL && !page)
		return (false);
	struct mark *m = mark_of(h);
	struct call *c = call_new(h, page ? h->head->path : path);
	m->call = c;
	c->page = page;
	c->forwarded = a->forwarded;
	if (!crew_put(a->crew, c)) {
		m->call = NULL;
		call_free(c);
		refuse(h, path, 503, "too many requests wait", "try again in a "
		    "moment");
	}
	return (true);
}

void
api_done(struct api *a, struct httpd_call *h)
{
	struct mark *m = h->data;

	if (m == NULL || (below(h->head->path).ptr == NULL &&
	    !(a->form && form_path(h->head->path))))
		return;
	if (m->batch)
		a->batches--;
	if (m->call != NULL) {
		m->call->gone = true;
		m->call->http = NULL;
	}
	h->data = NULL;
}

struct str
api_logged(struct str path)
{
	struct str rest = below(path);

	if (rest.ptr != NULL && program_tasks_secret(rest))
		path.len -= rest.len - (sizeof("/feeds/") - 1);
	return (path);
}

const char *
api_refuse(int status, struct str target, struct buf *body)
{
	static const struct {
		int status;
		const char *detail, *fix;
	} words[] = {
		{ 400, "the request is no well-formed HTTP/1.1",
		    "send a request line, header fields, and the body that they "
		    "announce" },
		{ 408, "the request did not come in time", "send it again, faster "
		    "or in smaller pieces" },
		{ 411, "it is not said how long the body is", "send "
		    "Content-Length: 0 if there is none" },
		{ 413, "the body is larger than is taken here", "send 1 MiB at "
		    "most, of a batch 64 MiB" },
		{ 414, "the address is too long", "send fewer or shorter "
		    "parameters" },
		{ 417, "what is expected is not done here", "leave the field "
		    "Expect out" },
		{ 431, "the header is too large", "send fewer or shorter header "
		    "fields" },
		{ 501, "the method is not known", "see " API_BASE
		    "/openapi.json for what there is" },
		{ 505, "this version of HTTP is not spoken", "use HTTP/1.1" },
	};
	struct problem p = { .status = status };
	struct str rest = target, path;

	if (target.len > 1024)
		target.len = 1024;

	if (!str_split(&rest, '?', &path) || below(path).ptr == NULL)
		return (NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].status == status) {
			p.detail = words[i].detail;
			p.fix = words[i].fix;
		}
	if (p.detail == NULL)
		return (NULL);
	problem_write(&p, target, body);
	return ("application/problem+json");
}

/* --- beginning and end ------------------------------------------------------ */

int
api_new(const struct api_conf *conf, struct httpd *h, struct api **ret,
    struct err *e)
{
	struct api *a = calloc(1, sizeof(*a));

	if (a == NULL)
		err_oom(sizeof(*a));
	a->h = h;
	a->form = conf->form;
	a->forwarded = conf->forwarded;
	if (pipe2(a->wake, O_CLOEXEC | O_NONBLOCK) != 0) {
		free(a);
		return (err_set(e, ERR_ENV, NULL, "raise the limit of open "
		    "files", "a pipe could not be made: %s", strerror(errno)));
	}
	int r = httpd_watch(h, a->wake[0], hear, a, e);
	if (r == 0)
		r = crew_new(conf, ready, a, &a->crew, e);
	if (r != 0) {
		api_free(a);
		return (r);
	}
	*ret = a;
	return (0);
}

void
api_free(struct api *a)
{
	if (a == NULL)
		return;
	crew_free(a->crew);
	httpd_unwatch(a->h, a->wake[0]);
	close(a->wake[0]);
	close(a->wake[1]);
	free(a);
}
