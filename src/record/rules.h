/*
 * Rules of records: what no declaration can say, as C functions by type. One
 * function checks a type, another may fill what the program computes; they lie
 * in rules_AREA.c, in one table for each area, and rules.c goes through the
 * tables. Every refusal names its rule of rules_list.h; test/record/test_rules
 * wants a case in test/data/rules for each of them.
 *
 * A rule reads the record as it was (it->old, if it->exists) and as it would be
 * (it->new), and may look at other records, of the store or of the same batch.
 */
#ifndef RECORD_RULES_H
#define RECORD_RULES_H

#include "record/batch.h"
#include "record/rules_list.h"

struct zone;

#define T_ANY 0 /* a rule of every type */

enum rule {
#define X(name, type, sentence) RULE_##name,
	RECORD_RULES(X)
#undef X
	RULE_MAX
};

/* The rules of a type. A table ends with type 0. */
struct rules_of {
	int type;
	void (*prepare)(struct batch *b, struct batch_item *it); /* or NULL */
	void (*check)(struct batch *b, struct batch_item *it);
};
extern const struct rules_of rules_access[], rules_assets[], rules_audit[],
    rules_base[], rules_continuity[], rules_governance[], rules_people[],
    rules_policies[], rules_privacy[], rules_program[], rules_risks[];

/*
 * rules_say(b, it, rule, field, fix, fmt, ...): the rule is broken. ${field} is
 * the index of the field to put right, or -1; the text begins with its title.
 */
void rules_say(struct batch *b, struct batch_item *it, enum rule rule,
    int field, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* --- what a record says ------------------------------------------------- */

/* rules_has(r, f): it is filled. */
bool rules_has(const struct record *r, size_t f);
/* rules_is(it, f, word): the new value is this text or word of an enum. */
bool rules_is(const struct batch_item *it, size_t f, const char *word);
/* rules_yes(it, f): the new value of a bool is yes. */
bool rules_yes(const struct batch_item *it, size_t f);
/* rules_changed(it, f): it exists, and the value would be another. */
bool rules_changed(const struct batch_item *it, size_t f);
/* States, several with | between: is, was before, comes into. */
bool rules_at(const struct batch_item *it, const char *states);
bool rules_was(const struct batch_item *it, const char *states);
bool rules_enters(const struct batch_item *it, const char *states);
const char *rules_title(const struct batch_item *it, size_t f);
/* rules_print(b, r, f): the field as people write it. */
const char *rules_print(struct batch *b, const struct record *r, size_t f);

/* --- days and times ------------------------------------------------------ */

/* rules_today(b): the civil day of the workspace. */
struct str rules_today(struct batch *b);
/* rules_zone(b): the zone of the workspace. */
const struct zone *rules_zone(struct batch *b);
/* rules_day(s): days since 1970 of a valid date. */
int64_t rules_day(struct str s);
/* rules_date(b, day): a cell of it. */
struct cell rules_date(struct batch *b, int64_t day);

/* --- checks that many types share ---------------------------------------- */

/* rules_ordered(b, it, rule, first, last): ${last} is not before ${first}; two
 * dates or two times. */
void rules_ordered(struct batch *b, struct batch_item *it, enum rule rule,
    size_t first, size_t last);
/* rules_within(b, it, rule, from, until, months): not later than so many months
 * after ${from}. */
void rules_within(struct batch *b, struct batch_item *it, enum rule rule,
    size_t from, size_t until, int months);
/* rules_past(b, it, rule, f): not in the future, if it is given; a minute is
 * left to clocks. */
void rules_past(struct batch *b, struct batch_item *it, enum rule rule,
    size_t f);
/* rules_sha(b, it, rule, f): 64 hexadecimal digits. */
void rules_sha(struct batch *b, struct batch_item *it, enum rule rule,
    size_t f);
/* rules_apart(b, it, rule, one, other): not the same person. */
void rules_apart(struct batch *b, struct batch_item *it, enum rule rule,
    size_t one, size_t other);
/* rules_needs(b, it, rule, f, why): it is filled. */
void rules_needs(struct batch *b, struct batch_item *it, enum rule rule,
    size_t f, const char *why);
/*
 * rules_stands(b, it, rule, fix, but, n): the record existed, and no field is
 * changed but the state and those of ${but}. rules_kept(): only those of ${of}
 * are not changed.
 */
void rules_stands(struct batch *b, struct batch_item *it, enum rule rule,
    const char *fix, const uint16_t *but, size_t n);
void rules_kept(struct batch *b, struct batch_item *it, enum rule rule,
    const char *fix, const uint16_t *of, size_t n);
/*
 * rules_computed(b, it, rule, f, value): fill what the program computes;
 * something else that was given is refused. An absent ${value} leaves it.
 */
void rules_computed(struct batch *b, struct batch_item *it, enum rule rule,
    size_t f, struct cell value);

/* --- who acts (rules_acting.c) ------------------------------------------- */

/* rules_acting_is(b, it, f): a user acts, and ${f} does not name the person that
 * the user is: said, and false. Who has the files at hand writes down what others
 * did, and may name anybody. */
bool rules_acting_is(struct batch *b, struct batch_item *it, size_t f);
/* rules_acting_user(b): a user acts. */
bool rules_acting_user(const struct batch *b);
/* Before and after the state is looked at: fill in, and refuse. */
void rules_acting_fill(struct batch *b, struct batch_item *it);
void rules_acting_check(struct batch *b, struct batch_item *it);

/* rules_earned_check(b, it): nothing is said by hand that a module says after it
 * has looked (RECORD_BY_MODULE). */
void rules_earned_check(struct batch *b, struct batch_item *it);

/* --- other records -------------------------------------------------------- */

/* rules_load(b, it, f, ret): the record that a ref names, as it will be after
 * the batch; false if the field is absent. */
bool rules_load(struct batch *b, const struct batch_item *it, size_t f,
    struct record *ret);
/* rules_follow(b, from, f, ret): the same from any record. */
bool rules_follow(struct batch *b, const struct record *from, size_t f,
    struct record *ret);
/* rules_item(b, type, id): the change of this batch for it, or NULL. */
struct batch_item *rules_item(struct batch *b, unsigned type, struct str id);
/*
 * rules_count(b, type, f, id, states): records, not retired, as they will be
 * after the batch, whose ref ${f} is ${id}, in one of ${states} (NULL: any).
 */
size_t rules_count(struct batch *b, unsigned type, size_t f, struct str id,
    const char *states);
/* rules_each(b, type, f, id, fn, ctx): each of them; ${fn} returns true to
 * stop. ${f} -1: all of the type. */
typedef bool rules_fn(void *ctx, const struct record *r);
void rules_each(struct batch *b, unsigned type, int f, struct str id,
    rules_fn *fn, void *ctx);
/* rules_state(r, states): the record is in one of them. */
bool rules_state(const struct record *r, const char *states);

/*
 * rules_access_all(b, e): what is to be seen of the batch as a whole, after
 * every change was looked at: the last owner, and auditors who would own or
 * operate what they examine.
 */
int rules_access_all(struct batch *b, struct err *e);

#endif
