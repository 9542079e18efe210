/*
 * The packet filter: chains and rules as `nft -j list ruleset` has them, the
 * text of the rules as `nft -s -a list ruleset` writes it.
 */
#include <stdio.h>
#include <string.h>

#include "collect/host.h"
#include "text/json.h"

/* --- parsers -------------------------------------------------------------- */

static struct str
text_of(const struct val *m, const char *key)
{
	return (val_get_str(m, key));
}

static void
read_chain(const struct val *v, struct firewall *f)
{
	struct firewall_chain c = { .family = text_of(v, "family"),
		.table = text_of(v, "table"), .name = text_of(v, "name"),
		.hook = text_of(v, "hook"), .policy = text_of(v, "policy") };

	if (c.family.len > 0 && c.table.len > 0 && c.name.len > 0)
		f->chains[f->nchains++] = c;
}

static int
read_rule(struct arena *a, const struct val *v, struct firewall *f,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct firewall_rule r = { .family = text_of(v, "family"),
		.table = text_of(v, "table"), .chain = text_of(v, "chain"),
		.handle = val_get_int(v, "handle", -1) };
	const struct val *expr = val_get(v, "expr");
	int rc;

	if (r.family.len == 0 || r.table.len == 0 || r.chain.len == 0 ||
	    r.handle < 0)
		return (0);
	if (expr != NULL) {
		if ((rc = json_canonical(&b, expr, e)) != 0)
			return (rc);
		r.text = arena_str(a, buf_str(&b));
	}
	f->rules[f->nrules++] = r;
	return (0);
}

/* Counts of the rules, by their chains. */
static void
count_rules(struct arena *a, struct firewall *f)
{
	struct map by;

	map_init(&by, a);
	for (size_t i = 0; i < f->nchains; i++) {
		struct firewall_chain *c = &f->chains[i];
		(void)map_put(&by, str_from(arena_printf(a, STR_FMT " " STR_FMT
		    " " STR_FMT, STR_ARG(c->family), STR_ARG(c->table),
		    STR_ARG(c->name))), c);
	}
	for (size_t i = 0; i < f->nrules; i++) {
		struct firewall_rule *r = &f->rules[i];
		struct firewall_chain *c = map_get(&by, str_from(arena_printf(
		    a, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(r->family),
		    STR_ARG(r->table), STR_ARG(r->chain))));
		if (c != NULL)
			c->rules++;
	}
}

int
firewall_read(struct arena *a, struct str json, struct firewall *ret,
    struct err *e)
{
	struct firewall f = { 0 };
	struct val *doc;
	const struct val *list;
	int rc = json_parse(a, "nft", json, &doc, e);

	if (rc != 0)
		return (rc);
	list = val_get(doc, "nftables");
	if (list == NULL || list->type != VAL_LIST)
		return (err_set(e, ERR_INPUT, "nft", NULL, "nft printed "
		    "something else than a ruleset"));
	size_t n = val_count(list);
	f.chains = arena_array(a, n + 1, sizeof(*f.chains));
	f.rules = arena_array(a, n + 1, sizeof(*f.rules));
	for (size_t i = 0; i < n; i++) {
		const struct val *item = list->u.list.at[i];
		const struct val *v;
		if ((v = val_get(item, "chain")) != NULL)
			read_chain(v, &f);
		else if ((v = val_get(item, "rule")) != NULL &&
		    (rc = read_rule(a, v, &f, e)) != 0)
			return (rc);
	}
	count_rules(a, &f);
	*ret = f;
	return (0);
}

/* The words of a line "chain input { # handle 1"; true and the second (and
 * third) if it begins with ${first}. */
static bool
opens(struct str line, const char *first, struct str *name)
{
	ptrdiff_t brace = str_find(line, " {");
	size_t n = strlen(first);

	if (!str_starts(line, first) || brace < (ptrdiff_t)n)
		return (false);
	*name = str_trim((struct str){ line.ptr + n, (size_t)brace - n });
	return (true);
}

/* "tcp dport 22 accept # handle 5" */
static bool
ends_with_handle(struct str line, struct str *rule, struct str *handle)
{
	for (size_t i = line.len; i > 10; i--)
		if (memcmp(line.ptr + i - 10, " # handle ", 10) == 0) {
			*rule = str_trim((struct str){ line.ptr, i - 10 });
			*handle = str_trim((struct str){ line.ptr + i,
			    line.len - i });
			return (true);
		}
	return (false);
}

