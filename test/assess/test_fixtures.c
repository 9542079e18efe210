/*
 * Every procedure of the program against its fixtures. With arguments, only
 * those ids. Two processes share the work: nothing in them touches the other.
 */
#include "assess/fixture.h"

static struct procedure_set set;
static int argc_ids;
static char **argv_ids;

static bool
chosen(struct str id)
{
	for (int i = 0; i < argc_ids; i++)
		if (str_is(id, argv_ids[i]))
			return (true);
	return (argc_ids == 0);
}

static int
share(size_t part, size_t parts)
{
	int wrong = 0;

	for (size_t i = 0; i < set.n; i++) {
		const struct procedure *p = &set.at[i];
		char path[256];
		snprintf(path, sizeof(path), "content/procedures/" STR_FMT ".yaml",
		    STR_ARG(p->id));
		struct str text = content_find(path);
		if (i % parts != part || !chosen(p->id))
			continue;
		if (text.ptr == NULL) {
			print_error("%s is missing\n", path);
			wrong++;
		} else {
			wrong += run_fixtures(p->id, path, text);
		}
	}
	return (wrong > 100 ? 100 : wrong);
}

static void
test_all(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err e;
	int status = 1, wrong;

	(void)state;
	if (procedure_load(&a, NULL, &set, &e) != 0)
		fail_msg("%s: %s", e.where, e.what);
	assert_true(set.n >= 26);
	world_make_template();
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(share(1, 2));
	wrong = share(0, 2);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	world_drop_template();
	assert_int_equal(wrong, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	argc_ids = argc - 1;
	argv_ids = argv + 1;
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
