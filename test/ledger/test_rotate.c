/* Rotation of keys: what is read and checked afterwards, and every kill. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "fixture.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/private.h"
#include "ledger/ring.h"
#include "ledger/rotate.h"
#include "ledger/succession.h"

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_new_in(f, fixture_memory());
	*state = f;
	return (0);
}

static int
teardown(void **state)
{
	fixture_free(*state);
	free(*state);
	return (0);
}

struct had {
	uint8_t own[BODY_HASH], of[BODY_HASH];
	uint8_t subject[KEYS_ID];
	struct buf note; /* a checkpoint of before */
};

static void
put(struct fixture *f, const char *text, struct had *h)
{
	struct entry_body b[2] = { { .class = STR("raw") },
		{ .class = STR("raw") } };
	struct entry x = { .actor = STR("test"), .action = STR("run"),
		.type = STR("source"), .id = STR("s1"), .bodies = b,
		.nbodies = 2 };
	struct keys_set key;

	ok(subject_key(f->keys, STR("record/ada"), &key, &f->e));
	memcpy(h->subject, key.id, KEYS_ID);
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, str_from(text), 0, h->own, &f->e));
	ok(body_put(f->l, &key, str_from(text), 0, h->of, &f->e));
	memcpy(b[0].commitment, h->own, BODY_HASH);
	memcpy(b[1].commitment, h->of, BODY_HASH);
	ok(ledger_append(f->l, &x, NULL, NULL, &f->e));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	h->note = (struct buf)BUF_INIT;
	ok(file_read(fixture_path(f, "ledger/checkpoint"), 1 << 16, &h->note,
	    &f->e));
}

/* All of before is as it was, under whatever keys there are now. */
static void
holds(struct fixture *f, const struct had *h, const char *text)
{
	BUF_SCOPED out = BUF_INIT;
	struct check_counts n;
	struct checkpoint c;
	struct keys_set key;

	ok(body_get(f->l, h->own, &out, &f->e));
	assert_string_equal(out.ptr, text);
	ok(body_get(f->l, h->of, &out, &f->e));
	assert_string_equal(out.ptr, text);
	ok(subject_key(f->keys, STR("record/ada"), &key, &f->e));
	assert_memory_equal(key.id, h->subject, KEYS_ID);
	ok(checkpoint_open_by(buf_str(&h->note), f->l->vkeys, f->l->nvkeys,
	    f->l->nvkeys, &c, NULL, &f->e));
	ok(ledger_check(f->dir, f->db, f->keys, CHECK_BODIES, NULL, NULL, &n,
	    &f->e));
	assert_int_equal(n.problems, 0);
}

static void
last_is(struct fixture *f, const char *type)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct ledger_head head;
	struct entry x;

	ok(ledger_head(f->l, &head, &f->e));
	assert_int_equal(head.size, head.sequenced);
	ok(ledger_entry(f->l, &a, head.size - 1, &x, &f->e));
	assert_true(str_is(x.action, ROTATE_ACTION));
	assert_true(str_is(x.type, type));
}

static void
reopen(struct fixture *f)
{
	fixture_reopen(f);
	ok(rotate_settle(f->l, &f->e));
}

static void
master(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED was = BUF_INIT, is = BUF_INIT, old = BUF_INIT;
	struct had h, g;

	put(f, "one", &h);
	ok(file_read(fixture_path(f, "keys/master.key"), 64, &was, &f->e));
	for (int i = 0; i < 3; i++) {
		ok(rotate_master(f->l, STR("test"), &f->e));
		last_is(f, ROTATE_MASTER);
		holds(f, &h, "one");
		reopen(f);
		holds(f, &h, "one");
		ok(file_read(fixture_path(f, "keys/master.key"), 64, &is,
		    &f->e));
		assert_memory_not_equal(was.ptr, is.ptr, CRYPTO_KEY);
		assert_false(file_exists(fixture_path(f, "keys/ledger.key")));
		assert_false(file_exists(fixture_path(f,
		    "keys/master.key.next")));
		assert_int_equal(f->keys->nwraps, 1);
	}
	put(f, "two", &g);
	reopen(f);
	holds(f, &g, "two");
	/* The old master key opens nothing any more. */
	ok(file_read(fixture_path(f, "keys/master.key"), 64, &old, &f->e));
	ok(file_write(fixture_path(f, "keys/master.key"), 0400, was.ptr,
	    was.len, &f->e));
	struct keys *k;
	assert_int_equal(keys_open(f->keydir, &k, NULL), -ERR_DAMAGED);
	ok(file_write(fixture_path(f, "keys/master.key"), 0400, old.ptr,
	    old.len, &f->e));
	/* Nor does it open the wrapped keys of subjects. */
	struct keys_set key;
	uint8_t wrap[CRYPTO_KEY];
	memcpy(wrap, f->keys->wraps[0], CRYPTO_KEY);
	crypto_hkdf(was.ptr, CRYPTO_KEY, NULL, 0, "tickmark/subject-wrap/v1",
	    f->keys->wraps[0], CRYPTO_KEY);
	assert_int_equal(subject_find(f->keys, g.subject, &key, NULL),
	    -ERR_DAMAGED);
	memcpy(f->keys->wraps[0], wrap, CRYPTO_KEY);
	buf_free(&h.note);
	buf_free(&g.note);
}

