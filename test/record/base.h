/*
 * One workspace with a good record of each type, as test/data/rules/base.yaml has
 * them, at NOON; and what is needed to put more of that form.
 */
#ifndef TEST_RECORD_BASE_H
#define TEST_RECORD_BASE_H

#include "base/clock.h"
#include "base/map.h"
#include "record/actor.h"
#include "fixture.h"
#include "text/yaml.h"

#define DATA "test/data/rules"
#define NOON INT64_C(1782820800000000) /* 2026-06-30T12:00:00Z */

static struct map named; /* "_id" of a case or of the base: the record's id */

/* Types whose steps only an auditor takes are the auditor's. */
static unsigned
roles_of(const struct schema_type *t)
{
	for (size_t i = 0; i < t->nsteps; i++)
		if ((t->steps[i].who & ROLE_OWNER) != 0)
			return (ROLE_OWNER);
	return (t->nsteps != 0 ? ROLE_AUDITOR : ROLE_OWNER);
}

/* Who acts; an auditor works on the engagement of the base, once it is there. */
static struct record_actor
actor_of(struct fixture *f, unsigned roles)
{
	static struct record_engagement eng;
	const char *id = map_get(&named, STR("ENG"));
	struct record_actor who = { .id = f->ws->actor.id, .roles = roles };

	if ((roles & ROLE_AUDITOR) != 0 && id != NULL) {
		eng = (struct record_engagement){ str_from(id), RECORD_COMMON |
			RECORD_SECURITY };
		who.engagements = &eng;
		who.nengagements = 1;
	}
	return (who);
}

/* By whom a record is put: a login, or whoever has these roles. */
struct doer {
	unsigned roles;
	struct str by;
};

static struct record_actor
actor_by(struct fixture *f, const struct doer *d)
{
	struct record_actor who;

	if (d->by.len == 0)
		return (actor_of(f, d->roles));
	NOERR(f, record_actor_user(&f->ws->records, &f->a, d->by, &who, &f->e));
	return (who);
}

/* $NAME stands for the id of a record that was called so. */
static struct val *
fill_in(struct fixture *f, struct val *fields, struct str *ret_name,
    struct doer *doer)
{
	struct val *m = val_map(&f->a);

	*ret_name = STR("");
	for (size_t i = 0; i < fields->u.map.n; i++) {
		struct val *v = fields->u.map.at[i];
		if (str_is(fields->u.map.key[i], "_id")) {
			*ret_name = v->u.s;
			continue;
		}
		if (str_is(fields->u.map.key[i], "_as")) {
			doer->roles = ROLE_AUDITOR;
			continue;
		}
		if (str_is(fields->u.map.key[i], "_by")) {
			doer->by = v->u.s;
			continue;
		}
		if (v->type == VAL_STR && v->u.s.len > 1 && v->u.s.ptr[0] == '$') {
			const char *id = map_get(&named, (struct str){ v->u.s.ptr + 1,
				v->u.s.len - 1 });
			assert_non_null(id);
			v = val_text(&f->a, id);
		}
		val_putstr(&f->a, m, fields->u.map.key[i], v);
	}
	return (m);
}

/* The changes of a map from types to one record, or to a list of them; each by
 * whom its type belongs to, or who is said to ("_as"). */
static size_t
changes_of(struct fixture *f, const struct val *map,
    struct record_change **ret, struct str **ret_names,
    struct doer **ret_doers)
{
	size_t n = 0, cap = 400;

	*ret = arena_array(&f->a, cap, sizeof(**ret));
	*ret_names = arena_array(&f->a, cap, sizeof(**ret_names));
	*ret_doers = arena_array(&f->a, cap, sizeof(**ret_doers));
	for (size_t i = 0; i < map->u.map.n; i++) {
		const struct schema_type *t = schema_find(map->u.map.key[i]);
		struct val *v = map->u.map.at[i];
		if (t == NULL)
			fail_msg("no type " STR_FMT, STR_ARG(map->u.map.key[i]));
		size_t of = v->type == VAL_LIST ? val_count(v) : 1;
		for (size_t k = 0; k < of; k++, n++) {
			assert_true(n < cap);
			(*ret_doers)[n].roles = roles_of(t);
			(*ret)[n] = (struct record_change){ .type = t, .fields =
			    fill_in(f, v->type == VAL_LIST ? v->u.list.at[k] : v,
			    &(*ret_names)[n], &(*ret_doers)[n]) };
		}
	}
	return (n);
}

/* Put what comes before: each type by whom it belongs to. */
static int
put_all(struct fixture *f, const struct val *map, struct record_result *ret)
{
	struct record_actor who;
	struct record_change *c;
	struct record_result res;
	struct str *names;

	if (map == NULL)
		return (0);
	struct doer *doers;
	size_t n = changes_of(f, map, &c, &names, &doers), from = 0;
	while (from < n) {
		size_t to = from;
		who = actor_by(f, &doers[from]);
		while (to < n && doers[to].roles == doers[from].roles &&
		    str_eq(doers[to].by, doers[from].by))
			to++;
		int r = record_apply(&f->ws->records, &f->a, &who, c + from,
		    to - from, &(struct record_options){ .by =
		    RECORD_BY_MODULE }, &res, &f->e);
		*ret = res;
		if (r != 0)
			return (r);
		for (size_t i = from; i < to; i++)
			if (names[i].len != 0)
				map_put(&named, names[i], arena_strndup(&f->a,
				    res.ids[i - from].ptr, res.ids[i - from].len));
		from = to;
	}
	return (0);
}

static void
put_good(struct fixture *f, const char *where, const struct val *map)
{
	struct record_result res;

	if (put_all(f, map, &res) == 0)
		return;
	for (size_t i = 0; i < res.nproblems; i++)
		print_error("%s: %s: %s: %s\n", where, res.problems[i].what,
		    res.problems[i].where, res.problems[i].fix);
	fail_msg("%s: %s", where, f->e.what);
}

static struct val *
read_yaml(struct fixture *f, const char *name)
{
	char path[80];
	struct buf *text = arena_new(&f->a, struct buf);
	struct val *v = NULL;

	snprintf(path, sizeof(path), DATA "/%s.yaml", name);
	NOERR(f, file_read(path, 1 << 20, text, &f->e));
	NOERR(f, yaml_parse(&f->a, path, arena_str(&f->a, buf_str(text)), &v,
	    &f->e));
	buf_free(text);
	return (v);
}

static int
setup_base(void **state)
{
	clock_replace(NOON);
	int r = setup(state);
	struct fixture *f = *state;

	if (r != 0)
		return (r);
	map_init(&named, &f->a);
	put_good(f, "base", read_yaml(f, "base"));
	return (0);
}

#endif
