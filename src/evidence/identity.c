#include "evidence/identity.h"

#include "base/content.h"
#include "sys/crypto.h"

#define RULES_FILE "content/identity.rules"
#define RULES_MAX 128

struct rule {
	const struct schema_type *table;
	struct str column;
	struct str field;
};

struct rules {
	struct rule at[RULES_MAX];
	size_t n;
};

static const char *const fields[] = { "employee_id", "login", "email",
	"email-local", "name" };

static bool
known_field(struct str s)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (str_is(s, fields[i]))
			return (true);
	}
	return (false);
}

static void
add_rule(struct rules *r, struct str line, int no)
{
	struct str w[4];
	size_t n = 0;

	while (n < 4 && str_split(&line, ' ', &w[n]))
		n++;
	const struct schema_type *t = n == 4 ? schema_find(w[0]) : NULL;
	/* The file is part of the program: a wrong rule is our own fault. */
	if (t == NULL || schema_field(t, w[1]) < 0 || !str_is(w[2], "=") ||
	    !known_field(w[3]) || line.len != 0 || r->n == RULES_MAX)
		BUG("%s:%d: not a rule", RULES_FILE, no);
	r->at[r->n++] = (struct rule){ t, w[1], w[3] };
}

/* Parsed once: the text never changes while the program runs. */
static const struct rules *
rules(void)
{
	static struct rules r;
	static bool parsed;

	if (parsed)
		return (&r);
	struct str rest = content_find(RULES_FILE), line;
	for (int no = 1; str_split(&rest, '\n', &line); no++) {
		line = str_trim(line);
		if (line.len > 0 && line.ptr[0] != '#')
			add_rule(&r, line, no);
	}
	parsed = true;
	return (&r);
}

const char *
evidence_identity_digest(void)
{
	static char hex[2 * CRYPTO_HASH + 1];
	uint8_t h[CRYPTO_HASH];

	if (hex[0] == '\0') {
		struct str s = content_find(RULES_FILE);
		crypto_sha256(s.ptr, s.len, h);
		for (size_t i = 0; i < sizeof(h); i++)
			snprintf(hex + 2 * i, 3, "%02x", h[i]);
	}
	return (hex);
}

void
evidence_prepare(void)
{
	(void)rules();
	(void)evidence_identity_digest();
}

const struct schema_type *
identity_table(size_t i)
{
	const struct rules *r = rules();
	size_t seen = 0;

	for (size_t j = 0; j < r->n; j++) {
		if (j > 0 && r->at[j].table == r->at[j - 1].table)
			continue;
		if (seen++ == i)
			return (r->at[j].table);
	}
	return (NULL);
}

void
identity_people_sql(bool period, struct buf *out)
{
	const char *p = period ? "_period" : "";

	buf_printf(out, "CREATE TEMP VIEW people%s(person, record, employee_id,"
	    " name, email, login, start_date, end_date, kind, source) AS"
	    " SELECT h.employee_id, p.subject, h.employee_id,"
	    " coalesce(h.name, p.name), coalesce(h.email, p.email),"
	    " coalesce(h.login, p.login), h.start_date, h.end_date, h.kind,"
	    " h.source FROM hr_person%s h LEFT JOIN person%s p"
	    " ON p.code = h.employee_id"
	    " UNION ALL SELECT p.code, p.subject, p.code, p.name, p.email,"
	    " p.login, p.start_on, p.end_on, p.kind, p.source FROM person%s p"
	    " WHERE p.code NOT IN (SELECT employee_id FROM hr_person%s);\n",
	    p, p, p, p, p);
	buf_printf(out, "CREATE TEMP VIEW \"people%s!key\"(person, field, key)"
	    " AS SELECT person, 'employee_id', lower(employee_id) FROM people%s"
	    " UNION ALL SELECT person, 'login', lower(login) FROM people%s"
	    " UNION ALL SELECT person, 'email', lower(email) FROM people%s"
	    " UNION ALL SELECT person, 'email-local', lower(substr(email, 1,"
	    " instr(email, '@') - 1)) FROM people%s WHERE email LIKE '_%%@%%'"
	    " UNION ALL SELECT person, 'name', lower(name) FROM people%s;\n",
	    p, p, p, p, p, p);
}

/*
 * The newest word on each person decides. Who is gone from the roster before
 * the time judged is over, without a last day, left at the earliest on the day
 * on which the roster was last seen with them; unless the roster itself was
 * taken away, which says nothing about people.
 */
