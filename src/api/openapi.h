/*
 * The OpenAPI 3.1 document of the API, from the declarations and the table of
 * routes: the same bytes for the same program.
 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "base/str.h"

void openapi_write(struct buf *out);

/* openapi_prepare(): once, before there are threads; openapi_text(): it, kept. */
void openapi_prepare(void);
struct str openapi_text(void);

#endif
