#include "report/pdf_text.h"

#define MOST_ITEMS 1000 /* in a line, if nothing in it has a width */
#define LONG_WORD 60 /* bytes; longer ones are taken in small pieces, */
#define PIECE 16     /* so that cutting one costs no more than its length */

struct builder {
	struct pdf_fonts *fs;
	struct pdf_style style;
	VEC(struct pdf_item) items;
};

static enum pdf_face
face_of(unsigned style)
{
	if (style & DOC_MONO)
		return (PDF_MONO);
	if ((style & (DOC_BOLD | DOC_ITALIC)) == (DOC_BOLD | DOC_ITALIC))
		return (PDF_BOLD_ITALIC);
	return (style & DOC_BOLD ? PDF_BOLD :
	    style & DOC_ITALIC ? PDF_ITALIC : PDF_REGULAR);
}

static bool
is_word(unsigned char c)
{
	return (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z'));
}

static bool
is_lower(unsigned char c)
{
	return (c >= 'a' && c <= 'z');
}

static bool
is_cjk(int32_t c)
{
	return ((c >= 0x2e80 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7ff) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff00 && c <= 0xffef) ||
	    (c >= 0x20000 && c <= 0x3ffff));
}

/*
 * May a line end after byte ${i} of the word ${w}, without a sign of it?
 * Identifiers (CC6.1, POL-04) stay whole; compounds, paths and long names may.
 */
static bool
soft_after(struct str w, size_t i)
{
	unsigned char c = (unsigned char)w.ptr[i];

	if (i == 0 || i + 1 >= w.len)
		return (false);
	unsigned char before = (unsigned char)w.ptr[i - 1];
	unsigned char after = (unsigned char)w.ptr[i + 1];
	if (c == '-')
		return (is_lower(before) && (is_lower(after) || w.len > 24));
	if (c == '/')
		return (w.len > 8 && is_word(before) && is_word(after));
	return (w.len > 20 && strchr("_.,:;?&=@|\\+", c) != NULL && c != '\0');
}

/* After the character that ends at ${at} of ${w}: between ideographs. */
static bool
ideograph_after(struct str w, size_t from, size_t at)
{
	size_t a = from, b = at;

	return (at < w.len && (is_cjk(str_utf8_next(w, &a)) ||
	    is_cjk(str_utf8_next(w, &b))));
}

static void
put_item(struct builder *b, struct str text, const struct doc_run *run,
    unsigned style, enum pdf_break after)
{
	struct pdf_item it = { .run = run, .after = after };
	bool link = run != NULL && run->target.len != 0;

	style |= b->style.style;
	it.face = face_of(style);
	it.size = b->style.size;
	if (style & DOC_MONO) /* its letters are larger than the text's */
		it.size = it.size * 88 / 100;
	if (style & DOC_SMALL)
		it.size = it.size * 87 / 100;
	it.colour = link ? PDF_LINK : style & DOC_MUTED ? PDF_GREY :
	    b->style.colour;
	it.shape = pdf_font_shape(b->fs, it.face, text);
	it.width = pdf_font_width(b->fs, it.shape, it.size);
	vec_push(&b->items, it);
}

/* A word (no spaces) as one item or, where it may break softly, several. */
static void
put_word(struct builder *b, struct str w, const struct doc_run *run,
    unsigned style, enum pdf_break after)
{
	size_t start = 0;

	for (size_t at = 0; at < w.len;) {
		size_t from = at;
		if (str_utf8_next(w, &at) < 0)
			break;
		bool soft = at < w.len && (at - from == 1 ? soft_after(w, from) :
		    ideograph_after(w, from, at));
		bool piece = w.len > LONG_WORD && at - start >= PIECE &&
		    at < w.len;
		if (!soft && !piece)
			continue;
		put_item(b, (struct str){ w.ptr + start, at - start }, run, style,
		    soft ? PDF_SOFT : PDF_JOIN);
		start = at;
	}
	put_item(b, (struct str){ w.ptr + start, w.len - start }, run, style,
	    after);
}

/* The space after the last item, as wide as in its own face. */
static void
put_space(struct builder *b)
{
	if (b->items.n == 0)
		return;
	struct pdf_item *it = &b->items.at[b->items.n - 1];
	if (it->after == PDF_FORCE || it->space != 0)
		return;
	it->after = PDF_SPACE;
	it->space = pdf_font_width(b->fs,
	    pdf_font_shape(b->fs, it->face, STR(" ")), it->size);
}

