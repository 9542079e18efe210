-- id: account-dormant
-- title: Accounts that nobody uses are closed
-- control: AC-05
-- kind: state
-- mode: both
-- tests: Every account of every collected machine through which a person can sign
--  in with a password.
-- passes: The account was used within the allowed days, or cannot be signed in
--  to.
-- fails: Nobody signed in for longer than the allowed days, and the account is
--  open. The violation begins when the days are over.
-- matters: A forgotten account is watched by nobody and is the easiest to take
--  over.
-- remediation: Ask the owner whether the account is needed; if not, bar or remove
--  it (usermod -L -e 1 NAME).
-- param days int 90: Days without a sign-in after which an account counts as unused
-- population
SELECT source || '/' || subject AS subject, login || ' on ' || host AS label,
       from_us, to_us, source
  FROM account_period
-- verdicts
WITH due AS (
  -- Until when each version is well: the last sign-in plus the days, within it.
  SELECT source || '/' || subject AS subject, subject AS ref, from_us, to_us,
         CASE WHEN interactive = 0 OR system = 1 THEN 'its shell lets nobody sign in, or it is a program''s'
              WHEN locked = 1 OR password_state IN ('locked', 'disabled')
                THEN 'nobody can sign in with a password'
         END AS free,
         last_login_at,
         min(max(coalesce(last_login_at + :days * 86400000000, from_us), from_us),
             to_us) AS until_us
    FROM account_period)
SELECT subject, 'na' AS status, free AS reason, from_us, to_us,
       'account:' || ref AS evidence
  FROM due WHERE free IS NOT NULL
UNION ALL
SELECT subject, 'ok', '', from_us, until_us, 'account:' || ref
  FROM due WHERE free IS NULL AND from_us < until_us
UNION ALL
SELECT subject, iif(last_login_at IS NULL, 'unknown', 'fail'),
       iif(last_login_at IS NULL, 'no sign-in was ever recorded',
           'not used for more than ' || :days || ' days'),
       until_us, to_us, 'account:' || ref
  FROM due WHERE free IS NULL AND until_us < to_us