void
identity_leaver_sql(int64_t to, struct buf *out)
{
	buf_printf(out, "CREATE TEMP VIEW leaver(person, end_date, said) AS"
	    " WITH word AS MATERIALIZED ("
	    "SELECT employee_id AS person, end_date, to_us, valid_to,"
	    " day_of(last_seen) AS seen, source, row_number() OVER (PARTITION BY"
	    " employee_id ORDER BY to_us DESC, from_us DESC, source) AS place"
	    " FROM hr_person_period"
	    " UNION ALL SELECT code, end_on, to_us, valid_to, day_of(valid_to),"
	    " source, row_number() OVER (PARTITION BY code ORDER BY to_us DESC)"
	    " FROM person_period"
	    " WHERE code NOT IN (SELECT employee_id FROM hr_person_period))"
	    " SELECT person, coalesce(end_date, seen), end_date IS NOT NULL"
	    " FROM word w WHERE place = 1 AND (end_date IS NOT NULL OR"
	    " (to_us < %lld AND NOT EXISTS (SELECT 1 FROM run r WHERE"
	    " r.source = w.source AND r.status = 'removed' AND"
	    " r.at = w.valid_to)));\n", (long long)to);
}

bool
identity_has(const struct schema_type *t)
{
	const struct schema_type *x;

	for (size_t i = 0; (x = identity_table(i)) != NULL; i++) {
		if (x == t)
			return (true);
	}
	return (false);
}

void
identity_table_sql(const struct schema_type *t, bool period,
    const char *known, struct buf *out)
{
	const struct rules *r = rules();
	const char *p = period ? "_period" : "", *join = "";

	buf_printf(out, "CREATE TEMP VIEW %s_person%s AS WITH c AS"
	    " MATERIALIZED (", t->name, p);
	for (size_t i = 0; i < r->n; i++) {
		if (r->at[i].table != t)
			continue;
		buf_printf(out, "%sSELECT t.source, t.subject, k.person,"
		    " %zu AS prio, '" STR_FMT " = " STR_FMT "' AS rule FROM"
		    " (SELECT DISTINCT source, subject, lower(\"" STR_FMT "\")"
		    " AS v FROM \"%s%s\") t JOIN \"people%s!key\" k"
		    " ON k.key = t.v AND k.field = '" STR_FMT "'", join, i,
		    STR_ARG(r->at[i].column), STR_ARG(r->at[i].field),
		    STR_ARG(r->at[i].column), t->name, p, p,
		    STR_ARG(r->at[i].field));
		join = " UNION ALL ";
	}
	/* The first rule that found anybody. A person who was decided on is named
	 * by the code, also for a time before the record of the person. */
	buf_printf(out, "), m AS MATERIALIZED (SELECT source, subject, rule,"
	    " min(person) AS person, count(DISTINCT person) AS n, row_number()"
	    " OVER (PARTITION BY source, subject ORDER BY prio) AS place FROM c"
	    " GROUP BY source, subject, prio), d AS MATERIALIZED (SELECT"
	    " i.source_name, i.subject_id, i.kind, coalesce((SELECT code FROM"
	    " \"person!v\" WHERE _subject = i.person AND %s ORDER BY _from DESC"
	    " LIMIT 1), i.person) AS person, max(i.valid_from) AS latest FROM"
	    " identity_decision%s i WHERE i.tbl = '%s'"
	    " GROUP BY i.source_name, i.subject_id)", known, p, t->name);
	buf_printf(out, " SELECT '%s' AS table_name, s.source, s.subject,"
	    " CASE WHEN d.kind = 'person' THEN d.person WHEN d.kind IS NULL AND"
	    " m.n = 1 THEN m.person END AS person,"
	    " CASE WHEN d.kind = 'person' THEN 'matched' WHEN d.kind IS NOT NULL"
	    " THEN d.kind WHEN m.n = 1 THEN 'matched' WHEN m.n > 1 THEN"
	    " 'doubtful' ELSE 'unmatched' END AS state,"
	    " CASE WHEN d.kind IS NOT NULL THEN 'decision' ELSE m.rule END AS"
	    " rule FROM (SELECT DISTINCT source, subject FROM \"%s%s\") s"
	    " LEFT JOIN m ON m.source = s.source AND m.subject = s.subject AND"
	    " m.place = 1 LEFT JOIN d ON d.source_name = s.source AND"
	    " d.subject_id = s.subject;\n", t->name, t->name, p);
}

void
identity_sql(bool period, struct buf *out)
{
	const char *p = period ? "_period" : "";
	const struct schema_type *t;

	buf_printf(out, "CREATE TEMP VIEW identity%s(table_name, source, subject,"
	    " person, state, rule) AS", p);
	for (size_t i = 0; (t = identity_table(i)) != NULL; i++)
		buf_printf(out, "%s SELECT table_name, source, subject, person,"
		    " state, rule FROM %s_person%s", i > 0 ? " UNION ALL" : "",
		    t->name, p);
	buf_puts(out, ";\n");
}
