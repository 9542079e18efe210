/* Procedure files: any bytes give a procedure or an error with its line. */
#include "assess/procedure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct procedure p;
	struct err e = { 0 };
	struct str text = { (const char *)data, size };

	if (procedure_parse(&a, "dir/x-test.sql", text, &p, &e) != 0) {
		if (e.code != ERR_INPUT || e.where[0] == '\0')
			abort();
		return (0);
	}
	if (p.id.len == 0 || p.ncontrols == 0 || p.population.len == 0 ||
	    p.verdicts.len == 0 || p.population_line <= 0)
		abort();
	return (0);
}
