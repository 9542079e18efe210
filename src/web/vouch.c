/* Asking the policy's witnesses. */
#include "web/vouch.h"

#include <inttypes.h>

#include "base/clock.h"
#include "ledger/cosign.h"
#include "ledger/ledger.h"
#include "ledger/proof.h"
#include "record/workspace.h"

#define ASK_TIME (15 * CLOCK_SECOND)
#define ANSWER_MAX 65536
#define FIX_OLD "put back the newest copy of the whole workspace; if there is " \
	"none, tell whoever relies on this ledger"

const char *
vouch_how(enum vouch_how how)
{
	static const char *const names[] = { "given", "had", "failed",
		"against", "no address" };

	return (names[how]);
}

struct asking {
	struct arena *a;
	const struct conf *c;
	const char *files;
	struct policy *policy;
	struct note_key keys[PROOF_KEYS];
	size_t nkeys;
	struct buf note;      /* the newest checkpoint, growing */
	struct checkpoint head;
	struct policy_seen seen;    /* of it */
	struct policy_seen before;  /* of the note "witnessed" */
	bool added;
	int64_t within;
};

static const struct conf_target *
find(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nwitness; i++)
		if (strcmp(c->witness[i].name, name) == 0)
			return (&c->witness[i]);
	return (NULL);
}

/* When did it cosign, by what is known? 0: never. */
static int64_t
cosigned(const struct policy_seen *s, const struct policy_node *w)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].witness == w)
			return (s->at[i].time * CLOCK_SECOND);
	return (0);
}

static int
post(struct asking *q, const struct policy_node *w, const char *base,
    enum http_net net, uint64_t old, struct http_answer *ret, struct err *e)
{
	BUF_SCOPED body = BUF_INIT;
	size_t n = strlen(base);
	int r = cosign_request(q->files, old, buf_str(&q->note), &body, e);

	if (r != 0)
		return (r);
	struct http_request h = {
		.url = arena_printf(q->a, "%s%sadd-checkpoint", base,
		    n > 0 && base[n - 1] == '/' ? "" : "/"),
		.net = net, .allow = conf_allow(q->a, "witness", w->name),
		.type = "text/plain; charset=utf-8",
		.body = buf_str(&body), .max = ANSWER_MAX,
		.timeout_us = ASK_TIME };
	return (http_ask(&h, ret, e));
}

static int
went_back(const struct asking *q, const char *name, uint64_t size,
    struct err *e)
{
	return (err_set(e, ERR_DAMAGED, name, FIX_OLD, "the witness has seen %"
	    PRIu64 " entries of this ledger, which holds %" PRIu64 ": an older "
	    "copy of it was put back", size, q->head.size));
}

/* An answer other than 200. */
static int
refusal(const struct http_answer *a, const char *name, struct err *e)
{
	struct str say = str_trim(buf_str(&a->body));

	if (say.len > 200)
		say.len = 200;
	if (a->status == 422)
		return (err_set(e, ERR_DAMAGED, name, FIX_OLD, "the witness has "
		    "seen another history of this ledger: an older copy of it "
		    "was put back and went on, or its past was rewritten"));
	if (a->status == 404)
		return (err_set(e, ERR_DENIED, name, "give its operator the "
		    "file ledger/vkey, and check the address", "the witness "
		    "does not know this ledger"));
	if (a->status == 403)
		return (err_set(e, ERR_DENIED, name, "give its operator the "
		    "file ledger/vkey", "the witness does not trust the key of "
		    "this ledger"));
	return (err_set(e, ERR_IO, name, "ask who runs it; it is tried again",
	    "the witness answered %d: " STR_FMT, a->status, STR_ARG(say)));
}

/*
 * From what it is thought to have seen, and once more from what it says that
 * it has seen.
 */
static int
ask_from(struct asking *q, const struct policy_node *w, const char *url,
    enum http_net net, uint64_t old, struct vouch *v)
{
	for (int try = 0;; try++) {
		struct http_answer a = { 0 };
		uint64_t size;
		int r = post(q, w, url, net, old, &a, &v->e);
		if (r != 0)
			return (r);
		struct str body = str_trim(buf_str(&a.body));
		if (a.status == 409 && str_to_u64(body, &size) && try < 3 &&
		    (size != old || try == 0)) {
			buf_free(&a.body);
			if (size > q->head.size)
				return (went_back(q, w->name, size, &v->e));
			old = size;
			continue;
		}
		if (a.status == 200)
			r = cosign_merge(&q->note, buf_str(&a.body), &w->key, 1,
			    NULL, &v->e);
		else
			r = refusal(&a, w->name, &v->e);
		if (r != 0 && a.status == 200)
			err_set(&v->e, ERR_IO, w->name, "ask who runs it",
			    "the witness's answer is no cosignature of this "
			    "checkpoint by its key");
		buf_free(&a.body);
		return (r);
	}
}

