/*
 * The public form for requests of data subjects: pages for people, without a
 * token, below /privacy. They work without scripts. What is answered hangs on
 * nothing that is known of anybody, so nothing is told about who is known.
 *
 * The form sends no credentials and there are none that a browser could add, so
 * a page of somebody else's that sends it can do no more than its author could
 * do without.
 */
#ifndef API_FORM_H
#define API_FORM_H

#include "api/route.h"

#define FORM_BODY 16384 /* bytes of what is sent */

/* form_path(path): is it one of the pages? */
bool form_path(struct str path);

/* form_sends(c): it takes something in, and is counted by itself. */
bool form_sends(const struct call *c);

/* As of handle.h, for calls with c->page. */
int form_read(struct context *x, struct call *c, bool *ret_write,
    struct err *e);
int form_write(struct context *x, struct call *c, struct err *e);

/* form_problem(c, status): the answer becomes a page that says what is the
 * matter; c->status is set. */
void form_problem(struct call *c, int status);

/* form_headers(h): of every page. */
struct httpd_call;
void form_headers(struct httpd_call *h);

/* form_peer(c): whom to count: the address, or what the proxy on this machine
 * says it is. */
struct str form_peer(const struct call *c);

#endif
