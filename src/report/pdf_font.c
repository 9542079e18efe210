#include "report/pdf_font.h"

int
pdf_font_open(struct pdf_fonts *fs, struct arena *a, struct err *e)
{
	*fs = (struct pdf_fonts){ .arena = a };
	for (int i = 0; i < PDF_FACES; i++) {
		const struct pdf_font_file *file = &pdf_font_files[i];
		int rc = font_open(&fs->font[i], file->data,
		    (size_t)(file->end - file->data), e);
		if (rc != 0) {
			pdf_font_close(fs);
			return (rc);
		}
		size_t n = (size_t)font_metrics(fs->font[i])->nglyphs;
		fs->used[i] = arena_alloc(a, n / 8 + 1);
		fs->meaning[i] = arena_array(a, n, sizeof(struct str));
		map_init(&fs->cache[i], a);
	}
	return (0);
}

void
pdf_font_close(struct pdf_fonts *fs)
{
	for (int i = 0; i < PDF_FACES; i++) {
		font_close(fs->font[i]);
		fs->font[i] = NULL;
	}
}

/* Characters that are not seen and that no font needs to have. */
static bool
ignorable(int32_t c)
{
	return (c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	    (c >= 0xe0000 && c <= 0xe0fff));
}

static bool
is_rtl(int32_t c)
{
	return ((c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) ||
	    (c >= 0xfe70 && c <= 0xfeff) || (c >= 0x10800 && c <= 0x10fff) ||
	    (c >= 0x1e800 && c <= 0x1efff));
}

static enum pdf_face
face_for(struct pdf_fonts *fs, enum pdf_face face, int32_t c, bool *box)
{
	*box = false;
	if (font_has(fs->font[face], (uint32_t)c))
		return (face);
	if (face == PDF_MONO || !font_has(fs->font[PDF_FALLBACK], (uint32_t)c)) {
		if (font_has(fs->font[PDF_REGULAR], (uint32_t)c))
			return (PDF_REGULAR);
	}
	*box = !font_has(fs->font[PDF_FALLBACK], (uint32_t)c);
	return (PDF_FALLBACK);
}

static void
shape_seg(struct pdf_fonts *fs, struct pdf_seg *seg, bool rtl)
{
	size_t n;
	const struct font_glyph *g = font_shape(fs->font[seg->face], seg->text,
	    (seg->face == PDF_MONO ? FONT_PLAIN : 0u) | (rtl ? FONT_RTL : 0u),
	    &n);
	struct font_glyph *copy = arena_array(fs->arena, n, sizeof(*copy));

	if (n != 0)
		memcpy(copy, g, n * sizeof(*copy));
	seg->glyphs = copy;
	seg->nglyphs = n;
	seg->width = 0;
	for (size_t i = 0; i < n; i++)
		seg->width += copy[i].advance;
}

/* Cut ${s->text} where the face has to change, and shape the parts. */
static void
shape(struct pdf_fonts *fs, enum pdf_face face, struct pdf_shape *s)
{
	VEC(struct pdf_seg) segs = { 0 };
	bool strong = false;

	for (size_t at = 0; at < s->text.len;) {
		size_t from = at;
		bool box, join = false;
		int32_t c = str_utf8_next(s->text, &at);
		if (c < 0)
			break;
		if (!strong && (is_rtl(c) || (c < 0x80 && c >= 'A'))) {
			s->rtl = is_rtl(c);
			strong = true;
		}
		if (ignorable(c) && !font_has(fs->font[face], (uint32_t)c))
			continue;
		enum pdf_face f = face_for(fs, face, c, &box);
		if (segs.n > 0) {
			const struct pdf_seg *p = &segs.at[segs.n - 1];
			join = p->face == f && p->boxes == box &&
			    p->text.ptr + p->text.len == s->text.ptr + from;
		}
		fs->missing += box;
		if (join)
			segs.at[segs.n - 1].text.len += at - from;
		else
			vec_push(&segs, (struct pdf_seg){ .face = f, .boxes = box,
				.text = { s->text.ptr + from, at - from } });
	}
	s->nsegs = segs.n;
	s->segs = arena_array(fs->arena, segs.n, sizeof(*s->segs));
	if (segs.n != 0)
		memcpy(s->segs, segs.at, segs.n * sizeof(*s->segs));
	vec_free(&segs);
	for (size_t i = 0; i < s->nsegs; i++)
		shape_seg(fs, &s->segs[i], s->rtl);
	for (size_t i = 0; s->rtl && i < s->nsegs / 2; i++) {
		struct pdf_seg t = s->segs[i];
		s->segs[i] = s->segs[s->nsegs - 1 - i];
		s->segs[s->nsegs - 1 - i] = t;
	}
}

