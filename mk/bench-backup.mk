# A first and a second backup beside rsync and tar | age.
bench-backup: $(B)/tickmark
	TICKMARK=$(abspath $(B)/tickmark) bench/backup

.PHONY: bench-backup
bench: bench-backup
