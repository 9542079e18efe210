/*
 * Seeded changes to a bundle: every one is found, and named. The first number
 * of each kind of change is of a plain damage, the later ones are of somebody
 * who repairs checksums, archive, manifest and tiles as far as one can without
 * the ledger's key. TICKMARK_TAMPER=n makes n of them (make tamper),
 * TICKMARK_SEED another row of them.
 */
#include "seal/fixture.h"

#include "ledger/disclose.h"
#include "ledger/entry.h"
#include "ledger/tile.h"
#include "sys/zstd.h"

static uint64_t rnd_state;

static uint64_t
rnd(void)
{
	uint64_t z = (rnd_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31));
}

static size_t
below(size_t n)
{
	return (n == 0 ? 0 : (size_t)(rnd() % n));
}

/* --- bytes ------------------------------------------------------------------------ */

static void
splice(struct buf *b, size_t at, size_t out, const void *p, size_t n)
{
	BUF_SCOPED x = BUF_INIT;

	buf_put(&x, b->ptr, at);
	buf_put(&x, p, n);
	buf_put(&x, b->ptr + at + out, b->len - at - out);
	buf_reset(b);
	buf_putstr(b, buf_str(&x));
}

static void
change_bytes(struct buf *b)
{
	uint8_t noise[16];
	size_t at = below(b->len), n = 1 + below(sizeof(noise));

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)rnd();
	if (n > b->len - at)
		n = b->len - at;
	switch (b->len == 0 ? 2 : rnd() % 7) {
	case 0:
		b->ptr[at] ^= (char)(1 << rnd() % 8);
		break;
	case 1:
		b->ptr[at] = (char)(b->ptr[at] + 1 + (char)(rnd() % 255));
		break;
	case 2:
		splice(b, at, 0, noise, n == 0 ? 1 : n);
		break;
	case 3:
		splice(b, at, n, "", 0);
		break;
	case 4:
		splice(b, at, 0, b->ptr + at, n); /* twice */
		break;
	case 5:
		memset(b->ptr + at, 0, n);
		break;
	default:
		b->len = at; /* cut off */
	}
}

/* --- packs ------------------------------------------------------------------------- */

struct place {
	size_t at, len;
};

static size_t
records(const struct buf *pack, struct place *r, size_t cap)
{
	size_t n = 0;
	struct pack_record x;

	for (size_t at = PACK_HEAD; at < pack->len && n < cap; n++) {
		struct str s = { pack->ptr + at, pack->len - at };
		assert_true(pack_parse(s, true, &x));
		r[n] = (struct place){ at, PACK_RECORD + (size_t)x.payload };
		at += r[n].len;
	}
	return (n);
}

/* An open record of some content under some commitment. */
static void
make_record(const uint8_t c[32], struct str content, struct buf *out)
{
	struct pack_record r = { .key = "open" };
	BUF_SCOPED payload = BUF_INIT;
	uint8_t head[PACK_RECORD], salt[32] = { 1 };

	memcpy(r.commitment, c, 32);
	buf_put(&payload, salt, 32);
	for (int i = 56; i >= 0; i -= 8)
		buf_putc(&payload, (char)((uint64_t)content.len >> i));
	zstd_compress(content.ptr, content.len, &payload);
	r.payload = payload.len;
	pack_bound(&r, head);
	pack_seal(head, buf_str(&payload));
	buf_put(out, head, sizeof(head));
	buf_putstr(out, buf_str(&payload));
}