static void
ask(struct asking *q, const struct policy_node *w, struct vouch *v)
{
	const struct conf_target *t = find(q->c, w->name);
	const char *url = t != NULL && t->url != NULL ? t->url : w->url;
	int64_t had = cosigned(&q->seen, w);

	*v = (struct vouch){ .name = w->name, .how = VOUCH_HAD, .time = had };
	if (had != 0 && had > clock_now() - q->within)
		return;
	if (url == NULL) {
		v->how = VOUCH_NO_URL;
		err_set(&v->e, ERR_INPUT, w->name, arena_printf(q->a, "write "
		    "witness.%s.url = ... into serve.conf", w->name),
		    "nothing says where the witness is");
		return;
	}
	uint64_t old = had != 0 ? q->head.size : cosigned(&q->before, w) != 0 ?
	    q->before.head.size : 0;
	int r = ask_from(q, w, url, t != NULL ? t->net : HTTP_PUBLIC,
	    old > q->head.size ? 0 : old, v);
	v->how = r == 0 ? VOUCH_GIVEN : v->e.code == ERR_DAMAGED ?
	    VOUCH_AGAINST : VOUCH_FAILED;
	v->time = r == 0 ? clock_now() : 0;
	q->added |= r == 0;
}

/* --- all of them ---------------------------------------------------------- */

static int
load(struct asking *q, struct err *e)
{
	BUF_SCOPED old = BUF_INIT;
	struct checkpoint c;
	int r = proof_policy(q->a, q->files, &q->policy, NULL, e);
	size_t n = 0;

	if (r != 0)
		return (r);
	for (size_t i = 0; q->policy != NULL && i < q->policy->nnodes; i++)
		n += !q->policy->nodes[i].group;
	if (n == 0)
		return (err_set(e, ERR_NOTFOUND, q->c->dir, "put one in force: "
		    "tickmark ledger DIR policy FILE", "there is no policy that "
		    "names witnesses"));
	if ((r = proof_keys(q->files, q->keys, PROOF_KEYS, &q->nkeys, e)) !=
	    0 || (r = proof_note(q->files, "checkpoint", &q->note, &q->head,
	    e)) != 0 || (r = policy_look(q->policy, q->keys, q->nkeys,
	    buf_str(&q->note), &q->seen, e)) != 0)
		return (r);
	/* Only a guess at what they have seen. */
	if (proof_note(q->files, "witnessed", &old, &c, NULL) != 0 ||
	    policy_look(q->policy, q->keys, q->nkeys, buf_str(&old),
	    &q->before, NULL) != 0)
		q->before.n = 0;
	return (0);
}

/* With the lock, for a moment. */
static int
store(struct asking *q, bool job, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	bool witnessed;
	int r = job ? workspace_open_job(q->c->dir, &ws, e) :
	    workspace_open(q->c->dir, true, &ws, e);

	return (r != 0 ? r : cosign_store(ws->ledger, buf_str(&q->note),
	    &witnessed, e));
}

static int
cosign_all(struct asking *q, bool job, struct vouches *ret, struct err *e)
{
	BUF_SCOPED words = BUF_INIT;
	int r = load(q, e);

	if (r != 0)
		return (r);
	ret->size = q->head.size;
	for (size_t i = 0; i < q->policy->nnodes && ret->n < VOUCH_MAX; i++)
		if (!q->policy->nodes[i].group)
			ask(q, &q->policy->nodes[i], &ret->at[ret->n++]);
	if (q->added && ((r = store(q, job, e)) != 0 ||
	    (r = policy_look(q->policy, q->keys, q->nkeys, buf_str(&q->note),
	    &q->seen, e)) != 0))
		return (r);
	ret->quorum = q->seen.quorum;
	policy_explain(q->policy, &q->seen, &words);
	ret->wants = arena_strndup(q->a, words.ptr, words.len);
	return (0);
}

int
vouch_cosign(struct arena *a, const struct conf *c, bool job,
    int64_t within, struct vouches *ret, struct err *e)
{
	struct asking *q = arena_new(a, struct asking);

	q->within = within;
	q->a = a;
	q->c = c;
	q->files = arena_printf(a, "%s/ledger", c->dir);
	ret->n = 0;
	int r = cosign_all(q, job, ret, e);
	buf_free(&q->note);
	return (r);
}
