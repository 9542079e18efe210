#include "api/program_privacy.h"

#include "api/look.h"
#include "program/consents.h"
#include "program/intake.h"

/* Bodies are sent and not addresses: what is in an address is in logs. */
#define SUBJECT { .name = "subject", .required = true, .max = 300,             \
	.what = "Whom it is about, by a reference of yours that you can find "     \
	"again. It is personal." }

const struct shape program_privacy_consent_body[] = {
	SUBJECT,
	{ .name = "purpose", .required = true, .max = 40, .what = "Code of the "
	    "processing activity." },
	{ .name = "notice", .required = true, .max = 60, .what = "Code of the "
	    "version of the notice that was shown." },
	{ .name = "notice_sha256", .max = 64, .what = "SHA-256 of the text that was "
	    "shown; it has to be that of the notice." },
	{ .name = "explicit", .kind = SHAPE_BOOL, .required = true,
	    .what = "It was given by a clear act for this purpose." },
	{ .name = "means", .max = 200, .what = "How it was given, such as the form "
	    "and its field." },
	{ .name = "proof", .max = 2000, .what = "What shows it. It is "
	    "personal." },
	{ .name = "given_at", .kind = SHAPE_TIME, .what = "When; now, if it is not "
	    "said." },
	{ .name = "expires_at", .kind = SHAPE_TIME, .what = "When it ends by "
	    "itself." },
	{ .name = NULL },
};

const struct shape program_privacy_consent[] = {
	{ .name = "id", .what = "Of the record of this consent." },
	{ .name = NULL },
};

const struct shape program_privacy_withdraw_body[] = {
	SUBJECT,
	{ .name = "purpose", .max = 40, .what = "Code of the processing activity; "
	    "every purpose, if it is not said." },
	{ .name = "proof", .max = 2000, .what = "What shows it. It is "
	    "personal." },
	{ .name = NULL },
};

const struct shape program_privacy_withdrawn[] = {
	{ .name = "withdrawn", .kind = SHAPE_INT, .what = "Consents that stood "
	    "until now." },
	{ .name = NULL },
};

const struct shape program_privacy_ask_body[] = {
	SUBJECT,
	{ .name = "purpose", .max = 40, .what = "Code of the processing activity; "
	    "every purpose, if it is not said." },
	{ .name = NULL },
};

static const struct shape state_form[] = {
	{ .name = "id", .what = "Of the record." },
	{ .name = "purpose", .what = "Code of the processing activity." },
	{ .name = "notice", .what = "Code of the version that was shown." },
	{ .name = "state", .values = "given withdrawn expired", .what = "As it "
	    "is now." },
	{ .name = "given_at", .kind = SHAPE_TIME, .what = "When it was given." },
	{ .name = "withdrawn_at", .kind = SHAPE_TIME, .what = "When it was taken "
	    "back." },
	{ .name = "expires_at", .kind = SHAPE_TIME, .what = "When it ends by "
	    "itself." },
	{ .name = NULL },
};

const struct shape program_privacy_states[] = {
	{ .name = "items", .kind = SHAPE_OBJECTS, .of = state_form,
	    .what = "Newest first." },
	{ .name = NULL },
};

const struct shape program_privacy_request_body[] = {
	{ .name = "kind", .required = true, .values = "access correction deletion "
	    "portability restriction objection withdrawal accounting",
	    .what = "What is asked for." },
	{ .name = "jurisdiction", .required = true, .max = 20, .what = "Code of "
	    "the jurisdiction whose law sets the clock." },
	{ .name = "contact", .required = true, .max = 300, .what = "Where the "
	    "answer goes. It is personal." },
	{ .name = "name", .max = 300, .what = "Who asks. It is personal." },
	{ .name = "details", .max = 8000, .what = "In the words of who asks. "
	    "They are personal." },
	{ .name = "channel", .max = 100, .what = "How it came in." },
	{ .name = NULL },
};

const struct shape program_privacy_request[] = {
	{ .name = "code", .what = "Of the record." },
	{ .name = "number", .what = "For who asked, and nobody else: it shows how "
	    "the request stands. It is told once." },
	{ .name = NULL },
};

const struct shape program_privacy_status_body[] = {
	{ .name = "number", .required = true, .max = 60, .what = "Of the "
	    "request." },
	{ .name = NULL },
};

const struct shape program_privacy_status[] = {
	{ .name = "code", .what = "Of the record." },
	{ .name = "kind", .what = "What was asked for." },
	{ .name = "state", .values = "received verifying working fulfilled denied",
	    .what = "How it stands." },
	{ .name = "received_at", .kind = SHAPE_TIME, .what = "When it came in." },
	{ .name = "due_at", .kind = SHAPE_TIME, .what = "When it has to be "
	    "answered." },
	{ .name = "answered_at", .kind = SHAPE_TIME, .what = "When it was." },
	{ .name = NULL },
};