/* The text of each rule, by "family table chain handle". */
static void
read_texts(struct arena *a, struct str text, struct map *ret)
{
	struct str line, name, table = STR_NULL, chain = STR_NULL, rule, h;

	map_init(ret, a);
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (opens(line, "table ", &name)) {
			table = name; /* "inet filter" */
			chain = STR_NULL;
		} else if (opens(line, "chain ", &name))
			chain = name;
		else if (line.len > 0 && line.ptr[0] == '}')
			chain = STR_NULL;
		else if (chain.len > 0 && ends_with_handle(line, &rule, &h)) {
			struct str *keep = arena_new(a, struct str);
			*keep = arena_str(a, rule);
			(void)map_put(ret, str_from(arena_printf(a, STR_FMT " "
			    STR_FMT " " STR_FMT, STR_ARG(table),
			    STR_ARG(chain), STR_ARG(h))), keep);
		}
	}
}

/* --- the tables ----------------------------------------------------------- */

static void
put_chains(struct host *h, const struct firewall *f, const char *note)
{
	job_table(h->job, T_FIREWALL_CHAIN);
	for (size_t i = 0; i < f->nchains; i++) {
		const struct firewall_chain *x = &f->chains[i];
		struct cell c[F_FIREWALL_CHAIN_RULES + 1] = { 0 };

		c[F_FIREWALL_CHAIN_HOST] = CELL_STR(h->name);
		c[F_FIREWALL_CHAIN_FAMILY] = job_text(h->job, x->family);
		c[F_FIREWALL_CHAIN_TBL] = job_text(h->job, x->table);
		c[F_FIREWALL_CHAIN_CHAIN] = job_text(h->job, x->name);
		c[F_FIREWALL_CHAIN_HOOK] = job_text(h->job, x->hook);
		c[F_FIREWALL_CHAIN_POLICY] = job_text(h->job, x->policy);
		c[F_FIREWALL_CHAIN_RULES] = CELL_INT(x->rules);
		job_row(h->job, c);
	}
	job_end(h->job, note);
}

static void
put_rules(struct host *h, const struct firewall *f, const struct map *texts,
    const char *note)
{
	job_table(h->job, T_FIREWALL_RULE);
	for (size_t i = 0; i < f->nrules; i++) {
		const struct firewall_rule *x = &f->rules[i];
		struct cell c[F_FIREWALL_RULE_RULE + 1] = { 0 };
		struct str *said = map_get(texts, str_from(arena_printf(h->a,
		    STR_FMT " " STR_FMT " " STR_FMT " %lld",
		    STR_ARG(x->family), STR_ARG(x->table), STR_ARG(x->chain),
		    (long long)x->handle)));

		c[F_FIREWALL_RULE_HOST] = CELL_STR(h->name);
		c[F_FIREWALL_RULE_FAMILY] = job_text(h->job, x->family);
		c[F_FIREWALL_RULE_TBL] = job_text(h->job, x->table);
		c[F_FIREWALL_RULE_CHAIN] = job_text(h->job, x->chain);
		c[F_FIREWALL_RULE_HANDLE] = CELL_INT(x->handle);
		c[F_FIREWALL_RULE_RULE] = job_text(h->job, said != NULL ?
		    *said : x->text.len > 0 ? x->text : STR("-"));
		job_row(h->job, c);
	}
	job_end(h->job, note);
}

static void
blind(struct host *h, const char *why)
{
	if (job_wants(h->job, T_FIREWALL_CHAIN))
		job_blind(h->job, T_FIREWALL_CHAIN, "%s", why);
	if (job_wants(h->job, T_FIREWALL_RULE))
		job_blind(h->job, T_FIREWALL_RULE, "%s", why);
}

/* The older filter has rules that nft does not list. */
static bool
legacy_filter(struct host *h)
{
	static const char *const files[] = { "/proc/net/ip_tables_names",
		"/proc/net/ip6_tables_names" };

	for (size_t i = 0; i < 2; i++) {
		struct str text;
		if (host_read(h, files[i], 4096, &text, NULL) == 0 &&
		    str_trim(text).len > 0)
			return (true);
	}
	return (false);
}

void
host_firewall(struct host *h)
{
	struct firewall f = { 0 };
	struct map texts;
	struct str json, text = STR_NULL;
	struct err e = { 0 };
	const char *note = NULL;

	if (h->other) {
		blind(h, "a folder of files filters no packets");
		return;
	}
	int rc = host_ask(h, "nft", &json, &e);
	if (legacy_filter(h)) {
		blind(h, "the machine filters by iptables-legacy, whose rules "
		    "nft does not list");
		return;
	}
	if (rc == -ERR_NOTFOUND)
		note = "there is no nftables";
	else if (rc != 0 || (rc = firewall_read(h->a, json, &f, &e)) != 0) {
		blind(h, e.what);
		return;
	}
	if (note == NULL)
		job_raw(h->job, "nft", json);
	if (note == NULL && f.nrules > 0)
		(void)host_ask(h, "nft-text", &text, NULL);
	read_texts(h->a, text, &texts);
	if (job_wants(h->job, T_FIREWALL_CHAIN))
		put_chains(h, &f, note);
	if (job_wants(h->job, T_FIREWALL_RULE))
		put_rules(h, &f, &texts, note);
}
