/*
 * Fonts: shaping and subsetting, by HarfBuzz. The libraries are loaded when
 * the first font is opened, so that a program that writes no PDF neither pays
 * for them nor needs them.
 *
 * All lengths are integers in font units (see font_metrics.upem): the same on
 * every machine. A struct font is used by one thread.
 */
#ifndef SYS_FONT_H
#define SYS_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct font;

struct font_metrics {
	int upem;
	int ascent, descent; /* descent is negative */
	int cap_height, x_height;
	int bbox[4];         /* x min, y min, x max, y max */
	int nglyphs;
};

struct font_glyph {
	uint32_t gid;
	uint32_t cluster; /* byte offset of its text */
	int32_t advance, dx, dy;
};

enum font_flag {
	FONT_PLAIN = 1, /* no ligatures: for code */
	FONT_RTL = 2    /* right to left; glyphs come in visual order */
};

/*
 * font_open(ret, data, len, e): ${data} (a TrueType file) is borrowed while
 * the font lives. ERR_ENV: HarfBuzz is not installed; ERR_INPUT: not a font
 * with glyf outlines.
 */
int font_open(struct font **ret, const void *data, size_t len, struct err *e);
void font_close(struct font *f); /* NULL is allowed */

const struct font_metrics *font_metrics(const struct font *f);
bool font_has(const struct font *f, uint32_t codepoint);
int font_advance(const struct font *f, uint32_t gid);

/*
 * font_shape(f, text, flags, n): the glyphs of ${text} (UTF-8) with kerning,
 * borrowed until the next call.
 */
const struct font_glyph *font_shape(struct font *f, struct str text,
    unsigned flags, size_t *ret_n);

/*
 * font_subset(f, used, out, e): append a TrueType file that has the outlines
 * of the glyphs whose bit is set in ${used} (nglyphs bits, lowest first) and
 * of those they are composed of. Glyph numbers stay as they are.
 */
int font_subset(struct font *f, const uint8_t *used, struct buf *out,
    struct err *e);

#endif
