/*
 * Ids of things: 128 random bits as 26 characters of Crockford's base32 in
 * lower case. They say nothing about what they name, so they may stand in
 * ledger entries.
 */
#ifndef LEDGER_ID_H
#define LEDGER_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define ID_LEN 26

/* id_new(out): a fresh id, NUL-terminated. */
void id_new(char out[ID_LEN + 1]);
/* id_from(bits, out): the id of 16 given bytes. */
void id_from(const uint8_t bits[16], char out[ID_LEN + 1]);
/* id_ok(s): is a well-formed id. */
bool id_ok(struct str s);

#endif
