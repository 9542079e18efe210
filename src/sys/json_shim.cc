/*
 * See json_shim.h. simdjson checks grammar and UTF-8; what it lets pass and we
 * refuse (duplicate keys, U+0000, lone surrogates, integers beyond int64_t) is
 * found while its tape is turned into values.
 */
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
#include "base/map.h"
[[noreturn]] void err_oom(size_t wanted); /* base/err.h is C alone */
#include "sys/json_shim.h"
}

using simdjson::dom::element;
using simdjson::dom::element_type;

struct sys_json {
	simdjson::dom::parser parser;
	size_t depth;
	char *padded; /* simdjson reads beyond the end of its input */
	size_t cap;
	size_t seen; /* values met so far in this document */
	struct arena scratch;

	explicit sys_json(size_t d) : depth(d), padded(nullptr), cap(0), seen(0),
	    scratch()
	{
	}
};

namespace {

enum sys_json_status convert(sys_json *j, struct arena *a, element e,
    struct val **ret);

bool
copy_text(struct arena *a, std::string_view from, struct str *ret)
{
	ret->ptr = arena_strndup(a, from.data(), from.size());
	ret->len = from.size();
	return (from.empty() || memchr(from.data(), 0, from.size()) == nullptr);
}

/* Whether key ${i} of ${v} is one before it. Many keys go through a map. */
bool
seen_before(const struct val *v, size_t i, struct map *m)
{
	const struct str *k = v->u.map.key;

	if (m != nullptr)
		return (map_put(m, k[i], m) != nullptr);
	for (size_t n = 0; n < i; n++)
		if (str_eq(k[n], k[i]))
			return (true);
	return (false);
}

enum sys_json_status
convert_members(sys_json *j, struct arena *a, simdjson::dom::object o,
    struct val *v, struct map *m)
{
	for (auto field : o) {
		size_t i = v->u.map.n;
		bool ok = copy_text(a, field.key, &v->u.map.key[i]);
		if (!ok || seen_before(v, i, m)) {
			j->seen++; /* the value of this key */
			return (ok ? SYS_JSON_DUPLICATE : SYS_JSON_NUL);
		}
		enum sys_json_status r = convert(j, a, field.value,
		    &v->u.map.at[i]);
		if (r != SYS_JSON_OK)
			return (r);
		v->u.map.n++;
	}
	return (SYS_JSON_OK);
}

enum sys_json_status
convert_object(sys_json *j, struct arena *a, simdjson::dom::object o,
    struct val *v)
{
	struct arena_mark mark = arena_mark(&j->scratch);
	struct map m;
	size_t n = 0;

	for (auto field : o) {
		(void)field;
		n++;
	}
	v->type = VAL_MAP;
	v->u.map.cap = n;
	v->u.map.key = (struct str *)arena_array(a, n, sizeof(struct str));
	v->u.map.at = (struct val **)arena_array(a, n, sizeof(struct val *));
	if (n > 8)
		map_init(&m, &j->scratch);
	enum sys_json_status r = convert_members(j, a, o, v,
	    n > 8 ? &m : nullptr);
	arena_rewind(&j->scratch, mark);
	return (r);
}

enum sys_json_status
convert_array(sys_json *j, struct arena *a, simdjson::dom::array l,
    struct val *v)
{
	size_t n = 0;

	for (auto item : l) {
		(void)item;
		n++;
	}
	v->type = VAL_LIST;
	v->u.list.cap = n;
	v->u.list.at = (struct val **)arena_array(a, n, sizeof(struct val *));
	for (auto item : l) {
		enum sys_json_status r = convert(j, a, item,
		    &v->u.list.at[v->u.list.n]);
		if (r != SYS_JSON_OK)
			return (r);
		v->u.list.n++;
	}
	return (SYS_JSON_OK);
}

enum sys_json_status
convert(sys_json *j, struct arena *a, element e, struct val **ret)
{
	struct val *v = arena_new(a, struct val);

	*ret = v;
	j->seen++;
	switch (e.type()) {
	case element_type::OBJECT:
		return (convert_object(j, a, e.get_object().value_unsafe(), v));
	case element_type::ARRAY:
		return (convert_array(j, a, e.get_array().value_unsafe(), v));
	case element_type::STRING:
		v->type = VAL_STR;
		return (copy_text(a, e.get_string().value_unsafe(), &v->u.s)
			? SYS_JSON_OK
			: SYS_JSON_NUL);
	case element_type::INT64:
		v->type = VAL_INT;
		v->u.i = e.get_int64().value_unsafe();
		return (SYS_JSON_OK);
	case element_type::UINT64:
		return (SYS_JSON_NUMBER);
	case element_type::DOUBLE:
		v->type = VAL_REAL;
		v->u.d = e.get_double().value_unsafe();
		return (SYS_JSON_OK);
	case element_type::BOOL:
		v->type = VAL_BOOL;
		v->u.b = e.get_bool().value_unsafe();
		return (SYS_JSON_OK);
	case element_type::NULL_VALUE:
		v->type = VAL_NULL;
		return (SYS_JSON_OK);
	}
	return (SYS_JSON_SYNTAX);
}

enum sys_json_status
status_of(simdjson::error_code c)
{
	switch (c) {
	case simdjson::DEPTH_ERROR:
		return (SYS_JSON_DEPTH);
	case simdjson::CAPACITY:
	case simdjson::MEMALLOC:
		return (SYS_JSON_MEMORY);
	case simdjson::NUMBER_OUT_OF_RANGE:
		return (SYS_JSON_NUMBER);
	default:
		return (SYS_JSON_SYNTAX);
	}
}

} /* namespace */

extern "C" {

struct sys_json *
sys_json_new(size_t depth)
{
	sys_json *j = new (std::nothrow) sys_json(depth);

	if (j == nullptr)
		err_oom(sizeof(*j));
	return (j);
}

void
sys_json_free(struct sys_json *j)
{
	if (j == nullptr)
		return;
	arena_free(&j->scratch);
	free(j->padded);
	delete j;
}

enum sys_json_status
sys_json_parse(struct sys_json *j, struct arena *a, struct str text,
    size_t *ret_nth, struct val **ret)
{
	size_t need = text.len + simdjson::SIMDJSON_PADDING;

	if (need > j->cap) {
		size_t cap = need + need / 4;
		char *p = (char *)realloc(j->padded, cap);
		if (p == nullptr)
			return (SYS_JSON_MEMORY);
		j->padded = p;
		j->cap = cap;
	}
	if (text.len != 0)
		memcpy(j->padded, text.ptr, text.len);
	memset(j->padded + text.len, ' ', simdjson::SIMDJSON_PADDING);
	/* simdjson counts the level below the innermost bracket too. */
	if (j->parser.capacity() < text.len ||
	    j->parser.max_depth() != j->depth + 1) {
		simdjson::error_code c = j->parser.allocate(
		    text.len < 4096 ? 4096 : text.len + text.len / 4,
		    j->depth + 1);
		if (c != simdjson::SUCCESS)
			return (status_of(c));
	}
	element root;
	simdjson::error_code c = j->parser.parse(j->padded, text.len, false)
				     .get(root);
	*ret_nth = 0;
	if (c != simdjson::SUCCESS)
		return (status_of(c));
	struct val *v;
	j->seen = 0;
	enum sys_json_status r = convert(j, a, root, &v);
	if (r == SYS_JSON_OK)
		*ret = v;
	else
		*ret_nth = j->seen;
	return (r);
}
}
