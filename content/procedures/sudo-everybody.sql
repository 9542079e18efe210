-- id: sudo-everybody
-- title: Unlimited rules of sudo are for root and the group of administrators only
-- control: AC-06, AC-02
-- kind: state
-- mode: both
-- tests: Every rule of sudo on every collected machine.
-- passes: The rule is for named commands, or for one of the accepted accounts and
--  groups.
-- fails: The rule lets somebody else run every command.
-- matters: Whoever may run everything can also remove the traces of it.
-- remediation: Replace the rule by one that lists commands, or by membership in the
--  group of administrators.
-- param accepted text root,%sudo,%wheel,%admin: Who may run every command, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       who || ' on ' || host || ': ' || commands AS label, from_us, to_us, source
  FROM sudo_rule_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN commands <> 'ALL' THEN 'na'
            WHEN instr(',' || :accepted || ',', ',' || who || ',') > 0 THEN 'ok'
            ELSE 'fail' END AS status,
       CASE WHEN commands <> 'ALL' THEN 'the rule lists its commands'
            WHEN instr(',' || :accepted || ',', ',' || who || ',') > 0 THEN ''
            ELSE who || ' may run every command' END AS reason,
       from_us, to_us, file || ':' || line AS evidence
  FROM sudo_rule_period
