-- id: saas-mfa
-- title: Accounts in applications ask for a second factor
-- control: AC-07
-- kind: state
-- mode: both
-- tests: Every account of every application whose accounts are collected.
-- passes: The account is active and a second factor is asked for.
-- fails: The account is active and no second factor is asked for.
-- matters: A password that was given away or guessed is then enough to read
--  everything the person can.
-- remediation: Turn enforcement on in the application or its identity provider, and
--  bar the account until its owner has enrolled.
-- population
SELECT source || '/' || subject AS subject,
       app || ': ' || coalesce(login, email, account_id) AS label,
       from_us, to_us, source
  FROM saas_account_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN status <> 'active' THEN 'na'
            WHEN mfa IS NULL THEN 'unknown'
            WHEN mfa = 1 THEN 'ok' ELSE 'fail' END AS status,
       CASE WHEN status <> 'active' THEN 'the account is ' || status
            WHEN mfa IS NULL THEN 'the export does not say whether a second factor is asked for'
            WHEN mfa = 1 THEN ''
            ELSE 'no second factor is asked for' END AS reason,
       from_us, to_us, 'saas_account:' || subject AS evidence
  FROM saas_account_period
