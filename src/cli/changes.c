#include "cli/changes.h"

#include "text/diff.h"

/* A text as one word a line; the end of a line is a word too. */
static struct str
words_of(struct arena *a, struct str s)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\n')
			buf_puts(&b, "\n\001\n");
		else
			buf_putc(&b, s.ptr[i] == ' ' ? '\n' : s.ptr[i]);
	}
	return (arena_str(a, buf_str(&b)));
}

static void
print_words(struct cli *c, const struct diff *d)
{
	bool start = true;
	char now = ' ';

	for (size_t i = 0; i <= d->n; i++) {
		char op = i < d->n ? d->at[i].op : ' ';
		if (op != now) {
			printf("%s%s", now == '-' ? "-]" : now == '+' ? "+}" : "",
			    cli_tone(c, TONE_PLAIN));
			if (op != ' ')
				printf("%s%s%s", start ? "" : " ", cli_tone(c, op == '-' ?
				    TONE_BAD : TONE_GOOD), op == '-' ? "[-" : "{+");
			start = op != ' ' ? true : start;
			now = op;
		}
		if (i == d->n)
			break;
		if (str_is(d->at[i].text, "\001")) {
			putchar('\n');
			start = true;
		} else if (d->at[i].text.len != 0) {
			printf("%s" STR_FMT, start ? "" : " ", STR_ARG(d->at[i].text));
			start = false;
		}
	}
	putchar('\n');
}

static void
print_lines(struct cli *c, const struct diff *d)
{
	BUF_SCOPED out = BUF_INIT;
	struct str rest, line;

	diff_unified(d, 3, &out);
	rest = buf_str(&out);
	while (rest.len != 0 && str_split(&rest, '\n', &line)) {
		enum cli_tone tone = str_starts(line, "-") ? TONE_BAD :
		    str_starts(line, "+") ? TONE_GOOD : str_starts(line, "@") ?
		    TONE_DIM : TONE_PLAIN;
		printf("%s" STR_FMT "%s\n", cli_tone(c, tone), STR_ARG(line),
		    cli_tone(c, TONE_PLAIN));
	}
}

static struct val *
json_of(struct arena *a, const struct changes *p, const struct diff *d)
{
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "old", val_text(a, p->old_name));
	val_put(a, m, "new", val_text(a, p->new_name));
	val_put(a, m, "added", val_int(a, (int64_t)d->added));
	val_put(a, m, "removed", val_int(a, (int64_t)d->removed));
	for (size_t i = 0; i < d->n; i++) {
		if (d->at[i].op == ' ')
			continue;
		struct val *x = val_map(a);
		val_put(a, x, "op", val_fmt(a, "%c", d->at[i].op));
		val_put(a, x, "old_line", val_int(a, d->at[i].old_line));
		val_put(a, x, "new_line", val_int(a, d->at[i].new_line));
		val_put(a, x, "text", val_str(a, d->at[i].text));
		val_push(a, list, x);
	}
	val_put(a, m, "changes", list);
	return (m);
}

void
changes_print(struct cli *c, const struct changes *p, bool words)
{
	struct diff d;

	words = words && !c->json;
	diff_lines(c->arena, words ? words_of(c->arena, p->old) : p->old,
	    words ? words_of(c->arena, p->new) : p->new, &d);
	if (c->json) {
		cli_print_json(c, json_of(c->arena, p, &d));
		return;
	}
	printf("--- %s\n+++ %s\n", p->old_name, p->new_name);
	if (d.added == 0 && d.removed == 0)
		printf("no difference\n");
	else if (words)
		print_words(c, &d);
	else
		print_lines(c, &d);
}
