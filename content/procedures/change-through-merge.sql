-- id: change-through-merge
-- title: Changes reach the main branch through a merge
-- control: CM-01, CM-02
-- kind: event
-- mode: period
-- window: 90
-- tests: Every commit that reached the main branch in the period.
-- passes: It came in through the merge of another branch.
-- fails: It was written to the main branch directly, past review and automated
--  tests.
-- matters: What is pushed directly has passed no gate.
-- remediation: Protect the main branch against direct pushes. Where the team merges
--  by rebasing, take this test out of the programme and rely on
--  change-second-hand.
-- population
SELECT source || '/' || subject AS subject,
       substr(hash, 1, 12) || ' ' || coalesce(subject_line, '') AS label,
       reached_main_at AS from_us, reached_main_at + 1 AS to_us, source
  FROM git_commit
 WHERE via <> 'none' AND reached_main_at >= :from AND reached_main_at < :to
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN merge = 1 OR parents = 0 THEN 'na'
            WHEN via = 'merge' THEN 'ok' ELSE 'fail' END AS status,
       CASE WHEN merge = 1 THEN 'a merge brings the changes of others'
            WHEN parents = 0 THEN 'the first commit of a history'
            WHEN via = 'merge' THEN '' ELSE 'written to the main branch directly' END AS reason,
       reached_main_at AS from_us, reached_main_at + 1 AS to_us,
       'git_commit:' || hash AS evidence
  FROM git_commit
 WHERE via <> 'none' AND reached_main_at >= :from AND reached_main_at < :to
