#include "report/pdf.h"

#include "base/clock.h"
#include "report/pdf_draw.h"
#include "text/date.h"
#include "text/template.h"

#define OUTLINE_DEPTH 3

/* One entry of the outline. */
struct mark {
	const struct doc_block *block;
	int level, object;
	int parent, prev, next, first, last; /* indexes, -1 none */
	int below;                           /* entries below it, all levels */
};

struct job {
	const struct doc *d;
	struct arena *a;
	struct pdf_file file;
	struct pdf_fonts fonts;
	struct pdf_tags tags;
	struct pdf_layout layout;
	struct pdf_pen pen;
	int *pages;   /* objects */
	size_t npages;
	int tree, resources;
	VEC(struct mark) marks;
};

/* A place in the document as a destination. */
static void
put_dest(struct job *j, struct buf *b, const struct doc_block *block)
{
	struct pdf_spot s = j->layout.spots[block->id];
	int32_t y = PDF_PAGE_H - s.y + 10 * PDF_PT;

	buf_printf(b, "[%d 0 R /XYZ null ", j->pages[s.page == 0 ? 0 :
	    s.page - 1]);
	pdf_file_milli(b, s.page == 0 ? PDF_PAGE_H : y);
	buf_puts(b, " null]");
}

/* What a link says to somebody who cannot see it. */
static void
put_contents(struct job *j, struct buf *b, const struct pdf_target *t)
{
	buf_puts(b, " /Contents ");
	pdf_file_text(b, t->run != NULL ? t->run->text :
	    doc_titleline(j->a, t->block));
}

static bool
has_target(struct job *j, const struct pdf_target *t)
{
	return (t->block != NULL || t->run->kind == DOC_RUN_LINK ||
	    doc_find(j->d, t->run->target) != NULL);
}

static void
put_annots(struct job *j, int page, struct buf *list)
{
	for (size_t i = 0; i < j->pen.targets.n; i++) {
		const struct pdf_target *t = &j->pen.targets.at[i];
		if (!has_target(j, t))
			continue;
		int id = pdf_file_new(&j->file);
		int key = pdf_tag_annot(&j->tags, t->elem, page, id);
		struct buf *b = pdf_file_begin(&j->file, id);
		buf_puts(b, "<</Type /Annot /Subtype /Link /F 4 /Border [0 0 0] "
		    "/Rect [");
		pdf_file_milli(b, t->x);
		buf_putc(b, ' ');
		pdf_file_milli(b, PDF_PAGE_H - t->y - t->h);
		buf_putc(b, ' ');
		pdf_file_milli(b, t->x + t->w);
		buf_putc(b, ' ');
		pdf_file_milli(b, PDF_PAGE_H - t->y);
		buf_printf(b, "] /StructParent %zu", j->npages + (size_t)key);
		put_contents(j, b, t);
		if (t->block != NULL || t->run->kind == DOC_RUN_REF) {
			buf_puts(b, " /Dest ");
			put_dest(j, b, t->block != NULL ? t->block :
			    doc_find(j->d, t->run->target));
		} else {
			buf_puts(b, " /A <</S /URI /URI ");
			pdf_file_text(b, t->run->target);
			buf_puts(b, ">>");
		}
		buf_puts(b, ">>");
		pdf_file_end(&j->file);
		buf_printf(list, "%d 0 R ", id);
	}
}

static int
write_page(struct job *j, size_t i, struct err *e)
{
	int content = pdf_file_new(&j->file), rc;
	BUF_SCOPED annots = BUF_INIT;

	pdf_pen_page(&j->pen, j->pages[i]);
	if (i == 0)
		pdf_draw_title(&j->pen, j->d);
	else
		pdf_draw_page(&j->pen, &j->layout, i - 1);
	if ((rc = pdf_file_stream(&j->file, content, "",
		 buf_str(&j->pen.out), true, e)) != 0)
		return (rc);
	put_annots(j, j->pages[i], &annots);
	struct buf *b = pdf_file_begin(&j->file, j->pages[i]);
	buf_printf(b, "<</Type /Page /Parent %d 0 R /MediaBox [0 0 ", j->tree);
	pdf_file_milli(b, PDF_PAGE_W);
	buf_putc(b, ' ');
	pdf_file_milli(b, PDF_PAGE_H);
	buf_printf(b, "] /Resources %d 0 R /Contents %d 0 R /StructParents %zu "
	    "/Tabs /S", j->resources, content, i);
	if (annots.len != 0)
		buf_printf(b, " /Annots [%s]", annots.ptr);
	buf_puts(b, ">>");
	pdf_file_end(&j->file);
	return (0);
}

