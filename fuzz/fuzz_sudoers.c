/* sudoers: any text gives rules whose parts are not empty. */
#include "collect/host.h"
#include "helper/helper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(void *ctx, const struct sudoers_rule *r)
{
	(void)ctx;
	if (r->who.len == 0 || r->hosts.len == 0 || r->runas.len == 0 ||
	    r->commands.len == 0 || r->line < 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;

	helper_bundle_put(&b, &(struct helper_file){ STR("/etc/sudoers"),
	    { (const char *)data, size }, 0, 0440 });
	if (sudoers_read(&a, buf_str(&b), look, NULL, NULL) != 0)
		abort();
	/* The same bytes as a bundle. */
	(void)sudoers_read(&a, (struct str){ (const char *)data, size }, look,
	    NULL, NULL);
	return (0);
}
