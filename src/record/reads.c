#include "record/reads.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "ledger/id.h"
#include "ledger/ledger.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define NAME "reads"
#define READS_MAX ((size_t)256 << 20) /* bytes of the file */
#define BATCH 1000                    /* entries of one transaction */

/* Open and locked: who notes a read holds it for a moment, who settles until
 * the file is empty. */
struct queue {
	struct file f;
	const char *path;
};

static void
queue_close(struct queue *q)
{
	file_close(&q->f);
}
#define QUEUE_SCOPED __attribute__((cleanup(queue_close))) struct queue

static int
queue_open(struct arena *a, const char *dir, struct queue *q, struct err *e)
{
	q->path = arena_printf(a, "%s/%s", dir, NAME);
	int r = file_open(&q->f, q->path, FILE_APPEND, 0600, e);

	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	while (r == 0 && fcntl(q->f.fd, F_OFD_SETLKW, &all) != 0)
		if (errno != EINTR)
			r = file_error(e, errno, "locking", q->path);
	return (r);
}

/* At the end; what a power cut tore there gets a line of its own first. */
static int
put_line(struct queue *q, struct str line, uint64_t size, struct err *e)
{
	uint64_t at = size;
	char last = '\n';
	int r = size > 0 ? file_pread(&q->f, &last, 1, size - 1, e) : 0;

	if (r == 0 && last != '\n')
		r = file_pwrite(&q->f, "\n", 1, at++, e);
	if (r == 0)
		r = file_pwrite(&q->f, line.ptr, line.len, at, e);
	if (r == 0)
		r = file_sync(&q->f, e);
	if (r != 0)
		file_truncate(&q->f, size, NULL);
	return (r);
}

int
reads_note(const char *dir, const struct reads_note *n, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	QUEUE_SCOPED q = { .f = FILE_INIT };
	char mark[ID_LEN + 1];
	uint64_t size;

	id_new(mark);
	const char *line = arena_printf(&a, "read/1 %lld %s " STR_FMT " " STR_FMT
	    " " STR_FMT " %llu " STR_FMT "\n", (long long)clock_now(), mark,
	    STR_ARG(n->actor), STR_ARG(n->type), STR_ARG(n->id.len != 0 ? n->id :
	    STR("*")), (unsigned long long)n->count, STR_ARG(n->how));
	struct reads_note back;
	struct str s = str_from(line), m;
	int64_t at;
	if (s.len > READS_LINE || !reads_parse((struct str){ s.ptr, s.len - 1 },
	    &back, &at, &m))
		BUG("a note of a read that nobody could read: %s", line);
	int r = queue_open(&a, dir, &q, e);
	if (r == 0)
		r = file_size(&q.f, &size, e);
	if (r == 0 && size + s.len > READS_MAX)
		r = err_set(e, ERR_LIMIT, q.path, "let a command that writes take "
		    "them up, such as tickmark collect", "too many reads wait to be "
		    "written into the ledger");
	if (r == 0)
		r = put_line(&q, s, size, e);
	if (r == 0)
		return (0);
	struct err why = *e;
	return (err_set(e, why.code, why.where, why.fix, "what is personal or "
	    "restricted is shown only when the read can be recorded, and it "
	    "cannot: %s", why.what));
}

bool
reads_parse(struct str line, struct reads_note *ret, int64_t *ret_time,
    struct str *ret_mark)
{
	struct str part[8], rest = line;
	struct reads_note n;
	int64_t at;
	size_t k = 0;

	while (k < 8 && str_split(&rest, ' ', &part[k]))
		k++;
	if (k != 8 || rest.ptr != NULL || line.len >= READS_LINE ||
	    !str_is(part[0], "read/1") || !str_to_i64(part[1], &at) || at < 0 ||
	    !id_ok(part[2]) || !entry_token_ok(part[3]) ||
	    !entry_word_ok(part[4]) || !entry_token_ok(part[5]) ||
	    !str_to_u64(part[6], &n.count) || !entry_word_ok(part[7]))
		return (false);
	n.actor = part[3];
	n.type = part[4];
	n.id = str_is(part[5], "*") ? STR_NULL : part[5];
	n.how = part[7];
	*ret = n;
	*ret_time = at;
	*ret_mark = part[2];
	return (true);
}

/* --- into the ledger ----------------------------------------------------------- */

struct settling {
	struct ledger *l;
	struct map there; /* marks that are in the ledger already */
	struct arena *a;
};

static int
take_mark(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct settling *s = ctx;

	(void)index;
	(void)e;
	struct str m = entry_note_get(x, "mark");
	if (str_is(x->action, "read") && m.ptr != NULL)
		map_put(&s->there, arena_str(s->a, m), s);
	return (0);
}

