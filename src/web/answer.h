/* What every answer of every face has in common. */
#ifndef WEB_ANSWER_H
#define WEB_ANSWER_H

#include "sys/httpd.h"

/* answer_public(c): the headers that keep a browser from doing more with an
 * answer than showing it; none may be framed, guessed at or run. */
void answer_public(struct httpd_call *c);

/* answer_error(c, status, text): plain text, one line, not to be cached. */
void answer_error(struct httpd_call *c, int status, const char *text);

#endif
