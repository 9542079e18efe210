#include "assess/reperform.h"

#include <inttypes.h>

#include "assess/engine.h"
#include "assess/recorded.h"
#include "assess/result.h"
#include "assess/sealed.h"
#include "base/clock.h"
#include "base/log.h"
#include "ledger/ledger.h"

#define MOST 16
#define BYTES_MAX ((size_t)256 << 20)

/* One result on its way. */
struct job {
	struct arena a;
	struct reperform r;
	struct procedure procedure;
	struct engine_job engine;
	struct buf again;
	struct query_child *child;
};

static int
contradiction(uint64_t entry, struct err *e, const char *what)
{
	char where[40];

	snprintf(where, sizeof(where), "entry %" PRIu64, entry);
	return (err_set(e, ERR_DAMAGED, where, NULL, "%s", what));
}

static int
get_body(struct arena *a, struct ledger *l, uint64_t index,
    const struct entry *x, const char *class, struct str *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	const uint8_t *c = entry_body_get(x, class);
	int r;

	if (c == NULL)
		return (contradiction(index, e, "the entry lacks a body"));
	if ((r = body_get(l, c, &b, e)) != 0)
		return (r);
	*ret = arena_str(a, buf_str(&b));
	return (0);
}

/* Is the note of the entry the hash of these bytes? */
static bool
hash_is(const struct entry *x, const char *key, struct str bytes)
{
	uint8_t want[32], have[32];

	crypto_sha256(bytes.ptr, bytes.len, have);
	return (str_unhex(entry_note_get(x, key), want, 32) &&
	    memcmp(want, have, 32) == 0);
}

int
reperform_adopted(struct arena *a, struct ledger *l, uint64_t entry,
    struct str *ret_text, struct str *ret_params, struct err *e)
{
	struct str text, params;
	struct entry x;
	int r = ledger_entry(l, a, entry, &x, e);

	if (r == -ERR_NOTFOUND || (r == 0 && !str_is(x.action, "adopt")))
		return (contradiction(entry, e,
		    "the entry adopts no procedure"));
	if (r != 0 ||
	    (r = get_body(a, l, entry, &x, "procedure", &text, e)) != 0 ||
	    (r = get_body(a, l, entry, &x, "parameters", &params, e)) != 0)
		return (r);
	if (!hash_is(&x, "sha256", text) || !hash_is(&x, "params", params))
		return (contradiction(entry, e, "the notes of the entry are not "
		    "the hashes of the procedure that it adopts"));
	*ret_text = text;
	*ret_params = params;
	return (0);
}

/* --- one result --------------------------------------------------------------- */

static bool
note_is(const struct entry *x, const char *key, int64_t v)
{
	int64_t have;

	return (str_to_i64(entry_note_get(x, key), &have) && have == v);
}

/* What the entry sums up must be what the bytes say. */
static bool
sums_up(const struct entry *x, const struct assess_result *r)
{
	if (!str_eq(x->id, r->id) ||
	    !str_is(entry_note_get(x, "outcome"),
	        assess_outcome_name(r->outcome)) ||
	    !note_is(x, "from", r->time.from) || !note_is(x, "to", r->time.to) ||
	    !note_is(x, "members", r->members) ||
	    !note_is(x, "upto", (int64_t)r->upto) ||
	    str_is(entry_note_get(x, "mode"), "period") != r->time.period)
		return (false);
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		if (!note_is(x, assess_status_name((enum assess_status)i),
		    r->subjects[i]))
			return (false);
	return (true);
}

static int
count_closed(void *ctx, const uint8_t id[KEYS_ID], struct str clear,
    struct err *e)
{
	struct reperform *x = ctx;

	(void)id;
	(void)e;
	x->closed += clear.ptr == NULL;
	return (0);
}

static int
load(struct job *j, struct ledger *l, struct err *e)
{
	struct arena *a = &j->a;
	struct reperform *x = &j->r;
	BUF_SCOPED clear = BUF_INIT;
	struct str text, params;
	struct entry entry;
	uint64_t adopted;
	int r = ledger_entry(l, a, x->entry, &entry, e);

	if (r == -ERR_NOTFOUND || (r == 0 && !str_is(entry.action, "result")))
		return (contradiction(x->entry, e, "the entry is no result"));
	if (r != 0)
		return (r);
	x->procedure = entry.id;
	if ((r = get_body(a, l, x->entry, &entry, "result", &x->stored,
	        e)) != 0 ||
	    (r = sealed_decode(ledger_keys(l), x->stored, SIZE_MAX, &clear, e)) != 0 ||
	    (r = sealed_each(ledger_keys(l), x->stored, count_closed, x,
	        e)) != 0 ||
	    (r = result_decode(a, arena_str(a, buf_str(&clear)), SIZE_MAX,
	        &x->was, e)) != 0)
		return (r);
	if (!hash_is(&entry, "sha256", x->stored) ||
	    !sums_up(&entry, &x->was))
		return (contradiction(x->entry, e,
		    "the entry of the result is not what its body says"));
	if (!str_to_u64(entry_note_get(&entry, "adopted"), &adopted))
		return (contradiction(x->entry, e,
		    "the result does not say which procedure was adopted"));
	x->adopted = adopted;
	if ((r = reperform_adopted(a, l, adopted, &text, &params, e)) != 0)
		return (r);
	const char *path = arena_printf(a, "entry %" PRIu64 "/" STR_FMT ".sql",
	    adopted, STR_ARG(x->procedure));
	if ((r = procedure_parse(a, path, text, &j->procedure, e)) != 0 ||
	    (r = procedure_apply(a, &j->procedure, params, e)) != 0)
		return (r);
	if (!str_eq(j->procedure.id, x->procedure))
		return (contradiction(adopted, e,
		    "the procedure that was adopted has another id"));
	return (0);
}

