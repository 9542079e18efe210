# tickmark status on five years of daily runs against sqlite3.
bench-status: $(B)/tickmark
	TICKMARK=$(abspath $(B)/tickmark) bench/status
.PHONY: bench-status
bench: bench-status
