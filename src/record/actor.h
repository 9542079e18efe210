/*
 * From a user, or from the secret of a token, to who acts (struct
 * record_actor), as it is now: roles, person, party, open engagements, scopes.
 * Ask anew for each request; nothing of it may be kept over a change.
 */
#ifndef RECORD_ACTOR_H
#define RECORD_ACTOR_H

#include "record/record.h"

/*
 * record_actor_user(s, a, name, ret, e): the user of that login or id.
 * ERR_NOTFOUND; ERR_DENIED: disabled, or its last day is over. ${s} is read as
 * the programme itself, whatever its reader. The actor's token is
 * "user:ID".
 */
int record_actor_user(struct record_store *s, struct arena *a,
    struct str name, struct record_actor *ret, struct err *e);

/*
 * record_actor_token(s, a, secret, ret, e): who a program may act as that shows
 * this secret. ERR_DENIED with one and the same sentence for every secret that
 * does not count (unknown, revoked, expired, its user disabled), after the same
 * comparison. The actor's token is "user:ID/token:ID".
 */
int record_actor_token(struct record_store *s, struct arena *a,
    struct str secret, struct record_actor *ret, struct err *e);

/*
 * record_token_new(out, ret_digest): a fresh secret of 256 random bits, and the
 * digest that the record of the token keeps. Show the secret once, write it
 * nowhere, and wipe it.
 */
#define RECORD_SECRET 96 /* bytes, with its NUL */
void record_token_new(char out[RECORD_SECRET], char ret_digest[65]);

#endif
