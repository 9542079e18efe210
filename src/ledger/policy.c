#include "ledger/policy.h"

#include <inttypes.h>

struct parse {
	struct arena *a;
	const char *name;
	size_t line;
	struct policy *p;
	bool quorum; /* its line was there */
	struct err *e;
};

static int bad(struct parse *x, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int
bad(struct parse *x, const char *fix, const char *fmt, ...)
{
	char what[512], where[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(where, sizeof(where), "%s:%zu", x->name, x->line);
	return (err_set(x->e, ERR_INPUT, where, fix, "%s", what));
}

/* --- words of a line ----------------------------------------------------- */

static bool
blank(char c)
{
	return (c == ' ' || c == '\t');
}

/* The next item of a line; false at its end. */
static bool
word(struct str *rest, struct str *ret)
{
	size_t n = 0;

	while (rest->len != 0 && blank(*rest->ptr)) {
		rest->ptr++;
		rest->len--;
	}
	while (n < rest->len && !blank(rest->ptr[n]))
		n++;
	*ret = (struct str){ rest->ptr, n };
	rest->ptr += n;
	rest->len -= n;
	return (n != 0);
}

/* Index of the witness or group, or -1. */
static ptrdiff_t
find(const struct policy *p, struct str name)
{
	for (size_t i = 0; i < p->nnodes; i++)
		if (str_is(name, p->nodes[i].name))
			return ((ptrdiff_t)i);
	return (-1);
}

static int
parse_key(struct parse *x, struct str s, enum note_type type, const char *who,
    struct note_key *ret)
{
	struct note_key k;
	struct err why;

	if (note_key_parse(s, &k, &why) != 0)
		return (bad(x, why.fix, "%s", why.what));
	if (k.type != type)
		return (bad(x, "give the key that it prints for this use",
		    "%s has a key for an %s (type 0x%02x)", who,
		    note_type_name(k.type), (unsigned)k.type));
	*ret = k;
	return (0);
}

/* What may follow a key: a URL, and nothing else. */
static int
parse_url(struct parse *x, struct str rest, const char **ret)
{
	struct str url, more;

	if (!word(&rest, &url))
		return (0);
	if (word(&rest, &more))
		return (bad(x, "end the line after the URL",
		    "\"" STR_FMT "\" is too much", STR_ARG(more)));
	*ret = arena_strndup(x->a, url.ptr, url.len);
	return (0);
}

/* A name that is not yet taken, as a new node. */
static int
new_node(struct parse *x, struct str *rest, struct policy_node **ret)
{
	struct str name;

	if (!word(rest, &name))
		return (bad(x, NULL, "the name is missing"));
	if (name.len > NOTE_NAME)
		return (bad(x, "shorten it", "a name of %zu bytes is too long",
		    name.len));
	if (str_is(name, "none"))
		return (bad(x, "use another name",
		    "\"none\" means that there is no quorum"));
	if (find(x->p, name) >= 0)
		return (bad(x, "use another name", "there is a \"" STR_FMT
		    "\" already", STR_ARG(name)));
	if (x->p->nnodes == POLICY_NODES)
		return (err_set(x->e, ERR_LIMIT, x->name, NULL,
		    "a policy may have %d witnesses and groups",
		    POLICY_NODES));
	struct policy_node *n = &x->p->nodes[x->p->nnodes];
	*n = (struct policy_node){
		.name = arena_strndup(x->a, name.ptr, name.len) };
	*ret = n;
	return (0);
}

/* --- lines --------------------------------------------------------------- */

static int
line_log(struct parse *x, struct str rest)
{
	struct policy_log log = { .url = NULL };
	struct policy *p = x->p;
	struct str key;
	int r;

	if (!word(&rest, &key))
		return (bad(x, "log VKEY [URL]", "the key is missing"));
	if ((r = parse_key(x, key, NOTE_ED25519, "the log", &log.key)) != 0 ||
	    (r = parse_url(x, rest, &log.url)) != 0)
		return (r);
	for (size_t i = 0; i < p->nlogs; i++)
		if (crypto_same(p->logs[i].key.public, log.key.public,
		    CRYPTO_PUBLIC))
			return (bad(x, "list it once",
			    "the public key is that of another log"));
	if (p->nlogs == POLICY_LOGS)
		return (err_set(x->e, ERR_LIMIT, x->name, NULL,
		    "a policy may have %d logs", POLICY_LOGS));
	p->logs[p->nlogs++] = log;
	return (0);
}

static int
line_witness(struct parse *x, struct str rest)
{
	struct policy *p = x->p;
	struct policy_node *n;
	struct str key;
	int r = new_node(x, &rest, &n);

	if (r != 0)
		return (r);
	if (!word(&rest, &key))
		return (bad(x, "witness NAME VKEY [URL]",
		    "the key is missing"));
	if ((r = parse_key(x, key, NOTE_COSIGNATURE, "the witness",
	        &n->key)) != 0 ||
	    (r = parse_url(x, rest, &n->url)) != 0)
		return (r);
	for (size_t i = 0; i < p->nnodes; i++)
		if (!p->nodes[i].group && crypto_same(p->nodes[i].key.public,
		    n->key.public, CRYPTO_PUBLIC))
			return (bad(x, "list it once",
			    "the public key is that of the witness %s",
			    p->nodes[i].name));
	p->nnodes++;
	return (0);
}

/* "all", "any", or a number; 0 stands for all. */
static int
parse_k(struct parse *x, struct str *rest, unsigned *ret)
{
	struct str s;
	uint64_t k;

	if (!word(rest, &s))
		return (bad(x, "group NAME all|any|K MEMBER...",
		    "how many members are needed is missing"));
	if (str_is(s, "all")) {
		*ret = 0;
		return (0);
	}
	if (str_is(s, "any")) {
		*ret = 1;
		return (0);
	}
	if (s.ptr[0] < '1' || s.ptr[0] > '9' || !str_to_u64(s, &k) ||
	    k > POLICY_NODES)
		return (bad(x, "say all, any, or a number from 1 to the number "
		    "of members", "\"" STR_FMT "\" is not how many members",
		    STR_ARG(s)));
	*ret = (unsigned)k;
	return (0);
}

static int
add_member(struct parse *x, struct policy_node *g, struct str name)
{
	ptrdiff_t at = find(x->p, name);

	if (at < 0)
		return (bad(x, "define it on a line above",
		    "there is no witness or group \"" STR_FMT "\" so far",
		    STR_ARG(name)));
	struct policy_node *m = &x->p->nodes[at];
	if (m->listed)
		return (bad(x, "so that each counts once",
		    "\"%s\" is a member of a group already", m->name));
	m->listed = true;
	g->member[g->nmembers++] = (size_t)at;
	return (0);
}

static int
line_group(struct parse *x, struct str rest)
{
	struct policy_node *g;
	struct str name;
	unsigned k = 0;
	int r = new_node(x, &rest, &g);

	if (r != 0 || (r = parse_k(x, &rest, &k)) != 0)
		return (r);
	g->group = true;
	g->member = arena_array(x->a, x->p->nnodes + 1, sizeof(*g->member));
	while (word(&rest, &name))
		if ((r = add_member(x, g, name)) != 0)
			return (r);
	if (g->nmembers == 0)
		return (bad(x, "name at least one", "the group has no member"));
	if (k > g->nmembers)
		return (bad(x, "ask for fewer", "%u of %zu members cannot be "
		    "had", k, g->nmembers));
	g->k = k == 0 ? (unsigned)g->nmembers : k;
	x->p->nnodes++;
	return (0);
}

static int
line_quorum(struct parse *x, struct str rest)
{
	struct str name, more;
	ptrdiff_t at = POLICY_NONE;

	if (x->quorum)
		return (bad(x, "keep one of them",
		    "there is a quorum line already"));
	if (!word(&rest, &name))
		return (bad(x, "quorum NAME, or quorum none",
		    "the name is missing"));
	if (word(&rest, &more))
		return (bad(x, "put several into a group",
		    "\"" STR_FMT "\" is too much", STR_ARG(more)));
	if (!str_is(name, "none") && (at = find(x->p, name)) < 0)
		return (bad(x, "define it on a line above",
		    "there is no witness or group \"" STR_FMT "\" so far",
		    STR_ARG(name)));
	x->quorum = true;
	x->p->quorum = (int)at;
	return (0);
}

static int
parse_line(struct parse *x, struct str rest)
{
	static const struct {
		const char *word;
		int (*fn)(struct parse *x, struct str rest);
	} kinds[] = {
		{ "log", line_log }, { "witness", line_witness },
		{ "group", line_group }, { "quorum", line_quorum },
	};
	struct str first;

	for (size_t i = 0; i < rest.len; i++) {
		unsigned char c = (unsigned char)rest.ptr[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return (bad(x, "remove it",
			    "the control character 0x%02x", c));
	}
	if (!word(&rest, &first) || first.ptr[0] == '#')
		return (0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_is(first, kinds[i].word))
			return (kinds[i].fn(x, rest));
	return (bad(x, "log, witness, group or quorum",
	    "\"" STR_FMT "\" is no word of a policy", STR_ARG(first)));
}

int
policy_parse(struct arena *a, const char *name, struct str text,
    struct policy **ret, struct err *e)
{
	struct policy *p = arena_new(a, struct policy);
	struct parse x = { .a = a, .name = name, .p = p, .e = e };
	struct str line;
	int r;

	if (text.len > POLICY_MAX)
		return (err_set(e, ERR_LIMIT, name, NULL,
		    "a policy may have %u bytes", POLICY_MAX));
	p->logs = arena_array(a, POLICY_LOGS, sizeof(*p->logs));
	p->nodes = arena_array(a, POLICY_NODES, sizeof(*p->nodes));
	p->quorum = POLICY_NONE;
	if (text.len != 0 && text.ptr[text.len - 1] != '\n')
		return (err_set(e, ERR_INPUT, name, "end it with a line feed",
		    "the last line of the policy is cut off"));
	while (text.len != 0 && str_split(&text, '\n', &line)) {
		x.line++;
		if ((r = parse_line(&x, line)) != 0)
			return (r);
	}
	if (!x.quorum)
		return (err_set(e, ERR_INPUT, name,
		    "add one: quorum NAME, or quorum none",
		    "the policy has no quorum line"));
	*ret = p;
	return (0);
}

bool
policy_has_log(const struct policy *p, const struct note_key *k)
{
	for (size_t i = 0; i < p->nlogs; i++)
		if (note_key_same(&p->logs[i].key, k))
			return (true);
	return (false);
}

/* --- looking at a checkpoint --------------------------------------------- */

/* Which nodes have witnessed it; a member stands before its group. */
static void
evaluate(const struct policy *p, const struct policy_seen *seen, bool *held)
{
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct policy_node *n = &p->nodes[i];
		unsigned have = 0;
		held[i] = false;
		for (size_t j = 0; !n->group && j < seen->n; j++)
			held[i] |= seen->at[j].witness == n;
		for (size_t j = 0; j < n->nmembers; j++)
			have += held[n->member[j]];
		if (n->group)
			held[i] = have >= n->k;
	}
}

/* The keys of logs, then those of witnesses. */
static struct note_key *
all_keys(struct arena *a, const struct policy *p, const struct note_key *logs,
    size_t n, size_t *ret_nlogs, size_t *ret_n)
{
	struct note_key *k = arena_array(a, p->nlogs + n + p->nnodes + 1,
	    sizeof(*k));
	size_t at = 0;

	for (size_t i = 0; i < p->nlogs; i++)
		k[at++] = p->logs[i].key;
	for (size_t i = 0; i < n; i++)
		if (!policy_has_log(p, &logs[i]))
			k[at++] = logs[i];
	*ret_nlogs = at;
	for (size_t i = 0; i < p->nnodes; i++)
		if (!p->nodes[i].group)
			k[at++] = p->nodes[i].key;
	*ret_n = at;
	return (k);
}

static void
add_cosigner(const struct policy *p, const struct note_key *k, int64_t time,
    struct policy_seen *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!note_key_same(&s->at[i].witness->key, k))
			continue;
		if (time > s->at[i].time)
			s->at[i].time = time;
		return;
	}
	for (size_t i = 0; i < p->nnodes; i++)
		if (!p->nodes[i].group && note_key_same(&p->nodes[i].key, k))
			s->at[s->n++] = (struct policy_cosigner){
				&p->nodes[i], time };
}

