/* The folder of results: built under a temporary name inside it, put in place whole at the end. */
#include "run/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORKSPACE ".marksense-unfinished"
#define ASIDE ".earlier"     /* in the workspace: the results that are being replaced... */
#define REPLACED ".replaced" /* ...and its name once all new ones are in place */

/* What a run leaves behind. */
static const char *const results[] = {"store.sqlite", "records.jsonl", "readings.jsonl",
                                      "records.csv",  "flags.csv",     "report.txt", "overlays"};
#define RESULT_COUNT (sizeof results / sizeof *results)

struct output {
    char *folder, *workspace;
    int folder_fd; /* also the lock */
    bool made;     /* the folder was made by this run */
    bool committed;
};

/* Removes a tree without following links. */
static void remove_tree(const char *path)
{
    DIR *directory = opendir(path);
    if (directory != NULL) {
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            char *inner = g_build_filename(path, entry->d_name, NULL);
            struct stat what;
            if (lstat(inner, &what) == 0 && S_ISDIR(what.st_mode))
                remove_tree(inner);
            else
                unlink(inner);
            g_free(inner);
        }
        closedir(directory);
    }
    rmdir(path);
}

/* Renames a result; one that is not there is no trouble. */
static bool move(const char *from_folder, const char *to_folder, const char *name,
                 struct error *err)
{
    char *from = g_build_filename(from_folder, name, NULL);
    char *to = g_build_filename(to_folder, name, NULL);
    bool ok = rename(from, to) == 0 || errno == ENOENT ||
              error_set(err, "%s: cannot be put in its place: %s", to, strerror(errno));
    g_free(from);
    g_free(to);
    return ok;
}

static bool move_all(const char *from, const char *to, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < RESULT_COUNT && ok; i++)
        ok = move(from, to, results[i], err);
    return ok;
}

/* A run that was killed while it replaced results: the earlier ones go back where they stood. */
static void recover(const struct output *output, const char *workspace)
{
    char *aside = g_build_filename(workspace, ASIDE, NULL);
    for (size_t i = 0; i < RESULT_COUNT; i++) {
        char *kept = g_build_filename(aside, results[i], NULL);
        char *fresh = g_build_filename(output->folder, results[i], NULL);
        if (access(kept, F_OK) == 0 && unlink(fresh) != 0)
            remove_tree(fresh);
        g_free(kept);
        g_free(fresh);
    }
    if (access(aside, F_OK) == 0)
        move_all(aside, output->folder, NULL);
    g_free(aside);
}

static bool refuse_earlier(const struct output *output, bool replace, struct error *err)
{
    for (size_t i = 0; i < RESULT_COUNT && !replace; i++)
        if (faccessat(output->folder_fd, results[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return error_set(err,
                             "%s holds the results of an earlier run (%s): name another folder, or "
                             "say --replace to put the new results in their place",
                             output->folder, results[i]);
    return true;
}

static bool prepare(struct output *output, bool replace, struct error *err)
{
    output->made = mkdir(output->folder, 0777) == 0;
    if (!output->made && errno != EEXIST)
        return error_set(err, "%s: the folder for the results cannot be made: %s", output->folder,
                         strerror(errno));
    output->folder_fd = open(output->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (output->folder_fd < 0)
        return error_set(err, "%s: the results cannot go there: %s", output->folder,
                         strerror(errno));
    if (flock(output->folder_fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(err, "%s: another marksense is writing its results there", output->folder);
    char *workspace = g_build_filename(output->folder, WORKSPACE, NULL);
    recover(output, workspace);
    bool ok = refuse_earlier(output, replace, err);
    if (ok) {
        remove_tree(workspace);
        ok = mkdir(workspace, 0777) == 0 ||
             error_set(err, "%s: the results cannot go there: %s", output->folder, strerror(errno));
    }
    if (ok)
        output->workspace = workspace;
    else
        g_free(workspace);
    return ok;
}

bool output_open(struct output **out, const char *folder, bool replace, struct error *err)
{
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL)
        error_die("out of memory");
    output->folder = g_strdup(folder);
    output->folder_fd = -1;
    if (!prepare(output, replace, err)) {
        output_close(output);
        return false;
    }
    *out = output;
    return true;
}

const char *output_workspace(const struct output *output)
{
    return output->workspace;
}

static bool sync_path(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        error_set(err, "%s: cannot be kept on the disk: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool sync_tree(const char *path, struct error *err)
{
    struct stat what;
    if (lstat(path, &what) != 0 || !S_ISDIR(what.st_mode))
        return sync_path(path, err);
    DIR *directory = opendir(path);
    bool ok = directory != NULL || error_set(err, "%s: %s", path, strerror(errno));
    for (struct dirent *entry; ok && (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char *inner = g_build_filename(path, entry->d_name, NULL);
        ok = sync_tree(inner, err);
        g_free(inner);
    }
    if (directory != NULL)
        closedir(directory);
    return ok && sync_path(path, err);
}

bool output_commit(struct output *output, struct error *err)
{
    for (size_t i = 0; i < RESULT_COUNT; i++) {
        char *path = g_build_filename(output->workspace, results[i], NULL);
        bool ok = access(path, F_OK) != 0 || sync_tree(path, err);
        g_free(path);
        if (!ok)
            return false;
    }
    char *aside = g_build_filename(output->workspace, ASIDE, NULL);
    char *done = g_build_filename(output->workspace, REPLACED, NULL);
    bool ok = mkdir(aside, 0777) == 0 ||
              error_set(err, "%s: cannot be made: %s", aside, strerror(errno));
    if (ok && !move_all(output->folder, aside, err)) {
        move_all(aside, output->folder, NULL);
        ok = false;
    } else if (ok && !move_all(output->workspace, output->folder, err)) {
        move_all(output->folder, output->workspace, NULL);
        move_all(aside, output->folder, NULL);
        ok = false;
    }
    if (ok) {
        rename(aside, done);
        fsync(output->folder_fd);
        output->committed = true;
    }
    g_free(aside);
    g_free(done);
    return ok;
}

void output_close(struct output *output)
{
    if (output == NULL)
        return;
    if (output->workspace != NULL)
        remove_tree(output->workspace);
    if (output->made && !output->committed)
        rmdir(output->folder);
    if (output->folder_fd >= 0)
        close(output->folder_fd);
    g_free(output->workspace);
    g_free(output->folder);
    free(output);
}
