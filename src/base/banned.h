/*
 * Functions that cannot be used safely, made compile errors. Included by
 * every other header of base, so that no file of the tree escapes it.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef gets
#undef strtok
#undef tmpnam
#undef mktemp
#undef system
#undef popen
#undef atoi
#undef atol
#undef atof
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok tmpnam mktemp
#pragma GCC poison system popen atoi atol atof

#endif
