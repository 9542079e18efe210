/*
 * What a thread keeps for itself, such as a context that is costly to make,
 * goes when the thread ends.
 */
#ifndef SYS_THREAD_H
#define SYS_THREAD_H

/*
 * thread_own(p, drop): call drop(p) when the calling thread ends; what was
 * given last goes first. At the end of the process nothing is called.
 */
void thread_own(void *p, void (*drop)(void *p));

#endif
