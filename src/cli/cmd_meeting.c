/* tickmark meeting: the pack of a meeting. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/said.h"
#include "report/pack_doc.h"
#include "report/report.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define PACK_MAX ((size_t)64 << 20)

/* The digest of the file: for the field pack_hash of the meeting. */
static int
hash_of(const char *path, struct buf *hex, struct err *e)
{
	BUF_SCOPED bytes = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];
	int r = file_read(path, PACK_MAX, &bytes, e);

	if (r != 0)
		return (r);
	crypto_sha256(bytes.ptr, bytes.len, hash);
	buf_puthex(hex, hash, sizeof(hash));
	return (0);
}

static void
say(struct cli *c, const char *out, const char *hex,
    const struct report_result *res)
{
	struct val *m;

	if (!c->json) {
		printf("wrote %s, %llu bytes; SHA-256 %s\n", out,
		    (unsigned long long)res->bytes, hex);
		printf("when it is sent: tickmark record %s meeting put %s "
		    "pack_hash=%s pack_sent_on=DAY\n", cli_word(c, c->arg[0]),
		    cli_word(c, c->arg[2]), hex);
		return;
	}
	m = val_map(c->arena);
	val_put(c->arena, m, "file", val_text(c->arena, out));
	val_put(c->arena, m, "bytes", val_int(c->arena, (int64_t)res->bytes));
	val_put(c->arena, m, "sha256", val_text(c->arena, hex));
	cli_print_json(c, m);
}

static int
write_pack(struct cli *c, const char *out, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	BUF_SCOPED hex = BUF_INIT;
	struct act x = { .a = c->arena, .who = actor_me(c->arena) };
	struct report_result res = { 0 };
	struct record *meeting;
	struct doc *d;
	int r = session_open(c, SESSION_READ, &s, e);

	x.ws = s.ws;
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = record_find(&s.ws->records, c->arena, schema_get(T_MEETING),
		    str_from(c->arg[2]), &meeting, e);
	if (r == 0)
		r = pack_doc(&x, s.as, s.zone, meeting,
		    said_now(&s.ws->records), &d, e);
	if (r == 0)
		r = report_document(d, out, &res, e);
	if (r == 0)
		r = hash_of(out, &hex, e);
	if (r == 0)
		say(c, out, hex.ptr, &res);
	return (r);
}

static int
run(struct cli *c, struct err *e)
{
	const char *out = cli_opt(c, "o");

	if (strcmp(c->arg[1], "pack") != 0)
		return (err_set(e, ERR_USAGE, c->arg[1], "pack; meetings are "
		    "records: see tickmark record DIR meeting",
		    "this is not done to a meeting"));
	if (out == NULL)
		return (err_set(e, ERR_USAGE, "-o", "such as -o pack.pdf or "
		    "pack.html", "it is not said where to write the pack"));
	return (write_pack(c, out, e));
}

static const struct cli_opt opts[] = {
	{ "o", OPT_SHORT, "FILE", "file to write, .pdf or .html" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_meeting = {
	"meeting", "DIR pack CODE -o FILE",
	"the pack that a board or committee reads beforehand",
	"Writes what the members of a meeting read beforehand: its agenda and the\n"
	"decisions that are open, how the criteria stand and what changed since the\n"
	"last meeting of the same body, controls that were late or missed, findings\n"
	"and recommendations, risks, incidents, vendors.\n"
	"\n"
	"  tickmark record work meeting put code=BRD-2026-Q1 body=Board \\\n"
	"      planned_on=2026-03-31\n"
	"  tickmark meeting work pack BRD-2026-Q1 -o pack.pdf\n"
	"  tickmark record work decision put meeting=BRD-2026-Q1 number=1 text=\"...\"",
	3, 3, opts, run, false,
};
