#include "program/messages.h"

#include "assess/assess.h"
#include "base/clock.h"
#include "evidence/evidence.h"

#define KEEP (90 * CLOCK_DAY) /* that a message was sent */

struct place {
	struct workspace *ws;
	struct evidence *ev;
	struct assess *as;
};

static void
leave(struct place *p)
{
	assess_close(p->as);
	evidence_close(p->ev);
	workspace_close(p->ws);
	*p = (struct place){ 0 };
}
#define PLACE_SCOPED __attribute__((cleanup(leave))) struct place

static int
enter(const char *dir, bool writable, struct place *p, struct err *e)
{
	int r = writable ? workspace_open_job(dir, &p->ws, e) :
	    workspace_open(dir, false, &p->ws, e);

	if (r == 0)
		r = evidence_open(&p->ev, dir, p->ws->ledger, writable, e);
	return (r);
}

/* To read, with evidence that is up to date. */
static int
enter_reading(const char *dir, struct place *p, struct err *e)
{
	struct err first;
	int r = enter(dir, false, p, &first);

	if (r == -ERR_BUSY) {
		leave(p);
		r = enter(dir, true, p, e);
		leave(p);
		return (r != 0 ? r : enter(dir, false, p, e));
	}
	if (r != 0 && e != NULL)
		*e = first;
	return (r);
}

int
messages_run(struct arena *a, const char *dir, size_t most,
    struct messages_done *ret, struct err *e)
{
	PLACE_SCOPED p = { 0 };
	OUTBOX_SCOPED *o = NULL;
	struct settings settings;
	struct task_desk d;
	int r = settings_load(a, dir, &settings, e);

	if (r == 0)
		r = enter_reading(dir, &p, e);
	if (r == 0)
		r = assess_open(&p.as, p.ws, p.ev, e);
	if (r == 0)
		r = task_desk_open(a, p.ws, &settings, assess_procedures(p.as), p.ev,
		    &d, e);
	if (r == 0)
		r = outbox_open(dir, &o, e);
	if (r == 0)
		r = notify_enqueue(&d, p.ws->org, o, &ret->told, e);
	if (r == 0)
		r = deliver_due(&d, p.ws, o, most, &ret->delivered, e);
	if (r == 0)
		r = outbox_forget(o, d.now - KEEP, e);
	return (r);
}
