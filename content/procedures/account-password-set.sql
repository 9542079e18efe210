-- id: account-password-set
-- title: Every account that can sign in asks for a password
-- control: AC-08
-- kind: state
-- mode: both
-- tests: Every account of every collected machine, for as long as it existed.
-- passes: The account has a password or a barred one, or its shell lets nobody
--  sign in.
-- fails: The account's shell lets somebody sign in and no password is asked
--  for.
-- matters: Whoever knows the name of such an account is in, and nothing they do
--  can be put down to a person.
-- remediation: Set a password (passwd NAME), or bar the account (passwd -l NAME).
-- population
SELECT source || '/' || subject AS subject, login || ' on ' || host AS label,
       from_us, to_us, source
  FROM account_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN interactive = 0 THEN 'na'
            WHEN password_state = 'none' THEN 'fail'
            ELSE 'ok' END AS status,
       CASE WHEN interactive = 0 THEN 'its shell lets nobody sign in'
            WHEN password_state = 'none' THEN 'no password is asked for'
            ELSE '' END AS reason,
       from_us, to_us, 'account:' || subject AS evidence
  FROM account_period
