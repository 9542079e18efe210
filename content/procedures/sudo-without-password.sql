-- id: sudo-without-password
-- title: Rules of sudo ask for a password
-- control: AC-06
-- kind: state
-- mode: both
-- tests: Every rule of sudo on every collected machine.
-- passes: The rule asks for a password, or names somebody on the list of
--  exceptions for programs.
-- fails: The rule lets somebody become another user without a password.
-- matters: A session left open or a stolen key then holds the whole machine.
-- remediation: Take NOPASSWD out of the rule (visudo), or narrow it to the one
--  command that a program needs and name its account in the parameter.
-- param programs text -: Accounts of programs that may do without, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       who || ' on ' || host || ': ' || commands AS label, from_us, to_us, source
  FROM sudo_rule_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN nopasswd = 0 THEN 'ok'
            WHEN instr(',' || :programs || ',', ',' || who || ',') > 0 THEN 'na'
            ELSE 'fail' END AS status,
       CASE WHEN nopasswd = 0 THEN ''
            WHEN instr(',' || :programs || ',', ',' || who || ',') > 0
              THEN 'the rule is for a program'
            ELSE who || ' may run ' || commands || ' without a password' END AS reason,
       from_us, to_us, file || ':' || line AS evidence
  FROM sudo_rule_period