static void
credential(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED m = BUF_INIT;
	struct err e;

	ok(file_read(fixture_path(f, "keys/master.key"), 64, &m, &f->e));
	ok(file_write(fixture_path(f, "tickmark-master"), 0400, m.ptr, m.len,
	    &f->e));
	ok(file_remove(fixture_path(f, "keys/master.key"), &f->e));
	setenv("CREDENTIALS_DIRECTORY", f->dir, 1);
	reopen(f);
	assert_int_equal(rotate_master(f->l, STR("test"), &e), -ERR_ENV);
	assert_non_null(strstr(e.fix, "systemd-creds"));
	ok(rotate_body(f->l, STR("test"), &f->e));
	ok(rotate_signing(f->l, STR("test"), &f->e));
	reopen(f);
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
body(void **state)
{
	struct fixture *f = *state;
	struct had h, g;
	uint8_t id[KEYS_ID];

	put(f, "one", &h);
	memcpy(id, keys_body(f->keys)->id, KEYS_ID);
	ok(rotate_body(f->l, STR("test"), &f->e));
	last_is(f, ROTATE_BODY);
	holds(f, &h, "one");
	put(f, "one", &g);
	/* The same content under another key is another body. */
	assert_memory_not_equal(h.own, g.own, BODY_HASH);
	assert_memory_equal(h.of, g.of, BODY_HASH);
	uint8_t key[KEYS_ID];
	ok(body_key(f->l, h.own, key, &f->e));
	assert_memory_equal(key, id, KEYS_ID);
	ok(body_key(f->l, g.own, key, &f->e));
	assert_memory_equal(key, keys_body(f->keys)->id, KEYS_ID);
	reopen(f);
	holds(f, &h, "one");
	holds(f, &g, "one");
	ok(rotate_master(f->l, STR("test"), &f->e));
	reopen(f);
	holds(f, &h, "one");
	holds(f, &g, "one");
	buf_free(&h.note);
	buf_free(&g.note);
}

static size_t
signers(struct fixture *f)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, line;
	size_t n = 0;

	ok(file_read(fixture_path(f, "ledger/checkpoint"), 1 << 16, &b, &f->e));
	rest = buf_str(&b);
	while (str_split(&rest, '\n', &line))
		n += str_starts(line, "\xe2\x80\x94 ");
	return (n);
}

static void
signing(void **state)
{
	struct fixture *f = *state;
	struct note_key was = f->keys->note;
	struct had h, g;

	put(f, "one", &h);
	ok(rotate_signing(f->l, STR("test"), &f->e));
	last_is(f, ROTATE_LEDGER);
	assert_int_equal(signers(f), 2);
	holds(f, &h, "one");
	assert_int_equal(f->l->nvkeys, 2);
	assert_int_not_equal(f->l->vkeys[0].id, was.id);
	assert_int_equal(f->l->vkeys[1].id, was.id);
	/* Who knows only the old key still accepts this head. */
	struct checkpoint c;
	ok(ledger_checkpoint(fixture_path(f, "ledger"), &was, 1, &c, &f->e));
	put(f, "two", &g);
	assert_int_equal(signers(f), 1);
	assert_int_equal(ledger_checkpoint(fixture_path(f, "ledger"), &was, 1,
	    &c, NULL), -ERR_DAMAGED);
	reopen(f);
	holds(f, &h, "one");
	holds(f, &g, "two");
	for (int i = 0; i < 3; i++)
		ok(rotate_signing(f->l, STR("test"), &f->e));
	reopen(f);
	assert_int_equal(f->l->nvkeys, 5);
	holds(f, &h, "one");
	/* records.db made again from the ledger, with the newest key. */
	buf_free(&h.note);
	buf_free(&g.note);
}

