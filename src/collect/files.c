#include "helper/files.h"

#include "collect/host.h"
#include "helper/helper.h"

/* A number of /etc/passwd or /etc/group as its name. */
static struct cell
name_of(struct host *h, struct str text, int64_t number, bool group)
{
	struct str line;
	struct accounts_user u;
	struct accounts_group g;

	while (str_split(&text, '\n', &line)) {
		if (group && accounts_read_group(line, &g) && g.gid == number)
			return (job_text(h->job, g.name));
		if (!group && accounts_read_user(line, &u) && u.uid == number)
			return (job_text(h->job, u.login));
	}
	return (CELL_NONE);
}

struct names {
	struct str passwd, group;
};

/* "path uid gid mode kind", "path -" (not there), "path ?" (not known), with
 * tabs between. */
static void
put_file(struct host *h, const struct names *n, struct str line)
{
	struct cell c[F_SENSITIVE_FILE_KIND + 1] = { 0 };
	struct str path, f[4] = { STR_NULL };
	int64_t uid, gid;

	if (!str_split(&line, '\t', &path) || path.len == 0)
		return;
	for (size_t i = 0; i < 4; i++)
		(void)str_split(&line, '\t', &f[i]);
	c[F_SENSITIVE_FILE_HOST] = CELL_STR(h->name);
	c[F_SENSITIVE_FILE_PATH] = job_text(h->job, path);
	if (str_is(f[0], "-")) {
		c[F_SENSITIVE_FILE_PRESENT] = CELL_INT(0);
	} else if (str_to_i64(f[0], &uid) && str_to_i64(f[1], &gid)) {
		c[F_SENSITIVE_FILE_PRESENT] = CELL_INT(1);
		c[F_SENSITIVE_FILE_OWNER] = name_of(h, n->passwd, uid, false);
		c[F_SENSITIVE_FILE_GRP] = name_of(h, n->group, gid, true);
		c[F_SENSITIVE_FILE_UID] = CELL_INT(uid);
		c[F_SENSITIVE_FILE_GID] = CELL_INT(gid);
		c[F_SENSITIVE_FILE_MODE] = job_text(h->job, f[2]);
		c[F_SENSITIVE_FILE_KIND] = job_text(h->job, f[3]);
	} else
		for (int i = F_SENSITIVE_FILE_PRESENT;
		    i <= F_SENSITIVE_FILE_KIND; i++)
			c[i] = CELL_BLIND;
	job_row(h->job, c);
}

void
host_files(struct host *h)
{
	struct names n = { STR_NULL, STR_NULL };
	struct str text, line;
	struct err e = { 0 };

	(void)host_read(h, "/etc/passwd", (size_t)64 << 20, &n.passwd, NULL);
	(void)host_read(h, "/etc/group", (size_t)64 << 20, &n.group, NULL);
	BUF_SCOPED own = BUF_INIT;
	if (host_ask(h, "files", &text, &e) != 0) {
		/* Most of it anybody may see; the rest is unknown. */
		(void)helper_files(h->root, &own, NULL);
		text = buf_str(&own);
	}
	job_table(h->job, T_SENSITIVE_FILE);
	while (str_split(&text, '\n', &line))
		put_file(h, &n, line);
	job_end(h->job, own.len == 0 ? NULL : "what lies in folders of root is "
	    "unknown");
}
