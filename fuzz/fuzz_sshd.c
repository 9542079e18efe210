/* sshd_config: every setting once, but those that may be repeated. */
#include "collect/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str input;

static struct str
include(void *ctx, struct str pattern)
{
	(void)ctx;
	(void)pattern;
	return (input.len < 4096 ? input : STR_NULL); /* of itself */
}

static void
look(void *ctx, struct str option, struct str value)
{
	int *n = ctx;

	if (option.len == 0 || value.len == 0)
		abort();
	if (str_is(option, "permitrootlogin"))
		++*n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	int n = 0;

	/* Included files multiply: a few lines are enough. */
	input = (struct str){ (const char *)data, size < 256 ? size : 256 };
	sshd_read(&a, input, include, look, &n);
	if (n != 1)
		abort();
	return (0);
}
