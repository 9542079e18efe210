#include "report/report.h"

#include <strings.h>

#include "report/html.h"
#include "report/pdf.h"
#include "report/soc2.h"
#include "report/soc2_numbers.h"
#include "sys/file.h"

static const struct report_writer writers[] = {
	{ ".pdf", "PDF", pdf_write },
	{ ".html", "HTML", html_write },
};
#define NWRITERS (sizeof(writers) / sizeof(writers[0]))

int
report_writer(const char *path, const struct report_writer **ret,
    struct err *e)
{
	const char *name = strrchr(path, '/');
	const char *ending = strrchr(name != NULL ? name : path, '.');

	for (size_t i = 0; ending != NULL && i < NWRITERS; i++) {
		if (strcasecmp(ending, writers[i].ending) == 0) {
			*ret = &writers[i];
			return (0);
		}
	}
	return (err_set(e, ERR_USAGE, path,
	    "end the name in .pdf or .html, the formats there are",
	    "no report can be written with the ending of this name"));
}

int
report_document(const struct doc *d, const char *path,
    struct report_result *ret, struct err *e)
{
	struct report_result r = { .draft = d->watermark.len != 0 };
	const struct report_writer *w;
	BUF_SCOPED out = BUF_INIT;
	int rc;

	if ((rc = report_writer(path, &w, e)) != 0 ||
	    (rc = w->write(d, &out, &r, e)) != 0)
		return (rc);
	rc = file_write(path, 0644, out.ptr, out.len, e);
	if (rc == -ERR_NOTFOUND)
		return (err_set(e, ERR_IO, path, "make its folder first",
		    "the report cannot be written: its folder is not there"));
	if (rc != 0)
		return (rc);
	r.bytes = out.len;
	if (ret != NULL)
		*ret = r;
	return (0);
}

static int
compose(struct arena *a, const struct report_spec *spec,
    struct soc2_view *view, struct doc **ret, struct soc2_gaps *gaps,
    struct err *e)
{
	const struct soc2_options opts = { spec->assertion_first };
	int rc = soc2_view_load(a, spec->ws, spec->as, spec->as_of, view, e);

	return (rc != 0 ? rc : soc2_type1(a, view, &opts, ret, gaps, e));
}

int
report_write(const struct report_spec *spec, const char *path,
    struct report_result *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct report_writer *w;
	struct soc2_view view;
	struct soc2_gaps gaps;
	struct doc *d;
	int rc;

	if (spec->type != REPORT_TYPE1)
		return (err_set(e, ERR_USAGE, "--type", "use --type 1",
		    "only reports of Type 1 can be written"));
	if ((rc = report_writer(path, &w, e)) != 0 ||
	    (rc = compose(&a, spec, &view, &d, &gaps, e)) != 0 ||
	    (rc = report_document(d, path, ret, e)) != 0)
		return (rc);
	if (ret != NULL)
		ret->gaps = (int)gaps.n;
	return (0);
}

int
report_parts(const struct report_spec *spec, struct report_parts *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct report_parts p = { .gaps = 0 };
	struct report_result res = { 0 };
	struct soc2_view view;
	struct soc2_gaps gaps;
	struct doc *d;
	int rc;

	if ((rc = compose(&a, spec, &view, &d, &gaps, e)) != 0 ||
	    (rc = html_write(d, &p.html, &res, e)) != 0)
		return (rc);
	soc2_numbers(&view, &gaps, &p.numbers);
	p.gaps = (int)gaps.n;
	rc = pdf_write(d, &p.pdf, &res, &p.no_pdf);
	if (rc == 0)
		p.no_pdf.code = ERR_OK;
	else
		buf_reset(&p.pdf);
	if (rc != 0 && rc != -ERR_ENV) {
		if (e != NULL)
			*e = p.no_pdf;
		report_parts_free(&p);
		return (rc);
	}
	*ret = p;
	return (0);
}

void
report_parts_free(struct report_parts *p)
{
	buf_free(&p->numbers);
	buf_free(&p->html);
	buf_free(&p->pdf);
}
