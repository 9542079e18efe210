/*
 * How the programme reminds people: DIR/program.conf, lines "key = value". A
 * missing file means the defaults: tasks and calendars work, nothing is sent.
 * doc/program.md lists the keys.
 */
#ifndef PROGRAM_SETTINGS_H
#define PROGRAM_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sys/http.h"
#include "sys/smtp.h"

#define SETTINGS_HOOKS 16
#define SETTINGS_BYTES 65536

enum settings_days { SETTINGS_WORKING, SETTINGS_DAILY, SETTINGS_WEEKLY };

/* Who is told over HTTP. */
struct settings_hook {
	const char *name;
	const char *url;
	const char *secret; /* path of the file with the key of its signatures */
	const char *ca;     /* file of roots, or NULL */
	enum http_net net;
	bool overdue;       /* a message for each task that becomes overdue */
	bool digest;        /* a message with the numbers, when digests go out */
	int line;
};

struct settings {
	const char *dir, *path;
	const char *url;          /* of the web application, or NULL */
	int64_t escalate_after;   /* working days overdue: to the manager */
	int64_t escalate_lead;    /* working days overdue: to the lead */
	const char *lead;         /* code of a person, or NULL */
	int64_t digest_at;        /* time of day, microseconds */
	enum settings_days digest_days;
	int64_t digest_ahead;     /* days: what is due later is not told */
	int64_t attempts;         /* then a message is dead */
	const char *mail_host;    /* NULL: no mail is sent */
	int64_t mail_port;
	enum smtp_tls mail_tls;
	enum http_net mail_net;
	const char *mail_user, *mail_password; /* the latter a path */
	const char *mail_from, *mail_name, *mail_helo, *mail_ca;
	struct settings_hook hook[SETTINGS_HOOKS];
	size_t nhooks;
};

/* settings_load(a, dir, ret, e): ERR_INPUT names DIR/program.conf:LINE. */
int settings_load(struct arena *a, const char *dir, struct settings *ret,
    struct err *e);
/* settings_parse(a, dir, text, ret, e): the same from its text. */
int settings_parse(struct arena *a, const char *dir, struct str text,
    struct settings *ret, struct err *e);

/*
 * settings_secret(path, out, e): replace ${out} by the first line of a file
 * that only its owner may read (mode 0400 or 0600); the caller wipes it.
 * ERR_DENIED if others may read it.
 */
int settings_secret(const char *path, struct buf *out, struct err *e);

#endif
