/* What the user named, as a list of scan files in a fixed order. */
#include "run/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "form/file.h"
#include "scan/scan_file.h"

#define DEEPEST 64 /* folders within folders */

struct walk {
    struct arena *arena;
    GArray *files;      /* struct input_file */
    GPtrArray *skipped; /* const char * */
    GHashTable *seen;   /* "device:inode" of files and folders */
    struct stat results; /* the folder where the results go */
    size_t repeated;
    const struct input_places *places;
    int spooled;
};

static const char *skip_zeros(const char *digits)
{
    while (*digits == '0')
        digits++;
    return digits;
}

int natural_compare(const char *a, const char *b)
{
    const char *p = a, *q = b;
    while (*p != '\0' && *q != '\0') {
        if (g_ascii_isdigit(*p) && g_ascii_isdigit(*q)) {
            p = skip_zeros(p);
            q = skip_zeros(q);
            size_t m = strspn(p, "0123456789"), n = strspn(q, "0123456789");
            if (m != n)
                return m < n ? -1 : 1;
            int order = strncmp(p, q, m);
            if (order != 0)
                return order;
            p += m;
            q += n;
        } else if (*p != *q) {
            return (unsigned char)*p < (unsigned char)*q ? -1 : 1;
        } else {
            p++;
            q++;
        }
    }
    if (*p != *q)
        return *p == '\0' ? -1 : 1;
    return strcmp(a, b); /* 07 and 7 */
}

/* A name for data files, which are UTF-8, and for terminals and reports of one line each: bytes that are
 * not UTF-8 become \xHH, and so do those that end lines or steer a terminal. */
static const char *printable_name(struct arena *arena, const char *path)
{
    GString *out = g_string_new(NULL);
    for (const char *rest = path, *bad; *rest != '\0'; rest = bad) {
        g_utf8_validate(rest, -1, &bad);
        for (const char *c = rest; c < bad; c++)
            if (g_ascii_iscntrl(*c))
                g_string_append_printf(out, "\\x%02X", (unsigned)(unsigned char)*c);
            else
                g_string_append_c(out, *c);
        if (*bad != '\0')
            g_string_append_printf(out, "\\x%02X", (unsigned)(unsigned char)*bad++);
    }
    const char *name = arena_strdup(arena, out->str);
    g_string_free(out, TRUE);
    return name;
}

static void add_file(struct walk *walk, const char *source, const char *path, long long bytes,
                     enum flag trouble, const char *detail)
{
    struct input_file file = {.source = printable_name(walk->arena, source),
                              .path = arena_strdup(walk->arena, path),
                              .bytes = bytes,
                              .trouble = trouble,
                              .detail = arena_strdup(walk->arena, detail)};
    g_array_append_val(walk->files, file);
}

/* False where this file or folder was met before, by whatever name. */
static bool first_meeting(struct walk *walk, const struct stat *what)
{
    char *key = g_strdup_printf("%llu:%llu", (unsigned long long)what->st_dev,
                                (unsigned long long)what->st_ino);
    return g_hash_table_add(walk->seen, key);
}

static bool holds_results(const char *folder)
{
    return file_holds(folder, "store.sqlite") && file_holds(folder, "readings.jsonl");
}

/* A form folder has pictures of blank pages in it, and reading those would make blank returns. */
static bool holds_form(const char *folder)
{
    return file_holds(folder, "form.yaml") || file_holds(folder, "template.json");
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return natural_compare(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *names_in(const char *folder)
{
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    closedir(directory);
    g_ptr_array_sort(names, by_name);
    return names;
}

static void walk_folder(struct walk *walk, const char *folder, int depth);

static void walk_entry(struct walk *walk, const char *path, int depth)
{
    struct stat what;
    if (stat(path, &what) != 0) {
        add_file(walk, path, path, 0, FLAG_FILE_UNREADABLE, strerror(errno));
    } else if (S_ISDIR(what.st_mode)) {
        if (!first_meeting(walk, &what))
            return;
        if (holds_results(path) || holds_form(path))
            g_ptr_array_add(walk->skipped, (void *)printable_name(walk->arena, path));
        else
            walk_folder(walk, path, depth + 1);
    } else if (!S_ISREG(what.st_mode)) {
        add_file(walk, path, path, 0, FLAG_FILE_UNREADABLE, "it is not a regular file");
    } else if (first_meeting(walk, &what)) {
        add_file(walk, path, path, what.st_size, FLAG_NONE, "");
    } else {
        walk->repeated++;
    }
}

static void walk_folder(struct walk *walk, const char *folder, int depth)
{
    GPtrArray *names = depth <= DEEPEST ? names_in(folder) : NULL;
    if (names == NULL) {
        add_file(walk, folder, folder, 0, FLAG_FILE_UNREADABLE,
                 depth <= DEEPEST ? strerror(errno) : "the folders are nested too deep");
        return;
    }
    for (guint i = 0; i < names->len; i++) {
        size_t length = strlen(folder);
        const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
        char *path = g_strconcat(folder, slash, names->pdata[i], NULL);
        walk_entry(walk, path, depth);
        g_free(path);
    }
    g_ptr_array_free(names, TRUE);
}

/* Waits for bytes; false where told to stop. */
static bool wait_for_bytes(int from, int stop_fd)
{
    struct pollfd ends[2] = {{from, POLLIN, 0}, {stop_fd, POLLIN, 0}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        continue;
    return ends[1].revents == 0;
}

static bool copy_bytes(int from, int to, long long most, int stop_fd, struct error *err)
{
    char buffer[1 << 16];
    long long total = 0;
    for (;;) {
        if (!wait_for_bytes(from, stop_fd))
            return error_set(err, "stopped");
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, "it cannot be read: %s", strerror(errno));
        if (got == 0)
            return true;
        total += got;
        if (total > most) /* the reader says FILE_TOO_LARGE of what is there by now */
            return true;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, buffer + done, (size_t)(got - done));
            if (put < 0 && errno != EINTR)
                return error_set(err, "it cannot be kept: %s", strerror(errno));
            done += put < 0 ? 0 : put;
        }
    }
}