/* --- from an old key to the newest -------------------------------------------- */

/* From ${key} alone; how many keys are known then, or the error. */
static int
follow(struct fixture *f, const struct note_key *key, struct note_key *ret,
    struct succession *last)
{
	struct note_key keys[LEDGER_VKEYS] = { *key };
	struct checkpoint c;
	size_t n = 1;

	ok(ledger_checkpoint(fixture_path(f, "ledger"), f->l->vkeys,
	    f->l->nvkeys, &c, &f->e));
	int r = succession_follow(fixture_path(f, "ledger"), &c, keys,
	    LEDGER_VKEYS, &n, last, &f->e);
	*ret = keys[n - 1];
	return (r != 0 ? r : (int)n);
}

/* An entry that says that the key now in force handed over to ${evil}. */
static void
forge(struct fixture *f, const struct note_key *evil, struct str sig)
{
	BUF_SCOPED was = BUF_INIT, is = BUF_INIT;

	note_key_print(&f->keys->note, &was);
	note_key_print(evil, &is);
	struct entry_note notes[3] = { { STR("new"), buf_str(&is) },
		{ STR("old"), buf_str(&was) }, { STR(SUCCESSION_NOTE), sig } };
	struct entry x = { .actor = STR("test"), .action = STR(ROTATE_ACTION),
		.type = STR(ROTATE_LEDGER), .id = STR("00000000"),
		.notes = notes, .nnotes = sig.ptr != NULL ? 3 : 2 };
	ok(ledger_begin(f->l, &f->e));
	ok(ledger_append(f->l, &x, NULL, NULL, &f->e));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
}

static void
succession(void **state)
{
	struct fixture *f = *state;
	struct note_key first = f->keys->note, got, evil;
	struct succession last;
	uint8_t seed[CRYPTO_SEED] = { 1 }, pub[CRYPTO_PUBLIC], sig[CRYPTO_SIG];
	struct had h;
	BUF_SCOPED text = BUF_INIT, b64 = BUF_INIT;

	put(f, "one", &h);
	buf_free(&h.note);
	assert_int_equal(follow(f, &first, &got, &last), 1);
	assert_int_equal(last.index, 0);
	for (int i = 2; i < 5; i++) {
		ok(rotate_signing(f->l, STR("test"), &f->e));
		assert_int_equal(follow(f, &first, &got, &last), i);
		assert_true(note_key_same(&got, &f->keys->note));
		assert_int_equal(last.index, f->l->size - 1);
		put(f, "more", &h);
		buf_free(&h.note);
		reopen(f);
	}
	/* A key that is none of them leads nowhere. */
	crypto_ed25519_public(seed, pub);
	note_key_make(first.name, pub, &evil);
	assert_int_equal(follow(f, &evil, &got, &last), 1);
	/* A new key that signed itself in; one that nobody signed. */
	struct checkpoint before = { .size = f->l->size };
	snprintf(before.origin, sizeof(before.origin), "%s", first.name);
	tree_root(&f->l->tree, &before.root);
	succession_text(&before, &evil, &text);
	crypto_ed25519_sign(seed, text.ptr, text.len, sig);
	buf_putb64(&b64, sig, sizeof(sig));
	forge(f, &evil, buf_str(&b64));
	assert_int_equal(follow(f, &first, &got, &last), -ERR_DAMAGED);
	assert_true(note_key_same(&got, &f->keys->note));
	assert_string_equal(f->e.where, "entry 7");
}

/* As versions before wrote it. */
static void
succession_unsigned(void **state)
{
	struct fixture *f = *state;
	struct note_key first = f->keys->note, got, evil;
	struct succession last;
	uint8_t pub[CRYPTO_PUBLIC] = { 2 };

	note_key_make(first.name, pub, &evil);
	forge(f, &evil, STR_NULL);
	assert_int_equal(follow(f, &first, &got, &last), -ERR_NOTFOUND);
}

/* --- a ring that is not one -------------------------------------------------- */

