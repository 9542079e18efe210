#include "program/folder_part.h"

int
folder_import(const struct act *x, const struct folder_plan *p,
    struct record_result *ret, struct err *e)
{
	int r = folder_plan_stops(p, e);

	return (r != 0 ? r : folder_plan_apply(x, p, ret, e));
}

int
folder_import_export(const struct act *x, const char *path,
    const struct folder_plan *p, struct folder_counts *ret, struct err *e)
{
	struct folder_options o = { 0 }; /* as the folder says */

	return (folder_export_over(x, path, &o, p->seen, ret, e));
}
