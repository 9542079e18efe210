#include "sys/font.h"

#include <harfbuzz/hb-ot.h>
#include <harfbuzz/hb-subset.h>
#include <harfbuzz/hb.h>

#include "sys/library.h"

#define SHAPE_FUNCTIONS(X)                                                     \
	X(hb_blob_create)                                                      \
	X(hb_blob_destroy)                                                     \
	X(hb_blob_get_data)                                                    \
	X(hb_buffer_add_utf8)                                                  \
	X(hb_buffer_clear_contents)                                            \
	X(hb_buffer_create)                                                    \
	X(hb_buffer_destroy)                                                   \
	X(hb_buffer_get_glyph_infos)                                           \
	X(hb_buffer_get_glyph_positions)                                       \
	X(hb_buffer_guess_segment_properties)                                  \
	X(hb_buffer_set_cluster_level)                                         \
	X(hb_buffer_set_direction)                                             \
	X(hb_buffer_set_language)                                              \
	X(hb_face_create)                                                      \
	X(hb_face_destroy)                                                     \
	X(hb_face_get_glyph_count)                                             \
	X(hb_face_get_upem)                                                    \
	X(hb_face_reference_blob)                                              \
	X(hb_face_reference_table)                                             \
	X(hb_font_create)                                                      \
	X(hb_font_destroy)                                                     \
	X(hb_font_get_glyph_h_advance)                                         \
	X(hb_font_get_nominal_glyph)                                           \
	X(hb_font_set_scale)                                                   \
	X(hb_language_from_string)                                             \
	X(hb_ot_metrics_get_position)                                          \
	X(hb_set_add)                                                          \
	X(hb_shape)

#define SUBSET_FUNCTIONS(X)                                                    \
	X(hb_subset_input_create_or_fail)                                      \
	X(hb_subset_input_destroy)                                             \
	X(hb_subset_input_glyph_set)                                           \
	X(hb_subset_input_set)                                                 \
	X(hb_subset_input_set_flags)                                           \
	X(hb_subset_or_fail)

static struct {
	bool loaded;
#define X(name) __typeof__(name) *name;
	SHAPE_FUNCTIONS(X)
	SUBSET_FUNCTIONS(X)
#undef X
} hb;

struct font {
	hb_face_t *face;
	hb_font_t *font;
	hb_buffer_t *buffer;
	struct font_metrics m;
	struct font_glyph *glyphs;
	size_t cap;
};

static int
load_harfbuzz(struct err *e)
{
	static const struct library shape = { "libharfbuzz.so.0",
		"libharfbuzz0b", "a PDF needs HarfBuzz to set its text" };
	static const struct library subset = { "libharfbuzz-subset.so.0",
		"libharfbuzz-subset0", "a PDF needs HarfBuzz to set its text" };
#define X(name) { #name, &hb.name },
	static const struct library_function shapes[] = { SHAPE_FUNCTIONS(X) };
	static const struct library_function subsets[] = { SUBSET_FUNCTIONS(X) };
#undef X
	int rc = 0;

	if (hb.loaded)
		return (0);
	rc = library_open(&shape, shapes, sizeof(shapes) / sizeof(shapes[0]), e);
	if (rc == 0)
		rc = library_open(&subset, subsets,
		    sizeof(subsets) / sizeof(subsets[0]), e);
	hb.loaded = rc == 0;
	return (rc);
}

static int
be16(const unsigned char *p)
{
	return ((int16_t)((uint16_t)p[0] << 8 | p[1]));
}

static int
metric(const struct font *f, hb_ot_metrics_tag_t tag, int otherwise)
{
	hb_position_t v;

	if (!hb.hb_ot_metrics_get_position(f->font, tag, &v))
		return (otherwise);
	return (v);
}

