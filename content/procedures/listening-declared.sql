-- id: listening-declared
-- title: Machines listen only on declared ports
-- control: NS-01, EP-03
-- kind: state
-- mode: both
-- tests: Every socket of a collected machine that waits for connections.
-- passes: The port is declared, or only the machine itself can reach it.
-- fails: A port that nobody declared can be reached from the network.
-- matters: A service that nobody planned is a service that nobody patches.
-- remediation: Stop the service or bind it to 127.0.0.1; if it is wanted, declare
--  its port in the parameter.
-- param declared text 22/tcp,80/tcp,443/tcp,68/udp,546/udp,123/udp: Declared ports as PORT/PROTOCOL, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       proto || ' port ' || port || ' on ' || host AS label, from_us, to_us, source
  FROM listening_socket_period
-- verdicts
SELECT source || '/' || subject AS subject,
       CASE WHEN loopback = 1 THEN 'na'
            WHEN instr(',' || :declared || ',', ',' || port || '/' || proto || ',') > 0
              THEN 'ok'
            ELSE 'fail' END AS status,
       CASE WHEN loopback = 1 THEN 'only the machine itself reaches it'
            WHEN instr(',' || :declared || ',', ',' || port || '/' || proto || ',') > 0
              THEN ''
            ELSE coalesce(program, 'a program') || ' listens on ' || address || ' port '
                 || port || '/' || proto END AS reason,
       from_us, to_us, 'listening_socket:' || subject AS evidence
  FROM listening_socket_period
