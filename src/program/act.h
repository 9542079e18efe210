/* Who acts on which workspace, for what is more than one change of a record. */
#ifndef PROGRAM_ACT_H
#define PROGRAM_ACT_H

#include "base/vec.h"
#include "record/workspace.h"
#include "text/date.h"

struct act {
	struct arena *a; /* of what is returned */
	struct workspace *ws;
	struct record_actor who;
	const struct record_options *opts; /* of what is written; or NULL */
};

/* act_today(x): the civil day in the workspace's zone, printed, and as a day. */
struct str act_today(const struct act *x);
int64_t act_day(const struct act *x);
/* act_date(x, day): printed, in the arena. */
struct str act_date(const struct act *x, int64_t day);
/* act_days_until(x, date): from today; negative when it is past. */
int64_t act_days_until(const struct act *x, struct str date);
/* "due in 3 days", "due today", "overdue by 1 day" */
struct str act_due_words(const struct act *x, struct str date);

/* Changes that are made together. */
struct act_changes {
	VEC(struct record_change) all;
};
/* act_add(x, c, type, name, key, value, ...): a change of the record ${name}
 * (empty: by its handle, or a new one); pairs of texts, NULL ends them; a NULL
 * value clears the field. Returns the map of fields, to add to. */
struct val *act_add(const struct act *x, struct act_changes *c, unsigned type,
    struct str name, ...);
/* act_apply(x, c, ret, e): all or nothing; the list is freed. ${ret} may be
 * NULL. The error is the first problem. */
int act_apply(const struct act *x, struct act_changes *c,
    struct record_result *ret, struct err *e);

/* act_find(x, type, name, ret, e): record_find(). */
int act_find(const struct act *x, unsigned type, struct str name,
    struct record **ret, struct err *e);
/* act_list(x, type, field, value, ret, e): those whose ${field} is ${value}, a
 * text or an id; ${field} < 0: all. */
int act_list(const struct act *x, unsigned type, int field, struct str value,
    struct record_list *ret, struct err *e);
/* act_person(x, id): the name of a person, for people; or what there is. */
struct str act_person(const struct act *x, struct str id);

#endif
