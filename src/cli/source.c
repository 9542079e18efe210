#include "cli/source.h"

#include "text/json.h"

/* What a source may be silent when its record does not say. */
#define MAX_GAP_S INT64_C(172800)

int
source_of(struct arena *a, const struct record *r, struct collect_source *ret,
    struct err *e)
{
	struct val *options = NULL;
	struct str text = record_str(r, F_SOURCE_OPTIONS);
	struct str name = record_str(r, F_SOURCE_NAME);

	if (text.len != 0) {
		int rc = json_parse(a, "options", text, &options, e);
		if (rc != 0)
			return (err_at(e, "source " STR_FMT, STR_ARG(name)));
	}
	*ret = (struct collect_source){ .id = r->id, .name = name,
		.collector = record_str(r, F_SOURCE_COLLECTOR), .options = options,
		.max_gap_s = record_int(r, F_SOURCE_MAX_GAP_S, MAX_GAP_S) };
	return (0);
}
