#include "base/memory.h"

#include <malloc.h>

void memory_keep(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that is allowed */
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}