const struct pdf_shape *
pdf_font_shape(struct pdf_fonts *fs, enum pdf_face face, struct str text)
{
	struct pdf_shape *s = map_get(&fs->cache[face], text);

	if (s != NULL)
		return (s);
	s = arena_new(fs->arena, struct pdf_shape);
	s->text = arena_str(fs->arena, text);
	shape(fs, face, s);
	map_put(&fs->cache[face], s->text, s);
	return (s);
}

int32_t
pdf_font_width(const struct pdf_fonts *fs, const struct pdf_shape *s,
    int32_t size)
{
	int64_t w = 0;

	for (size_t i = 0; i < s->nsegs; i++)
		w += s->segs[i].width * size /
		    font_metrics(fs->font[s->segs[i].face])->upem;
	return ((int32_t)(w > INT32_MAX / 4 ? INT32_MAX / 4 : w));
}

int32_t
pdf_font_ascent(const struct pdf_fonts *fs, enum pdf_face face, int32_t size)
{
	const struct font_metrics *m = font_metrics(fs->font[face]);

	return ((int32_t)((int64_t)m->ascent * size / m->upem));
}

int32_t
pdf_font_cap(const struct pdf_fonts *fs, enum pdf_face face, int32_t size)
{
	const struct font_metrics *m = font_metrics(fs->font[face]);

	return ((int32_t)((int64_t)m->cap_height * size / m->upem));
}

int
pdf_font_use(struct pdf_fonts *fs, struct pdf_file *f, enum pdf_face face)
{
	if (fs->object[face] == 0)
		fs->object[face] = pdf_file_new(f);
	return (fs->object[face]);
}

bool
pdf_font_mark(struct pdf_fonts *fs, enum pdf_face face, uint32_t gid,
    struct str text)
{
	uint8_t *byte = &fs->used[face][gid / 8];
	uint8_t bit = (uint8_t)(1u << gid % 8);

	if (!(*byte & bit)) {
		*byte |= bit;
		fs->meaning[face][gid] = text;
		return (true);
	}
	return (str_eq(fs->meaning[face][gid], text));
}

/* The 6 letters before a subset's name, from what is in it. */
static void
subset_tag(const struct pdf_fonts *fs, int face, char tag[7])
{
	size_t n = (size_t)font_metrics(fs->font[face])->nglyphs / 8 + 1;
	uint64_t h = str_hash((struct str){ (const char *)fs->used[face], n });

	for (int i = 0; i < 6; i++, h /= 26)
		tag[i] = (char)('A' + h % 26);
	tag[6] = '\0';
}

/* From glyphs back to text (ISO 32000-1, 9.10.3). */
static int
write_meanings(struct pdf_fonts *fs, struct pdf_file *f, int face, int id,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	int n = font_metrics(fs->font[face])->nglyphs;

	buf_puts(&b, "/CIDInit /ProcSet findresource begin\n12 dict begin\n"
	    "begincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) "
	    "/Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n"
	    "/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\n"
	    "endcodespacerange\n");
	for (int g = 0; g < n; g++) {
		struct str t = fs->meaning[face][g];
		if (!(fs->used[face][g / 8] & 1u << g % 8) || t.len == 0)
			continue;
		buf_printf(&b, "1 beginbfchar\n<%04X> <", (unsigned)g);
		for (size_t at = 0; at < t.len;) {
			int32_t c = str_utf8_next(t, &at);
			if (c < 0)
				break;
			if (c >= 0x10000)
				buf_printf(&b, "%04X%04X",
				    0xd800u + ((unsigned)(c - 0x10000) >> 10),
				    0xdc00u + ((unsigned)(c - 0x10000) & 0x3ff));
			else
				buf_printf(&b, "%04X", (unsigned)c);
		}
		buf_puts(&b, ">\nendbfchar\n");
	}
	buf_puts(&b, "endcmap\nCMapName currentdict /CMap defineresource pop\n"
	    "end\nend\n");
	return (pdf_file_stream(f, id, "", buf_str(&b), true, e));
}

