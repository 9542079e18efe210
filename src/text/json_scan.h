/*
 * A second, slow look at JSON text: where and why it is refused, and on which
 * line each of its values begins. simdjson tells neither.
 */
#ifndef TEXT_JSON_SCAN_H
#define TEXT_JSON_SCAN_H

#include "base/val.h"

struct json_fault {
	size_t at;        /* byte offset */
	const char *what; /* a clause: "a comma or } is missing" */
};

/*
 * json_scan(text, depth, twice, root, fault): true if ${text} is one JSON
 * document that we accept, duplicate keys apart; else false with the place.
 * ${twice} is the ordinal (see sys_json_parse) of a value whose key is known to
 * be a duplicate, 0 if none is. ${root}, if not NULL, is what the text was
 * parsed to, and gets its lines.
 */
bool json_scan(struct str text, int depth, size_t twice, struct val *root,
    struct json_fault *fault);

#endif
