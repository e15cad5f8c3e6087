/* A form folder, from disk to model. */
#include "form/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "form/file.h"
#include "form/questionnaire.h"
#include "form/template.h"

#define FORM_FILE_BYTES_MAX (8u << 20)

/* Splits what the user named into the form's folder and the path of its form.yaml. */
static bool find_form(char **folder, char **file, const char *path, struct error *err)
{
    struct stat status;
    if (path[0] == '\0' || stat(path, &status) != 0)
        return error_set(err, "%s: cannot open the form: %s", path, strerror(errno));
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    char *bare = strndup(path, length);
    if (bare == NULL)
        error_die("out of memory");
    if (S_ISDIR(status.st_mode)) {
        *folder = bare;
        *file = file_join(bare, "form.yaml");
        return true;
    }
    char *slash = strrchr(bare, '/');
    *file = strdup(bare);
    *folder = slash == NULL ? strdup(".") : strndup(bare, slash == bare ? 1 : (size_t)(slash - bare));
    free(bare);
    if (*file == NULL || *folder == NULL)
        error_die("out of memory");
    return true;
}

static bool load_file(struct form **out, struct text *more, const char *folder, const char *file, struct error *err)
{
    char *bytes;
    size_t length;
    if (!file_read_whole(&bytes, &length, file, FORM_FILE_BYTES_MAX, err))
        return false;
    bool fine = questionnaire_parse(out, more, file, bytes, length, err);
    free(bytes);
    if (fine)
        (*out)->folder = arena_strdup((*out)->arena, folder);
    return fine;
}

bool form_check_questionnaire(struct form **out, struct text *more, const char *path, struct error *err)
{
    char *folder = NULL, *file = NULL;
    *out = NULL;
    if (!find_form(&folder, &file, path, err))
        return false;
    bool fine = load_file(out, more, folder, file, err);
    free(folder);
    free(file);
    return fine;
}

bool form_load_questionnaire(struct form **out, const char *path, struct error *err)
{
    return form_check_questionnaire(out, NULL, path, err);
}

bool form_load(struct form **out, const char *path, struct error *err)
{
    if (!form_load_questionnaire(out, path, err))
        return false;
    struct stat status;
    char *file = file_join((*out)->folder, TEMPLATE_FILE);
    bool fine;
    if (stat(file, &status) != 0 && errno == ENOENT)
        fine = error_set(err,
                         "%s: this form was never built or imported: it has no " TEMPLATE_FILE
                         "; type: marksense form build %s",
                         (*out)->folder, (*out)->folder);
    else
        fine = template_load(*out, file, err);
    free(file);
    if (!fine) {
        form_free(*out);
        *out = NULL;
    }
    return fine;
}

bool form_is_as_printed(const struct form *form, struct error *err)
{
    char digest[HASH_TEXT_BYTES];
    if (form->printed_from == NULL)
        return true;
    if (!questionnaire_digest(digest, form, err))
        return false;
    return strcmp(digest, form->printed_from) == 0 ||
           error_set(err, "%s: form.yaml was changed after the form was built: its texts, answers or their "
                     "codes are no longer those on paper; type: marksense form build %s",
                     form->folder, form->folder);
}

bool form_save_questionnaire(const struct form *form, const char *folder, struct error *err)
{
    struct text text;
    text_init(&text);
    char *file = file_join(folder, "form.yaml");
    bool fine = questionnaire_write(&text, form, err) &&
                file_write_whole(file, text.data, text.length, err);
    free(file);
    text_release(&text);
    return fine;
}
