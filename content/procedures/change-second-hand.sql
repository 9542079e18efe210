-- id: change-second-hand
-- title: Every change on the main branch went through a second hand
-- control: CM-03, CM-01
-- kind: event
-- mode: period
-- window: 90
-- tests: Every commit that reached the main branch in the period.
-- passes: Somebody other than its author recorded, merged or reviewed it.
-- fails: Its author is the only hand that it went through.
-- matters: One person alone can then put anything into the product, by mistake or
--  on purpose.
-- remediation: Protect the main branch so that a change needs the approval of
--  somebody else, for administrators too. Review what came through alone now.
-- param programs text -: Addresses of programs whose commits need no second hand, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       substr(hash, 1, 12) || ' ' || coalesce(subject_line, '') AS label,
       reached_main_at AS from_us, reached_main_at + 1 AS to_us, source
  FROM git_commit
 WHERE via <> 'none' AND reached_main_at >= :from AND reached_main_at < :to
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN merge = 1 THEN 'na'
            WHEN second_hand IS NULL THEN 'unknown'
            WHEN second_hand = 1 THEN 'ok'
            WHEN instr(',' || :programs || ',', ',' || author_email || ',') > 0 THEN 'na'
            ELSE 'fail' END AS status,
       CASE WHEN merge = 1 THEN 'a merge brings the changes of others'
            WHEN second_hand IS NULL THEN 'its author gave no address to compare'
            WHEN second_hand = 1 THEN ''
            WHEN instr(',' || :programs || ',', ',' || author_email || ',') > 0
              THEN 'a program made it'
            ELSE 'its author is the only hand it went through' END AS reason,
       reached_main_at AS from_us, reached_main_at + 1 AS to_us,
       'git_commit:' || hash AS evidence
  FROM git_commit
 WHERE via <> 'none' AND reached_main_at >= :from AND reached_main_at < :to
