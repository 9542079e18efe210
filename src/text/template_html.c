#include "text/template_html.h"

enum state {
	TEXT,
	TAG_OPEN,    /* after < */
	TAG_NAME,
	IN_TAG,      /* between attributes */
	ATTR_NAME,
	AFTER_NAME,  /* blanks after the name */
	BEFORE_VALUE, /* after = */
	DOUBLE,
	SINGLE,
	UNQUOTED,
	MARKUP,      /* after <! */
	COMMENT,
	DECLARATION, /* <!DOCTYPE ...> */
	RAW          /* within script, style, textarea, title ... */
};

static bool
blank(char c)
{
	return (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f');
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
}

static bool
letter(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z');
}

/* Append to a short name; false if it did not fit. */
static bool
extend(char *name, size_t cap, char c)
{
	size_t n = strlen(name);

	if (n + 1 >= cap)
		return (false);
	name[n] = lower(c);
	name[n + 1] = '\0';
	return (true);
}

static bool
among(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0)
			return (true);
	return (false);
}

/* Elements whose content is no markup. */
static bool
is_raw(const char *tag)
{
	static const char *const raw[] = { "script", "style", "textarea", "title",
		"xmp", "iframe", "noembed", "noframes", "plaintext", NULL };

	return (among(tag, raw));
}

static void
end_tag(struct html_state *h)
{
	h->state = !h->closing && is_raw(h->tag) ? RAW : TEXT;
	h->attr[0] = '\0';
	h->begun = h->cut = false;
	if (h->state == TEXT) {
		h->tag[0] = '\0';
		h->closing = false;
	}
}

static void
begin_attr(struct html_state *h, char c)
{
	h->state = ATTR_NAME;
	h->attr[0] = '\0';
	h->begun = false;
	h->cut = !extend(h->attr, sizeof(h->attr), c);
}

/* One byte within a tag, from its name on. */
static void
step_tag(struct html_state *h, char c)
{
	switch ((enum state)h->state) {
	case TAG_NAME:
		if (c == '>')
			end_tag(h);
		else if (blank(c) || c == '/')
			h->state = IN_TAG;
		else if (!extend(h->tag, sizeof(h->tag), c))
			h->tag[0] = '-'; /* too long for any that matters */
		break;
	case IN_TAG:
		if (c == '>')
			end_tag(h);
		else if (!blank(c) && c != '/')
			begin_attr(h, c);
		break;
	case ATTR_NAME:
	case AFTER_NAME:
		if (c == '>')
			end_tag(h);
		else if (c == '=')
			h->state = BEFORE_VALUE;
		else if (c == '/')
			h->state = IN_TAG;
		else if (blank(c))
			h->state = AFTER_NAME;
		else if (h->state == AFTER_NAME)
			begin_attr(h, c);
		else if (!extend(h->attr, sizeof(h->attr), c))
			h->cut = true;
		break;
	case BEFORE_VALUE:
		if (c == '>')
			end_tag(h);
		else if (!blank(c))
			h->state = c == '"' ? DOUBLE : c == '\'' ? SINGLE
								 : UNQUOTED;
		break;
	case DOUBLE:
	case SINGLE:
		if (c == (h->state == DOUBLE ? '"' : '\'')) {
			h->state = IN_TAG;
			h->attr[0] = '\0';
			h->begun = h->cut = false;
		} else if (strchr("/?#:", c) != NULL) {
			h->begun = true;
		}
		break;
	case UNQUOTED:
		if (c == '>')
			end_tag(h);
		else if (blank(c))
			h->state = IN_TAG;
		break;
	default:
		break;
	}
}

/* In a raw element: past "</name", or all of ${s}. */
static size_t
skip_raw(struct html_state *h, struct str s)
{
	size_t n = strlen(h->tag);

	for (size_t i = 0; i + n + 2 <= s.len; i++) {
		if (s.ptr[i] != '<' || s.ptr[i + 1] != '/' ||
		    strncasecmp(s.ptr + i + 2, h->tag, n) != 0)
			continue;
		char after = i + n + 2 < s.len ? s.ptr[i + n + 2] : '>';
		if (!blank(after) && after != '>' && after != '/')
			continue;
		h->state = TAG_NAME;
		h->closing = true;
		return (i + n + 2);
	}
	return (s.len);
}

static size_t
skip_to(struct html_state *h, struct str s, const char *end)
{
	ptrdiff_t at = str_find(s, end);

	if (at < 0)
		return (s.len);
	h->state = TEXT;
	return ((size_t)at + strlen(end));
}

void
html_text(struct html_state *h, struct str s)
{
	size_t i = 0;

	while (i < s.len) {
		struct str rest = { s.ptr + i, s.len - i };
		char c = s.ptr[i];
		switch ((enum state)h->state) {
		case TEXT:
			if (c == '<')
				h->state = TAG_OPEN;
			i++;
			break;
		case TAG_OPEN:
			h->tag[0] = '\0';
			if (c == '/' && !h->closing) {
				h->closing = true;
			} else if (c == '!' && !h->closing) {
				h->state = MARKUP;
			} else if (letter(c)) {
				h->state = TAG_NAME;
				(void)extend(h->tag, sizeof(h->tag), c);
			} else {
				/* "a < b": text, unless it is another <. */
				h->state = TEXT;
				h->closing = false;
				i -= c == '<';
			}
			i++;
			break;
		case MARKUP:
			h->state = str_starts(rest, "--") ? COMMENT : DECLARATION;
			break;
		case COMMENT:
			i += skip_to(h, rest, "-->");
			break;
		case DECLARATION:
			i += skip_to(h, rest, ">");
			break;
		case RAW:
			i += skip_raw(h, rest);
			break;
		default:
			step_tag(h, c);
			i++;
		}
	}
}

static const char *
in_attribute(struct html_state *h, enum html_place *ret)
{
	static const char *const addresses[] = { "href", "src", "action",
		"formaction", "poster", "cite", "data", "xlink:href",
		"background", "ping", "manifest", NULL };
	static const char *const refused[] = { "style", "srcdoc", "srcset",
		"imagesrcset", NULL };

	if (strncmp(h->attr, "on", 2) == 0 || among(h->attr, refused))
		return ("in an attribute that is code, style or a document");
	*ret = !h->cut && among(h->attr, addresses) && !h->begun
	    ? HTML_IN_URL
	    : HTML_IN_ATTRIBUTE;
	return (NULL);
}

const char *
html_value(struct html_state *h, enum html_place *ret)
{
	switch ((enum state)h->state) {
	case TEXT:
		*ret = HTML_IN_TEXT;
		return (NULL);
	case DOUBLE:
		return (in_attribute(h, ret));
	case SINGLE:
	case UNQUOTED:
	case BEFORE_VALUE:
		return ("in an attribute without double quotes");
	case RAW:
		if (strcmp(h->tag, "title") == 0 ||
		    strcmp(h->tag, "textarea") == 0) {
			/* Text with entities, but no markup. */
			*ret = HTML_IN_ATTRIBUTE;
			return (NULL);
		}
		return ("in a script, a style or the like");
	case MARKUP:
	case COMMENT:
	case DECLARATION:
		return ("in a comment or declaration");
	default:
		return ("within a tag");
	}
}

bool
html_same(const struct html_state *a, const struct html_state *b)
{
	return (a->state == b->state && a->closing == b->closing &&
	    strcmp(a->tag, b->tag) == 0 && strcmp(a->attr, b->attr) == 0);
}

bool
html_at_end(const struct html_state *h)
{
	return (h->state == TEXT);
}
