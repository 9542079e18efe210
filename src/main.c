/* Wiring only: the command line is the only face so far. */
#include "base/err.h"

int main(void);

int
main(void)
{
	return (0);
}
