#!/bin/bash
# The Type 1 report as PDF and HTML.
. "$(dirname "$0")/lib.sh"
new_workspace w
succeeds 'a report over an almost empty workspace' report w --type 1 -o a.pdf
is "$(head -c 5 a.pdf)" '%PDF-' 'is a PDF'
succeeds 'and as HTML' report w --type 1 -o a.html
like "$(head -c 100 a.html)" '<!doctype html>' 'is HTML'
if command -v pdftotext >/dev/null; then
	text=$(pdftotext -layout a.pdf - 2>/dev/null)
	like "$text" 'DRAFT|Draft' 'says that it is a draft'
	like "$text" 'Example Cloud \(demo\)' 'names the company'
	like "$text" 'CC9\.2' 'lists the criteria'
	unlike "$text" '[Cc]ertified|is SOC 2 compliant' 'and claims nothing'
	is "$(pdfinfo a.pdf 2>/dev/null | sed -n 's/^Encrypted: *//p')" no 'pdfinfo reads it'
	is "$(pdffonts a.pdf 2>/dev/null | awk 'NR > 2 { print $(NF - 4) }' | sort -u)" yes 'every font is embedded'
	pages=$(pdfinfo a.pdf | sed -n 's/^Pages: *//p')
	# The title page says it in words, every other page at its foot.
	is "$(grep -c 'DRAFT, not issued' <<<"$text")" "$pages" 'each page says DRAFT'
	is "$(pdfinfo a.pdf | sed -n 's/^Tagged: *//p')" yes 'it is tagged'
	like "$(pdfinfo -struct a.pdf 2>/dev/null)" '/Scope /Column' 'headers of tables have a scope'
	unlike "$text" 'exceptions noted|No exceptions|[0-9]+ of [0-9]+ fail' 'a Type 1 report has no test results'
fi
if command -v qpdf >/dev/null; then
	qpdf --check a.pdf >/dev/null 2>&1; ok $? 'qpdf finds nothing wrong with it'
fi
unlike "$(cat a.html)" '<script|https?://[^ ]*\.(css|js)|src=' 'the HTML stands alone and runs nothing'
like "$(cat a.html)" 'CC9\.2' 'and has the criteria too'
succeeds 'the same instant twice' report w --type 1 --as-of 2026-01-31 -o b1.pdf
succeeds 'the same instant twice' report w --type 1 --as-of 2026-01-31 -o b2.pdf
cmp -s b1.pdf b2.pdf; ok $? 'gives the same bytes'
refuses 2 'xyz' 'an ending that it cannot write' report w --type 1 -o a.xyz
[ ! -e a.xyz ]; ok $? 'leaves no file'
refuses 2 'type' 'a type that there is not' report w --type 7 -o a.pdf
refuses 2 '' 'no file named' report w --type 1
refuses 3 'nowhere' 'a folder that is not there' report w --type 1 -o nowhere/a.pdf
done_testing
