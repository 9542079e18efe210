/* tickmark who-can: the matrix of access, as content/access declares it. */
#include "cli/commands.h"
#include "schema/matrix.h"

static void
print_notes(const struct schema_type *t, int field)
{
	if (field >= 0)
		printf("%s.%s, of class %s, in the group %s\n\n", t->name,
		    t->fields[field].name,
		    schema_class_word(t->fields[field].cls),
		    access_group_name((size_t)access_group(t)));
	else
		printf("%s, in the group %s: %s\n\n", t->name,
		    access_group_name((size_t)access_group(t)),
		    access_group_note((size_t)access_group(t)));
}

/* One row for each role, one column for each act: for a glance. */
static void
print_matrix(struct cli *c, const struct schema_type *t, int field)
{
	const char *text[ACCESS_ACT_MAX + 1], *when, *rule;

	text[0] = "role";
	int nacts = matrix_acts(t, field);
	for (int act = 0; act < nacts; act++)
		text[act + 1] = access_act_word((enum access_act)act);
	struct cli_table *out = cli_table_of(c, (size_t)nacts + 1, text);
	for (int role = 0; role < ROLE_BIT_MAX; role++) {
		text[0] = schema_role_word((enum schema_role_bit)role);
		for (int act = 0; act < matrix_acts(t, field); act++) {
			const char *w = matrix_answer(c->arena, t, role, field,
			    (enum access_act)act, &when, &rule);
			text[act + 1] = strcmp(w, "never") == 0 ? "-" :
			    strcmp(w, "always") == 0 ? "yes" :
			    strcmp(w, "sometimes") == 0 ? "if" : w;
		}
		cli_row_of(out, text);
	}
	cli_table_print(out);
}

/* Each with its conditions and the line that grants it. */
static void
print_rules(struct cli *c, const struct schema_type *t, int field)
{
	struct cli_table *out = cli_table(c, 5, "role", "act", "answer", "when",
	    "rule");
	const char *when, *rule;

	for (int role = 0; role < ROLE_BIT_MAX; role++)
		for (int act = 0; act < matrix_acts(t, field); act++) {
			const char *w = matrix_answer(c->arena, t, role, field,
			    (enum access_act)act, &when, &rule);
			if (!c->json && (when[0] == '\0'))
				continue;
			cli_row(out, schema_role_word((enum schema_role_bit)role),
			    access_act_word((enum access_act)act), w, when, rule);
		}
	if (!c->json && cli_table_rows(out) != 0)
		printf("\n");
	cli_table_print(out);
}

static void
print_classes(struct cli *c, const struct schema_type *t)
{
	struct cli_table *out = cli_table(c, 4, "class", "in the clear for", "when",
	    "fields");

	for (int k = 0; k < CLASS_MAX; k++) {
		uint64_t fields = access_class(t, (enum schema_class)k);
		const struct access_grant *g;
		size_t n = access_shows(t, (enum schema_class)k, &g);
		BUF_SCOPED names = BUF_INIT;
		for (size_t i = 0; i < t->nfields; i++)
			if ((fields >> i & 1) != 0)
				buf_printf(&names, "%s%s", names.len == 0 ? "" : " ",
				    t->fields[i].name);
		for (size_t i = 0; fields != 0 && i < n; i++) {
			BUF_SCOPED roles = BUF_INIT;
			BUF_SCOPED when = BUF_INIT;
			access_roles(g[i].roles, &roles);
			access_condition(t, &g[i], &when);
			cli_row(out, schema_class_word((enum schema_class)k),
			    arena_strdup(c->arena, roles.ptr), when.len == 0 ? "always" :
			    arena_printf(c->arena, "if %s", when.ptr),
			    arena_strdup(c->arena, names.ptr));
		}
	}
	printf("\n");
	cli_table_print(out);
	printf("\nWhat is not in the clear is masked. Holders of several roles may "
	       "what any of\nthem may; a token may less, by its scopes.\n");
}

static void
list_groups(struct cli *c)
{
	struct cli_table *out = cli_table(c, 3, "group", "what it is", "types");

	for (size_t g = 0; g < access_groups(); g++) {
		BUF_SCOPED names = BUF_INIT;
		for (size_t i = 0; i < schema_ntypes; i++)
			if (access_group(&schema_types[i]) == (int)g)
				buf_printf(&names, "%s%s", names.len == 0 ? "" : " ",
				    schema_types[i].name);
		cli_row(out, access_group_name(g), access_group_note(g),
		    arena_strndup(c->arena, names.ptr != NULL ? names.ptr : "",
		    names.len));
	}
	cli_table_print(out);
}

static int
run(struct cli *c, struct err *e)
{
	int field = ACCESS_RECORD;

	if (c->nargs == 0) {
		list_groups(c);
		return (0);
	}
	struct str name = str_from(c->arg[0]), part;
	str_split(&name, '.', &part);
	const struct schema_type *t = schema_find(part);
	if (t == NULL)
		return (err_set(e, ERR_USAGE, c->arg[0], "see: tickmark who-can",
		    "there is no such type or table"));
	if (name.ptr != NULL && (field = schema_field_titled(t, name)) < 0)
		return (err_set(e, ERR_USAGE, c->arg[0], arena_printf(c->arena,
		    "see: tickmark who-can %s", t->name), "%s %s has no such field",
		    str_article(t->name), t->name));
	if (c->json) {
		print_rules(c, t, field);
		return (0);
	}
	print_notes(t, field);
	print_matrix(c, t, field);
	print_rules(c, t, field);
	if (field == ACCESS_RECORD)
		print_classes(c, t);
	return (0);
}

static const struct cli_opt opts[] = {
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_who_can = {
	"who-can", "[TYPE[.FIELD]]",
	"who may see and do what, and by which rule",
	"Prints who may do what with records of a type, or with one of its fields:\n"
	"yes, - (no), if (under conditions, which follow with the rule that says so),\n"
	"masked (it is seen that there is something, not what). It depends on the\n"
	"rules of this program alone (content/access), so no workspace is named;\n"
	"without a type it lists the groups that the rules speak of.\n"
	"\n"
	"  tickmark who-can control\n"
	"  tickmark who-can person.name\n"
	"  tickmark who-can workpaper --json",
	0, 1, opts, run, false,
};
