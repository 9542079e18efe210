#include "cli/actor.h"

#include <unistd.h>

struct record_actor
actor_me(struct arena *a)
{
	return ((struct record_actor){
	    .id = str_from(arena_printf(a, "os-uid:%ld", (long)getuid())),
	    .roles = ROLE_OWNER | ROLE_PRIVACY });
}
