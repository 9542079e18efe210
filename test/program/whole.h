/* A folder of the programme as one text, to be compared. */
#ifndef TEST_PROGRAM_WHOLE_H
#define TEST_PROGRAM_WHOLE_H

#include "sys/tree.h"

/* All files of the folders in it, with their names and bytes. */
static const char *
whole(struct arena *a, const char *dir)
{
	TREE_SCOPED t = TREE_INIT;
	BUF_SCOPED out = BUF_INIT;
	BUF_SCOPED one = BUF_INIT;
	struct tree_entry *top, *in;
	size_t n, m;

	assert_int_equal(tree_open(&t, dir, false, NULL), 0);
	assert_int_equal(tree_list(&t, "", a, 1000, &top, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		if (top[i].kind != TREE_FOLDER)
			continue;
		assert_int_equal(tree_list(&t, top[i].name, a, 10000, &in, &m,
		    NULL), 0);
		for (size_t k = 0; k < m; k++) {
			assert_int_equal(tree_read(&t, top[i].name, in[k].name,
			    1 << 20, &one, NULL), 0);
			buf_printf(&out, "%s/%s: ", top[i].name, in[k].name);
			buf_putstr(&out, buf_str(&one));
		}
	}
	return (arena_strndup(a, out.ptr, out.len));
}

#endif
