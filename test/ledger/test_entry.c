/* The canonical encoding: vectors, refusals, and the round trip. */
#include "fixture.h"

#include "ledger/entry.h"
#include "ledger/id.h"
#include "sys/crypto.h"

#define DATA "test/data/entry/"

static void
test_vectors(void **state)
{
	BUF_SCOPED list = BUF_INIT;
	struct str rest, line;
	int n = 0;

	(void)state;
	assert_int_equal(file_read(DATA "LEAVES", 1 << 20, &list, NULL), 0);
	rest = buf_str(&list);
	while (str_split(&rest, '\n', &line) && line.len > 66) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED bytes = BUF_INIT, again = BUF_INIT;
		uint8_t want[32], leaf[32];
		struct entry x;
		struct err e = { .code = ERR_OK };
		const char *path = arena_printf(&a, DATA STR_FMT,
		    (int)line.len - 66, line.ptr + 66);

		assert_true(str_unhex((struct str){ line.ptr, 64 }, want, 32));
		assert_int_equal(file_read(path, 1 << 20, &bytes, &e), 0);
		if (entry_decode(&a, buf_str(&bytes), &x, &e) != 0)
			fail_msg("%s: %s", path, e.what);
		assert_int_equal(entry_encode(&x, &again, &e), 0);
		assert_true(str_eq(buf_str(&bytes), buf_str(&again)));
		entry_leaf(buf_str(&bytes), leaf);
		assert_memory_equal(leaf, want, 32);
		n++;
	}
	assert_true(n >= 8);
}

static void
test_refused(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n, bad = 0;

	(void)state;
	assert_int_equal(file_list(&a, DATA, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED bytes = BUF_INIT;
		struct entry x;
		struct err e = { .code = ERR_OK };
		if (!str_ends(str_from(names[i]), ".bad"))
			continue;
		const char *path = arena_printf(&a, DATA "%s", names[i]);
		assert_int_equal(file_read(path, 1 << 20, &bytes, &e), 0);
		int r = entry_decode(&a, buf_str(&bytes), &x, &e);
		if (r == 0)
			fail_msg("%s was accepted", path);
		assert_int_equal(r, strcmp(names[i], "newer.bad") == 0 ?
		    -ERR_NEWER : strcmp(names[i], "too-long.bad") == 0 ?
		    -ERR_LIMIT : -ERR_INPUT);
		assert_true(e.what[0] != '\0');
		bad++;
	}
	assert_true(bad >= 35);
}

/*
 * Every change of one bit of a vector is either refused, or is another entry
 * that encodes to exactly those bytes.
 */
static void
test_bits(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	size_t refused = 0;

	(void)state;
	assert_int_equal(file_read(DATA "run.txt", 1 << 20, &b, NULL), 0);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		ARENA_SCOPED a = ARENA_INIT;
		BUF_SCOPED again = BUF_INIT;
		struct entry x;
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		if (entry_decode(&a, buf_str(&b), &x, NULL) != 0) {
			refused++;
		} else {
			assert_int_equal(entry_encode(&x, &again, NULL), 0);
			assert_true(str_eq(buf_str(&b), buf_str(&again)));
		}
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(refused > 0);
}

/* What cannot be encoded is refused by its field, and nothing is written. */
static void
test_encode_refuses(void **state)
{
	static const struct {
		struct str actor, action, type, id, note;
		const char *field;
	} bad[] = {
		{ STR("a b"), STR("put"), STR("t"), STR("x"), STR("1"),
		    "actor" },
		{ STR("a"), STR("Put"), STR("t"), STR("x"), STR("1"),
		    "action" },
		{ STR("a"), STR("put"), STR(""), STR("x"), STR("1"), "type" },
		{ STR("a"), STR("put"), STR("t"), STR("x\ny"), STR("1"),
		    "id" },
		{ STR("a"), STR("put"), STR("t"), STR("x"), STR("1\n"),
		    "note" },
		{ STR("a"), STR("put"), STR("t"), STR("x"), STR(""), "note" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		BUF_SCOPED b = BUF_INIT;
		struct entry_note note = { STR("k"), bad[i].note };
		struct entry x = { .actor = bad[i].actor,
			.action = bad[i].action, .type = bad[i].type,
			.id = bad[i].id, .notes = &note, .nnotes = 1 };
		struct err e = { .code = ERR_OK };
		buf_puts(&b, "before");
		assert_int_equal(entry_encode(&x, &b, &e), -ERR_INPUT);
		assert_string_equal(e.where, bad[i].field);
		assert_string_equal(b.ptr, "before");
	}
}

static void
test_too_long(void **state)
{
	BUF_SCOPED b = BUF_INIT;
	struct entry_body *bodies = calloc(900, sizeof(*bodies));
	struct entry x = { .actor = STR("a"), .action = STR("put"),
		.type = STR("t"), .id = STR("x"), .bodies = bodies,
		.nbodies = 900 };

	(void)state;
	for (int i = 0; i < 900; i++)
		bodies[i].class = STR("chunk");
	assert_int_equal(entry_encode(&x, &b, NULL), -ERR_LIMIT);
	assert_int_equal(b.len, 0);
	x.nbodies = 800;
	assert_int_equal(entry_encode(&x, &b, NULL), 0);
	free(bodies);
}

static void
test_ids(void **state)
{
	char a[ID_LEN + 1], b[ID_LEN + 1];
	uint8_t bits[16];

	(void)state;
	memset(bits, 0, sizeof(bits));
	id_from(bits, a);
	assert_string_equal(a, "00000000000000000000000000");
	memset(bits, 0xff, sizeof(bits));
	id_from(bits, a);
	assert_string_equal(a, "7zzzzzzzzzzzzzzzzzzzzzzzzz");
	for (int i = 0; i < 16; i++)
		bits[i] = (uint8_t)i;
	id_from(bits, a);
	/* the number 0x000102..0f in base 32 */
	assert_string_equal(a, "00041061050r3gg28a1c60t3gf");
	id_new(a);
	id_new(b);
	assert_string_not_equal(a, b);
	assert_true(id_ok(str_from(a)));
	assert_true(entry_token_ok(str_from(a)));
	assert_false(id_ok(STR("8zzzzzzzzzzzzzzzzzzzzzzzzz")));
	assert_false(id_ok(STR("0000000000000000000000000i")));
	assert_false(id_ok(STR("000000000000000000000000")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_encode_refuses),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_ids),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
