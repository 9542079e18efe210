/*
 * JSON: the parser and the scan that explains its errors must agree on every
 * input; what is accepted has one canonical form; lines come out the same
 * however they are cut; what the writer writes reads back.
 */
#include "sys/json_shim.h"
#include "text/json.h"
#include "text/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
agree(struct arena *a, struct str text)
{
	struct sys_json *j = sys_json_new(JSON_MAX_DEPTH);
	struct json_fault fault;
	struct val *v;
	size_t nth = 0;

	enum sys_json_status st = sys_json_parse(j, a, text, &nth, &v);
	sys_json_free(j);
	bool ok = json_scan(text, JSON_MAX_DEPTH,
	    st == SYS_JSON_DUPLICATE ? nth : 0, NULL, &fault);
	if (ok != (st == SYS_JSON_OK))
		BUG("parser says %d, scan says %d", st, ok);
}

static void
round_trip(struct arena *a, const struct val *v)
{
	BUF_SCOPED once = BUF_INIT;
	BUF_SCOPED twice = BUF_INIT;
	BUF_SCOPED pretty = BUF_INIT;
	struct json_writer w;
	struct val *again;
	struct err e;

	json_begin(&w, &pretty, true);
	json_put_val(&w, v);
	json_end(&w, NULL);
	if (json_parse(a, "pretty", buf_str(&pretty), &again, &e) != 0)
		BUG("%s: %s", pretty.ptr, e.what);
	if (json_canonical(&once, v, &e) != 0)
		return; /* it has a real */
	if (json_canonical(&twice, again, &e) != 0 ||
	    !str_eq(buf_str(&once), buf_str(&twice)))
		BUG("%s is not %s", once.ptr, twice.ptr);
}

static int
lines(struct arena *a, struct str text, size_t step, struct buf *out)
{
	struct json_lines *l = json_lines_new("t");
	struct json_writer w;
	struct val *v;
	struct err e;
	size_t at = 0;
	int r;

	do {
		size_t n = text.len - at < step ? text.len - at : step;
		json_lines_feed(l, (struct str){ text.ptr + at, n },
		    at + n == text.len);
		at += n;
		while ((r = json_lines_next(l, a, &v, &e)) > 0) {
			json_begin(&w, out, false);
			json_put_val(&w, v);
			json_end(&w, NULL);
			buf_printf(out, "@%d\n", v->line);
		}
	} while (r == 0 && at < text.len);
	if (r != 0)
		buf_puts(out, e.where);
	json_lines_free(l);
	return (r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED whole = BUF_INIT;
	BUF_SCOPED cut = BUF_INIT;
	struct str text = { size != 0 ? (const char *)data : "", size };
	struct val *v;
	struct err e;

	agree(&a, text);
	if (json_parse(&a, "t", text, &v, &e) == 0)
		round_trip(&a, v);
	if (size == 0)
		return (0);
	int r = lines(&a, text, size, &whole);
	if (lines(&a, text, 1 + data[0] % 16, &cut) != r ||
	    !str_eq(buf_str(&whole), buf_str(&cut)))
		BUG("%s is not %s", cut.ptr, whole.ptr);
	return (0);
}