int
policy_look(const struct policy *p, const struct note_key *logs, size_t n,
    struct str note, struct policy_seen *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct note_signers *by = arena_new(&a, struct note_signers);
	bool held[POLICY_NODES];
	size_t nlogs, nkeys;
	struct note_key *keys = all_keys(&a, p, logs, n, &nlogs, &nkeys);
	struct checkpoint c;
	int r = checkpoint_open_by(note, keys, nlogs, nkeys, &c, by, e);

	if (r != 0)
		return (r);
	ret->head = c;
	ret->n = 0;
	for (size_t i = 0; i < by->n; i++)
		if (by->at[i].key >= nlogs)
			add_cosigner(p, &keys[by->at[i].key], by->at[i].time,
			    ret);
	evaluate(p, ret, held);
	ret->quorum = p->quorum == POLICY_NONE || held[p->quorum];
	return (0);
}

/* --- in words ------------------------------------------------------------ */

static void
put_node(const struct policy *p, size_t i, struct buf *out)
{
	const struct policy_node *n = &p->nodes[i];

	if (!n->group) {
		buf_puts(out, n->name);
		return;
	}
	if (n->nmembers > 1)
		buf_printf(out, n->k == n->nmembers ? "all %u of " : "%u of ",
		    n->k);
	for (size_t j = 0; j < n->nmembers; j++) {
		bool nested = p->nodes[n->member[j]].group &&
		    p->nodes[n->member[j]].nmembers > 1;
		buf_puts(out, j == 0 ? "" : ", ");
		buf_puts(out, nested ? "(" : "");
		put_node(p, n->member[j], out);
		buf_puts(out, nested ? ")" : "");
	}
}

void
policy_explain(const struct policy *p, const struct policy_seen *seen,
    struct buf *out)
{
	if (p->quorum == POLICY_NONE) {
		buf_puts(out, "no cosignature is required");
	} else {
		put_node(p, (size_t)p->quorum, out);
		buf_puts(out, " must have cosigned");
	}
	for (size_t i = 0; i < seen->n; i++)
		buf_printf(out, "%s%s", i == 0 ? ", and " :
		    i + 1 == seen->n ? " and " : ", ",
		    seen->at[i].witness->name);
	if (seen->n == 0)
		buf_puts(out, ", and no witness that it names has");
	else
		buf_puts(out, seen->n == 1 ? " has" : " have");
}
