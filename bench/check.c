/*
 * What checking a ledger costs: large bodies, against decryption, zstd and
 * SHA-256 of the same bodies done one after another by themselves; and many
 * entries: hash all, compare bundles and tiles, root and signature.
 *
 * usage: check DIR MEGABYTES ENTRIES
 */
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "sys/file.h"
#include "sys/zstd.h"

#define BODY ((size_t)8 << 20)
#define PIECE (65536 + CRYPTO_STREAM_EXTRA)
#define ROUNDS 3

static struct err e;

static void
must(int r)
{
	if (r == 0)
		return;
	err_print(stderr, &e);
	exit(3);
}

/*
 * Processor time: one thread does all of it, on a machine that may be busy.
 */
static int64_t
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000);
}

struct bench {
	const char *dir;
	struct keys *keys;
	struct db *db;
	struct ledger *l;
};

static void
begin(struct bench *b, struct arena *a, const char *dir)
{
	const char *keydir = arena_printf(a, "%s/keys", dir);

	b->dir = dir;
	must(file_mkdirs(dir, 0700, &e));
	must(keys_create(keydir, "tickmark.local/bench", &e));
	must(keys_open(keydir, &b->keys, &e));
	must(db_open(&b->db, arena_printf(a, "%s/records.db", dir),
	    DB_CREATE | DB_WRITER | DB_WAL | DB_NOSYNC, &e));
	must(ledger_create(dir, b->db, b->keys, &e));
	must(ledger_open(dir, b->db, b->keys, true, &b->l, &e));
}

static void
end(struct bench *b)
{
	ledger_close(b->l);
	db_close(b->db);
	keys_close(b->keys);
	must(file_remove_tree(b->dir, &e));
}

static void
problem(void *ctx, const struct err *x)
{
	(void)ctx;
	err_print(stderr, x);
}

static int64_t
check(struct bench *b, unsigned flags)
{
	struct check_counts n;
	int64_t t = cpu();

	must(ledger_check(b->dir, b->db, b->keys, flags, problem, NULL, &n,
	    &e));
	if (n.problems != 0)
		exit(1);
	return (cpu() - t);
}

/* --- bodies --------------------------------------------------------------- */

/* Rows as a collector leaves them: names that repeat, numbers that do not. */
static void
rows(struct buf *out, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;

	buf_reset(out);
	while (out->len < BODY) {
		x = x * 1664525u + 1013904223u;
		buf_printf(out, "[\"%08x%08x\",\"package-%u\",\"%u.%u.%u\","
		    "\"amd64\",%u]\n", x, x ^ seed, x % 9973, x >> 28,
		    x >> 20 & 15, x >> 9 & 1023, x >> 3);
	}
}

static void
put(struct bench *b, struct str text)
{
	struct entry_body body = { .class = STR("revision") };
	struct entry x = { .actor = STR("bench"), .action = STR("put"),
		.type = STR("thing"), .id = STR("x"), .bodies = &body,
		.nbodies = 1 };

	must(ledger_begin(b->l, &e));
	must(body_put(b->l, NULL, text, BODY_PACK, body.commitment, &e));
	must(ledger_append(b->l, &x, NULL, NULL, &e));
	must(ledger_commit(b->l, &e));
}

struct parts {
	const struct keys_set *key;
	struct buf in, out;
	int64_t open, zstd, sha;
	uint64_t sealed, plain;
};

static int
one_after_another(void *ctx, uint64_t off, struct str record,
    const struct pack_record *rec, struct err *err)
{
	struct parts *p = ctx;
	const char *at = record.ptr + PACK_RECORD;
	size_t left = record.len - PACK_RECORD;
	struct crypto_stream s;
	uint8_t h[CRYPTO_HASH];
	bool last = false;

	(void)off;
	(void)rec;
	(void)err;
	int64_t t = cpu();
	buf_reset(&p->in);
	buf_reserve(&p->in, left);
	crypto_stream_open_begin(&s, (const uint8_t *)at, p->key->seal);
	at += CRYPTO_STREAM_HEADER;
	left -= CRYPTO_STREAM_HEADER;
	for (bool first = true; left != 0; first = false) {
		size_t n = left < PIECE ? left : PIECE;
		if (!crypto_stream_open(&s, (uint8_t *)p->in.ptr + p->in.len,
		    at, n, record.ptr, first ? PACK_BOUND : 0, &last))
			exit(1);
		p->in.len += n - CRYPTO_STREAM_EXTRA;
		at += n;
		left -= n;
	}
	p->open += cpu() - t;
	t = cpu();
	buf_reset(&p->out);
	must(zstd_decompress(p->in.ptr + 40, p->in.len - 40, BODY_MAX, &p->out,
	    &e));
	p->zstd += cpu() - t;
	t = cpu();
	crypto_sha256(p->out.ptr, p->out.len, h);
	p->sha += cpu() - t;
	p->sealed += record.len;
	p->plain += p->out.len;
	return (0);
}