static void
put_text(struct builder *b, struct str text, const struct doc_run *run,
    unsigned style)
{
	size_t i = 0;

	while (i < text.len) {
		if (text.ptr[i] == ' ') {
			put_space(b);
			i++;
			continue;
		}
		const char *sp = memchr(text.ptr + i, ' ', text.len - i);
		size_t n = sp != NULL ? (size_t)(sp - text.ptr) - i :
		    text.len - i;
		put_word(b, (struct str){ text.ptr + i, n }, run, style,
		    PDF_JOIN);
		i += n;
	}
}

/* Widths that a table needs to know: of unbreakable pieces and of lines. */
static void
measure(struct pdf_para *p)
{
	int64_t piece = 0, line = 0, min = 0, max = 0;

	for (size_t i = 0; i < p->nitems; i++) {
		const struct pdf_item *it = &p->items[i];
		piece += it->width;
		line += it->width;
		min = piece > min ? piece : min;
		max = line > max ? line : max;
		if (it->after != PDF_JOIN)
			piece = 0;
		line = it->after == PDF_FORCE ? 0 : line + it->space;
	}
	p->min = (int32_t)(min > INT32_MAX / 4 ? INT32_MAX / 4 : min);
	p->max = (int32_t)(max > INT32_MAX / 4 ? INT32_MAX / 4 : max);
}

static struct pdf_para *
finish(struct builder *b)
{
	struct pdf_para *p = arena_new(b->fs->arena, struct pdf_para);
	struct pdf_item *items = arena_array(b->fs->arena, b->items.n,
	    sizeof(*items));

	if (b->items.n != 0)
		memcpy(items, b->items.at, b->items.n * sizeof(*items));
	p->items = items;
	p->nitems = b->items.n;
	p->style = b->style;
	p->ascent = pdf_font_ascent(b->fs, PDF_REGULAR, b->style.size);
	vec_free(&b->items);
	measure(p);
	return (p);
}

struct pdf_para *
pdf_text_para(struct pdf_fonts *fs, const struct doc_run *runs,
    struct pdf_style style, pdf_page_fn *page, void *ctx)
{
	struct builder b = { .fs = fs, .style = style };
	char text[32];

	for (const struct doc_run *r = runs; r != NULL; r = r->next) {
		if (r->kind == DOC_RUN_LINE) {
			if (b.items.n > 0)
				b.items.at[b.items.n - 1].after = PDF_FORCE;
			continue;
		}
		/* A reference to what is not there is text like any other. */
		int n = r->kind != DOC_RUN_REF ? 0 :
		    page != NULL ? page(ctx, r->target) : -1;
		put_text(&b, r->text, n < 0 ? NULL : r, r->style);
		if (r->kind != DOC_RUN_REF || !r->page || n < 0)
			continue;
		snprintf(text, sizeof(text), " (page\xc2\xa0%d)", n == 0 ? 88 : n);
		put_text(&b, str_from(text), r, r->style);
	}
	return (finish(&b));
}

