/*
 * libyaml's events as values in an arena. text/yaml.h says what is accepted
 * and is what the rest of the program uses.
 */
#ifndef SYS_YAML_H
#define SYS_YAML_H

#include "base/err.h"
#include "base/val.h"

/*
 * sys_yaml_parse(a, name, text, depth, ret, e): a list of the documents of
 * ${text}. Errors have "name:line:column".
 */
int sys_yaml_parse(struct arena *a, const char *name, struct str text,
    int depth, struct val **ret, struct err *e);

#endif
