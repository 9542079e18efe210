-- id: account-password-hash
-- title: Passwords of machine accounts are hashed strongly
-- control: AC-08
-- kind: state
-- mode: both
-- tests: Every account of every collected machine that has a password set.
-- passes: The password is hashed by one of the accepted methods.
-- fails: The password is hashed by a method that is quickly guessed, or by one
--  that is not known.
-- matters: Weak hashes turn a stolen password file into a list of passwords.
-- remediation: Set ENCRYPT_METHOD in /etc/login.defs and in PAM to yescrypt, then
--  have the password changed.
-- param accepted text yescrypt,sha512,bcrypt: Accepted methods, separated by commas
-- population
SELECT source || '/' || subject AS subject, login || ' on ' || host AS label,
       from_us, to_us, source
  FROM account_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN password_state NOT IN ('set', 'locked')
              OR password_hash IS NULL OR password_hash = 'none' THEN 'na'
            WHEN instr(',' || :accepted || ',', ',' || password_hash || ',') > 0
              THEN 'ok'
            ELSE 'fail' END AS status,
       CASE WHEN password_state NOT IN ('set', 'locked')
              OR password_hash IS NULL OR password_hash = 'none'
              THEN 'no password is set'
            ELSE 'hashed with ' || password_hash END AS reason,
       from_us, to_us, 'account:' || subject AS evidence
  FROM account_period
