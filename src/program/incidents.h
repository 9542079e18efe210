/*
 * Incidents with their clocks and their timeline: what the fields of an incident
 * say of it, what was noted as its events, and the notices of a breach that it
 * led to, in the order of their times.
 */
#ifndef PROGRAM_INCIDENTS_H
#define PROGRAM_INCIDENTS_H

#include "base/vec.h"
#include "record/record.h"

enum incidents_clock {
	INCIDENTS_NONE,    /* no deadline is declared for it */
	INCIDENTS_RUNNING, /* not done yet, and in time */
	INCIDENTS_OVER,    /* not done yet, and late */
	INCIDENTS_KEPT,    /* done in time */
	INCIDENTS_MISSED   /* done late */
};
/* incidents_clock_word(c): "running", "late", "in time", "was late" */
const char *incidents_clock_word(enum incidents_clock c);

struct incidents_line {
	const struct record *incident;
	int64_t detected, closed;      /* instants; 0: not closed */
	enum incidents_clock triage;
	int64_t triage_due;            /* 0: none */
	bool undecided; /* personal data, and no word on whether it is a breach */
	size_t notices, notices_open;  /* of a breach: required, and not sent */
	enum incidents_clock notice;   /* the worst of them */
	int64_t notice_due;            /* the next that is open; 0: none */
};
struct incidents {
	struct incidents_line *at; /* open ones first, each by detection, newest first */
	size_t n;
	size_t open, late;
};

/* incidents_read(s, a, now, closed, ret, e): as of the instant ${now};
 * ${closed}: those that are closed too. */
int incidents_read(struct record_store *s, struct arena *a, int64_t now,
    bool closed, struct incidents *ret, struct err *e);

/* A line of a timeline. */
struct incidents_moment {
	int64_t at;
	const char *what;  /* "detected", "noted", "notice due" ... */
	struct str text;   /* words of it, or empty */
	struct str person; /* id of who did or saw it, or empty */
};
struct incidents_moments {
	struct incidents_moment *at;
	size_t n;
};

/* incidents_timeline(s, a, incident, ret, e): in the order of time; what has the
 * same time in the order: fields, events, notices. */
int incidents_timeline(struct record_store *s, struct arena *a,
    const struct record *incident, struct incidents_moments *ret,
    struct err *e);

#endif
