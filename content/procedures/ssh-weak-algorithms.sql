-- id: ssh-weak-algorithms
-- title: SSH servers offer strong algorithms only
-- control: NS-04, EN-01
-- kind: state
-- mode: both
-- tests: Every algorithm that a collected SSH server offers.
-- passes: The algorithm is not known to be weak.
-- fails: The algorithm is known to be weak.
-- matters: A client, or somebody between, may choose the weakest that is offered.
-- remediation: Take it out of KexAlgorithms, Ciphers, MACs or HostKeyAlgorithms of
--  the server's configuration.
-- param accepted text -: Algorithms that are accepted although they are weak, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       kind || ' ' || name || ' at ' || endpoint AS label, from_us, to_us, source
  FROM ssh_algorithm_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN weak = 0 THEN 'ok'
            WHEN instr(',' || :accepted || ',', ',' || name || ',') > 0 THEN 'na'
            ELSE 'fail' END AS status,
       CASE WHEN weak = 0 THEN ''
            WHEN instr(',' || :accepted || ',', ',' || name || ',') > 0
              THEN 'accepted although it is weak'
            ELSE name || ' is weak' END AS reason,
       from_us, to_us, 'ssh_algorithm:' || subject AS evidence
  FROM ssh_algorithm_period
