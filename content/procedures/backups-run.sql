-- id: backups-run
-- title: Backups run as often as they should
-- control: BU-01
-- kind: state
-- mode: period
-- window: 90
-- tests: Every backup job, from its first run on.
-- passes: The last successful run ended no longer ago than the allowed hours.
-- fails: No run succeeded for longer than that.
-- matters: What was written since the last good copy is lost with the disk.
-- remediation: Find out why the job failed or did not start, run it by hand, and
--  have failures raise an alarm.
-- param hours int 26: Hours that may pass between successful runs
-- population
SELECT source || '/' || job || '/' || target AS subject,
       job || ' of ' || target AS label,
       max(:from, min(started_at)) AS from_us, :to AS to_us, source
  FROM backup_job
 GROUP BY source, job, target
HAVING max(:from, min(started_at)) < :to
-- verdicts
WITH begun AS MATERIALIZED (
  SELECT source, job, target, source || '/' || job || '/' || target AS subject,
         max(:from, min(started_at)) AS from_us
    FROM backup_job GROUP BY source, job, target
  HAVING max(:from, min(started_at)) < :to),
good AS (
  SELECT source, job, target, finished_at,
         lead(finished_at, 1, :to) OVER (PARTITION BY source, job, target
                                         ORDER BY finished_at) AS next_us
    FROM backup_job WHERE ok = 1 AND finished_at < :to),
-- Before the first good run there is none to count from.
part AS MATERIALIZED (
  SELECT b.subject, max(g.finished_at, b.from_us) AS from_us,
         min(g.next_us, :to) AS to_us,
         g.finished_at + :hours * 3600000000 AS due_us, g.finished_at
    FROM begun b
    JOIN good g ON g.source = b.source AND g.job = b.job AND g.target = b.target
   WHERE max(g.finished_at, b.from_us) < min(g.next_us, :to)
  UNION ALL
  SELECT b.subject, b.from_us,
         coalesce((SELECT min(g.finished_at) FROM good g WHERE g.source = b.source
                      AND g.job = b.job AND g.target = b.target
                      AND g.finished_at > b.from_us), :to),
         b.from_us + :hours * 3600000000, NULL
    FROM begun b
   WHERE NOT EXISTS (SELECT 1 FROM good g WHERE g.source = b.source AND g.job = b.job
                        AND g.target = b.target AND g.finished_at <= b.from_us))
SELECT subject, 'ok' AS status, '' AS reason, from_us, min(due_us, to_us) AS to_us,
       'backup_job:' || subject AS evidence
  FROM part WHERE from_us < min(due_us, to_us)
UNION ALL
SELECT subject, 'fail',
       iif(finished_at IS NULL, 'no run has succeeded',
           'no successful run since ' || datetime(finished_at / 1000000, 'unixepoch') || ' UTC'),
       max(from_us, due_us), to_us, 'backup_job:' || subject
  FROM part WHERE max(from_us, due_us) < to_us
