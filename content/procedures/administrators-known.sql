-- id: administrators-known
-- title: Administrators of machines are people who work here
-- control: AC-06
-- kind: state
-- mode: both
-- tests: Every membership in a group that gives the rights of an administrator.
-- passes: The member is matched to a person who has not left.
-- fails: The member belongs to nobody on the roster, is shared, or has left.
-- matters: Administrators can do and hide everything; each of them has to be
--  somebody one can ask.
-- remediation: Take the account out of the group (gpasswd -d NAME GROUP), or record
--  whose it is.
-- param groups text sudo,wheel,admin,adm,docker,lxd,disk,shadow: Groups that count, separated by commas
-- population
SELECT source || '/' || subject AS subject,
       login || ' in ' || grp || ' on ' || host AS label, from_us, to_us, source
  FROM group_member_period
 WHERE instr(',' || :groups || ',', ',' || grp || ',') > 0
-- verdicts
WITH held AS MATERIALIZED (
  SELECT m.source || '/' || m.subject AS subject, m.subject AS ref, m.login,
         i.state, i.person, p.end_date, p.said, m.from_us, m.to_us,
         min(max(coalesce(day_end(p.end_date), m.to_us),
                 m.from_us), m.to_us) AS cut_us
    FROM group_member_period m
    LEFT JOIN group_member_person_period i ON i.source = m.source AND i.subject = m.subject
    LEFT JOIN leaver p ON p.person = i.person
   WHERE instr(',' || :groups || ',', ',' || m.grp || ',') > 0)
SELECT subject,
       CASE WHEN login = 'root' OR state = 'service' THEN 'na'
            WHEN state = 'matched' THEN 'ok'
            WHEN state = 'doubtful' THEN 'unknown' ELSE 'fail' END AS status,
       CASE WHEN login = 'root' THEN 'root is nobody''s own'
            WHEN state = 'service' THEN 'a program uses it'
            WHEN state = 'matched' THEN ''
            WHEN state = 'doubtful' THEN 'several people match; somebody has to decide'
            WHEN state = 'shared' THEN 'several people share it'
            ELSE 'it belongs to nobody on the roster' END AS reason,
       from_us, cut_us AS to_us, 'group_member:' || ref AS evidence
  FROM held WHERE from_us < cut_us
UNION ALL
SELECT subject, 'fail',
       person || iif(said, ' left on ', ' is gone from the roster, which named them last on ')
         || end_date, cut_us, to_us, 'group_member:' || ref
  FROM held WHERE cut_us < to_us