/* Copies what comes on the descriptor to a file and lists that. */
static bool spool_input(struct walk *walk, const char *source, int fd, struct error *err)
{
    char *path = g_strdup_printf("%s/input-%d", walk->places->spool, ++walk->spooled);
    int copy = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = copy >= 0 || error_set(err, "it cannot be kept in %s: %s", path, strerror(errno));
    ok = ok && copy_bytes(fd, copy, scan_limits_default().file_bytes + 1,
                          walk->places->stop_fd, err);
    struct stat what = {0};
    if (ok && fstat(copy, &what) == 0)
        add_file(walk, source, path, what.st_size, FLAG_NONE, "");
    if (copy >= 0)
        close(copy);
    g_free(path);
    return ok || error_prefix(err, "%s", source);
}

static bool spool_named(struct walk *walk, const char *input, struct error *err)
{
    int fd = open(input, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, "%s: cannot be opened: %s", input, strerror(errno));
    bool ok = spool_input(walk, input, fd, err);
    close(fd);
    return ok;
}

/* Without the slashes that a shell's completion leaves behind a folder. */
static char *tidy(const char *input)
{
    size_t length = strlen(input);
    while (length > 1 && input[length - 1] == '/')
        length--;
    return g_strndup(input, length);
}

static bool walk_input(struct walk *walk, const char *input, struct error *err)
{
    if (strcmp(input, "-") == 0)
        return spool_input(walk, input, walk->places->stdin_fd, err);
    struct stat what;
    if (stat(input, &what) != 0 || S_ISREG(what.st_mode)) {
        walk_entry(walk, input, 0);
        return true;
    }
    if (!S_ISDIR(what.st_mode))
        return spool_named(walk, input, err);
    if (holds_results(input))
        return error_set(err, "%s holds the results of an earlier run, not scans: name the folder "
                              "with the scans", input);
    if (holds_form(input))
        return error_set(err, "%s is a form, not scans: name it with -f", input);
    if (what.st_dev == walk->results.st_dev && what.st_ino == walk->results.st_ino)
        return error_set(err, "%s is to hold the scans and the results: name a folder of its own "
                              "for the results with -o", input);
    if (first_meeting(walk, &what))
        walk_folder(walk, input, 0);
    return true;
}

static bool any_exists(const char *const *inputs, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(inputs[i], "-") == 0 || access(inputs[i], F_OK) == 0)
            return true;
    return error_set(err, "%s: %s", inputs[0], strerror(errno));
}

bool inputs_list(struct input_list *out, struct arena *arena, const char *const *inputs,
                 size_t count, const struct input_places *places, struct error *err)
{
    *out = (struct input_list){0};
    if (count == 0 || !any_exists(inputs, count, err))
        return count == 0 ? error_set(err, "no scans were named") : false;
    struct walk walk = {.arena = arena, .places = places};
    stat(places->results, &walk.results);
    walk.files = g_array_new(FALSE, FALSE, sizeof(struct input_file));
    walk.skipped = g_ptr_array_new();
    walk.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        char *input = tidy(inputs[i]);
        ok = walk_input(&walk, input, err);
        g_free(input);
    }
    if (ok && walk.files->len == 0)
        ok = error_set(err, "there are no files in %s%s", inputs[0],
                       count > 1 ? " or the other folders" : "");
    out->count = walk.files->len;
    out->files = ARENA_NEW(arena, struct input_file, out->count);
    for (size_t i = 0; i < out->count; i++)
        out->files[i] = g_array_index(walk.files, struct input_file, i);
    out->repeated = walk.repeated;
    out->skipped_count = walk.skipped->len;
    out->skipped = ARENA_NEW(arena, const char *, out->skipped_count);
    for (size_t i = 0; i < out->skipped_count; i++)
        out->skipped[i] = walk.skipped->pdata[i];
    g_array_free(walk.files, TRUE);
    g_ptr_array_free(walk.skipped, TRUE);
    g_hash_table_destroy(walk.seen);
    return ok;
}
