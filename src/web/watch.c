#include "web/watch.h"

#include "base/log.h"
#include "web/answer.h"

struct watch {
	struct witness *w;
};

int
watch_new(const char *dir, const char *keys_dir, struct watch **ret,
    struct err *e)
{
	struct watch *x = calloc(1, sizeof(*x));
	int r;

	if (x == NULL)
		err_oom(sizeof(*x));
	if ((r = witness_open(dir, keys_dir, &x->w, e)) != 0) {
		free(x);
		return (r);
	}
	*ret = x;
	return (0);
}

void
watch_free(struct watch *x)
{
	if (x == NULL)
		return;
	witness_close(x->w);
	free(x);
}

static void
send_reply(struct httpd_call *c, struct witness_reply *reply, int r,
    const struct err *e)
{
	if (r != 0)
		log_event(LOG_ERROR, "witness", "what", e->what, "where",
		    e->where, NULL);
	answer_public(c);
	httpd_header(c, "Content-Type", reply->type);
	httpd_header(c, "Cache-Control", "no-store");
	httpd_reply(c, reply->status, buf_str(&reply->body));
	buf_free(&reply->body);
}

static bool
wrong_method(struct httpd_call *c, const char *allow, const char *why)
{
	httpd_header(c, "Allow", allow);
	answer_error(c, 405, why);
	return (true);
}

bool
watch_serve(struct watch *x, struct httpd_call *c)
{
	struct witness_reply reply = { 0 };
	struct str path = c->head->path, hash, rest = path;
	struct err e;
	int r;

	if (str_is(path, "/add-checkpoint")) {
		if (c->head->method != HTTPD_POST)
			return (wrong_method(c, "POST", "send a checkpoint "
			    "with POST\n"));
		r = witness_add(x->w, c->body, &reply, &e);
		send_reply(c, &reply, r, &e);
		return (true);
	}
	if (!str_split(&rest, '/', &hash) || hash.len != 0 ||
	    !str_split(&rest, '/', &hash) || !str_is(rest, "checkpoint"))
		return (false);
	if (c->head->method != HTTPD_GET && c->head->method != HTTPD_HEAD)
		return (wrong_method(c, "GET, HEAD", "this can only be "
		    "read\n"));
	r = witness_latest(x->w, hash, &reply, &e);
	send_reply(c, &reply, r, &e);
	return (true);
}
