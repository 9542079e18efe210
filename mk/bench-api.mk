# make bench-api: pages, writes, search and batches of the API beside sqlite3.
# API_GRANTS=100000 for a quick look.
API_PEOPLE ?= 10000
API_GRANTS ?= 1000000
bench-api: $(B)/tickmark
	TICKMARK=$(abspath $(B)/tickmark) bench/api $(API_PEOPLE) $(API_GRANTS)
.PHONY: bench-api
bench: bench-api
