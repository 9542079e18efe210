/* Commits as rev-list prints them, with NUL between; and its lines of dates. */
#include "collect/gitlog.h"
#include "collect/gitseen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str rest = { (const char *)data, size }, record;
	struct gitlog_ways *w = gitlog_ways_new(STR(
	    "0123456789012345678901234567890123456789"));

	struct gitseen *seen = gitseen_new();
	(void)gitseen_lines(seen, rest);
	gitseen_free(seen);
	(void)gitlog_trailers(rest);
	while (str_split(&rest, '\0', &record)) {
		struct gitlog_commit c;
		struct gitlog_way way;
		if (gitlog_read(&a, record, &c, NULL) != 0)
			continue;
		gitlog_way(w, &c, &way);
		if (way.direct && way.merge.len > 0)
			abort();
		if (memchr(c.subject.ptr, '\n', c.subject.len) != NULL)
			abort();
	}
	gitlog_ways_free(w);
	return (0);
}