struct pdf_para *
pdf_text_code(struct pdf_fonts *fs, struct str text, struct pdf_style style)
{
	struct builder b = { .fs = fs, .style = style };
	struct str line;

	if (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	while (str_split(&text, '\n', &line)) {
		size_t start = 0;
		for (size_t i = 0; i + 1 < line.len; i++) {
			if (line.ptr[i] != ' ' || line.ptr[i + 1] == ' ' ||
			    i == start)
				continue;
			put_item(&b, (struct str){ line.ptr + start,
			    i + 1 - start }, NULL, DOC_MONO, PDF_SOFT);
			start = i + 1;
		}
		put_item(&b, line.len == 0 ? STR(" ") : (struct str){
		    line.ptr + start, line.len - start }, NULL, DOC_MONO,
		    PDF_FORCE);
	}
	return (finish(&b));
}

/* The longest start of ${it} not wider than ${width}, at least a character. */
static size_t
fitting(struct pdf_fonts *fs, const struct pdf_item *it, int32_t width)
{
	struct str t = it->shape->text;
	size_t guess = (size_t)((int64_t)t.len * width / it->width), at = 0;
	size_t last = 0;

	while (at < t.len && (last == 0 || at < guess)) {
		last = at;
		if (str_utf8_next(t, &at) < 0)
			return (t.len);
		if (at <= guess)
			last = at;
	}
	if (last == 0)
		last = at;
	while (last > 0) {
		struct str part = { t.ptr, last };
		if (pdf_font_width(fs, pdf_font_shape(fs, it->face, part),
			it->size) <= width)
			break;
		size_t back = last - 1;
		while (back > 0 && ((unsigned char)t.ptr[back] & 0xc0) == 0x80)
			back--;
		if (back == 0)
			break;
		last = back;
	}
	return (last);
}

/* One item, cut where it is wider than ${width}. */
static void
cut_item(struct builder *b, struct pdf_item it, int32_t width)
{
	while (it.width > width && it.shape->text.len > 1) {
		size_t n = fitting(b->fs, &it, width);
		struct str t = it.shape->text;
		struct pdf_item part = it;
		if (n >= t.len)
			break;
		part.shape = pdf_font_shape(b->fs, it.face,
		    (struct str){ t.ptr, n });
		part.width = pdf_font_width(b->fs, part.shape, it.size);
		part.after = PDF_SOFT;
		part.space = 0;
		vec_push(&b->items, part);
		it.shape = pdf_font_shape(b->fs, it.face,
		    (struct str){ t.ptr + n, t.len - n });
		it.width = pdf_font_width(b->fs, it.shape, it.size);
	}
	vec_push(&b->items, it);
}

/* Items so that nothing unbreakable is wider than ${width}. */
static void
split_long(struct builder *b, const struct pdf_para *p, int32_t width)
{
	for (size_t i = 0, to; i < p->nitems; i = to) {
		int64_t w = p->items[i].width;
		for (to = i + 1; to < p->nitems &&
		    p->items[to - 1].after == PDF_JOIN; to++)
			w += p->items[to].width;
		for (size_t k = i; k < to; k++) {
			struct pdf_item it = p->items[k];
			if (w > width && it.after == PDF_JOIN)
				it.after = PDF_SOFT;
			cut_item(b, it, width);
		}
	}
}

/* What a line with this much room left costs. */
static int64_t
badness(int32_t slack, int32_t width, const struct pdf_item *last, bool end)
{
	int64_t r = (int64_t)slack * 1000 / (width > 0 ? width : 1);
	int64_t soft = last->after == PDF_SOFT ? 60000 : 0;

	if (end) /* a word alone on the last line is unsightly */
		return (soft + (r > 800 ? (r - 800) * 400 : 0));
	return (r * r + soft);
}

struct choice {
	int64_t cost;
	size_t from;
	int32_t width;
};

/* Best way for items [0, j) to end a line at j, from those before. */
static struct choice
choose(const struct pdf_item *it, size_t j, size_t n, int32_t width,
    const struct choice *best)
{
	struct choice c = { INT64_MAX, j - 1, it[j - 1].width };
	int64_t w = 0;

	for (size_t i = j; i-- > 0;) {
		w += it[i].width + (i + 1 < j ? it[i].space : 0);
		bool legal = i == 0 || it[i - 1].after != PDF_JOIN;
		if ((w > width || j - i > MOST_ITEMS) && c.cost != INT64_MAX)
			break;
		if (legal && best[i].cost != INT64_MAX) {
			int32_t slack = w > width ? 0 : width - (int32_t)w;
			int64_t cost = best[i].cost + badness(slack, width,
			    &it[j - 1], j == n || it[j - 1].after == PDF_FORCE);
			if (cost < c.cost)
				c = (struct choice){ cost, i, (int32_t)w };
		}
		if (i > 0 && it[i - 1].after == PDF_FORCE)
			break;
	}
	return (c);
}

struct pdf_para *
pdf_text_break(struct pdf_fonts *fs, const struct pdf_para *p, int32_t width)
{
	struct builder b = { .fs = fs, .style = p->style };
	struct pdf_para *out;

	split_long(&b, p, width);
	size_t n = b.items.n;
	struct choice *best = calloc(n + 1, sizeof(*best));
	if (best == NULL)
		err_oom((n + 1) * sizeof(*best));
	for (size_t j = 1; j <= n; j++) {
		best[j].cost = INT64_MAX;
		if (j == n || b.items.at[j - 1].after != PDF_JOIN)
			best[j] = choose(b.items.at, j, n, width, best);
	}
	out = finish(&b);
	size_t count = 0;
	for (size_t j = n; j > 0; j = best[j].from)
		count++;
	struct pdf_line *lines = arena_array(fs->arena, count, sizeof(*lines));
	size_t k = count;
	for (size_t j = n; j > 0; j = best[j].from)
		lines[--k] = (struct pdf_line){ best[j].from, j, best[j].width };
	out->lines = lines;
	out->nlines = count;
	free(best);
	return (out);
}
