#include "cli/actor.h"

#include <unistd.h>

#include "record/actor.h"

struct record_actor
actor_me(struct arena *a)
{
	return ((struct record_actor){
	    .id = str_from(arena_printf(a, "os-uid:%ld", (long)getuid())),
	    .roles = ROLE_OWNER | ROLE_PRIVACY });
}

int
actor_reader(struct arena *a, struct workspace *ws, const char *as,
    struct record_reader *ret, struct err *e)
{
	struct record_actor who = actor_me(a), user;

	if (as != NULL) {
		int r = record_actor_user(&ws->records, a, str_from(as), &user, e);
		if (r != 0)
			return (r);
		user.id = who.id;
		who = user;
	}
	record_reader_init(ret, ws->dir, &who);
	ws->records.reader = ret;
	return (0);
}