static void
change_pack(struct buf *b)
{
	static struct place r[20000];
	size_t n = records(b, r, 20000), i = below(n), k = below(n);
	BUF_SCOPED one = BUF_INIT, two = BUF_INIT;
	uint8_t c[32];

	buf_put(&one, b->ptr + r[i].at, r[i].len);
	buf_put(&two, b->ptr + r[k].at, r[k].len);
	switch (rnd() % 6) {
	case 0: /* a payload, with the right checksum */
		one.ptr[PACK_RECORD + below(one.len - PACK_RECORD)] ^=
		    (char)(1 << rnd() % 8);
		pack_seal((uint8_t *)one.ptr, (struct str){ one.ptr +
		    PACK_RECORD, one.len - PACK_RECORD });
		splice(b, r[i].at, r[i].len, one.ptr, one.len);
		break;
	case 1: /* other content under its name */
		memcpy(c, one.ptr + 16, 32);
		buf_reset(&one);
		make_record(c, STR("something else\n"), &one);
		splice(b, r[i].at, r[i].len, one.ptr, one.len);
		break;
	case 2: /* the name of another */
		memcpy(one.ptr + 16, two.ptr + 16, 32);
		pack_seal((uint8_t *)one.ptr, (struct str){ one.ptr +
		    PACK_RECORD, one.len - PACK_RECORD });
		splice(b, r[i].at, r[i].len, one.ptr, one.len);
		break;
	case 3: /* one less */
		splice(b, r[i].at, r[i].len, "", 0);
		break;
	case 4: /* one twice */
		splice(b, r[k].at, 0, one.ptr, one.len);
		break;
	default: /* one that nobody names */
		for (int j = 0; j < 32; j++)
			c[j] = (uint8_t)rnd();
		buf_reset(&one);
		make_record(c, STR("a stray\n"), &one);
		splice(b, r[k].at, 0, one.ptr, one.len);
	}
}

/* --- entries, with all tiles made to fit ---------------------------------------------- */

static void
tile_piece(struct pieces *p, int level, uint64_t n, uint64_t size,
    struct piece **ret)
{
	char rel[TILE_PATH], name[TILE_PATH + 8];

	tile_path(level, n, tile_width(level, n, size), rel);
	snprintf(name, sizeof(name), "ledger/%s", rel);
	*ret = piece(p, name);
}

struct level {
	VEC(struct tree_hash) at[TILE_LEVELS];
};

static void
collect(void *ctx, unsigned level, uint64_t index, const struct tree_hash *h)
{
	struct level *l = ctx;

	(void)index;
	if (level % TILE_BITS == 0)
		vec_push(&l->at[level / TILE_BITS], *h);
}

static void
make_tiles(struct pieces *p, const struct str *entries, uint64_t size)
{
	struct level l = { 0 };
	struct tree t = TREE_INIT;
	struct tree_hash leaf;
	struct piece *x;

	for (uint64_t i = 0; i < size; i++) {
		entry_leaf(entries[i], leaf.h);
		tree_add(&t, &leaf, collect, &l);
	}
	for (int level = 0; level < TILE_LEVELS; level++) {
		for (uint64_t n = 0; tile_width(level, n, size) != 0; n++) {
			unsigned w = tile_width(level, n, size);
			tile_piece(p, level, n, size, &x);
			buf_reset(&x->b);
			buf_put(&x->b, l.at[level].at + n * TILE_WIDTH,
			    w * TREE_HASH);
		}
		vec_free(&l.at[level]);
	}
}

