/* Consents and requests of data subjects, for a company's own web site. */
#ifndef API_PROGRAM_PRIVACY_H
#define API_PROGRAM_PRIVACY_H

#include "api/route.h"

extern const struct shape program_privacy_consent_body[],
    program_privacy_consent[], program_privacy_withdraw_body[],
    program_privacy_withdrawn[], program_privacy_ask_body[],
    program_privacy_states[], program_privacy_request_body[],
    program_privacy_request[], program_privacy_status_body[],
    program_privacy_status[];

typedef int program_privacy_fn(struct context *x, struct call *c,
    struct err *e);
program_privacy_fn program_privacy_give, program_privacy_withdraw,
    program_privacy_ask, program_privacy_take, program_privacy_stands;

#endif
