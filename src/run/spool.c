/* A nameless file for what the parent need not hold in memory while a batch is read. */
#include "run/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spool {
    FILE *file; /* reads and writes go through one position: both set it */
    off_t end;
    bool at_end;
};

bool spool_new(struct spool **out, const char *folder, struct error *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/spool-XXXXXX", folder) < 0)
        error_die("out of memory: a file name");
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
    if (fd >= 0)
        unlink(path);
    if (file == NULL) {
        error_set(err, "%s: cannot be written: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        free(path);
        return false;
    }
    free(path);
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        error_die("out of memory: a spool");
    (*out)->file = file;
    (*out)->at_end = true;
    return true;
}

void spool_free(struct spool *spool)
{
    if (spool == NULL)
        return;
    fclose(spool->file);
    free(spool);
}

bool spool_put(off_t *at, struct spool *spool, const void *bytes, size_t length, struct error *err)
{
    *at = spool->end;
    if ((!spool->at_end && fseeko(spool->file, spool->end, SEEK_SET) != 0) ||
        fwrite(bytes, 1, length, spool->file) != length)
        return error_set(err, "a temporary file in the output folder cannot be written: %s",
                         strerror(errno));
    spool->at_end = true;
    spool->end += (off_t)length;
    return true;
}

bool spool_get(void *bytes, struct spool *spool, off_t at, size_t length, struct error *err)
{
    spool->at_end = false;
    if (fseeko(spool->file, at, SEEK_SET) != 0 || fread(bytes, 1, length, spool->file) != length)
        return error_set(err, "a temporary file in the output folder cannot be read back: %s",
                         strerror(errno));
    return true;
}
