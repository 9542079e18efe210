-- id: history-kept
-- title: The history of the main branch is not rewritten
-- control: CM-01, CM-03
-- kind: state
-- mode: both
-- tests: The main branch of every collected repository.
-- passes: Every commit that was seen before is still in its history.
-- fails: Commits that were seen before are gone.
-- matters: A rewritten history hides what was in the product, and who put it there.
-- remediation: Forbid force pushes on the main branch; find out what was dropped and
--  by whom.
-- population
SELECT source || '/' || subject AS subject, main_branch || ' of ' || repo AS label,
       from_us, to_us, source
  FROM git_repo_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN head IS NULL THEN 'na' WHEN rewritten = 1 THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN head IS NULL THEN 'the repository is empty'
            WHEN rewritten = 1 THEN 'commits seen before are no longer in ' || main_branch
            ELSE '' END AS reason,
       from_us, to_us, 'git_repo:' || coalesce(head, repo) AS evidence
  FROM git_repo_period