static void
damaged(void **state)
{
	struct fixture *f = *state;
	BUF_SCOPED b = BUF_INIT;
	const char *path = fixture_path(f, "keys/keyring");
	struct keys *k;

	ok(rotate_body(f->l, STR("test"), &f->e));
	ok(file_read(path, 1 << 16, &b, &f->e));
	for (size_t i = 0; i < b.len; i += i < 40 ? 1 : 7) {
		b.ptr[i] ^= 4;
		ok(file_write(path, 0400, b.ptr, b.len, &f->e));
		int r = keys_open(f->keydir, &k, NULL);
		assert_true(r == -ERR_DAMAGED || r == -ERR_NEWER);
		b.ptr[i] ^= 4;
	}
	for (size_t n = 0; n < b.len; n += 13) {
		ok(file_write(path, 0400, b.ptr, n, &f->e));
		int r = keys_open(f->keydir, &k, NULL);
		assert_true(r == -ERR_DAMAGED || r == -ERR_NEWER);
	}
	ok(file_write(path, 0444, b.ptr, b.len, &f->e));
	assert_int_equal(keys_open(f->keydir, &k, NULL), -ERR_DENIED);
	ok(file_write(path, 0400, b.ptr, b.len, &f->e));
	reopen(f);
}

/* --- killed, and failing, at every call --------------------------------------- */

struct bomb {
	int left;
	bool fail; /* the call fails, and the process goes on */
};

static int
tick(void *ctx, enum file_op op, const char *path)
{
	struct bomb *b = ctx;

	(void)path;
	if (op == FILE_OP_READ || --b->left != 0)
		return (0);
	if (!b->fail)
		_exit(9);
	return (EIO);
}

typedef int rotation(struct ledger *l, struct str actor, struct err *e);

static int
child(const struct fixture *f, rotation *rotate, int n, bool fail)
{
	struct fixture own;
	struct bomb b = { n, fail };

	fixture_paths(&own, f->dir);
	if (fixture_open(&own, true) != 0 || rotate_settle(own.l, NULL) != 0)
		return (1);
	file_fault_install(tick, &b);
	int r = rotate(own.l, STR("test"), NULL);
	file_fault_install(NULL, NULL);
	if (b.left > 0)
		return (r == 0 ? 0 : 1);
	return (9);
}

static void
at_every_call(struct fixture *f, rotation *rotate, bool fail)
{
	struct had h, g;
	int status = 9 << 8, n = 0;

	put(f, "one", &h);
	while (WEXITSTATUS(status) == 9 && n < 300) {
		char text[32];
		fixture_close(f);
		pid_t pid = fork();
		if (pid == 0)
			_exit(child(f, rotate, n + 1, fail));
		n++;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		/* A reader first: it finishes nothing, and reads all. */
		ok(fixture_open(f, false));
		BUF_SCOPED out = BUF_INIT;
		ok(body_get(f->l, h.own, &out, &f->e));
		ok(body_get(f->l, h.of, &out, &f->e));
		fixture_close(f);
		ok(fixture_open(f, true));
		ok(rotate_settle(f->l, &f->e));
		holds(f, &h, "one");
		snprintf(text, sizeof(text), "after %d", n);
		put(f, text, &g);
		reopen(f);
		holds(f, &g, text);
		buf_free(&g.note);
		assert_false(f->keys->has_next);
		assert_int_equal(f->keys->nwraps, 1);
		assert_false(file_exists(fixture_path(f,
		    "keys/master.key.next")));
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(n > 4);
	buf_free(&h.note);
}

static void
killed_master(void **state)
{
	at_every_call(*state, rotate_master, false);
}

static void
killed_body(void **state)
{
	at_every_call(*state, rotate_body, false);
}

static void
killed_signing(void **state)
{
	struct fixture *f = *state;
	struct note_key first = f->keys->note, got;
	struct succession last;

	at_every_call(f, rotate_signing, false);
	assert_true(follow(f, &first, &got, &last) > 2);
	assert_true(note_key_same(&got, &f->keys->note));
}

static void
failed_master(void **state)
{
	at_every_call(*state, rotate_master, true);
}

static void
failed_body(void **state)
{
	at_every_call(*state, rotate_body, true);
}

static void
failed_signing(void **state)
{
	at_every_call(*state, rotate_signing, true);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(master), T(credential), T(body), T(signing), T(succession),
		T(succession_unsigned), T(damaged),
		T(killed_master), T(killed_body), T(killed_signing),
		T(failed_master), T(failed_body), T(failed_signing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
