#include "schema/schema.h"

#include <strings.h>

static const char *const kind_words[SCHEMA_KIND_MAX] = {
#define X(name, word, sql, arg) [SCHEMA_##name] = word,
	SCHEMA_KINDS(X)
#undef X
};
static const char *const class_words[CLASS_MAX] = {
#define X(name, word) [CLASS_##name] = word,
	SCHEMA_CLASSES(X)
#undef X
};
static const char *const mode_words[MODE_MAX] = {
#define X(name, word) [MODE_##name] = word,
	SCHEMA_MODES(X)
#undef X
};

const struct schema_type *
schema_find(struct str name)
{
	if (name.len == 0)
		return (NULL);
	/* Asked of every column that a query reads: most differ at once. */
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_types[i].name[0] == name.ptr[0] &&
		    str_is(name, schema_types[i].name))
			return (&schema_types[i]);
	return (NULL);
}

const struct schema_type *
schema_find_name(const char *name)
{
	return (schema_find(str_from(name)));
}

const struct schema_type *
schema_get(unsigned number)
{
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_types[i].number == number)
			return (&schema_types[i]);
	BUG("no type or table has the number %u", number);
}

int
schema_field(const struct schema_type *t, struct str name)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (str_is(name, t->fields[i].name))
			return ((int)i);
	return (-1);
}

static bool
same_word(struct str s, const char *word)
{
	return (s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0);
}

int
schema_field_titled(const struct schema_type *t, struct str s)
{
	int i = schema_field(t, s);

	if (i >= 0 || s.len == 0)
		return (i);
	for (size_t j = 0; j < t->nfields; j++)
		if (same_word(s, t->fields[j].name) ||
		    same_word(s, t->fields[j].title))
			return ((int)j);
	return (-1);
}

static bool
same_pair(const struct schema_step *x, const struct schema_step *y)
{
	return (x->apart.n == 2 && y->apart.n == 2 &&
	    x->apart.at[0] == y->apart.at[0] && x->apart.at[1] == y->apart.at[1]);
}

int
schema_signer(const struct schema_type *t, const struct schema_step *s)
{
	if (s->apart.n != 2)
		return (-1);
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].to == s->from && same_pair(&t->steps[i], s))
			return (-1);
	return (s->apart.at[1]);
}

bool
schema_is_record(const struct schema_type *t)
{
	return (t->mode <= MODE_FIXED);
}

const char *
schema_kind_word(enum schema_kind k)
{
	return (kind_words[k]);
}

const char *
schema_class_word(enum schema_class c)
{
	return (class_words[c]);
}

const char *
schema_mode_word(enum schema_mode m)
{
	return (mode_words[m]);
}
