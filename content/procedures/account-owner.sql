-- id: account-owner
-- title: Every account that people sign in to belongs to a person
-- control: AC-09
-- kind: state
-- mode: both
-- tests: Every account of every collected machine whose shell lets somebody sign
--  in.
-- passes: The account is matched to exactly one person, by rule or by decision.
-- fails: The account belongs to nobody on the roster, or is shared.
-- matters: What a nameless account does is done by no one.
-- remediation: Remove the account, or record an identity decision that says whose
--  it is or which program uses it.
-- population
SELECT source || '/' || subject AS subject, login || ' on ' || host AS label,
       from_us, to_us, source
  FROM account_period WHERE interactive = 1
-- verdicts
SELECT a.source || '/' || a.subject AS subject,
       CASE WHEN a.uid = 0 AND a.login = 'root' THEN 'na'
            WHEN i.state = 'matched' THEN 'ok'
            WHEN i.state = 'service' THEN 'na'
            WHEN i.state = 'doubtful' THEN 'unknown'
            ELSE 'fail' END AS status,
       CASE WHEN a.uid = 0 AND a.login = 'root' THEN 'root is nobody''s own'
            WHEN i.state = 'matched' THEN ''
            WHEN i.state = 'service' THEN 'a program uses it'
            WHEN i.state = 'doubtful' THEN 'several people match; somebody has to decide'
            WHEN i.state = 'shared' THEN 'several people share it'
            ELSE 'it belongs to nobody on the roster' END AS reason,
       a.from_us, a.to_us, 'account:' || a.subject AS evidence
  FROM account_period a
  LEFT JOIN account_person_period i ON i.source = a.source AND i.subject = a.subject
 WHERE a.interactive = 1
