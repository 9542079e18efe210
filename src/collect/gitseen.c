#include "collect/gitseen.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"

#define KEY 32 /* bytes of a SHA-256; a SHA-1 is filled up with zeros */

struct commit {
	uint8_t key[KEY];
	uint8_t used, read;  /* named by anyone; added itself */
	int64_t at;          /* if read */
	int64_t first_child; /* the least date of its children so far */
};

struct gitseen {
	struct commit *at;
	size_t cap, n;
	bool skewed;
};

struct gitseen *
gitseen_new(void)
{
	struct gitseen *s = calloc(1, sizeof(*s));

	if (s == NULL)
		err_oom(sizeof(*s));
	s->cap = 1024;
	s->at = calloc(s->cap, sizeof(*s->at));
	if (s->at == NULL)
		err_oom(s->cap * sizeof(*s->at));
	return (s);
}

void
gitseen_free(struct gitseen *s)
{
	if (s == NULL)
		return;
	free(s->at);
	free(s);
}

static struct commit *
slot(const struct gitseen *s, const uint8_t key[KEY])
{
	size_t i = (size_t)str_hash((struct str){ (const char *)key, KEY }) &
	    (s->cap - 1);

	while (s->at[i].used && memcmp(s->at[i].key, key, KEY) != 0)
		i = (i + 1) & (s->cap - 1);
	return (&s->at[i]);
}

static void
grow(struct gitseen *s)
{
	struct commit *old = s->at;
	size_t n = s->cap;

	s->cap *= 2;
	s->at = calloc(s->cap, sizeof(*s->at));
	if (s->at == NULL)
		err_oom(s->cap * sizeof(*s->at));
	for (size_t i = 0; i < n; i++)
		if (old[i].used)
			*slot(s, old[i].key) = old[i];
	free(old);
}

/* The commit of that name; NULL if it is none. */
static struct commit *
named(struct gitseen *s, struct str hash)
{
	uint8_t key[KEY] = { 0 };

	if ((hash.len != 40 && hash.len != 64) ||
	    !str_unhex(hash, key, hash.len / 2))
		return (NULL);
	if (s->n * 2 >= s->cap)
		grow(s);
	struct commit *c = slot(s, key);
	if (!c->used) {
		memcpy(c->key, key, KEY);
		c->used = 1;
		c->first_child = INT64_MAX;
		s->n++;
	}
	return (c);
}

bool
gitseen_add(struct gitseen *s, struct str hash, int64_t at,
    const struct str *parents, size_t n)
{
	struct commit *c = named(s, hash);

	if (c == NULL || c->read)
		return (c == NULL);
	c->read = 1;
	c->at = at;
	/* A date that git cannot read is 0 to us, and may be another to git. */
	if (at <= 0 || c->first_child < at)
		s->skewed = true;
	for (size_t i = 0; i < n; i++) {
		struct commit *p = named(s, parents[i]);
		if (p == NULL)
			continue;
		if (p->read && p->at > at)
			s->skewed = true;
		if (p->first_child > at)
			p->first_child = at;
	}
	return (true);
}

bool
gitseen_skewed(const struct gitseen *s)
{
	return (s->skewed);
}

bool
gitseen_lines(struct gitseen *s, struct str text)
{
	struct str line, word, parents[64];
	int64_t sec;

	while (str_split(&text, '\n', &line)) {
		size_t n = 0;
		struct str hash;
		if (line.len == 0)
			continue;
		if (!str_split(&line, ' ', &word) || !str_to_i64(word, &sec) ||
		    !str_split(&line, ' ', &hash))
			return (false);
		if (hash.len > 0 && hash.ptr[0] == '-') {
			hash.ptr++;
			hash.len--;
		}
		/* Of an octopus with more arms the dates are not looked at. */
		while (str_split(&line, ' ', &word)) {
			if (n == sizeof(parents) / sizeof(parents[0])) {
				s->skewed = true;
				break;
			}
			parents[n++] = word;
		}
		if (sec > INT64_MAX / CLOCK_SECOND)
			sec = 0;
		(void)gitseen_add(s, hash, sec * CLOCK_SECOND, parents, n);
	}
	return (true);
}