/* read_metrics(f): false if the file is no TrueType font with outlines. */
static bool
read_metrics(struct font *f)
{
	unsigned len, glyf_len;

	f->m.upem = (int)hb.hb_face_get_upem(f->face);
	f->m.nglyphs = (int)hb.hb_face_get_glyph_count(f->face);
	hb_blob_t *head = hb.hb_face_reference_table(f->face,
	    HB_TAG('h', 'e', 'a', 'd'));
	hb_blob_t *glyf = hb.hb_face_reference_table(f->face,
	    HB_TAG('g', 'l', 'y', 'f'));
	const unsigned char *p =
	    (const unsigned char *)hb.hb_blob_get_data(head, &len);
	(void)hb.hb_blob_get_data(glyf, &glyf_len);
	bool ok = p != NULL && len >= 54 && glyf_len > 0 && f->m.upem > 0 &&
	    f->m.nglyphs > 0 && f->m.nglyphs <= 65535;
	for (int i = 0; ok && i < 4; i++)
		f->m.bbox[i] = be16(p + 36 + 2 * i);
	hb.hb_blob_destroy(head);
	hb.hb_blob_destroy(glyf);
	return (ok);
}

int
font_open(struct font **ret, const void *data, size_t len, struct err *e)
{
	int rc = load_harfbuzz(e);

	if (rc != 0)
		return (rc);
	struct font *f = calloc(1, sizeof(*f));
	if (f == NULL)
		err_oom(sizeof(*f));
	hb_blob_t *blob = hb.hb_blob_create(data, (unsigned)len,
	    HB_MEMORY_MODE_READONLY, NULL, NULL);
	f->face = hb.hb_face_create(blob, 0);
	hb.hb_blob_destroy(blob);
	if (!read_metrics(f)) {
		font_close(f);
		return (err_set(e, ERR_INPUT, NULL,
		    "use a TrueType font with glyf outlines",
		    "a font cannot be used"));
	}
	f->font = hb.hb_font_create(f->face);
	hb.hb_font_set_scale(f->font, f->m.upem, f->m.upem);
	f->m.ascent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_ASCENDER,
	    f->m.upem * 4 / 5);
	f->m.descent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_DESCENDER,
	    -f->m.upem / 5);
	f->m.cap_height = metric(f, HB_OT_METRICS_TAG_CAP_HEIGHT,
	    f->m.upem * 7 / 10);
	f->m.x_height = metric(f, HB_OT_METRICS_TAG_X_HEIGHT, f->m.upem / 2);
	f->buffer = hb.hb_buffer_create();
	*ret = f;
	return (0);
}

void
font_close(struct font *f)
{
	if (f == NULL)
		return;
	if (f->buffer != NULL)
		hb.hb_buffer_destroy(f->buffer);
	if (f->font != NULL)
		hb.hb_font_destroy(f->font);
	hb.hb_face_destroy(f->face);
	free(f->glyphs);
	free(f);
}

const struct font_metrics *
font_metrics(const struct font *f)
{
	return (&f->m);
}

bool
font_has(const struct font *f, uint32_t codepoint)
{
	hb_codepoint_t gid;

	return (hb.hb_font_get_nominal_glyph(f->font, codepoint, &gid) &&
	    gid != 0);
}

int
font_advance(const struct font *f, uint32_t gid)
{
	return (hb.hb_font_get_glyph_h_advance(f->font, gid));
}