static void
write_page_tree(struct job *j)
{
	struct buf *b = pdf_file_begin(&j->file, j->tree);

	buf_printf(b, "<</Type /Pages /Count %zu /Kids [", j->npages);
	for (size_t i = 0; i < j->npages; i++)
		buf_printf(b, "%d 0 R ", j->pages[i]);
	buf_puts(b, "]>>");
	pdf_file_end(&j->file);
	b = pdf_file_begin(&j->file, j->resources);
	buf_puts(b, "<</Font <<");
	for (int f = 0; f < PDF_FACES; f++)
		if (j->fonts.object[f] != 0)
			buf_printf(b, "/F%d %d 0 R ", f, j->fonts.object[f]);
	buf_puts(b, ">> /ExtGState <</G1 <</Type /ExtGState /ca .09 /CA .09>>"
	    ">>>>");
	pdf_file_end(&j->file);
}

static void
collect_marks(struct job *j, const struct doc_block *b)
{
	for (; b != NULL; b = b->next) {
		if (b->kind == DOC_SECTION || (b->kind == DOC_HEADING &&
		    b->level <= OUTLINE_DEPTH && !b->unlisted))
			vec_push(&j->marks, (struct mark){ .block = b,
				.level = b->level, .parent = -1, .prev = -1,
				.next = -1, .first = -1, .last = -1,
				.object = pdf_file_new(&j->file) });
		if (b->kind == DOC_SECTION)
			collect_marks(j, b->first);
	}
}

static void
link_marks(struct job *j, int *first, int *last)
{
	*first = *last = -1;
	for (int i = 0; i < (int)j->marks.n; i++) {
		struct mark *m = &j->marks.at[i];
		int up = i - 1;
		while (up >= 0 && j->marks.at[up].level >= m->level)
			up = j->marks.at[up].parent;
		m->parent = up;
		int *end = up < 0 ? last : &j->marks.at[up].last;
		int *start = up < 0 ? first : &j->marks.at[up].first;
		m->prev = *end;
		if (*end >= 0)
			j->marks.at[*end].next = i;
		else
			*start = i;
		*end = i;
		for (; up >= 0; up = j->marks.at[up].parent)
			j->marks.at[up].below++;
	}
}

/* The outline: sections open, what is below them closed. */
static int
write_outline(struct job *j)
{
	int first, last, root = pdf_file_new(&j->file), tops = 0;

	collect_marks(j, j->d->root->first);
	link_marks(j, &first, &last);
	for (size_t i = 0; i < j->marks.n; i++) {
		const struct mark *m = &j->marks.at[i];
		struct buf *b = pdf_file_begin(&j->file, m->object);
		buf_puts(b, "<</Title ");
		pdf_file_text(b, doc_titleline(j->a, m->block));
		buf_printf(b, " /Parent %d 0 R", m->parent < 0 ? root :
		    j->marks.at[m->parent].object);
		const struct { const char *key; int at; } links[] = {
			{ "Prev", m->prev }, { "Next", m->next },
			{ "First", m->first }, { "Last", m->last },
		};
		for (size_t k = 0; k < 4; k++)
			if (links[k].at >= 0)
				buf_printf(b, " /%s %d 0 R", links[k].key,
				    j->marks.at[links[k].at].object);
		if (m->below > 0)
			buf_printf(b, " /Count %d", -m->below);
		buf_puts(b, " /Dest ");
		put_dest(j, b, m->block);
		buf_puts(b, ">>");
		pdf_file_end(&j->file);
		tops += m->parent < 0;
	}
	struct buf *b = pdf_file_begin(&j->file, root);
	buf_printf(b, "<</Type /Outlines /Count %d", tops);
	if (first >= 0)
		buf_printf(b, " /First %d 0 R /Last %d 0 R",
		    j->marks.at[first].object, j->marks.at[last].object);
	buf_puts(b, ">>");
	pdf_file_end(&j->file);
	return (root);
}

static void
put_time(struct buf *b, int64_t us, bool xmp)
{
	int64_t day = us / CLOCK_DAY - (us % CLOCK_DAY < 0);
	int64_t s = (us - day * CLOCK_DAY) / CLOCK_SECOND;
	int y, m, d;

	date_civil(day, &y, &m, &d);
	buf_printf(b, xmp ? "%04d-%02d-%02dT%02d:%02d:%02dZ" :
	    "(D:%04d%02d%02d%02d%02d%02dZ)", y, m, d, (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60));
}

static void
put_xml(struct buf *b, const char *before, struct str text, const char *after)
{
	buf_puts(b, before);
	template_escape_html(b, text);
	buf_puts(b, after);
}

