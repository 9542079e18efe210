/*
 * What a SOC 2 report says, gathered from the workspace: plain data as of one
 * instant, so that composing needs no database and can be tested without one.
 * Lists are in the order of print. Text is UTF-8; what is called markdown in
 * the record types is markdown here.
 */
#ifndef REPORT_SOC2_VIEW_H
#define REPORT_SOC2_VIEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum soc2_category {
	SOC2_SECURITY, /* its criteria are the common ones, which always apply */
	SOC2_AVAILABILITY,
	SOC2_CONFIDENTIALITY,
	SOC2_PROCESSING,
	SOC2_PRIVACY,
	SOC2_CATEGORIES
};
extern const char *const soc2_view_category[SOC2_CATEGORIES];

struct soc2_list { /* of codes: "CC6.1", "AC-03" */
	struct str *at;
	size_t n;
};

struct soc2_system {
	bool found;
	struct str name, services, boundary, users, version, incidents;
	struct str signer, signer_title;
	struct str state;
	bool categories[SOC2_CATEGORIES];
};

struct soc2_commitment {
	struct str code, text, origin, category, metric, state;
	bool requirement; /* of the system; otherwise a service commitment */
	struct soc2_list criteria;
};

struct soc2_component {
	struct str name, kind, description, owner, location, data, state;
};

struct soc2_control {
	struct str code, title, statement, owner, frequency, kind, state;
	struct soc2_list criteria;
	bool deviates; /* management's own tests are not clean */
};

struct soc2_criterion {
	struct str code, series, series_title, title, intent;
	enum soc2_category category;
	int coso;          /* principle, or 0 */
	bool in_scope;     /* its category is examined */
	bool relevant;     /* false: decided so, see reason (DC 8) */
	bool decided;      /* the decision is approved */
	struct str reason;
	struct soc2_list controls; /* that are designed or further */
	struct soc2_list drafts;   /* that are not designed yet */
};

struct soc2_vendor {
	struct str name, service, method, data, location, state;
	struct str report_kind, report_until;
	struct soc2_list criteria;
};

/* Complementary controls: of users (vendor empty) or subservice organisations. */
struct soc2_complement {
	struct str code, text, vendor, state;
	struct soc2_list criteria, controls;
};

struct soc2_policy {
	struct str code, title, version, state, owner, approved_on;
};

struct soc2_finding {
	struct str code, title, severity, state, control, criterion, due;
};

struct soc2_view {
	struct str org, zone;
	bool demo;
	int64_t as_of;          /* microseconds UTC */
	struct str as_of_day;   /* "23 November 2026" */
	struct str as_of_text;  /* "2026-11-23 23:59:59 CET" */
	struct soc2_system sys;
	struct soc2_commitment *commitments; size_t ncommitments;
	struct soc2_component *components; size_t ncomponents;
	struct soc2_control *controls; size_t ncontrols;
	struct soc2_criterion *criteria; size_t ncriteria;
	struct soc2_vendor *vendors; size_t nvendors; /* subservice only */
	size_t other_vendors;
	struct soc2_complement *cuecs; size_t ncuecs;
	struct soc2_complement *csocs; size_t ncsocs;
	struct soc2_policy *policies; size_t npolicies;
	struct soc2_finding *findings; size_t nfindings; /* not closed */
	/* Where it comes from. */
	struct str origin;       /* of the ledger */
	uint64_t size;           /* entries under the checkpoint */
	struct str root;         /* of the tree, base64 */
	struct str root_time;    /* of the last entry */
	struct str declarations; /* SHA-256 of the record types */
	struct str program;      /* version of Tickmark and SQLite */
};

struct workspace;
struct assess;

/*
 * soc2_view_load(a, ws, as, as_of, ret, e): records as they counted at
 * ${as_of} (microseconds UTC). ${as} tells which controls deviate.
 */
int soc2_view_load(struct arena *a, struct workspace *ws, struct assess *as,
    int64_t as_of, struct soc2_view *ret, struct err *e);

/* soc2_view_control(v, code), soc2_view_criterion(v, code): or NULL. */
const struct soc2_control *soc2_view_control(const struct soc2_view *v,
    struct str code);
const struct soc2_criterion *soc2_view_criterion(const struct soc2_view *v,
    struct str code);
/* soc2_view_in_report(c): designed, implemented or operating. */
bool soc2_view_in_report(const struct soc2_control *c);

#endif
