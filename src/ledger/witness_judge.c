/* What a witness answers, as a function of the request and of what it has
 * seen. */
#include <inttypes.h>

#include "ledger/witness.h"

static int
bad(struct err *e, const char *what)
{
	return (err_set(e, ERR_INPUT, NULL, NULL, "%s", what));
}

/* The next line without its LF; false if there is none, or it has no LF. */
static bool
next_line(struct str *rest, struct str *ret)
{
	const char *p = rest->len != 0 ? memchr(rest->ptr, '\n', rest->len) :
	    NULL;

	if (p == NULL)
		return (false);
	*ret = (struct str){ rest->ptr, (size_t)(p - rest->ptr) };
	rest->ptr += ret->len + 1;
	rest->len -= ret->len + 1;
	return (true);
}

static bool
parse_old(struct str line, uint64_t *ret)
{
	if (!str_starts(line, "old "))
		return (false);
	line.ptr += 4;
	line.len -= 4;
	if (line.len == 0 || line.ptr[0] < '0' || line.ptr[0] > '9' ||
	    (line.len > 1 && line.ptr[0] == '0'))
		return (false);
	return (str_to_u64(line, ret));
}

int
witness_parse(struct str body, struct witness_request *ret, struct err *e)
{
	struct witness_request *q = ret;
	struct str line, lines;

	if (body.len > WITNESS_BODY)
		return (err_set(e, ERR_LIMIT, NULL, NULL,
		    "the request is too long"));
	q->n = 0;
	if (!next_line(&body, &line) || !parse_old(line, &q->old))
		return (bad(e, "the first line is not \"old SIZE\""));
	for (;;) {
		BUF_SCOPED raw = BUF_INIT;
		if (!next_line(&body, &line))
			return (bad(e, "there is no empty line"));
		if (line.len == 0)
			break;
		if (q->n == WITNESS_HASHES)
			return (bad(e, "the proof has more than 63 lines"));
		if (!str_unb64(line, &raw) || raw.len != TREE_HASH)
			return (bad(e, "a line of the proof is not a hash in "
			    "base64"));
		memcpy(q->hash[q->n++].h, raw.ptr, TREE_HASH);
	}
	q->note = body;
	int r = note_split(body, &q->text, &lines, e);
	return (r != 0 ? r : checkpoint_parse(q->text, &q->head, e));
}

/* --- the judgement ------------------------------------------------------- */

static int no(int status, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int
no(int status, struct err *e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(e, ERR_NO, NULL, NULL, "%s", what);
	return (status);
}

/* Is it signed by the ledger itself? */
static int
judge_note(const struct witness_log *log, const struct witness_request *q,
    struct note_signers *ret_by, struct err *e)
{
	struct checkpoint c;
	struct err why;
	int r = checkpoint_open_by(q->note, log->keys, log->nkeys, log->nkeys,
	    &c, ret_by, &why);

	if (r == 0)
		return (200);
	if (r == -ERR_INPUT || r == -ERR_LIMIT)
		return (no(400, e, "%s", why.what));
	return (no(403, e, "%s", why.what));
}

/* Does it extend what was seen? ${q}->old is the size of that. */
static int
judge_tree(const struct witness_log *log, const struct witness_request *q,
    struct err *e)
{
	const struct checkpoint *c = &q->head;
	struct tree empty = TREE_INIT;
	struct tree_hash root;

	tree_root(&empty, &root);
	if (c->size == 0 && memcmp(&c->root, &root, sizeof(root)) != 0)
		return (no(422, e, "the root of size 0 is not that of the "
		    "empty tree"));
	if (q->old == 0 && q->n != 0)
		return (no(422, e, "a proof from size 0 has no hashes"));
	if (q->old == 0)
		return (200);
	if (!tree_extended(q->old, c->size, &log->root, &c->root, q->hash,
	    q->n))
		return (no(422, e, q->old == c->size ?
		    "another root was cosigned for this size" :
		    "the proof does not show that this tree extends the one "
		    "that was cosigned"));
	return (200);
}

int
witness_judge(const struct witness_log *log, const struct witness_request *q,
    struct note_signers *ret_by, struct err *e)
{
	uint64_t last;
	int status;

	if (log == NULL || log->nkeys == 0)
		return (no(404, e, "no ledger of this origin is watched"));
	status = judge_note(log, q, ret_by, e);
	if (status != 200)
		return (status);
	if (q->old > q->head.size)
		return (no(400, e, "the old size is above that of the "
		    "checkpoint"));
	last = log->seen ? log->size : 0;
	if (q->old != last)
		return (no(409, e, "%" PRIu64, last));
	return (judge_tree(log, q, e));
}
