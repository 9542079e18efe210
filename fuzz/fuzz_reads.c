/* A line of DIR/reads: what is taken is one line again, the same. */
#include "record/reads.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = { (const char *)data, size }, mark;
	struct reads_note n;
	BUF_SCOPED b = BUF_INIT;
	int64_t at;

	if (!reads_parse(line, &n, &at, &mark))
		return (0);
	if (size >= READS_LINE || memchr(data, '\n', size) != NULL ||
	    memchr(data, '\0', size) != NULL || at < 0)
		abort();
	/* Numbers have one form, but for zeros before them. */
	struct reads_note again;
	struct str m;
	int64_t t;
	buf_printf(&b, "read/1 %lld " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT
	    " %llu " STR_FMT, (long long)at, STR_ARG(mark), STR_ARG(n.actor),
	    STR_ARG(n.type), STR_ARG(n.id.len != 0 ? n.id : STR("*")),
	    (unsigned long long)n.count, STR_ARG(n.how));
	if (!reads_parse(buf_str(&b), &again, &t, &m) || t != at ||
	    !str_eq(m, mark) || !str_eq(again.actor, n.actor) ||
	    again.count != n.count || !str_eq(again.how, n.how))
		abort();
	return (0);
}
