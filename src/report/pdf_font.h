/*
 * The PDF writer's fonts: the embedded files, shaped pieces of text (each
 * shaped once and kept), and which glyphs were drawn.
 *
 * Lengths are thousandths of a point, integers.
 */
#ifndef REPORT_PDF_FONT_H
#define REPORT_PDF_FONT_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "report/pdf_file.h"
#include "sys/font.h"

struct pdf_font_file {
	const char *name; /* PostScript name, as far as PDF cares */
	const unsigned char *data, *end;
};

enum pdf_face {
	PDF_REGULAR,
	PDF_BOLD,
	PDF_ITALIC,
	PDF_BOLD_ITALIC,
	PDF_MONO,
	PDF_FALLBACK, /* for what the others lack */
	PDF_FACES
};

/* Made by mk/fonts.mk, in the order of enum pdf_face. */
extern const struct pdf_font_file pdf_font_files[];

struct pdf_seg {
	enum pdf_face face;
	const struct font_glyph *glyphs;
	size_t nglyphs;
	struct str text; /* glyphs' clusters count from its start */
	int64_t width;   /* font units of its face */
	bool boxes;      /* no font has it: drawn as boxes */
};

struct pdf_shape {
	struct pdf_seg *segs;
	size_t nsegs;
	struct str text;
	bool rtl;
};

struct pdf_fonts {
	struct arena *arena;
	struct font *font[PDF_FACES];
	uint8_t *used[PDF_FACES];     /* a bit for each glyph */
	struct str *meaning[PDF_FACES]; /* text of each glyph, for extraction */
	struct map cache[PDF_FACES];
	int object[PDF_FACES];        /* number in the file, 0 not used yet */
	int missing;                  /* characters drawn as boxes */
};

int pdf_font_open(struct pdf_fonts *fs, struct arena *a, struct err *e);
void pdf_font_close(struct pdf_fonts *fs);

/* pdf_font_shape(fs, face, text): cached; ${text} is borrowed. */
const struct pdf_shape *pdf_font_shape(struct pdf_fonts *fs,
    enum pdf_face face, struct str text);
int32_t pdf_font_width(const struct pdf_fonts *fs, const struct pdf_shape *s,
    int32_t size);
int32_t pdf_font_ascent(const struct pdf_fonts *fs, enum pdf_face face,
    int32_t size);
/* Height of capital letters, for what is to sit in the middle of a line. */
int32_t pdf_font_cap(const struct pdf_fonts *fs, enum pdf_face face,
    int32_t size);

/*
 * pdf_font_use(fs, f, face): the face's object number, made when first asked.
 * pdf_font_mark(fs, face, gid, text): it is drawn and means ${text}; false if
 * it already means something else (the caller then says so in place).
 */
int pdf_font_use(struct pdf_fonts *fs, struct pdf_file *f,
    enum pdf_face face);
bool pdf_font_mark(struct pdf_fonts *fs, enum pdf_face face, uint32_t gid,
    struct str text);
/* pdf_font_write(fs, f, e): the fonts that were used, into the file. */
int pdf_font_write(struct pdf_fonts *fs, struct pdf_file *f, struct err *e);

#endif