/* The token opens this route; what is done there is the user's to do. */
static struct act
act_of(struct context *x, struct call *c)
{
	struct act a = { .a = &c->a, .ws = x->ws, .who = c->who };

	a.who.scope = (struct access_scope){ 0 };
	return (a);
}

int
program_privacy_give(struct context *x, struct call *c, struct err *e)
{
	struct act a = act_of(x, c);
	struct val *m = val_map(&c->a);
	struct consents_given g = {
		.subject = val_get_str(c->value, "subject"),
		.purpose = val_get_str(c->value, "purpose"),
		.notice = val_get_str(c->value, "notice"),
		.notice_hash = val_get_str(c->value, "notice_sha256"),
		.means = val_get_str(c->value, "means"),
		.proof = val_get_str(c->value, "proof"),
		.given_at = val_get_str(c->value, "given_at"),
		.expires_at = val_get_str(c->value, "expires_at"),
		.explicit = val_get_bool(c->value, "explicit", false) };
	struct str id;
	int r = consents_give(&a, &g, &id, e);

	if (r != 0)
		return (r);
	val_put(&c->a, m, "id", val_str(&c->a, id));
	call_json(c, 201, m);
	return (0);
}

int
program_privacy_withdraw(struct context *x, struct call *c, struct err *e)
{
	struct act a = act_of(x, c);
	struct val *m = val_map(&c->a);
	size_t n = 0;
	int r = consents_withdraw(&a, val_get_str(c->value, "subject"),
	    val_get_str(c->value, "purpose"), val_get_str(c->value, "proof"), &n,
	    e);

	if (r != 0)
		return (r);
	val_put(&c->a, m, "withdrawn", val_int(&c->a, (int64_t)n));
	call_json(c, 200, m);
	return (0);
}

int
program_privacy_ask(struct context *x, struct call *c, struct err *e)
{
	struct act a = act_of(x, c);
	struct val *m = val_map(&c->a), *items = val_list(&c->a);
	struct consents_state *s;
	size_t n = 0;
	int r = consents_of(&a, val_get_str(c->value, "subject"),
	    val_get_str(c->value, "purpose"), &s, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct val *v = val_map(&c->a);
		val_put(&c->a, v, "id", val_str(&c->a, s[i].id));
		val_put(&c->a, v, "purpose", look_text(c, s[i].purpose));
		val_put(&c->a, v, "notice", look_text(c, s[i].notice));
		val_put(&c->a, v, "state", val_text(&c->a, s[i].state));
		val_put(&c->a, v, "given_at", look_time(c, s[i].given));
		val_put(&c->a, v, "withdrawn_at", look_time(c, s[i].withdrawn));
		val_put(&c->a, v, "expires_at", look_time(c, s[i].expires));
		val_push(&c->a, items, v);
	}
	val_put(&c->a, m, "items", items);
	if (r == 0)
		call_json(c, 200, m);
	return (r);
}

int
program_privacy_take(struct context *x, struct call *c, struct err *e)
{
	struct act a = act_of(x, c);
	struct val *m = val_map(&c->a);
	struct str channel = val_get_str(c->value, "channel"), code;
	struct intake in = { .kind = val_get_str(c->value, "kind"),
		.name = val_get_str(c->value, "name"),
		.contact = val_get_str(c->value, "contact"),
		.details = val_get_str(c->value, "details"),
		.jurisdiction = val_get_str(c->value, "jurisdiction"),
		.channel = channel.len != 0 ? channel : STR("API") };
	char number[INTAKE_NUMBER];
	int r = intake_take(&a, &in, &code, number, e);

	if (r != 0)
		return (r);
	val_put(&c->a, m, "code", val_str(&c->a, code));
	val_put(&c->a, m, "number", val_text(&c->a, number));
	call_json(c, 201, m);
	return (0);
}

int
program_privacy_stands(struct context *x, struct call *c, struct err *e)
{
	struct act a = act_of(x, c);
	struct val *m = val_map(&c->a);
	struct intake_status s;
	int r = intake_status(&a, val_get_str(c->value, "number"), &s, e);

	if (r != 0)
		return (r);
	val_put(&c->a, m, "code", val_str(&c->a, s.code));
	val_put(&c->a, m, "kind", val_str(&c->a, s.kind));
	val_put(&c->a, m, "state", val_str(&c->a, s.state));
	val_put(&c->a, m, "received_at", look_time(c, s.received));
	val_put(&c->a, m, "due_at", look_time(c, s.due));
	val_put(&c->a, m, "answered_at", look_time(c, s.answered));
	call_json(c, 200, m);
	return (0);
}