static int
write_metadata(struct job *j, int *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	*ret = pdf_file_new(&j->file);
	buf_puts(&b, "<?xpacket begin=\"\xef\xbb\xbf\" "
	    "id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf="
	    "\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
	    "<rdf:Description rdf:about=\"\" "
	    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	    "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
	    "xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n"
	    "<dc:format>application/pdf</dc:format>\n");
	put_xml(&b, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">",
	    j->d->title, "</rdf:li></rdf:Alt></dc:title>\n");
	put_xml(&b, "<dc:creator><rdf:Seq><rdf:li>", j->d->author,
	    "</rdf:li></rdf:Seq></dc:creator>\n");
	put_xml(&b, "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">",
	    j->d->subject, "</rdf:li></rdf:Alt></dc:description>\n");
	put_xml(&b, "<dc:language><rdf:Bag><rdf:li>", j->d->lang,
	    "</rdf:li></rdf:Bag></dc:language>\n");
	buf_puts(&b, "<xmp:CreateDate>");
	put_time(&b, j->d->instant_us, true);
	buf_puts(&b, "</xmp:CreateDate>\n<xmp:ModifyDate>");
	put_time(&b, j->d->instant_us, true);
	buf_puts(&b, "</xmp:ModifyDate>\n<pdf:Producer>Tickmark</pdf:Producer>\n"
	    "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
	    "<?xpacket end=\"r\"?>");
	return (pdf_file_stream(&j->file, *ret, "/Type /Metadata /Subtype /XML",
	    buf_str(&b), false, e));
}

static int
write_info(struct job *j)
{
	int id = pdf_file_new(&j->file);
	struct buf *b = pdf_file_begin(&j->file, id);

	buf_puts(b, "<</Title ");
	pdf_file_text(b, j->d->title);
	buf_puts(b, " /Author ");
	pdf_file_text(b, j->d->author);
	buf_puts(b, " /Subject ");
	pdf_file_text(b, j->d->subject);
	buf_puts(b, " /Producer (Tickmark) /CreationDate ");
	put_time(b, j->d->instant_us, false);
	buf_puts(b, " /ModDate ");
	put_time(b, j->d->instant_us, false);
	buf_puts(b, ">>");
	pdf_file_end(&j->file);
	return (id);
}

static int
write_all(struct job *j, struct buf *out, struct err *e)
{
	int rc = 0, meta = 0, root = pdf_file_new(&j->file);

	j->npages = j->layout.npages + 1;
	j->pages = arena_array(j->a, j->npages, sizeof(*j->pages));
	j->tree = pdf_file_new(&j->file);
	j->resources = pdf_file_new(&j->file);
	for (size_t i = 0; i < j->npages; i++)
		j->pages[i] = pdf_file_new(&j->file);
	for (size_t i = 0; rc == 0 && i < j->npages; i++)
		rc = write_page(j, i, e);
	if (rc != 0 || (rc = pdf_font_write(&j->fonts, &j->file, e)) != 0 ||
	    (rc = write_metadata(j, &meta, e)) != 0)
		return (rc);
	write_page_tree(j);
	int outline = write_outline(j), tags = pdf_tag_write(&j->tags, &j->file);
	int info = write_info(j);
	struct buf *b = pdf_file_begin(&j->file, root);
	buf_printf(b, "<</Type /Catalog /Pages %d 0 R /Outlines %d 0 R "
	    "/PageMode /UseOutlines /StructTreeRoot %d 0 R /MarkInfo "
	    "<</Marked true>> /Metadata %d 0 R /ViewerPreferences "
	    "<</DisplayDocTitle true>> /PageLabels <</Nums [0 <</S /D>>]>> "
	    "/Lang ", j->tree, outline, tags, meta);
	pdf_file_text(b, j->d->lang);
	buf_puts(b, ">>");
	pdf_file_end(&j->file);
	return (pdf_file_finish(&j->file, root, info, out, e));
}

int
pdf_write(const struct doc *d, struct buf *out, struct report_result *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct job j = { .d = d, .a = &a };
	int rc = pdf_font_open(&j.fonts, &a, e);

	if (rc != 0)
		return (rc);
	pdf_file_init(&j.file);
	pdf_tag_init(&j.tags, &a, d);
	pdf_pen_init(&j.pen, &j.fonts, &j.tags, &j.file);
	pdf_layout_run(&j.layout, &j.fonts, &a, d);
	rc = write_all(&j, out, e);
	if (rc == 0 && ret != NULL) {
		ret->pages = (int)j.npages;
		ret->missing_glyphs = j.fonts.missing;
	}
	vec_free(&j.marks);
	pdf_pen_free(&j.pen);
	pdf_tag_free(&j.tags);
	pdf_file_free(&j.file);
	pdf_font_close(&j.fonts);
	return (rc);
}
