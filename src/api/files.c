#include "api/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "api/past.h"
#include "base/map.h"
#include "record/workspace.h"
#include "schema/kind.h"
#include "sys/file.h"
#include "sys/xlsx.h"
#include "text/csv.h"
#include "text/json.h"

#define PIECE 65536     /* written to the file at a time */
#define HANDLES 100000  /* that are remembered */

struct file_out {
	struct context *x;
	struct call *c;
	struct lists *l;
	int fd;
	char path[4200];      /* while it has a name */
	struct buf buf;
	struct csv_writer csv;
	struct json_writer json;
	struct xlsx *sheet;
	struct val *extra;    /* names of the organisation's own fields */
	struct arena names;   /* of the handles that were looked up */
	struct map handles;
};

static int
flush(struct file_out *f, size_t from, struct err *e)
{
	for (size_t at = 0; f->buf.len > from && at < f->buf.len;) {
		ssize_t n = write(f->fd, f->buf.ptr + at, f->buf.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return (file_error(e, errno, "writing", "an export"));
		at += (size_t)n;
		if (at == f->buf.len)
			buf_reset(&f->buf);
	}
	return (0);
}

/* The name that people know a record by. */
static struct str
handle_of(struct file_out *f, const struct schema_type *t, struct str id)
{
	struct str *have = map_get(&f->handles, id);

	if (have != NULL)
		return (*have);
	if (f->handles.n >= HANDLES) {
		arena_free(&f->names);
		map_init(&f->handles, &f->names);
	}
	have = arena_new(&f->names, struct str);
	*have = record_handle(f->x->store, &f->names, t, id);
	map_put(&f->handles, arena_str(&f->names, id), have);
	return (*have);
}

static struct str
cell_text(struct file_out *f, struct arena *a, const struct record *r,
    size_t field)
{
	const struct schema_field *s = &r->type->fields[field];
	struct cell c = r->cells[field];
	BUF_SCOPED b = BUF_INIT;
	struct str *items;

	if (kind_is_ref(s) && c.state == CELL_VALUE) {
		size_t n = kind_items(a, s, &c, &items);
		for (size_t i = 0; i < n; i++)
			items[i] = handle_of(f, schema_get(s->target), items[i]);
		c = kind_join(a, s, items, n);
	}
	kind_print(s, &c, &b);
	return (b.len != 0 ? arena_str(a, buf_str(&b)) : STR(""));
}

static struct str
extra_text(struct arena *a, const struct val *v)
{
	if (v == NULL)
		return (STR(""));
	if (v->type == VAL_STR)
		return (v->u.s);
	if (v->type == VAL_INT)
		return (str_from(arena_printf(a, "%lld", (long long)v->u.i)));
	return (v->u.b ? STR("yes") : STR("no"));
}

static int
put_cell(struct file_out *f, struct str s, bool number, struct err *e)
{
	int64_t n;

	if (f->sheet == NULL) {
		csv_put(&f->csv, s);
		return (0);
	}
	return (number && str_to_i64(s, &n) ? xlsx_number(f->sheet, n, e) :
	    xlsx_text(f->sheet, s, e));
}

static void
end_row(struct file_out *f)
{
	if (f->sheet != NULL)
		xlsx_endrow(f->sheet);
	else
		csv_endrow(&f->csv);
}

static int
put_header(struct file_out *f, struct err *e)
{
	const struct schema_type *t = f->c->type;
	int r = put_cell(f, STR("id"), false, e);

	if (r == 0 && !f->l->past)
		r = put_cell(f, STR("rev"), false, e);
	for (size_t i = 0; r == 0 && i < t->nfields; i++)
		if (f->l->shown[i])
			r = put_cell(f, str_from(t->fields[i].name), false, e);
	for (size_t i = 0; r == 0 && i < val_count(f->extra); i++)
		r = put_cell(f, str_from(arena_printf(&f->c->a, "extra." STR_FMT,
		    STR_ARG(f->extra->u.map.key[i]))), false, e);
	end_row(f);
	return (r);
}

static int
put_row(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;
	ARENA_SCOPED a = ARENA_INIT;
	int r = put_cell(f, rec->id, false, e);

	if (r == 0 && !f->l->past)
		r = put_cell(f, str_from(arena_printf(&a, "%lld",
		    (long long)rec->rev)), true, e);
	for (size_t i = 0; r == 0 && i < rec->type->nfields; i++)
		if (f->l->shown[i])
			r = put_cell(f, cell_text(f, &a, rec, i),
			    kind_integer(&rec->type->fields[i]), e);
	for (size_t i = 0; r == 0 && i < val_count(f->extra); i++)
		r = put_cell(f, extra_text(&a, val_getstr(rec->extra,
		    f->extra->u.map.key[i])), false, e);
	end_row(f);
	return (r != 0 ? r : flush(f, PIECE, e));
}

static int
put_object(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;

	lists_record(&f->json, f->x, rec, f->l->shown, true);
	return (flush(f, PIECE, e));
}

static int
gather_extra(void *ctx, const struct record *rec, struct err *e)
{
	struct file_out *f = ctx;

	(void)e;
	for (size_t k = 0; k < val_count(rec->extra); k++)
		if (val_getstr(f->extra, rec->extra->u.map.key[k]) == NULL)
			val_putstr(&f->c->a, f->extra,
			    rec->extra->u.map.key[k], val_null(&f->c->a));
	return (0);
}

static int
each(struct file_out *f, record_each_fn *fn, struct err *e)
{
	return (f->l->past ? past_each(f->x, f->c, f->l, fn, f, e) :
	    record_each(f->x->store, f->c->type, &f->l->q, fn, f, e));
}

/* The file, without a name: it is gone when it was sent. */
static int
open_file(struct file_out *f, struct err *e)
{
	const char *dir = f->x->ws->dir;

	snprintf(f->path, sizeof(f->path), "%s/export.XXXXXX.tmp", dir);
	f->fd = mkostemps(f->path, 4, O_CLOEXEC);
	if (f->fd < 0)
		return (file_error(e, errno, "making", f->path));
	if (f->l->format == LISTS_XLSX)
		return (xlsx_new(f->path, "Records", &f->sheet, e));
	unlink(f->path);
	f->path[0] = '\0';
	return (0);
}

static int
write_json(struct file_out *f, struct err *e)
{
	json_begin(&f->json, &f->buf, false);
	json_array(&f->json);
	int r = each(f, put_object, e);
	if (r != 0)
		return (r);
	json_close(&f->json);
	json_end(&f->json, NULL);
	buf_putc(&f->buf, '\n');
	return (0);
}

static int
write_table(struct file_out *f, struct err *e)
{
	const struct schema_type *t = f->c->type;
	int r = 0;

	f->extra = val_map(&f->c->a);
	f->csv = CSV_WRITER(&f->buf);
	f->csv.guard = true;
	if (t->mode == MODE_OPEN && f->l->shown[t->nfields] && !f->l->past)
		r = each(f, gather_extra, e);
	if (r == 0)
		r = put_header(f, e);
	return (r != 0 ? r : each(f, put_row, e));
}

/* XLSX writes a new file under the name. */
static int
finish(struct file_out *f, struct err *e)
{
	struct xlsx *x = f->sheet;

	if (x == NULL)
		return (flush(f, 0, e));
	f->sheet = NULL;
	int r = xlsx_close(x, e);
	if (r != 0)
		return (r);
	close(f->fd);
	f->fd = open(f->path, O_RDONLY | O_CLOEXEC);
	return (f->fd >= 0 ? 0 : file_error(e, errno, "opening", f->path));
}

static void
end(struct file_out *f)
{
	xlsx_free(f->sheet);
	if (f->path[0] != '\0')
		unlink(f->path);
	if (f->fd >= 0)
		close(f->fd);
	buf_free(&f->buf);
	arena_free(&f->names);
}

int
files_answer(struct context *x, struct call *c, struct lists *l,
    struct err *e)
{
	static const char *const endings[] = { "json", "csv", "xlsx" };
	static const char *const media[] = { NULL, "text/csv; charset=utf-8",
		FILES_XLSX };
	struct file_out f = { .x = x, .c = c, .l = l, .fd = -1 };
	off_t size;

	map_init(&f.handles, &f.names);
	int r = open_file(&f, e);
	if (r == 0)
		r = l->format == LISTS_JSON ? write_json(&f, e) :
		    write_table(&f, e);
	if (r == 0)
		r = finish(&f, e);
	if (r == 0 && (size = lseek(f.fd, 0, SEEK_END)) < 0)
		r = file_error(e, errno, "reading", "an export");
	if (r == 0) {
		c->status = 200;
		c->media = media[l->format];
		c->fd = f.fd;
		c->size = (uint64_t)size;
		f.fd = -1;
		call_header(c, "Content-Disposition", arena_printf(&c->a,
		    "attachment; filename=\"%s.%s\"", c->type->name,
		    endings[l->format]));
	}
	end(&f);
	return (r);
}
