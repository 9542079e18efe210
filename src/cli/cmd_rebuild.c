/* tickmark rebuild: make the databases again from the ledger and the bodies. */
#include "cli/commands.h"
#include "cli/session.h"
#include "record/restore.h"

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	uint8_t digest[32];
	BUF_SCOPED hex = BUF_INIT;
	struct ledger_head head;
	struct restore_counts restored = { 0 };
	bool records = cli_opt(c, "records") != NULL;

	int r = records ? restore_records(c->arg[0], &restored, e) : 0;
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = evidence_rebuild(s.ev, e);
	if (r == 0)
		r = evidence_digest(s.ev, digest, e);
	if (r == 0)
		r = session_done(&s, e);
	if (r == 0)
		r = ledger_head(s.ws->ledger, &head, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	buf_puthex(&hex, digest, sizeof(digest));
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)head.size));
		val_put(c->arena, m, "digest", val_text(c->arena, hex.ptr));
		cli_print_json(c, m);
		return (0);
	}
	if (records)
		printf("rebuilt records.db: %llu entries, %llu revisions%s\n",
		    (unsigned long long)restored.entries,
		    (unsigned long long)restored.revisions, restored.kept ?
		    "; the old one is records.db.before" : "");
	printf("rebuilt evidence.db from %llu entries\ndigest %s\n",
	    (unsigned long long)head.size, hex.ptr);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "records", OPT_FLAG, NULL, "records.db too, which may be missing or damaged" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_rebuild = {
	"rebuild", "DIR [--records]", "make the databases again from the ledger",
	"Deletes the projection and replays every entry of the ledger. The digest is\n"
	"that of a canonical dump: two rebuilds of one ledger print the same.\n"
	"If it fails, the old database stays.",
	1, 1, opts, run, false,
};