const struct font_glyph *
font_shape(struct font *f, struct str text, unsigned flags, size_t *ret_n)
{
	static const hb_feature_t plain[] = {
		{ HB_TAG('l', 'i', 'g', 'a'), 0, 0, (unsigned)-1 },
		{ HB_TAG('c', 'l', 'i', 'g'), 0, 0, (unsigned)-1 },
		{ HB_TAG('c', 'a', 'l', 't'), 0, 0, (unsigned)-1 },
	};
	unsigned n;

	hb.hb_buffer_clear_contents(f->buffer);
	hb.hb_buffer_set_cluster_level(f->buffer,
	    HB_BUFFER_CLUSTER_LEVEL_MONOTONE_CHARACTERS);
	hb.hb_buffer_add_utf8(f->buffer, text.ptr, (int)text.len, 0,
	    (int)text.len);
	hb.hb_buffer_set_language(f->buffer,
	    hb.hb_language_from_string("en", 2));
	hb.hb_buffer_set_direction(f->buffer,
	    flags & FONT_RTL ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
	hb.hb_buffer_guess_segment_properties(f->buffer);
	hb.hb_shape(f->font, f->buffer, plain, flags & FONT_PLAIN ? 3 : 0);
	const hb_glyph_info_t *info =
	    hb.hb_buffer_get_glyph_infos(f->buffer, &n);
	const hb_glyph_position_t *pos =
	    hb.hb_buffer_get_glyph_positions(f->buffer, &n);
	if (n > f->cap) {
		f->cap = n * 2;
		f->glyphs = realloc(f->glyphs, f->cap * sizeof(*f->glyphs));
		if (f->glyphs == NULL)
			err_oom(f->cap * sizeof(*f->glyphs));
	}
	for (unsigned i = 0; i < n; i++)
		f->glyphs[i] = (struct font_glyph){ info[i].codepoint,
			info[i].cluster, pos[i].x_advance, pos[i].x_offset,
			pos[i].y_offset };
	*ret_n = n;
	return (f->glyphs);
}

/* Tables that shaping needs and a reader of a finished PDF does not. */
static void
drop_tables(hb_subset_input_t *in)
{
	static const hb_tag_t tags[] = {
		HB_TAG('G', 'P', 'O', 'S'), HB_TAG('G', 'S', 'U', 'B'),
		HB_TAG('G', 'D', 'E', 'F'), HB_TAG('k', 'e', 'r', 'n'),
		HB_TAG('D', 'S', 'I', 'G'), HB_TAG('n', 'a', 'm', 'e'),
		HB_TAG('O', 'S', '/', '2'), HB_TAG('c', 'm', 'a', 'p'),
		HB_TAG('p', 'o', 's', 't'), HB_TAG('g', 'a', 's', 'p'),
		HB_TAG('h', 'd', 'm', 'x'), HB_TAG('V', 'D', 'M', 'X'),
		HB_TAG('L', 'T', 'S', 'H'), HB_TAG('F', 'F', 'T', 'M'),
	};
	hb_set_t *drop = hb.hb_subset_input_set(in,
	    HB_SUBSET_SETS_DROP_TABLE_TAG);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		hb.hb_set_add(drop, tags[i]);
}

int
font_subset(struct font *f, const uint8_t *used, struct buf *out,
    struct err *e)
{
	unsigned len;
	hb_subset_input_t *in = hb.hb_subset_input_create_or_fail();

	if (in == NULL)
		err_oom(sizeof(*f));
	hb.hb_subset_input_set_flags(in,
	    HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_RETAIN_GIDS |
		HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
	drop_tables(in);
	hb_set_t *set = hb.hb_subset_input_glyph_set(in);
	hb.hb_set_add(set, 0);
	for (unsigned g = 0; g < (unsigned)f->m.nglyphs; g++)
		if (used[g / 8] & 1u << g % 8)
			hb.hb_set_add(set, g);
	hb_face_t *face = hb.hb_subset_or_fail(f->face, in);
	hb.hb_subset_input_destroy(in);
	if (face == NULL)
		return (err_set(e, ERR_ENV, "libharfbuzz-subset.so.0",
		    "install Debian's libharfbuzz-subset0",
		    "HarfBuzz could not make a subset of a font"));
	hb_blob_t *blob = hb.hb_face_reference_blob(face);
	const char *p = hb.hb_blob_get_data(blob, &len);
	buf_put(out, p, len);
	hb.hb_blob_destroy(blob);
	hb.hb_face_destroy(face);
	return (0);
}