static void
change_entries(struct pieces *p, bool fix_tiles)
{
	static struct str e[100000];
	ARENA_SCOPED a = ARENA_INIT;
	uint64_t size = 0;
	struct piece *x;
	struct str s = buf_str(&piece(p, "ledger/checkpoint")->b), line;

	str_split(&s, '\n', &line);
	str_split(&s, '\n', &line);
	assert_true(str_to_u64(line, &size) && size < 100000);
	for (uint64_t i = 0; i < size;) {
		tile_piece(p, TILE_ENTRIES, i / TILE_WIDTH, size, &x);
		struct str rest = arena_str(&a, buf_str(&x->b));
		while (tile_bundle_next(&rest, &e[i]) == 1)
			i++;
	}
	size_t i = below((size_t)size), k = below((size_t)size);
	struct str keep = e[i];
	switch (rnd() % 4) {
	case 0: /* a byte */
		e[i] = arena_str(&a, keep);
		((char *)e[i].ptr)[below(keep.len)] ^= 1;
		break;
	case 1: /* two change places */
		e[i] = e[k];
		e[k] = keep;
		break;
	case 2: /* one is said again in place of another */
		e[i] = e[k];
		break;
	default: /* one is left out, and the last one is there twice */
		memmove(e + i, e + i + 1, (size_t)(size - i - 1) * sizeof(*e));
	}
	for (uint64_t n = 0; n * TILE_WIDTH < size; n++) {
		tile_piece(p, TILE_ENTRIES, n, size, &x);
		buf_reset(&x->b);
		for (uint64_t j = n * TILE_WIDTH; j < size &&
		    j < (n + 1) * TILE_WIDTH; j++)
			tile_bundle_put(&x->b, e[j]);
	}
	if (fix_tiles)
		make_tiles(p, e, size);
}

/* --- members ---------------------------------------------------------------------------- */

static void
change_members(struct pieces *p)
{
	size_t i = below(p->n), k = below(p->n);
	struct piece keep = p->at[i];

	switch (rnd() % 5) {
	case 0: /* one less */
		buf_free(&p->at[i].b);
		memmove(p->at + i, p->at + i + 1, (--p->n - i) *
		    sizeof(p->at[0]));
		break;
	case 1: /* two exchange their content */
		p->at[i].b = p->at[k].b;
		p->at[k].b = keep.b;
		break;
	case 2: /* two exchange their places */
		p->at[i] = p->at[k];
		p->at[k] = keep;
		break;
	case 3: /* another name */
		p->at[i].name[below(strlen(p->at[i].name))] ^= 1;
		if (!zip_name_ok(str_from(p->at[i].name)))
			snprintf(p->at[i].name, sizeof(p->at[i].name),
			    "renamed-%zu", i);
		break;
	default: /* one more */
		p->at[p->n] = (struct piece){ .b = BUF_INIT };
		snprintf(p->at[p->n].name, sizeof(p->at[0].name),
		    "results/%zu.txt", below(100000));
		buf_puts(&p->at[p->n++].b, "tickmark-result/v1\n");
	}
}

/* A number or word of the manifest, which stays one. */
static void
change_manifest(struct buf *b)
{
	for (int tries = 0; tries < 1000; tries++) {
		size_t i = below(b->len);
		char c = b->ptr[i];
		if (c >= '0' && c < '9') {
			b->ptr[i]++;
			return;
		}
		if (c >= 'b' && c <= 'f') {
			b->ptr[i]--;
			return;
		}
	}
}

/* --- one change ---------------------------------------------------------------------------- */

enum how {
	RAW,        /* bytes of the file */
	MEMBER,     /* bytes of a member, packed again */
	LISTED,     /* and listed again in the manifest */
	PACK,       /* records with right checksums */
	PACK_LISTED,
	ENTRY,
	ENTRY_TILES, /* with all tiles to match, and listed */
	MEMBERS,
	MEMBERS_LISTED,
	MANIFEST,
	HOW_MAX
};
static const char *const hows[] = { "bytes of the file", "bytes of a member",
	"bytes of a member, listed again", "records of packs",
	"records of packs, listed again", "entries",
	"entries, tiles made to fit, listed again",
	"members left out, exchanged, added", "the same, listed again",
	"numbers of the manifest" };

static struct piece *
some_pack(struct pieces *p)
{
	for (;;) {
		struct piece *x = &p->at[below(p->n)];
		if (strncmp(x->name, "bodies/", 7) == 0)
			return (x);
	}
}

