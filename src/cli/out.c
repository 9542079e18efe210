#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "cli/cli.h"

#define MAX_COLS 16 /* of the variadic forms */

struct cli_table {
	struct cli *c;
	size_t ncols;
	const char **title;
	VEC(const char **) rows;
	VEC(enum cli_tone) tones; /* of column ${tinted}, up to the last row */
	size_t tinted;
};

/* Display width: code points, wide ones (CJK, emoji) as two. */
static int
width_of(const char *s)
{
	struct str t = str_from(s);
	size_t at = 0;
	int w = 0;

	while (at < t.len) {
		int32_t cp = str_utf8_next(t, &at);
		if (cp < 0) {
			at++;
			w++;
			continue;
		}
		bool combining = cp >= 0x300 && cp < 0x370;
		bool wide = (cp >= 0x1100 && cp < 0x1160) ||
		    (cp >= 0x2e80 && cp < 0xa4d0) || (cp >= 0xac00 && cp < 0xd7a4) ||
		    (cp >= 0xff00 && cp < 0xff61) || cp >= 0x1f300;
		w += combining ? 0 : wide ? 2 : 1;
	}
	return (w);
}

/* What others wrote must not steer the terminal. */
static const char *
plain(struct arena *a, const char *s)
{
	bool ok = true;

	for (const char *p = s; *p != '\0'; p++)
		ok = ok && (unsigned char)*p >= 0x20 && *p != 0x7f;
	if (ok)
		return (s);
	char *t = arena_strdup(a, s);
	for (char *p = t; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return (t);
}

struct cli_table *
cli_table_of(struct cli *c, size_t ncols, const char *const *titles)
{
	struct cli_table *t = arena_new(c->arena, struct cli_table);

	t->c = c;
	t->ncols = ncols;
	t->title = arena_array(c->arena, ncols, sizeof(char *));
	for (size_t i = 0; i < ncols; i++)
		t->title[i] = titles[i];
	return (t);
}

struct cli_table *
cli_table(struct cli *c, size_t ncols, ...)
{
	const char *titles[MAX_COLS];
	va_list ap;

	va_start(ap, ncols);
	for (size_t i = 0; i < ncols && i < MAX_COLS; i++)
		titles[i] = va_arg(ap, const char *);
	va_end(ap);
	return (cli_table_of(c, ncols, titles));
}

void
cli_row_of(struct cli_table *t, const char *const *texts)
{
	const char **row = arena_array(t->c->arena, t->ncols, sizeof(char *));

	for (size_t i = 0; i < t->ncols; i++)
		row[i] = plain(t->c->arena, texts[i] != NULL ? texts[i] : "");
	vec_push(&t->rows, row);
}

void
cli_row(struct cli_table *t, ...)
{
	const char *texts[MAX_COLS];
	va_list ap;

	va_start(ap, t);
	for (size_t i = 0; i < t->ncols && i < MAX_COLS; i++)
		texts[i] = va_arg(ap, const char *);
	va_end(ap);
	cli_row_of(t, texts);
}

void
cli_tint(struct cli_table *t, size_t col, enum cli_tone tone)
{
	t->tinted = col;
	while (t->tones.n + 1 < t->rows.n)
		vec_push(&t->tones, TONE_PLAIN);
	vec_push(&t->tones, tone);
}

size_t
cli_table_rows(const struct cli_table *t)
{
	return (t->rows.n);
}

/* The next line of ${s} that fits in ${width}; returns where it ends. */
static const char *
line_end(const char *s, int width)
{
	const char *space = NULL, *p = s;
	int w = 0;

	while (*p != '\0' && *p != '\n') {
		struct str t = str_from(p);
		size_t at = 0;
		if (*p == ' ')
			space = p;
		if (str_utf8_next(t, &at) < 0)
			at = 1;
		if (++w > width)
			return (space != NULL && space != s ? space : p);
		p += at;
	}
	return (p);
}

static void
pad(int n)
{
	printf("%*s", n > 0 ? n : 0, "");
}

static void
print_row(const struct cli_table *t, const char **row, const int *w, bool wrap,
    enum cli_tone tone)
{
	size_t last = t->ncols - 1;
	int left = 0;

	for (size_t i = 0; i < last; i++) {
		bool tint = tone != TONE_PLAIN && i == t->tinted;
		fputs(tint ? cli_tone(t->c, tone) : "", stdout);
		fputs(row[i], stdout);
		fputs(tint ? cli_tone(t->c, TONE_PLAIN) : "", stdout);
		pad(w[i] - width_of(row[i]) + 2);
		left += w[i] + 2;
	}
	if (!wrap || w[last] < 20) {
		printf("%s\n", row[last]);
		return;
	}
	const char *s = row[last];
	for (bool first = true; first || *s != '\0'; first = false) {
		const char *end = line_end(s, w[last]);
		if (!first)
			pad(left);
		printf("%.*s\n", (int)(end - s), s);
		s = end + strspn(end, " ");
	}
}

/* The same as a list of maps, by the words of the titles. */
static void
print_json(const struct cli_table *t)
{
	struct arena *a = t->c->arena;
	struct val *list = val_list(a);

	for (size_t r = 0; r < t->rows.n; r++) {
		struct val *m = val_map(a);
		for (size_t i = 0; i < t->ncols; i++) {
			char *key = arena_strdup(a, t->title[i]);
			for (char *p = key; *p != '\0'; p++)
				if (*p == ' ')
					*p = '_';
			val_put(a, m, key, val_text(a, t->rows.at[r][i]));
		}
		val_push(a, list, m);
	}
	cli_print_json(t->c, list);
}

void
cli_table_print(struct cli_table *t)
{
	if (t->c->json) {
		print_json(t);
		vec_free(&t->rows);
		vec_free(&t->tones);
		return;
	}
	int *w = arena_array(t->c->arena, t->ncols, sizeof(int));
	bool tty = isatty(STDOUT_FILENO);

	for (size_t i = 0; i < t->ncols; i++)
		w[i] = width_of(t->title[i]);
	for (size_t r = 0; r < t->rows.n; r++)
		for (size_t i = 0; i < t->ncols; i++) {
			int n = width_of(t->rows.at[r][i]);
			w[i] = n > w[i] ? n : w[i];
		}
	int left = 0;
	for (size_t i = 0; i + 1 < t->ncols; i++)
		left += w[i] + 2;
	if (tty && left + w[t->ncols - 1] > t->c->width)
		w[t->ncols - 1] = t->c->width - left - 1;
	fputs(cli_tone(t->c, TONE_DIM), stdout);
	print_row(t, t->title, w, false, TONE_PLAIN);
	if (t->c->color)
		fputs("\033[0m", stdout);
	for (size_t r = 0; r < t->rows.n; r++)
		print_row(t, t->rows.at[r], w, tty,
		    r < t->tones.n ? t->tones.at[r] : TONE_PLAIN);
	vec_free(&t->rows);
	vec_free(&t->tones);
}

void
cli_wrap(const struct cli *c, int indent, const char *text)
{
	int width = isatty(STDOUT_FILENO) ? c->width - indent - 1 : 10000;

	if (width < 20)
		width = 20;
	text = plain(c->arena, text);
	do {
		const char *end = line_end(text, width);
		pad(indent);
		printf("%.*s\n", (int)(end - text), text);
		text = end + strspn(end, " ");
	} while (*text != '\0');
}

const char *
cli_text(const struct cli *c, struct str s)
{
	return (arena_strndup(c->arena, s.ptr != NULL ? s.ptr : "", s.len));
}

const char *
cli_word(const struct cli *c, const char *s)
{
	return (arena_shell(c->arena, str_from(s)));
}

const char *
cli_tone(const struct cli *c, enum cli_tone tone)
{
	static const char *const seq[] = { "\033[0m", "\033[32m", "\033[31m",
		"\033[33m", "\033[2m", "\033[1m" };

	return (c->color ? seq[tone] : "");
}

/* Progress: nothing in the first second, then ten times a second at most. */
static int64_t started, shown;

static void
show(void *ctx, const char *what, int64_t done, int64_t total)
{
	int64_t now = clock_mono();
	const struct cli *c = ctx;

	if (started == 0)
		started = now;
	if (now - started < CLOCK_SECOND || now - shown < CLOCK_SECOND / 10)
		return;
	shown = now;
	if (total > 0)
		fprintf(stderr, "\r\033[K%.*s  %lld of %lld", c->width - 30, what,
		    (long long)done, (long long)total);
	else
		fprintf(stderr, "\r\033[K%.*s  %lld", c->width - 30, what,
		    (long long)done);
}

void
cli_progress_on(struct cli *c)
{
	if (isatty(STDERR_FILENO))
		progress_install(show, c);
}

void
cli_progress_off(void)
{
	progress_install(NULL, NULL);
	if (shown != 0)
		fputs("\r\033[K", stderr);
	started = shown = 0;
}
