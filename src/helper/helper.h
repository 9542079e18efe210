/*
 * The privileged helper: one program that runs as root, takes one word, and
 * prints what only root may read, from a fixed list. It takes no path, no
 * option and no environment. What it prints is bounded, and holds no secret
 * that the question does not need: never the hash of a password, nor a key.
 */
#ifndef HELPER_HELPER_H
#define HELPER_HELPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

#define HELPER_INSTALLED "/usr/libexec/tickmark/tickmark-helper"
#define HELPER_MAX ((size_t)16 << 20) /* bytes of one answer */

#define HELPER_EXIT_USAGE 2
#define HELPER_EXIT_LACKS 4  /* the machine has no such thing */
#define HELPER_EXIT_CANNOT 5 /* it has, but it could not be read */

/* X(name, word, what it prints) */
#define HELPER_QUESTIONS(X)                                                    \
	X(SHADOW, "shadow", "password states, hashes left out")                \
	X(SUDOERS, "sudoers", "sudoers and what it includes, as a bundle")     \
	X(SSHD, "sshd", "sshd -T, and what Match blocks set")                                            \
	X(NFT, "nft", "nft -j list ruleset")                                   \
	X(NFT_TEXT, "nft-text", "nft -s -a list ruleset")                      \
	X(KEYS, "keys", "authorized_keys of all accounts, as a bundle")        \
	X(FILES, "files", "owner and mode of the files that guard a machine")  \
	X(SOCKETS, "sockets", "which process holds which socket")              \
	X(BLOCK, "block", "blkid -o export")

enum helper_question {
#define X(name, word, what) HELPER_##name,
	HELPER_QUESTIONS(X)
#undef X
	HELPER_QUESTION_MAX
};

/* helper_find(word): the question, or HELPER_QUESTION_MAX. */
enum helper_question helper_find(struct str word);
bool helper_knows(struct str word);

/*
 * The answers, each appended to ${out}. ${root} is "" for this machine, or a
 * folder that holds the files of another (shadow, sudoers, keys and files
 * only). ERR_NOTFOUND: the machine lacks it.
 */
int helper_shadow(const char *root, struct buf *out, struct err *e);
int helper_sudoers(const char *root, struct buf *out, struct err *e);
int helper_keys(const char *root, struct str patterns, struct buf *out,
    struct err *e);
int helper_files(const char *root, struct buf *out, struct err *e);
int helper_sockets(struct buf *out, struct err *e);
int helper_sshd(struct buf *out, struct err *e);

/* helper_sshd_matches(path, out): what Match blocks of the file and of those
 * that it includes set, each as "match CONDITION: setting value". */
void helper_sshd_matches(const char *path, struct buf *out);
int helper_answer(enum helper_question q, struct buf *out, struct err *e);

/* helper_read(path, follow, max, out, e): a regular file, appended. Without
 * ${follow} the last part of the path may not be a link. */
int helper_read(const char *path, bool follow, size_t max, struct buf *out,
    struct err *e);

/*
 * A bundle is any number of "file LEN UID MODE PATH\n" (mode in octal), each
 * followed by LEN bytes and a newline. bundle_next(): 1 and the next file, 0 at
 * the end, ERR_INPUT if it is none.
 */
struct helper_file {
	struct str path;
	struct str bytes;
	int64_t uid;
	int64_t mode;
};
void helper_bundle_put(struct buf *out, const struct helper_file *f);
int helper_bundle_next(struct str *rest, struct helper_file *f, struct err *e);

#endif
