#!/usr/bin/env python3
"""Decide access in another way: from the texts of content/, by sets.

usage: access_model.py TABLE   (from the top of the sources)
TABLE has a line for each type, role and act that the program decided:
    TYPE ROLE ACT ANSWERS
where ANSWERS is, for each of the cases of facts and states (below), a letter
for the record and one for each field: d deny, m mask, a allow. Prints what
differs, and exits 1 if anything does, or if a case is missing.
"""
import glob
import re
import sys

LOOK = ['list', 'read', 'history', 'export', 'sql']
WRITE = ['create', 'change', 'step', 'retire']
ROLES = ['owner', 'compliance', 'engineer', 'employee', 'privacy', 'read_only',
         'auditor', 'partner', 'customer']
FACTS = ['assigned', 'engaged', 'released', 'uninvolved']
CASES = [set()] + [{f} for f in FACTS] + [set(FACTS)]


def tokens(line):
    return re.findall(r'"[^"]*"|#.*|[^\s"]+', line)


def read_type(path):
    fields, states, cls, name, table = [], [], 'internal', None, False
    for line in open(path, encoding='utf-8'):
        w = [t for t in tokens(line) if not t.startswith('#')]
        if not w:
            continue
        if w[0] in ('type', 'table'):
            name, table = w[2], w[0] == 'table'
        elif w[0] == 'class':
            cls = w[1]
        elif w[0] == 'state':
            states = w[1:]
        elif w[0].isdigit():
            words = [t for t in w[3:] if not t.startswith('"')]
            own = words[words.index('class') + 1] if 'class' in words else None
            fields.append([w[1], own])
    fields = [(f, c or cls) for f, c in fields]
    if states:
        fields.append(('state', 'internal'))
    return name, {'fields': fields, 'states': states, 'table': table}


def split(text, everything=None):
    out = []
    for word in text.split('|'):
        if word == 'look':
            out += LOOK
        elif word == 'write':
            out += WRITE
        elif word == 'everybody':
            out += everything
        else:
            out.append(word)
    return set(out)


def read_rules(path, groups, rules):
    group = None
    for line in open(path, encoding='utf-8'):
        w = [t for t in tokens(line) if not t.startswith('#')]
        if not w or w[0].startswith('"') or w[0] == 'apart':
            continue
        if w[0] == 'group':
            group = w[1]
            groups[group] = []
        elif w[0] == 'of':
            groups[group] += w[1:]
        elif w[0] in ('allow', 'show'):
            r = {'kind': w[0], 'group': group, 'need': set(), 'states': None,
                 'only': None}
            at = 1
            if w[0] == 'show':
                r['class'] = w[1]
                at = 2
            r['roles'] = split(w[at], ROLES)
            at += 1
            if w[0] == 'allow':
                r['acts'] = split(w[at])
                at += 1
            while at < len(w):
                if w[at] == 'if':
                    r['need'].add(w[at + 1])
                elif w[at] == 'state':
                    r['states'] = split(w[at + 1])
                elif w[at] == 'only':
                    r['only'] = split(w[at + 1])
                at += 2
            rules.append(r)


def main():
    types, groups, rules = {}, {}, []
    for path in glob.glob('content/types/*.type') + glob.glob('content/tables/*.table'):
        name, t = read_type(path)
        types[name] = t
    for path in sorted(glob.glob('content/access/*.rules')):
        read_rules(path, groups, rules)
    of = {name: g for g, names in groups.items() for name in names}
    rest = of.get('tables')

    def answer(t, name, group, role, act, facts, state):
        def holds(r):
            return (role in r['roles'] and r['need'] <= facts and
                    (r['states'] is None or state in r['states']))
        fields = t['fields']
        mine = [r for r in rules if r['kind'] == 'allow' and
                r['group'] == group and act in r['acts'] and holds(r) and
                (r['only'] is None or r['only'] & {f for f, _ in fields})]
        if group is None or not mine:
            return 'd' * (1 + len(fields))
        clear = {r['class'] for r in rules if r['kind'] == 'show' and
                 r['group'] in (None, group) and holds(r)}
        out = 'a'
        for f, c in fields:
            seen = c in clear or act == 'create'
            if act in LOOK:
                out += 'a' if seen else 'm'
            else:
                may = any(r['only'] is None or f in r['only'] for r in mine)
                out += 'a' if seen and may else 'd'
        return out

    wrong = lines = 0
    for line in open(sys.argv[1], encoding='utf-8'):
        name, role, act, got = line.split()
        t = types[name]
        group = of.get(name, rest if t['table'] else None)
        want = ''.join(answer(t, name, group, role, act, facts, state)
                       for facts in CASES for state in [None] + t['states'])
        lines += 1
        if got != want:
            wrong += 1
            if wrong <= 20:
                at = next((i for i in range(min(len(got), len(want)))
                           if got[i] != want[i]), min(len(got), len(want)))
                n = 1 + len(t['fields'])
                print(f'{name} {role} {act}: case {at // n}, field '
                      f'{at % n - 1}: {got[at:at + 1]} is not {want[at:at + 1]}')
    expected = len(types) * len(ROLES) * len(LOOK + WRITE)
    if lines != expected:
        print(f'{lines} lines, and not {expected}')
    sys.exit(1 if wrong or lines != expected else 0)


if __name__ == "__main__":
    main()
