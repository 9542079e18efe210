#include "api/form.h"

#include "base/content.h"
#include "ledger/id.h"
#include "program/intake.h"
#include "record/workspace.h"
#include "text/date.h"
#include "text/template.h"
#include "text/zone.h"

#define BASE "/privacy/"
#define UI "ui/privacy/"
#define HTML "text/html; charset=utf-8"
#define LINE_MOST 200
#define TEXT_MOST 3000

/* What is read of a form, and what is wrong with it. */
struct form {
	struct call *c;
	struct context *x;
	struct params p;
	struct val *wrong; /* list of {field, text} */
};

bool
form_path(struct str path)
{
	return (str_is(path, BASE "request") || str_is(path, BASE "status") ||
	    str_is(path, BASE "style.css"));
}

bool
form_sends(const struct call *c)
{
	return (c->method == HTTPD_POST);
}

void
form_headers(struct httpd_call *h)
{
	static const char *const fields[][2] = {
		{ "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'; style-src 'self'; "
		    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
		{ "Cache-Control", "no-store" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		httpd_header(h, fields[i][0], fields[i][1]);
}

/* The last address of the list is the one that the proxy itself saw. */
struct str
form_peer(const struct call *c)
{
	struct str s = c->field[CALL_FORWARDED], one, last = STR("");

	if (!c->forwarded || s.ptr == NULL ||
	    (strncmp(c->peer, "127.", 4) != 0 && strcmp(c->peer, "::1") != 0))
		return (str_from(c->peer));
	while (str_split(&s, ',', &one))
		last = str_trim(one);
	return (last.len != 0 && last.len < 64 ? last : str_from(c->peer));
}

/* --- pages -------------------------------------------------------------------- */

static struct str
part(void *ctx, const char *name)
{
	char path[64];

	(void)ctx;
	snprintf(path, sizeof(path), UI "%s.html", name);
	return (content_find(path));
}

static int
page(struct call *c, int status, const char *name, struct val *m,
    struct err *e)
{
	struct template_source src = { .name = name, .text = part(NULL, name),
		.mode = TEMPLATE_HTML, .part = part };
	struct template *t;
	int r = template_load(&c->a, &src, &t, e);

	buf_reset(&c->out);
	if (r == 0)
		r = template_render(t, m, &c->out, e);
	c->status = status;
	c->media = HTML;
	return (r);
}

static struct val *
model(struct context *x, struct call *c, const char *title)
{
	struct val *m = val_map(&c->a);

	val_put(&c->a, m, "title", val_text(&c->a, title));
	val_put(&c->a, m, "org", x != NULL ? val_str(&c->a, x->ws->org) :
	    val_text(&c->a, ""));
	return (m);
}

void
form_problem(struct call *c, int status)
{
	struct val *m = model(NULL, c, "This did not work");
	struct err own;

	val_put(&c->a, m, "text", val_text(&c->a, status == 429 ? "There were too "
	    "many requests in a short time. Please try again later; what you "
	    "wrote was not sent." : status == 404 ? "There is no such page." :
	    status >= 500 ? "It cannot be taken in at the moment. Please try again "
	    "later; what you wrote was not sent." : "What was sent cannot be read. "
	    "Please go back and send it again."));
	if (page(c, status, "message", m, &own) != 0)
		buf_puts(&c->out, "This did not work.\n");
}

/* --- what was sent ------------------------------------------------------------- */

static void
complain(struct form *f, const char *field, const char *text)
{
	struct arena *a = &f->c->a;
	struct val *m = val_map(a);

	val_put(a, m, "field", val_text(a, field));
	val_put(a, m, "text", val_text(a, text));
	val_push(a, f->wrong, m);
}

static struct str
get(const struct form *f, const char *name)
{
	struct str s = params_get(&f->p, name);

	return (s.ptr == NULL ? STR("") : str_trim(s));
}

static void
check_line(struct form *f, const char *field, size_t most, bool lines,
    const char *text)
{
	struct str s = get(f, field);

	for (size_t i = 0; !lines && i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20) {
			complain(f, field, text);
			return;
		}
	if (s.len > most)
		complain(f, field, text);
}

static void
check(struct form *f, bool known_place)
{
	if (intake_kind(get(f, "kind")) == NULL)
		complain(f, "kind", "Choose what you ask for.");
	if (!known_place)
		complain(f, "place", "Choose where you live.");
	check_line(f, "name", LINE_MOST, false, "Write your name shorter, in one "
	    "line.");
	if (get(f, "contact").len == 0)
		complain(f, "contact", "Say how we reach you: nobody could answer "
		    "otherwise.");
	check_line(f, "contact", LINE_MOST, false, "Write the address shorter, in "
	    "one line.");
	check_line(f, "details", TEXT_MOST, true, "Write less: it is too long to be "
	    "taken in.");
	if (get(f, "leave").len != 0)
		complain(f, "leave", "Leave the last field empty: programs fill it, "
		    "people do not see it.");
}

/* --- the form ------------------------------------------------------------------- */

static void
choice(struct arena *a, struct val *list, struct str value, struct str label,
    struct str chosen)
{
	struct val *m = val_map(a);

	val_put(a, m, "value", val_str(a, value));
	val_put(a, m, "label", val_str(a, label));
	val_put(a, m, "chosen", val_bool(a, str_eq(value, chosen)));
	val_push(a, list, m);
}

struct places {
	struct form *f;
	struct val *list;
	bool known;
};

static int
add_place(void *ctx, const struct record *r, struct err *e)
{
	struct places *p = ctx;
	struct arena *a = &p->f->c->a;
	struct str code = record_str(r, F_JURISDICTION_CODE);
	struct str chosen = get(p->f, "place");

	(void)e;
	if (!intake_open(r))
		return (0);
	choice(a, p->list, arena_str(a, code), arena_str(a, record_str(r,
	    F_JURISDICTION_NAME)), chosen);
	p->known = p->known || str_eq(code, chosen);
	return (0);
}

static int
read_places(struct form *f, struct places *ret, struct err *e)
{
	const struct schema_type *t = schema_get(T_JURISDICTION);
	struct record_query q = { .sort = F_JURISDICTION_NAME };

	*ret = (struct places){ .f = f, .list = val_list(&f->c->a) };
	return (record_each(&f->x->ws->records, t, &q, add_place, ret, e));
}

/* The form, empty or as it was filled. */
static int
show_form(struct form *f, const struct places *p, struct err *e)
{
	static const char *const fields[] = { "name", "contact", "details" };
	struct call *c = f->c;
	struct arena *a = &c->a;
	struct val *m = model(f->x, c, "Your data: make a request");
	struct val *kinds = val_list(a), *wrong = val_null(a);
	struct str once = get(f, "once");
	char fresh[ID_LEN + 1];

	if (val_count(p->list) == 0) {
		val_put(a, m, "text", val_text(a, "This form is not set up yet. "
		    "Please write to us."));
		return (page(c, 503, "message", m, e));
	}
	for (size_t i = 0; intake_kinds(i) != NULL; i++)
		choice(a, kinds, str_from(intake_kinds(i)), str_from(intake_kind(
		    str_from(intake_kinds(i)))), get(f, "kind"));
	for (size_t i = 0; i < 3; i++)
		val_put(a, m, fields[i], val_str(a, get(f, fields[i])));
	if (val_count(f->wrong) != 0) {
		wrong = val_map(a);
		val_put(a, wrong, "items", f->wrong);
	}
	if (!id_ok(once)) {
		id_new(fresh);
		once = str_from(arena_strdup(a, fresh));
	}
	val_put(a, m, "once", val_str(a, once));
	val_put(a, m, "kinds", kinds);
	val_put(a, m, "places", p->list);
	val_put(a, m, "wrong", wrong);
	return (page(c, val_count(f->wrong) != 0 ? 422 : 200, "request", m, e));
}

static int
read_request(struct form *f, bool *ret_write, struct err *e)
{
	struct places p;
	int r = read_places(f, &p, e);

	if (r == 0 && f->c->method == HTTPD_POST) {
		check(f, p.known);
		if (val_count(f->wrong) == 0) {
			*ret_write = true;
			return (0);
		}
	}
	return (r != 0 ? r : show_form(f, &p, e));
}

/* --- how it stands --------------------------------------------------------------- */

static void
put_day(struct form *f, struct val *m, const char *key, int64_t us)
{
	struct arena *a = &f->c->a;
	char day[DATE_SIZE];

	val_put(a, m, key, us == 0 ? val_null(a) : val_text(a, date_print(
	    zone_day(f->x->ws->zone, us), day)));
}

static int
read_status(struct form *f, struct err *e)
{
	struct call *c = f->c;
	struct arena *a = &c->a;
	struct act act = { .a = a, .ws = f->x->ws };
	struct val *m = model(f->x, c, "How your request stands");
	struct val *found = val_null(a);
	struct intake_status s;
	struct err own = { .code = ERR_NOTFOUND };
	bool asked = c->method == HTTPD_POST;
	int r = !asked ? -ERR_NOTFOUND : intake_status(&act, get(f, "number"), &s,
	    &own);

	if (r == 0) {
		const char *kind = intake_kind(s.kind);
		found = val_map(a);
		val_put(a, found, "code", val_str(a, s.code));
		val_put(a, found, "kind", val_text(a, kind != NULL ? kind : ""));
		val_put(a, found, "state", val_text(a, s.words));
		put_day(f, found, "received", s.received);
		put_day(f, found, "due", s.answered == 0 ? s.due : 0);
		put_day(f, found, "answered", s.answered);
	} else if (r != -ERR_NOTFOUND) {
		*e = own;
		return (r);
	}
	val_put(a, m, "found", found);
	val_put(a, m, "missing", val_bool(a, asked && r != 0));
	return (page(c, asked && r != 0 ? 404 : 200, "status", m, e));
}

/* --- calls ------------------------------------------------------------------------ */

static int
style(struct call *c)
{
	buf_putstr(&c->out, content_find(UI "style.css"));
	c->status = 200;
	c->media = "text/css; charset=utf-8";
	return (0);
}

int
form_read(struct context *x, struct call *c, bool *ret_write, struct err *e)
{
	struct form f = { .c = c, .x = x, .wrong = val_list(&c->a) };
	bool look = c->method == HTTPD_GET || c->method == HTTPD_HEAD;
	int r = 0;

	if (str_is(c->path, BASE "style.css") && look)
		return (style(c));
	if (!look && (c->method != HTTPD_POST || str_is(c->path, BASE
	    "style.css"))) {
		c->allow = "GET, HEAD, POST";
		return (call_problem(c, 405, "that is not done here",
		    "use GET or POST"));
	}
	if (!look && !call_media(c->field[CALL_CONTENT_TYPE],
	    "application/x-www-form-urlencoded"))
		return (call_problem(c, 415, "this is no form", "send "
		    "application/x-www-form-urlencoded"));
	if (!look)
		r = params_form(&c->a, c->body, &f.p, e);
	if (r != 0)
		return (r);
	return (str_is(c->path, BASE "status") ? read_status(&f, e) :
	    read_request(&f, ret_write, e));
}

int
form_write(struct context *x, struct call *c, struct err *e)
{
	struct form f = { .c = c, .x = x };
	struct act act = { .a = &c->a, .ws = x->ws,
		.who = { .id = STR("intake"), .roles = ROLE_PRIVACY } };
	char number[INTAKE_NUMBER];
	struct str code;
	int r = params_form(&c->a, c->body, &f.p, e);
	struct intake in = { .kind = get(&f, "kind"), .name = get(&f, "name"),
		.contact = get(&f, "contact"), .details = get(&f, "details"),
		.jurisdiction = get(&f, "place"), .channel = STR("web form"),
		.once = get(&f, "once") };

	if (r == 0)
		r = intake_take(&act, &in, &code, number, e);
	if (r != 0)
		return (r);
	struct val *m = model(x, c, "Your request is here");
	val_put(&c->a, m, "number", val_text(&c->a, number));
	return (page(c, 200, "done", m, e));
}
