/* A form folder that appears whole or not at all. */
#include "form/import_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "form/file.h"

#define COPY_BYTES_MAX (512u << 20)

/* What an import writes. */
static const char *const our_files[] = {"form.yaml", "template.json", "blank.tif", "blank.pdf"};
#define OUR_FILE_COUNT (sizeof our_files / sizeof *our_files)

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static bool is_empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    bool empty = folder != NULL;
    const struct dirent *entry;
    while (empty && (entry = readdir(folder)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (folder != NULL)
        closedir(folder);
    return empty;
}

static bool check_target(const char *folder, bool force, struct error *err)
{
    if (!exists(folder) || is_empty_folder(folder))
        return true;
    if (!force)
        return error_set(err, "%s: exists already; --force replaces the form in it", folder);
    char *file = file_join(folder, "form.yaml");
    bool is_form = exists(file);
    free(file);
    return is_form || error_set(err, "%s: exists already and is not a form; nothing was replaced",
                                folder);
}

/* The path without slashes at its end. */
static char *trimmed(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return g_strndup(path, length);
}

bool folder_begin(char **out, const char *folder, bool force, struct error *err)
{
    *out = NULL;
    if (folder[0] == '\0')
        return error_set(err, "the form folder has no name");
    if (!check_target(folder, force, err))
        return false;
    char *bare = trimmed(folder);
    char *parent = g_path_get_dirname(bare);
    char *part = g_strconcat(bare, ".part-XXXXXX", NULL);
    mode_t mask = umask(0);
    umask(mask);
    bool fine = g_mkdir_with_parents(parent, 0777) == 0 && mkdtemp(part) != NULL &&
                chmod(part, 0777 & ~mask) == 0;
    if (fine)
        *out = strdup(part);
    else
        error_set(err, "%s: cannot make the form folder: %s", folder, strerror(errno));
    g_free(bare);
    g_free(parent);
    g_free(part);
    return fine;
}

void folder_abandon(const char *part)
{
    for (size_t i = 0; i < OUR_FILE_COUNT; i++) {
        char *file = file_join(part, our_files[i]);
        unlink(file);
        free(file);
    }
    rmdir(part);
}

/* Moves what is not ours out of the old folder into the new one, then removes the old one. */
static void empty_old(const char *old, const char *folder)
{
    DIR *handle = opendir(old);
    const struct dirent *entry;
    while (handle != NULL && (entry = readdir(handle)) != NULL) {
        bool ours = false;
        for (size_t i = 0; i < OUR_FILE_COUNT; i++)
            ours = ours || strcmp(entry->d_name, our_files[i]) == 0;
        if (ours || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *from = file_join(old, entry->d_name), *to = file_join(folder, entry->d_name);
        if (!exists(to))
            rename(from, to);
        free(from);
        free(to);
    }
    if (handle != NULL)
        closedir(handle);
    folder_abandon(old);
}

bool folder_finish(const char *part, const char *folder, struct error *err)
{
    char *bare = trimmed(folder);
    /* A plain rename takes the place of nothing or of an empty folder; else the two swap. */
    bool fine = rename(part, bare) == 0;
    if (!fine && (errno == ENOTEMPTY || errno == EEXIST)) {
        fine = renameat2(AT_FDCWD, part, AT_FDCWD, bare, RENAME_EXCHANGE) == 0;
        if (fine)
            empty_old(part, bare);
    }
    if (!fine)
        error_set(err, "%s: cannot put the form in its place: %s", folder, strerror(errno));
    g_free(bare);
    return fine;
}

bool folder_copy_file(const char *from, const char *folder, const char *name, struct error *err)
{
    char *bytes, *to = file_join(folder, name);
    size_t length;
    bool fine = file_read_whole(&bytes, &length, from, COPY_BYTES_MAX, err);
    if (fine) {
        fine = file_write_whole(to, bytes, length, err);
        free(bytes);
    }
    free(to);
    return fine;
}
