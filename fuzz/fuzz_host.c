/* Lines of /proc, control files and versions, and bundles of the helper. */
#include "collect/host.h"
#include "helper/helper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str all = { (const char *)data, size }, rest = all, line;
	struct str last = STR_NULL, stanza;
	struct helper_file f;

	while (str_split(&rest, '\n', &line)) {
		struct sockets_line s;
		struct disks_mount m;

		for (int i = 0; i < 4; i++)
			(void)sockets_read(line, i & 1, i & 2, &s);
		(void)disks_read_mount(&a, line, &m);
		/* Whichever way round, they agree. */
		int r = packages_compare(last, line);
		int back = packages_compare(line, last);
		if ((r > 0) != (back < 0) || (r < 0) != (back > 0) ||
		    packages_compare(line, line) != 0)
			abort();
		last = line;
	}
	rest = all;
	while (packages_next(&rest, &stanza))
		(void)packages_field(stanza, "Package");
	rest = all;
	while (helper_bundle_next(&rest, &f, NULL) == 1)
		;
	return (0);
}
