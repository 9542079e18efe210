#include "sys/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int
library_open(const struct library *l, const struct library_function *fns,
    size_t n, struct err *e)
{
	char fix[128];
	void *lib = dlopen(l->soname, RTLD_NOW | RTLD_LOCAL);

	snprintf(fix, sizeof(fix), "apt-get install %s", l->package);
	if (lib == NULL)
		return (err_set(e, ERR_ENV, l->soname, fix, "%s", l->need));
	for (size_t i = 0; i < n; i++) {
		void *p = dlsym(lib, fns[i].name);
		if (p == NULL)
			return (err_set(e, ERR_ENV, l->soname, fix, "%s, and the one "
			    "that is installed lacks %s", l->need, fns[i].name));
		/* ISO C has no cast from an object pointer to a function pointer. */
		memcpy(fns[i].at, &p, sizeof(p));
	}
	return (0);
}