static int
take(void *ctx, struct str bytes, struct err *e)
{
	struct job *j = ctx;

	if (j->again.len + bytes.len > BYTES_MAX)
		return (err_set(e, ERR_LIMIT, j->procedure.path, NULL,
		    "the result is larger than %zu MiB", BYTES_MAX >> 20));
	buf_put(&j->again, bytes.ptr, bytes.len);
	return (0);
}

static bool
own_fault(int r)
{
	return (r == -ERR_INPUT || r == -ERR_LIMIT || r == -ERR_TIMEOUT ||
	    r == -ERR_USAGE || r == -ERR_DENIED || r == -ERR_NOTFOUND ||
	    r == -ERR_DAMAGED || r == -ERR_ERASED || r == -ERR_NEWER);
}

static int
begin(struct job *j, const struct reperform_set *s, uint64_t entry,
    struct err *e)
{
	struct query_limits limits = { .time_ms = 600000,
		.memory_bytes = INT64_C(1) << 30, .rows = 5000000 };
	int r;

	*j = (struct job){ .r = { .entry = entry } };
	r = load(j, s->ledger, &j->r.failed);
	if (r != 0) {
		if (own_fault(r))
			return (0);
		*e = j->r.failed;
		return (r);
	}
	j->r.failed.code = ERR_OK;
	j->engine = (struct engine_job){ .procedure = &j->procedure,
		.time = j->r.was.time, .known = entry };
	return (query_start(s->ev, &limits, engine_run_one, &j->engine, take, j,
	    &j->child, e));
}

static int
end(struct job *j, struct query_child **others, size_t n, struct err *e)
{
	struct err own = { .code = ERR_OK };
	int r;

	if (j->child == NULL)
		return (0);
	r = query_wait(j->child, others, n, &own);
	j->child = NULL;
	if (r == 0) {
		j->r.again = buf_str(&j->again);
		return (0);
	}
	if (!own_fault(r)) {
		*e = own;
		return (r);
	}
	j->r.failed = own;
	return (0);
}

static void
drop(struct job *j)
{
	if (j->child != NULL)
		query_wait(j->child, NULL, 0, NULL);
	buf_free(&j->again);
	arena_free(&j->a);
}

/* --- all of them --------------------------------------------------------------- */

int
reperform_run(const struct reperform_set *s, reperform_fn *fn, void *ctx,
    struct err *e)
{
	size_t width = s->workers > 0 ? (size_t)s->workers + 1 : 3, next = 0;
	struct job *jobs = calloc(MOST, sizeof(*jobs)), *ring[MOST];
	struct err x = { .code = ERR_OK };
	size_t n = 0;
	int r = 0;

	if (jobs == NULL)
		err_oom(MOST * sizeof(*jobs));
	if (width > MOST)
		width = MOST;
	for (size_t i = 0; i < width; i++)
		ring[i] = &jobs[i];
	while (r == 0 && (n != 0 || next < s->n)) {
		while (r == 0 && n < width && next < s->n) {
			r = begin(ring[n++], s, s->entries[next], &x);
			next++;
		}
		if (r != 0)
			break;
		progress("performing tests again", (int64_t)(next - n),
		    (int64_t)s->n);
		struct query_child *others[MOST];
		struct job *j = ring[0];
		size_t m = 0;
		for (size_t i = 1; i < n; i++)
			if (ring[i]->child != NULL)
				others[m++] = ring[i]->child;
		if ((r = end(j, others, m, &x)) == 0)
			r = fn(ctx, &j->r, &x);
		drop(j);
		memmove(ring, ring + 1, --n * sizeof(ring[0]));
		ring[n] = j;
	}
	for (size_t i = 0; i < n; i++)
		drop(ring[i]);
	free(jobs);
	if (r < 0 && e != NULL)
		*e = x;
	return (r < 0 ? r : 0);
}
