/*
 * Who may do what with which record, and which of its fields they see. One
 * function decides, access_decide(), by tables that tools/mkaccess compiles
 * from content/access/ (doc/access.md is the language): nothing here reads a
 * file or a database, allocates, or asks for the time.
 *
 * A decision has two floors. The rules of the type's group grant acts to
 * roles, some of them under conditions that hang on the record ("only what
 * names them"). The rules of classes say who sees a field's content; who does
 * not see it may neither read nor write it. What no rule grants is denied.
 */
#ifndef SCHEMA_ACCESS_H
#define SCHEMA_ACCESS_H

#include "schema/schema.h"

enum access_act {
#define X(name, word) ACCESS_##name,
	ACCESS_ACTS(X)
#undef X
	ACCESS_ACT_MAX
};
#define ACCESS_WRITES ACCESS_CREATE

enum access_fact_bit {
#define X(name, word) ACCESS_FACT_BIT_##name,
	ACCESS_FACTS(X)
#undef X
	ACCESS_FACT_MAX
};
enum access_fact {
#define X(name, word) ACCESS_##name = 1 << ACCESS_FACT_BIT_##name,
	ACCESS_FACTS(X)
#undef X
	ACCESS_FACT_ALL = (1 << ACCESS_FACT_MAX) - 1
};

/* What a token may be used for at most; all zero: no limit of a token. */
struct access_scope {
	uint32_t acts;   /* by bit of enum access_act; 0: all */
	uint64_t groups; /* by number of group; 0: all */
	uint32_t doors;  /* of enum access_door: routes that it opens */
};

/* What a token has to name, or it does not open; and a token that names nothing
 * else opens nothing else: its acts are ACCESS_NO_ACT. */
enum access_door { ACCESS_CONSENTS = 1, ACCESS_REQUESTS = 2 };
#define ACCESS_NO_ACT (1u << 31)

/* Who asks. */
struct access_who {
	unsigned roles; /* of enum schema_role */
	struct access_scope scope;
};

/* What is so of the record. Zeroed memory: nothing is. */
struct access_facts {
	unsigned is; /* of enum access_fact */
	int state;   /* index into the type's .states plus one; 0: none */
};

enum access_verdict { ACCESS_DENY, ACCESS_MASK, ACCESS_ALLOW };

/*
 * ${rule} is the line that decided, as it stands in content/access with its
 * place ("content/access/programme.rules:12: allow ..."), or for a denial why
 * nothing did.
 */
struct access_decision {
	enum access_verdict verdict;
	const char *rule;
};

#define ACCESS_RECORD (-1) /* no field: the record as a whole */

/*
 * access_decide(who, t, field, facts, act): ACCESS_MASK is an answer for a
 * field under an act that looks: that it is there is seen, its content is not.
 * ${t} may be a record type or an evidence table (acts LIST and SQL).
 */
struct access_decision access_decide(const struct access_who *who,
    const struct schema_type *t, int field, const struct access_facts *facts,
    enum access_act act);

/*
 * access_row(who, t, facts, act, ret_masked): the same for all fields of one
 * record at once: whether the act is allowed, and which fields are masked
 * under it (or, of an act that writes, may not be written), by bit.
 */
bool access_row(const struct access_who *who, const struct schema_type *t,
    const struct access_facts *facts, enum access_act act,
    uint64_t *ret_masked);

/*
 * access_when(who, t, field, act): before any record is known. SOME: it hangs
 * on the record; ${field} ACCESS_RECORD for the act itself, else whether that
 * field is seen in the clear, or may be written by an act that writes. What is not ALWAYS clear is nothing to filter,
 * sort or search by in SQL: compare after masking, or refuse.
 */
enum access_when { ACCESS_NEVER, ACCESS_SOME, ACCESS_ALWAYS };
enum access_when access_when(const struct access_who *who,
    const struct schema_type *t, int field, enum access_act act);

/*
 * access_sees(who, t, field, facts): does the field's class show it, whatever
 * may be done with the record? ${facts} NULL: of any record. Never SOME with
 * facts.
 */
enum access_when access_sees(const struct access_who *who,
    const struct schema_type *t, int field, const struct access_facts *facts);

/* access_explain(who, t, field, act, e): ERR_DENIED in words: who, what, and
 * under which conditions it would be allowed. Always fails. */
int access_explain(const struct access_who *who, const struct schema_type *t,
    int field, enum access_act act, struct err *e);

/*
 * access_apart(roles, e): may one person have these together? ERR_INPUT with
 * the rule's words if not; also for no role at all.
 */
int access_apart(unsigned roles, struct err *e);

/* access_state(t, s): a state for access_facts. */
int access_state(const struct schema_type *t, struct str s);

/*
 * access_named(t, cells, id, target): does the record, or the record itself if
 * it is of that type, name ${id}, a record of type ${target}, in a ref or refs
 * field? Empty ids are named by nobody.
 */
bool access_named(const struct schema_type *t, const struct cell *cells,
    struct str self, unsigned target, struct str id);

/* Of personal or restricted class: reads are recorded. By bit of field. */
uint64_t access_guarded(const struct schema_type *t);
/* Fields of a class, by bit. */
uint64_t access_class(const struct schema_type *t, enum schema_class c);

/* Groups of types, in the order of the rules. */
size_t access_groups(void);
const char *access_group_name(size_t i);
const char *access_group_note(size_t i);
int access_group_find(struct str name); /* -1 if there is none */
/* access_group(t): its group, or -1: no rule speaks of it, all is denied. */
int access_group(const struct schema_type *t);

const char *access_act_word(enum access_act act);
const char *access_fact_word(enum access_fact_bit fact);
const char *access_verdict_word(enum access_verdict v);
const char *schema_role_word(enum schema_role_bit role);
/* access_roles(roles, out): "owner, privacy". */
void access_roles(unsigned roles, struct buf *out);

/*
 * The grants of a type for one act, for print and for who asks under which
 * conditions: calls ${fn} for each rule, in their order.
 */
struct access_grant {
	uint32_t roles;
	uint16_t acts;   /* by bit */
	uint16_t need;   /* enum access_fact, all of them */
	uint64_t states; /* by bit, any of them; 0: any state */
	uint64_t fields; /* by bit: may write these only; 0: all */
	const char *rule;
};
/* access_condition(t, g, out): when it holds, "it names them and it is closed";
 * nothing if always. */
void access_condition(const struct schema_type *t,
    const struct access_grant *g, struct buf *out);
size_t access_grants(const struct schema_type *t,
    const struct access_grant **ret);
/* Who sees fields of a class in the clear, in the type's group. */
size_t access_shows(const struct schema_type *t, enum schema_class c,
    const struct access_grant **ret);

#endif
