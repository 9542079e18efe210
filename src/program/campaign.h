/*
 * Acknowledgement campaigns: who is asked to acknowledge which versions of
 * policies by when, and who has. A person is asked for a version once; somebody
 * who joins later is asked when the campaign is brought up to date.
 */
#ifndef PROGRAM_CAMPAIGN_H
#define PROGRAM_CAMPAIGN_H

#include "program/act.h"

struct campaign_spec {
	struct str code, title;  /* code empty: ACK-YEAR-NN */
	struct str *policies;    /* codes of policies; none: all published */
	size_t npolicies;
	struct str audience;     /* all, employees, contractors; empty: all */
	struct str due_on;       /* empty: after the days of the fact ack_days */
	struct str owner;        /* person; may be empty */
};

struct campaign_count {
	size_t asked, acknowledged, excused, overdue;
	size_t people; /* who are asked */
};

/*
 * campaign_open(x, spec, ret, count, e): the campaign, and an acknowledgement
 * asked of each person of the audience for each published version, but where
 * one was asked before. ERR_INPUT if nobody or nothing is there.
 */
int campaign_open(const struct act *x, const struct campaign_spec *spec,
    struct record **ret, struct campaign_count *count, struct err *e);

/* campaign_refresh(x, c, ret_added, e): ask those who joined since; they have
 * the campaign's day or some days after today, whichever is later. */
int campaign_refresh(const struct act *x, const struct record *c,
    size_t *ret_added, struct err *e);
int campaign_close(const struct act *x, const struct record *c, struct err *e);

/* campaign_rows(x, c, ret, count, e): what was asked in it; ${c} NULL: all
 * that was asked at all. */
int campaign_rows(const struct act *x, const struct record *c,
    struct record_list *ret, struct campaign_count *count, struct err *e);

/*
 * campaign_acknowledge(x, person, policies, n, on, ret_done, e): what the person
 * is asked for, of these policies or (n == 0) of all. ${on}: empty for today,
 * not in the future. ERR_NOTFOUND if nothing is open.
 */
int campaign_acknowledge(const struct act *x, struct str person,
    const struct str *policies, size_t n, struct str on, size_t *ret_done,
    struct err *e);
int campaign_excuse(const struct act *x, struct str person, struct str reason,
    size_t *ret_done, struct err *e);

/* campaign_works(p, today): the person is on the roster on that day. */
bool campaign_works(const struct record *p, struct str today);

#endif
