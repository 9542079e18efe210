#include "program/folder.h"

/* By group of content/access: whose records are not the programme's, and why. */
static const struct {
	const char *group, *why;
} outside[] = {
	{ "system", "who may sign in, and with which secret, is each workspace's "
	    "own" },
	{ "audit", "the firm's work is in the firm's hands" },
	{ "criteria", "they come with the program" },
};

const char *
folder_out(const struct schema_type *t)
{
	int g = access_group(t);

	if (!schema_is_record(t) || g < 0)
		return ("it is no type of record");
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (strcmp(access_group_name((size_t)g), outside[i].group) == 0)
			return (outside[i].why);
	return (NULL);
}