static void
parts_of(struct bench *b, struct parts *p)
{
	int64_t newest;
	char bodies[4096], path[4200];

	snprintf(bodies, sizeof(bodies), "%s/bodies", b->dir);
	p->key = keys_body(b->keys);
	must(pack_newest(bodies, &newest, &e));
	for (int64_t no = 1; no <= newest; no++) {
		FILE_SCOPED f = FILE_INIT;
		uint64_t size, last;
		pack_path(bodies, no, path, sizeof(path));
		must(file_open(&f, path, FILE_READ, 0, &e));
		must(file_size(&f, &size, &e));
		must(pack_scan(&f, PACK_HEAD, size, one_after_another, p, &last,
		    &e));
	}
}

/* The least of some rounds each, so that neighbours disturb neither. */
static bool
bodies(struct arena *a, const char *dir, int64_t megabytes)
{
	struct bench b;
	struct parts p = { .open = 0 };
	BUF_SCOPED text = BUF_INIT;
	int64_t checked = INT64_MAX, alone = INT64_MAX;

	begin(&b, a, dir);
	for (int64_t i = 0; i * (int64_t)BODY < megabytes << 20; i++) {
		rows(&text, (uint32_t)i);
		put(&b, buf_str(&text));
	}
	must(ledger_sequence(b.l, &e));
	for (int i = 0; i < ROUNDS; i++) {
		struct parts q = { .in = p.in, .out = p.out };
		int64_t t = check(&b, CHECK_BODIES);
		checked = t < checked ? t : checked;
		parts_of(&b, &q);
		t = q.open + q.zstd + q.sha;
		if (t < alone) {
			alone = t;
			p = q;
		}
		p.in = q.in;
		p.out = q.out;
	}
	double ratio = (double)alone / (double)checked;
	printf("bodies: %" PRIu64 " MB (%" PRIu64 " MB sealed) checked in %.2f s,"
	    " %.0f MB/s; decryption %.2f s, zstd %.2f s, SHA-256 %.2f s:"
	    " ratio %.2f (at least 0.70)\n", p.plain >> 20, p.sealed >> 20,
	    (double)checked / 1e6, (double)p.plain / (double)checked,
	    (double)p.open / 1e6, (double)p.zstd / 1e6, (double)p.sha / 1e6,
	    ratio);
	buf_free(&p.in);
	buf_free(&p.out);
	end(&b);
	return (ratio >= 0.7);
}

/* --- entries -------------------------------------------------------------- */

static bool
entries(struct arena *a, const char *dir, int64_t n)
{
	struct bench b;
	char id[40];

	begin(&b, a, dir);
	for (int64_t i = 0; i < n;) {
		must(ledger_begin(b.l, &e));
		for (int64_t k = 0; k < 50000 && i < n; k++, i++) {
			snprintf(id, sizeof(id), "0k2n4p6r8t0v2x4z%010" PRId64,
			    i);
			struct entry x = { .actor = STR("bench"),
				.action = STR("put"), .type = STR("thing"),
				.id = str_from(id) };
			must(ledger_append(b.l, &x, NULL, NULL, &e));
		}
		must(ledger_commit(b.l, &e));
	}
	must(ledger_sequence(b.l, &e));
	int64_t best = INT64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		int64_t t = check(&b, CHECK_BODIES);
		best = t < best ? t : best;
	}
	printf("entries: %" PRId64 " checked in %.2f s (a million in under 10 s)\n",
	    n, (double)best / 1e6);
	end(&b);
	return ((double)best < 10.0 * (double)n);
}

int
main(int argc, char **argv)
{
	ARENA_SCOPED a = ARENA_INIT;
	int64_t megabytes, n;

	if (argc != 4 || !str_to_i64(str_from(argv[2]), &megabytes) ||
	    !str_to_i64(str_from(argv[3]), &n)) {
		fprintf(stderr, "usage: check DIR MEGABYTES ENTRIES\n");
		return (2);
	}
	bool good = bodies(&a, arena_printf(&a, "%s/bodies", argv[1]),
	    megabytes);
	good = entries(&a, arena_printf(&a, "%s/entries", argv[1]), n) && good;
	must(file_remove_tree(argv[1], &e));
	return (good ? 0 : 1);
}
