#include "web/answer.h"

void
answer_public(struct httpd_call *c)
{
	static const char *const fields[][2] = {
		{ "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'; "
		    "base-uri 'none'; form-action 'none'; "
		    "frame-ancestors 'none'; sandbox" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), "
		    "microphone=()" },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		httpd_header(c, fields[i][0], fields[i][1]);
}

void
answer_error(struct httpd_call *c, int status, const char *text)
{
	answer_public(c);
	httpd_header(c, "Content-Type", "text/plain; charset=utf-8");
	httpd_header(c, "Cache-Control", "no-store");
	httpd_reply(c, status, str_from(text));
}
