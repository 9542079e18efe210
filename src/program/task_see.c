/* Which tasks somebody may see. */
#include "program/task.h"
#include "record/reader.h"

static int
sees(struct task_desk *d, struct record_reader *r, const struct task *t,
    bool theirs, bool *ret, struct err *e)
{
	struct access_facts f;
	struct record *rec;
	uint64_t masked;

	*ret = false;
	if (access_when(&r->as, t->type, ACCESS_RECORD, ACCESS_LIST) ==
	    ACCESS_NEVER)
		return (0);
	int k = record_find(d->s, d->a, t->type, t->record, &rec, e);
	if (k != 0)
		return (k == -ERR_NOTFOUND ? 0 : k);
	k = record_facts(d->s, r, t->type, rec->cells, rec->id, &f, e);
	if (k != 0)
		return (k);
	if (theirs)
		f.is |= ACCESS_ASSIGNED;
	/* A title tells what is internal. */
	*ret = access_row(&r->as, t->type, &f, ACCESS_LIST, &masked) &&
	    (masked & access_class(t->type, CLASS_INTERNAL)) == 0;
	return (0);
}

int
task_see_only(struct task_desk *d, struct record_reader *r, bool own,
    struct task_list *l, struct err *e)
{
	struct arena_mark m = arena_mark(d->a);
	size_t n = 0;
	int k = 0;

	for (size_t i = 0; k == 0 && i < l->n; i++) {
		const struct task *t = &l->at[i];
		bool theirs = own || (r->who.person.len != 0 &&
		    str_eq(t->person, r->who.person)), may;
		k = sees(d, r, t, theirs, &may, e);
		if (k == 0 && may)
			l->at[n++] = *t;
		arena_rewind(d->a, m);
	}
	l->n = n;
	return (k);
}
