/* What the tests of this floor share. */
#ifndef TEST_TEXT_UNIT_H
#define TEST_TEXT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/val.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

#define assert_str(s, expected)                                                \
	do {                                                                   \
		struct str got_ = (s);                                         \
		assert_int_equal(got_.len, sizeof(expected) - 1);              \
		assert_memory_equal(got_.len ? got_.ptr : "", expected,        \
		    sizeof(expected) - 1);                                     \
	} while (0)

#endif
