/* Content hashes: SHA-256, by GLib. */
#include "base/hash.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

static void finish(char out[HASH_TEXT_BYTES], GChecksum *checksum)
{
    g_strlcpy(out, g_checksum_get_string(checksum), HASH_TEXT_BYTES);
    g_checksum_free(checksum);
}

void hash_bytes(char out[HASH_TEXT_BYTES], const void *bytes, size_t length)
{
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, bytes, (gssize)length);
    finish(out, checksum);
}

bool hash_file(char out[HASH_TEXT_BYTES], const char *path, struct error *err)
{
    out[0] = '\0';
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, "%s: cannot be opened: %s", path, strerror(errno));
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    unsigned char buffer[1 << 16];
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        g_checksum_update(checksum, buffer, (gssize)got);
    bool broken = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    finish(out, checksum);
    return broken ? error_set(err, "%s: cannot be read: %s", path, strerror(reason)) : true;
}
