#include "record/exchange.h"

#include "record/reader.h"
#include "schema/kind.h"
#include "text/csv.h"
#include "text/json.h"
#include "text/yaml.h"

/* To be taken out, which not everybody may who may look. */
static int
take(struct record_store *s, struct arena *a, const struct schema_type *t,
    const struct record_query *q, struct record_list *ret, struct err *e)
{
	struct record_query own = { .sort = -1 };

	if (q != NULL)
		own = *q;
	own.taking = true;
	return (record_list(s, a, t, &own, ret, e));
}

static int
as_list(struct record_store *s, struct arena *a, const struct schema_type *t,
    const struct record_query *q, struct val **ret, struct err *e)
{
	struct record_list l;
	struct val *list = val_list(a);
	int r = take(s, a, t, q, &l, e);

	for (size_t i = 0; r == 0 && i < l.n; i++)
		val_push(a, list, record_to_val(s, a, &l.at[i]));
	if (r == 0)
		*ret = list;
	return (r);
}

/* All types means all that the reader may take. */
static bool
may_take(const struct record_store *s, const struct schema_type *t)
{
	return (s->reader == NULL || access_when(&s->reader->as, t,
	    ACCESS_RECORD, ACCESS_EXPORT) != ACCESS_NEVER);
}

static int
export_tree(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct record_query *q,
    enum record_format format, struct buf *out, struct err *e)
{
	struct val *top, *list;
	int r = 0;

	if (t != NULL) {
		r = as_list(s, a, t, q, &top, e);
	} else {
		top = val_map(a);
		for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
			if (!schema_is_record(&schema_types[i]) || !may_take(s,
			    &schema_types[i]))
				continue;
			r = as_list(s, a, &schema_types[i], NULL, &list, e);
			if (r == 0 && val_count(list) != 0)
				val_put(a, top, schema_types[i].name, list);
		}
	}
	if (r != 0)
		return (r);
	if (format == RECORD_YAML) {
		yaml_put_val(out, top);
		return (0);
	}
	struct json_writer w;
	json_begin(&w, out, true);
	json_put_val(&w, top);
	return (json_end(&w, e));
}

/* Names of extra fields that any of the records has, in order of meeting. */
static struct val *
extra_names(struct arena *a, const struct record_list *l)
{
	struct val *names = val_map(a);

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < val_count(l->at[i].extra); k++)
			val_putstr(a, names, l->at[i].extra->u.map.key[k],
			    val_null(a));
	return (names);
}

static void
put_extra(struct csv_writer *w, const struct val *v)
{
	if (v == NULL)
		csv_puttext(w, NULL);
	else if (v->type == VAL_STR)
		csv_put(w, v->u.s);
	else if (v->type == VAL_INT)
		csv_putint(w, v->u.i);
	else
		csv_puttext(w, v->u.b ? "yes" : "no");
}

static int
export_csv(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct record_query *q,
    struct buf *out, struct err *e)
{
	struct csv_writer w = CSV_WRITER(out);
	struct record_list l;
	int r = take(s, a, t, q, &l, e);

	if (r != 0)
		return (r);
	w.guard = true;
	struct val *extra = extra_names(a, &l);
	csv_puttext(&w, "id");
	csv_puttext(&w, "rev");
	for (size_t i = 0; i < t->nfields; i++)
		csv_puttext(&w, t->fields[i].name);
	for (size_t i = 0; i < val_count(extra); i++)
		csv_puttext(&w, arena_printf(a, "extra." STR_FMT,
		    STR_ARG(extra->u.map.key[i])));
	csv_endrow(&w);
	for (size_t i = 0; i < l.n; i++) {
		csv_put(&w, l.at[i].id);
		csv_putint(&w, l.at[i].rev);
		for (size_t k = 0; k < t->nfields; k++)
			csv_put(&w, record_text(s, a, &l.at[i], k));
		for (size_t k = 0; k < val_count(extra); k++)
			put_extra(&w, val_getstr(l.at[i].extra,
			    extra->u.map.key[k]));
		csv_endrow(&w);
	}
	return (0);
}

int
record_export(struct record_store *s, const struct schema_type *t,
    const struct record_query *q, enum record_format format, struct buf *out,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	if (format != RECORD_CSV)
		return (export_tree(s, &a, t, q, format, out, e));
	if (t == NULL)
		return (err_set(e, ERR_USAGE, NULL, "name the type",
		    "a CSV file holds records of one type"));
	return (export_csv(s, &a, t, q, out, e));
}