static void
tamper(enum how how, const char *from, const char *to, struct pieces *p)
{
	if (how == RAW) {
		BUF_SCOPED b = BUF_INIT;
		assert_int_equal(file_read(from, 1 << 28, &b, NULL), 0);
		change_bytes(&b);
		spill(to, &b);
		return;
	}
	pieces_load(p, from);
	switch (how) {
	case MEMBER:
	case LISTED:
		change_bytes(&p->at[below(p->n - (how == LISTED ? 2 : 0))].b);
		break;
	case PACK:
	case PACK_LISTED:
		change_pack(&some_pack(p)->b);
		break;
	case ENTRY:
	case ENTRY_TILES:
		change_entries(p, how == ENTRY_TILES);
		break;
	case MANIFEST:
		change_manifest(&piece(p, MANIFEST_NAME)->b);
		break;
	default:
		change_members(p);
	}
	bool has = false;
	for (size_t i = 0; i < p->n; i++)
		has |= strcmp(p->at[i].name, MANIFEST_NAME) == 0 &&
		    p->at[i].b.len > 2 && p->at[i].b.ptr[0] == '{';
	if (has && (how == LISTED || how == PACK_LISTED ||
	    how == ENTRY_TILES || how == MEMBERS_LISTED))
		pieces_list(p);
	pieces_save(p, to);
	pieces_free(p);
}

static bool
same_file(const char *a, const char *b)
{
	BUF_SCOPED x = BUF_INIT, y = BUF_INIT;

	assert_int_equal(file_read(a, 1 << 28, &x, NULL), 0);
	assert_int_equal(file_read(b, 1 << 28, &y, NULL), 0);
	return (str_eq(buf_str(&x), buf_str(&y)));
}

static long
number(const char *name, long otherwise)
{
	const char *s = getenv(name);

	int64_t n = otherwise;

	if (s != NULL)
		str_to_i64(str_from(s), &n);
	return ((long)n);
}

static void
test_tamper(void **state)
{
	struct fixture *f = *state;
	struct pieces *p = calloc(1, sizeof(*p));
	char good[160], bad[160];
	long n = number("TICKMARK_TAMPER", 60);
	uint64_t seed = (uint64_t)number("TICKMARK_SEED", 1), again = 0;
	long tried[HOW_MAX] = { 0 }, refused = 0, deep = 0;
	struct verdict v = { 0 };

	assert_non_null(p);
	snprintf(good, sizeof(good), "%s/good.zip", f->base);
	snprintf(bad, sizeof(bad), "%s/bad.zip", f->base);
	ok(f, seal_as(f, &(struct bundle_spec){ .path = good }, &f->e));
	verify_path(f, good, &v);
	assert_int_equal(v.r, 0);
	assert_int_equal(v.problems, 0);
	for (long i = 0; i < n; i++) {
		enum how how = (enum how)(i % HOW_MAX);
		rnd_state = seed * 1000003 + (uint64_t)i * 7919 + again;
		tamper(how, good, bad, p);
		if (same_file(good, bad)) {
			again += 1000000007;
			i--;
			continue;
		}
		verify_path(f, bad, &v);
		if (v.r == 0 ? v.problems == 0 || strlen(v.first) < 20 :
		    v.e.what[0] == '\0' || v.r == -ERR_BUG || v.r == -ERR_IO)
			fail_msg("change %ld (%s, seed %llu) was not found: %d %s",
			    i, hows[how], (unsigned long long)seed, v.r,
			    v.r != 0 ? v.e.what : "");
		tried[how]++;
		refused += v.r != 0;
		deep += v.r == 0 && v.problems > 1;
		if (n > 1000 && i % 500 == 499)
			fprintf(stderr, "# %ld of %ld changes found\n", i + 1, n);
	}
	for (int i = 0; i < HOW_MAX; i++)
		print_message("# %5ld found and named: %s\n", tried[i], hows[i]);
	print_message("# %ld changes, all found; %ld refused as no bundle; %ld "
	    "named at more than one place\n", n, refused, deep);
	buf_free(&v.all);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tamper, sealed_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
