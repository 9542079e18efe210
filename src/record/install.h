/*
 * What every workspace begins with: the first entry, the criteria, the control
 * library with its mappings, and the list of policies, from content/.
 */
#ifndef RECORD_INSTALL_H
#define RECORD_INSTALL_H

#include "record/workspace.h"

/*
 * install_content(ws, text, e): all of it in one transaction; ${ws} is new.
 * ${text}: its description, which the first entry commits to.
 */
int install_content(struct workspace *ws, struct str text, struct err *e);

#endif
