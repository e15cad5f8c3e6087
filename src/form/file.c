/* Whole files in and out of a form folder. */
#include "form/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_join(const char *folder, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        error_die("out of memory");
    return path;
}

static bool read_open(char **out, size_t *length, int descriptor, const char *path, size_t most,
                      struct error *err)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return error_set(err, "%s: cannot read: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, "%s: cannot read: this is not an ordinary file", path);
    if (status.st_size < 0 || (size_t)status.st_size > most)
        return error_set(err, "%s: too large: %lld bytes, at most %zu are taken", path,
                         (long long)status.st_size, most);
    size_t size = (size_t)status.st_size, got = 0;
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        error_die("out of memory");
    while (got < size) {
        ssize_t part = read(descriptor, bytes + got, size - got);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0) {
            error_set(err, "%s: cannot read: %s", path, strerror(errno));
            free(bytes);
            return false;
        }
        if (part == 0)
            break; /* it shrank meanwhile: what is there is what is parsed */
        got += (size_t)part;
    }
    bytes[got] = '\0';
    *out = bytes;
    *length = got;
    return true;
}

bool file_holds(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

bool file_read_whole(char **out, size_t *length, const char *path, size_t most, struct error *err)
{
    /* Not blocking: a pipe under the name must not hang the program. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    bool fine = read_open(out, length, descriptor, path, most, err);
    close(descriptor);
    return fine;
}

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t part = write(descriptor, bytes, length);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return false;
        bytes += part;
        length -= (size_t)part;
    }
    return true;
}

bool file_write_whole(const char *path, const void *bytes, size_t length, struct error *err)
{
    char *part;
    if (asprintf(&part, "%s.part", path) < 0)
        error_die("out of memory");
    int descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool fine = descriptor >= 0 && write_all(descriptor, bytes, length) && fsync(descriptor) == 0;
    int trouble = errno;
    if (descriptor >= 0 && close(descriptor) != 0 && fine) {
        fine = false;
        trouble = errno;
    }
    if (fine && rename(part, path) != 0) {
        fine = false;
        trouble = errno;
    }
    if (!fine) {
        if (descriptor >= 0)
            unlink(part);
        error_set(err, "%s: cannot write: %s", path, strerror(trouble));
    }
    free(part);
    return fine;
}
