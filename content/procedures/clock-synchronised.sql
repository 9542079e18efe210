-- id: clock-synchronised
-- title: Clocks of machines follow a time server
-- control: MO-01
-- kind: state
-- mode: both
-- tests: Every collected machine.
-- passes: Its clock follows a time server.
-- fails: Its clock follows none.
-- matters: Records of several machines tell one story only if their clocks agree.
-- remediation: Install and enable chrony or systemd-timesyncd.
-- population
SELECT source AS subject, host AS label, from_us, to_us, source FROM host_period
-- verdicts
SELECT source AS subject,
       CASE WHEN time_synchronised IS NULL THEN 'unknown'
            WHEN time_synchronised = 1 THEN 'ok'
            WHEN virtual IN ('docker', 'lxc', 'podman', 'container') THEN 'na'
            ELSE 'fail' END AS status,
       CASE WHEN time_synchronised IS NULL THEN 'whether a time server is followed was not found out'
            WHEN time_synchronised = 1 THEN ''
            WHEN virtual IN ('docker', 'lxc', 'podman', 'container')
              THEN 'a container has the clock of its host'
            ELSE 'no time server is followed' END AS reason,
       from_us, to_us, 'host:' || host AS evidence
  FROM host_period