static void
write_widths(struct pdf_fonts *fs, int face, struct buf *b)
{
	const struct font_metrics *m = font_metrics(fs->font[face]);
	bool open = false;

	buf_puts(b, "/W [");
	for (int g = 0; g < m->nglyphs; g++) {
		if (!(fs->used[face][g / 8] & 1u << g % 8)) {
			buf_puts(b, open ? "]" : "");
			open = false;
			continue;
		}
		if (!open)
			buf_printf(b, " %d [", g);
		else
			buf_putc(b, ' ');
		pdf_file_milli(b, (int64_t)font_advance(fs->font[face],
		    (uint32_t)g) * 1000000 / m->upem);
		open = true;
	}
	buf_puts(b, open ? "]]" : "]");
}

static void
write_descriptor(struct pdf_fonts *fs, struct pdf_file *f, int face, int id,
    int file, const char *name)
{
	const struct font_metrics *m = font_metrics(fs->font[face]);
	bool italic = face == PDF_ITALIC || face == PDF_BOLD_ITALIC;
	bool bold = face == PDF_BOLD || face == PDF_BOLD_ITALIC;
	struct buf *b = pdf_file_begin(f, id);

#define UNITS(v) ((v) * 1000 / m->upem)
	/* Flags: 1 fixed pitch, 4 symbolic (its own numbering), 64 italic. */
	buf_printf(b, "<</Type /FontDescriptor /FontName /%s /Flags %d "
	    "/FontBBox [%d %d %d %d] /ItalicAngle %d /Ascent %d /Descent %d "
	    "/CapHeight %d /XHeight %d /StemV %d /FontFile2 %d 0 R>>", name,
	    4 | (face == PDF_MONO ? 1 : 0) | (italic ? 64 : 0),
	    UNITS(m->bbox[0]), UNITS(m->bbox[1]), UNITS(m->bbox[2]),
	    UNITS(m->bbox[3]), italic ? -12 : 0, UNITS(m->ascent),
	    UNITS(m->descent), UNITS(m->cap_height), UNITS(m->x_height),
	    bold ? 140 : 80, file);
#undef UNITS
	pdf_file_end(f);
}

static int
write_face(struct pdf_fonts *fs, struct pdf_file *f, int face, struct err *e)
{
	int file = pdf_file_new(f), desc = pdf_file_new(f);
	int cid = pdf_file_new(f), uni = pdf_file_new(f);
	char tag[7], name[64], dict[32];
	BUF_SCOPED ttf = BUF_INIT;
	int rc;

	subset_tag(fs, face, tag);
	snprintf(name, sizeof(name), "%s+%s", tag, pdf_font_files[face].name);
	if ((rc = font_subset(fs->font[face], fs->used[face], &ttf, e)) != 0)
		return (rc);
	snprintf(dict, sizeof(dict), "/Length1 %zu", ttf.len);
	if ((rc = pdf_file_stream(f, file, dict, buf_str(&ttf), true, e)) != 0 ||
	    (rc = write_meanings(fs, f, face, uni, e)) != 0)
		return (rc);
	write_descriptor(fs, f, face, desc, file, name);
	struct buf *b = pdf_file_begin(f, cid);
	buf_printf(b, "<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s "
	    "/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) "
	    "/Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity "
	    "/DW 0 ", name, desc);
	write_widths(fs, face, b);
	buf_puts(b, ">>");
	pdf_file_end(f);
	b = pdf_file_begin(f, fs->object[face]);
	buf_printf(b, "<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding "
	    "/Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name,
	    cid, uni);
	pdf_file_end(f);
	return (0);
}

int
pdf_font_write(struct pdf_fonts *fs, struct pdf_file *f, struct err *e)
{
	for (int i = 0; i < PDF_FACES; i++) {
		int rc = fs->object[i] == 0 ? 0 : write_face(fs, f, i, e);
		if (rc != 0)
			return (rc);
	}
	return (0);
}
