/*
 * The closed vocabulary of declarations: kinds of field, classes, modes,
 * roles and keywords. Read by the program and by tools/mkschema, so that both
 * know the same words. The budget is at most 12 kinds and 15 keywords, and
 * test/schema counts them: a new one needs two types that use it, and an old
 * one that can go.
 */
#ifndef SCHEMA_KINDS_H
#define SCHEMA_KINDS_H

/*
 * X(NAME, word, SQL type, what follows the word in a declaration)
 * N nothing, V values a|b|c, T the name of a record type.
 */
#define SCHEMA_KINDS(X)                                                        \
	X(TEXT, "text", "TEXT", 'N')         /* one line */                    \
	X(MARKDOWN, "markdown", "TEXT", 'N') /* many lines */                  \
	X(INT, "int", "INTEGER", 'N')                                          \
	X(BOOL, "bool", "INTEGER", 'N')      /* 0 or 1 */                      \
	X(TIME, "time", "INTEGER", 'N')      /* microseconds UTC */            \
	X(DATE, "date", "TEXT", 'N')         /* civil date, YYYY-MM-DD */      \
	X(ENUM, "enum", "TEXT", 'V')         /* one of the values */           \
	X(SET, "set", "TEXT", 'V')           /* JSON list, order of values */  \
	X(REF, "ref", "TEXT", 'T')           /* id of a record */              \
	X(REFS, "refs", "TEXT", 'T')         /* JSON list of ids, sorted */    \
	X(MAP, "map", "TEXT", 'N')           /* JSON object, text to text */

/* X(NAME, word): from the most open to the most guarded. */
#define SCHEMA_CLASSES(X)                                                      \
	X(PUBLIC, "public")                                                    \
	X(INTERNAL, "internal")                                                \
	X(CONFIDENTIAL, "confidential")                                        \
	X(RESTRICTED, "restricted")                                            \
	X(PERSONAL, "personal")

/* X(NAME, word): the word after the name of a type or table. */
#define SCHEMA_MODES(X)                                                        \
	X(RECORD, "record")     /* record type */                              \
	X(OPEN, "open")         /* record type that takes extra fields */      \
	X(FIXED, "fixed")       /* record type that is installed, not edited */\
	X(SNAPSHOT, "snapshot") /* table: a run carries the whole set */       \
	X(APPEND, "append")     /* table: a run carries what is new */

/* X(NAME, word): who somebody is to the organisation; a step between states
 * says which of them may make it. */
#define SCHEMA_ROLES(X)                                                        \
	X(OWNER, "owner")           /* answers for the workspace */            \
	X(COMPLIANCE, "compliance") /* runs the programme */                   \
	X(ENGINEER, "engineer")     /* operates systems and controls */        \
	X(EMPLOYEE, "employee")     /* has things of his or her own to do */   \
	X(PRIVACY, "privacy")       /* handles personal data */                \
	X(READ_ONLY, "read_only")   /* of the organisation, looks only */      \
	X(AUDITOR, "auditor")       /* of the independent firm */              \
	X(PARTNER, "partner")       /* works with us: sees what was released */\
	X(CUSTOMER, "customer")     /* sees what was released to it */

/* X(word): what a line may begin with, and what may follow a field's kind. */
#define SCHEMA_KEYWORDS(X)                                                     \
	X("type") X("table") X("note") X("class") X("key") X("subject")        \
	X("time") X("owner") X("state") X("step") X("fill") X("apart")         \
	X("required") X("unique") X("max")

/* --- rules of access (content/access, doc/access.md) ------------------------ */

/* X(NAME, word): what is done. The first ACCESS_WRITES only look. */
#define ACCESS_ACTS(X)                                                         \
	X(LIST, "list")       /* see in a list that it is there */             \
	X(READ, "read")       /* see one as it is */                           \
	X(HISTORY, "history") /* see what it was, and who changed it */        \
	X(EXPORT, "export")   /* take many of them out as a file */            \
	X(SQL, "sql")         /* ask it as a table of the evidence */          \
	X(CREATE, "create")                                                    \
	X(CHANGE, "change")                                                    \
	X(STEP, "step")       /* from state to state: the step says who, too */\
	X(RETIRE, "retire")

/* X(NAME, word): what may be so of a record, and a rule may ask for. */
#define ACCESS_FACTS(X)                                                        \
	X(ASSIGNED, "assigned") /* it names the person in one of its fields */ \
	X(ENGAGED, "engaged")   /* it lies in an open engagement of the user */\
	X(RELEASED, "released") /* it was released to the user's party */      \
	X(UNINVOLVED, "uninvolved") /* it is not about the person */

/* X(word): what a line of the rules may begin with, and what may follow. */
#define ACCESS_KEYWORDS(X)                                                     \
	X("group") X("of") X("allow") X("show") X("apart")                     \
	X("if") X("state") X("only")

#endif
