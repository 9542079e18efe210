-- id: backups-protected
-- title: Backup copies are encrypted and lie at another place
-- control: BU-03
-- kind: event
-- mode: period
-- window: 90
-- tests: Every run of a backup job that ended in the period.
-- passes: The copy is encrypted and lies at another place.
-- fails: The copy is not encrypted, or lies where the original does.
-- matters: A copy in the same room burns with the original; one that anybody can
--  read is a leak waiting.
-- remediation: Encrypt the job's target with a key that is kept elsewhere, and send
--  the copy to another site.
-- population
SELECT source || '/' || subject AS subject,
       job || ' of ' || target || ' ' || datetime(started_at / 1000000, 'unixepoch') || ' UTC' AS label,
       from_us, to_us, source
  FROM backup_job_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN ok = 0 THEN 'na'
            WHEN encrypted = 0 OR offsite = 0 THEN 'fail'
            WHEN encrypted IS NULL OR offsite IS NULL THEN 'unknown'
            ELSE 'ok' END AS status,
       CASE WHEN ok = 0 THEN 'the run failed and left no copy'
            WHEN encrypted = 0 AND offsite = 0
              THEN 'not encrypted, and in the same place'
            WHEN encrypted = 0 THEN 'the copy is not encrypted'
            WHEN offsite = 0 THEN 'the copy lies in the same place'
            WHEN encrypted IS NULL OR offsite IS NULL
              THEN 'the log does not say how the copy is kept'
            ELSE '' END AS reason,
       from_us, to_us, 'backup_job:' || subject AS evidence
  FROM backup_job_period
