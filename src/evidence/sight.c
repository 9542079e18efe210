#include "evidence/sight.h"

#include "evidence/identity.h"
#include "record/reader.h"
#include "record/reads.h"

bool
sight_table(const struct record_reader *r, const struct schema_type *t,
    uint64_t *ret_masked)
{
	struct access_facts facts = { .is = ACCESS_UNINVOLVED };
	uint64_t masked = 0;
	bool may = true;

	if (r != NULL && !schema_is_record(t) && r->who.nengagements != 0)
		facts.is |= ACCESS_ENGAGED;
	if (r != NULL && schema_is_record(t))
		facts.is = 0;
	if (r != NULL)
		may = access_row(&r->as, t, &facts, ACCESS_SQL, &masked);
	if (ret_masked != NULL)
		*ret_masked = may ? masked : UINT64_MAX;
	return (may);
}

bool
sight_subject(const struct record_reader *r, const struct schema_type *t)
{
	uint64_t masked;

	sight_table(r, t, &masked);
	if (schema_is_record(t))
		return (true); /* an id */
	for (size_t i = 0; i < t->subject.n; i++)
		if ((masked >> t->subject.at[i] & 1) != 0)
			return (false);
	return (true);
}

/* Nothing personal of it is masked. */
static bool
sees_all(const struct record_reader *r, const struct schema_type *t)
{
	uint64_t masked;

	return (sight_table(r, t, &masked) &&
	    (masked & access_class(t, CLASS_PERSONAL)) == 0);
}

bool
sight_engine(const struct record_reader *r, const char *name)
{
	const struct schema_type *t;
	bool any = false;

	if (r == NULL)
		return (true);
	for (size_t i = 0; i < schema_ntypes; i++)
		any |= !schema_is_record(&schema_types[i]) &&
		    sight_table(r, &schema_types[i], NULL);
	if (strcasecmp(name, "run") == 0 || strcasecmp(name, "coverage") == 0)
		return (any);
	for (size_t i = 0; any && (t = identity_table(i)) != NULL; i++)
		any = sees_all(r, t);
	return (any && sees_all(r, schema_get(T_PERSON)) &&
	    sees_all(r, schema_get(T_HR_PERSON)) &&
	    sees_all(r, schema_get(T_IDENTITY_DECISION)));
}

int
sight_note(struct record_reader *r, const struct query_read *reads, size_t n,
    struct err *e)
{
	int rc = 0;

	if (r == NULL || r->dir == NULL)
		return (0);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct schema_type *t = reads[i].table;
		uint64_t seen = reads[i].columns, masked;
		sight_table(r, t, &masked);
		for (size_t k = 0; reads[i].subject && k < t->subject.n; k++)
			seen |= UINT64_C(1) << t->subject.at[k];
		if ((seen & ~masked & access_guarded(t)) == 0)
			continue;
		struct reads_note note = { .actor = r->who.id,
			.type = str_from(t->name), .how = STR("sql") };
		rc = reads_note(r->dir, &note, e);
		r->noted |= rc == 0;
	}
	return (rc);
}
