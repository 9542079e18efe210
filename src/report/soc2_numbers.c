#include "report/soc2_numbers.h"

#include "text/json.h"

static void
codes(struct json_writer *w, const char *key, const struct soc2_list *l)
{
	json_key(w, key);
	json_array(w);
	for (size_t i = 0; i < l->n; i++)
		json_str(w, l->at[i]);
	json_close(w);
}

static void
counts(struct json_writer *w, const struct soc2_view *v,
    const struct soc2_gaps *gaps)
{
	int64_t in_scope = 0, relevant = 0, without = 0, in_report = 0,
	    deviate = 0, requirements = 0;

	for (size_t i = 0; i < v->ncriteria; i++) {
		const struct soc2_criterion *c = &v->criteria[i];
		in_scope += c->in_scope;
		relevant += c->in_scope && c->relevant;
		without += c->in_scope && c->relevant && c->controls.n == 0;
	}
	for (size_t i = 0; i < v->ncontrols; i++) {
		bool in = soc2_view_in_report(&v->controls[i]);
		in_report += in;
		deviate += in && v->controls[i].deviates;
	}
	for (size_t i = 0; i < v->ncommitments; i++)
		requirements += v->commitments[i].requirement;
	json_key(w, "counts");
	json_object(w);
	json_kint(w, "criteria", (int64_t)v->ncriteria);
	json_kint(w, "criteria_in_scope", in_scope);
	json_kint(w, "criteria_relevant", relevant);
	json_kint(w, "criteria_without_control", without);
	json_kint(w, "controls", (int64_t)v->ncontrols);
	json_kint(w, "controls_in_report", in_report);
	json_kint(w, "controls_that_deviate", deviate);
	json_kint(w, "commitments", (int64_t)v->ncommitments - requirements);
	json_kint(w, "requirements", requirements);
	json_kint(w, "components", (int64_t)v->ncomponents);
	json_kint(w, "subservice_organisations", (int64_t)v->nvendors);
	json_kint(w, "other_vendors", (int64_t)v->other_vendors);
	json_kint(w, "complementary_user_controls", (int64_t)v->ncuecs);
	json_kint(w, "complementary_subservice_controls", (int64_t)v->ncsocs);
	json_kint(w, "policies", (int64_t)v->npolicies);
	json_kint(w, "open_findings", (int64_t)v->nfindings);
	json_kint(w, "missing", (int64_t)gaps->n);
	json_close(w);
}

static void
lists(struct json_writer *w, const struct soc2_view *v)
{
	json_key(w, "criteria");
	json_array(w);
	for (size_t i = 0; i < v->ncriteria; i++) {
		const struct soc2_criterion *c = &v->criteria[i];
		json_object(w);
		json_kstr(w, "code", c->code);
		json_kbool(w, "in_scope", c->in_scope);
		json_kbool(w, "relevant", c->relevant);
		codes(w, "controls", &c->controls);
		codes(w, "drafts", &c->drafts);
		json_close(w);
	}
	json_close(w);
	json_key(w, "controls");
	json_array(w);
	for (size_t i = 0; i < v->ncontrols; i++) {
		const struct soc2_control *c = &v->controls[i];
		json_object(w);
		json_kstr(w, "code", c->code);
		json_kstr(w, "state", c->state);
		json_kbool(w, "deviates", c->deviates);
		codes(w, "criteria", &c->criteria);
		json_close(w);
	}
	json_close(w);
	json_key(w, "findings");
	json_array(w);
	for (size_t i = 0; i < v->nfindings; i++) {
		const struct soc2_finding *f = &v->findings[i];
		json_object(w);
		json_kstr(w, "code", f->code);
		json_kstr(w, "severity", f->severity);
		json_kstr(w, "state", f->state);
		json_kstr(w, "control", f->control);
		json_kstr(w, "criterion", f->criterion);
		json_kstr(w, "due", f->due);
		json_close(w);
	}
	json_close(w);
}

void
soc2_numbers(const struct soc2_view *v, const struct soc2_gaps *gaps,
    struct buf *out)
{
	struct json_writer w;

	json_begin(&w, out, true);
	json_object(&w);
	json_kstr(&w, "organisation", v->org);
	json_kstr(&w, "as_of", v->as_of_text);
	json_kstr(&w, "ledger", v->origin);
	json_kint(&w, "entries", (int64_t)v->size);
	json_kstr(&w, "root", v->root);
	counts(&w, v, gaps);
	lists(&w, v);
	json_key(&w, "missing");
	json_array(&w);
	for (size_t i = 0; i < gaps->n; i++)
		json_str(&w, gaps->at[i].text);
	json_close(&w);
	json_close(&w);
	json_end(&w, NULL);
}