/*
 * After a crash between the commit and the emptying, the first lines are in the
 * ledger. The line of a read is older than its entry: where that is, is not
 * known, but only the last of the ledger's entries can be it.
 */
static int
find_marks(struct settling *s, size_t lines, struct err *e)
{
	struct ledger_head head;
	int r = ledger_head(s->l, &head, e);

	map_init(&s->there, s->a);
	if (r != 0)
		return (r);
	/* Others may have come behind them: look at some more. */
	uint64_t back = (uint64_t)lines + 1000;
	return (ledger_each(s->l, head.size > back ? head.size - back : 0,
	    UINT64_MAX, take_mark, s, e));
}

static int
append(struct settling *s, struct str line, struct err *e)
{
	struct reads_note n;
	struct str mark;
	int64_t at;
	char count[24], when[24];

	if (!reads_parse(line, &n, &at, &mark))
		return (1);
	if (map_get(&s->there, mark) != NULL)
		return (0);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)n.count);
	snprintf(when, sizeof(when), "%lld", (long long)at);
	struct entry_note notes[4] = { { STR("at"), str_from(when) },
		{ STR("by"), n.how }, { STR("mark"), mark },
		{ STR("count"), str_from(count) } };
	struct entry x = { .actor = n.actor, .action = STR("read"),
		.type = n.type, .id = n.id.len != 0 ? n.id : STR("*"),
		.notes = notes, .nnotes = n.count != 0 ? 4 : 3 };
	return (ledger_append(s->l, &x, NULL, NULL, e));
}

static int
append_lost(struct settling *s, uint64_t lines, struct str bytes,
    struct err *e)
{
	char count[24], hex[65];
	uint8_t sum[CRYPTO_HASH];

	crypto_sha256(bytes.ptr, bytes.len, sum);
	for (int i = 0; i < CRYPTO_HASH; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	snprintf(count, sizeof(count), "%llu", (unsigned long long)lines);
	struct entry_note notes[2] = { { STR("count"), str_from(count) },
		{ STR("sha256"), { hex, 64 } } };
	struct entry x = { .actor = STR("tickmark"), .action = STR("reads-lost"),
		.type = STR("reads"), .id = STR("*"), .notes = notes,
		.nnotes = 2 };

	return (ledger_append(s->l, &x, NULL, NULL, e));
}

static int
append_all(struct settling *s, struct str text, struct err *e)
{
	BUF_SCOPED lost = BUF_INIT;
	uint64_t nlost = 0;
	struct str rest = text, line;
	int r = 0;

	while (r == 0 && rest.len != 0) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		/* Torn by a power cut: what it speaks of was never handed out. */
		if (end == NULL)
			break;
		line = (struct str){ rest.ptr, (size_t)(end - rest.ptr) };
		rest = (struct str){ end + 1, rest.len - line.len - 1 };
		r = append(s, line, e);
		if (r > 0) {
			nlost++;
			buf_putstr(&lost, line);
			buf_putc(&lost, '\n');
			r = 0;
		}
	}
	if (r == 0 && nlost != 0)
		r = append_lost(s, nlost, buf_str(&lost), e);
	return (r);
}

static size_t
count_lines(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return (n);
}

int
reads_settle(const char *dir, struct ledger *l, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	ARENA_SCOPED marks = ARENA_INIT;
	QUEUE_SCOPED q = { .f = FILE_INIT };
	BUF_SCOPED text = BUF_INIT;
	struct settling s = { .l = l, .a = &marks };
	struct stat st;
	const char *path = arena_printf(&a, "%s/%s", dir, NAME);

	if (stat(path, &st) != 0 || st.st_size == 0)
		return (0);
	int r = queue_open(&a, dir, &q, e);
	if (r == 0)
		r = file_read(path, READS_MAX, &text, e);
	if (r != 0 || text.len == 0)
		return (r);
	r = find_marks(&s, count_lines(buf_str(&text)), e);
	if (r == 0)
		r = ledger_begin(l, e);
	if (r == 0) {
		r = append_all(&s, buf_str(&text), e);
		if (r == 0)
			r = ledger_commit(l, e);
		else
			ledger_rollback(l);
	}
	if (r == 0)
		r = file_truncate(&q.f, 0, e);
	return (r);
}

int
reads_waiting(const char *dir, uint64_t *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED text = BUF_INIT;
	int r = file_read(arena_printf(&a, "%s/%s", dir, NAME), READS_MAX, &text,
	    e);

	if (r != 0 && r != -ERR_NOTFOUND)
		return (r);
	*ret = r == 0 ? count_lines(buf_str(&text)) : 0;
	return (0);
}
