/* Builds a form folder's files from its questionnaire. */
#include "form/build.h"

#include <allheaders.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "form/code.h"
#include "form/codebook.h"
#include "form/draw.h"
#include "form/draw_blank.h"
#include "form/file.h"
#include "form/landmarks.h"
#include "form/layout.h"
#include "form/plate.h"
#include "form/questionnaire.h"
#include "form/template.h"

/* In the order in which they get their names: the template last, as it vouches for the others. */
static const char *const files[] = {"blank.pdf", "blank.tif", "codebook.csv", TEMPLATE_FILE};
#define FILE_COUNT (sizeof files / sizeof *files)
#define TEMPLATE_BYTES_MAX (64u << 20)

/* Plates and landmarks, from the artwork just drawn. */
static bool make_plates(struct form *form, struct error *err)
{
    struct form_art *art = form_art_open(form, err);
    if (art == NULL)
        return false;
    PIX **plates = ARENA_NEW(form->arena, PIX *, form->page_count);
    bool fine = true;
    for (size_t p = 0; p < form->page_count && fine; p++) {
        fine = build_plate(&plates[p], form, art, p, err);
        if (fine)
            landmarks_choose(&form->pages[p], form->arena, plates[p]);
    }
    if (fine)
        fine = plate_save(form->folder, plates, form->page_count, err);
    for (size_t p = 0; p < form->page_count; p++)
        pixDestroy(&plates[p]);
    form_art_free(art);
    return fine;
}

/* Makes all files in form->folder. */
static bool make_files(struct form *form, const struct layout *layout, struct error *err)
{
    char *pdf = file_join(form->folder, files[0]), *codebook = file_join(form->folder, files[2]),
         *template = file_join(form->folder, files[3]);
    bool fine = draw_blank(pdf, form, layout, err) && make_plates(form, err) &&
                codebook_write(form, codebook, err);
    if (fine) {
        template_sort(form);
        fine = template_check(form, template, err) && template_save(form, template, err);
    }
    free(pdf);
    free(codebook);
    free(template);
    return fine;
}

static bool same_version(const json_t *template, const struct form *form)
{
    const char *version = json_string_value(json_object_get(template, "version"));
    return version != NULL && strcmp(version, form->version) == 0;
}

/* Of a template that was made before `printed_from` was kept, only the layout can be compared. */
static bool same_template(const json_t *old, json_t *new)
{
    if (json_object_get(old, "printed_from") == NULL)
        json_object_del(new, "printed_from");
    return old != NULL && json_equal(old, new);
}

/* Whether the template just made may take the place of the one that is there. */
static bool may_replace(bool *changed, const struct form *form, const char *made_in,
                        const char *folder, bool force, struct error *err)
{
    char *old_path = file_join(folder, TEMPLATE_FILE), *new_path = file_join(made_in, TEMPLATE_FILE);
    char *old = NULL, *new = NULL;
    size_t old_length, new_length;
    bool fine = true;
    *changed = true;
    if (access(old_path, F_OK) == 0) {
        fine = file_read_whole(&old, &old_length, old_path, TEMPLATE_BYTES_MAX, err) &&
               file_read_whole(&new, &new_length, new_path, TEMPLATE_BYTES_MAX, err);
        json_t *old_json = fine ? json_loadb(old, old_length, 0, NULL) : NULL;
        json_t *new_json = fine ? json_loadb(new, new_length, 0, NULL) : NULL;
        *changed = !fine || !same_template(old_json, new_json);
        if (fine && *changed && !force && same_version(old_json, form))
            fine = error_set(
                err,
                "%s: the layout or the wording of version %s would change, and copies printed from it "
                "would no longer match: give form.yaml a new version, or use --force if nothing was "
                "printed yet",
                old_path, form->version);
        json_decref(old_json);
        json_decref(new_json);
    }
    free(old);
    free(new);
    free(old_path);
    free(new_path);
    return fine;
}

static bool move_files(const char *from, const char *to, struct error *err)
{
    bool fine = true;
    for (size_t i = 0; i < FILE_COUNT && fine; i++) {
        char *made = file_join(from, files[i]), *place = file_join(to, files[i]);
        if (rename(made, place) != 0)
            fine = error_set(err, "%s: cannot write: %s", place, strerror(errno));
        free(made);
        free(place);
    }
    return fine;
}

static void remove_folder(const char *folder)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        char *path = file_join(folder, files[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
}

bool form_build(struct build_result *out, struct form *form, const char *folder, bool force,
                struct error *err)
{
    *out = (struct build_result){0};
    struct layout *layout;
    if (!page_code_part_fits(form->version))
        return error_set(err, "%s: the version '%s' cannot stand in the codes that are printed on every "
                         "page: use capital letters, digits, '.', '-' or '+'", form->folder, form->version);
    if (!layout_make(&layout, form, err))
        return error_prefix(err, "%s", form->folder);
    char *workshop = file_join(folder, ".build-XXXXXX");
    if (mkdtemp(workshop) == NULL) {
        error_set(err, "%s: cannot write there: %s", folder, strerror(errno));
        free(workshop);
        return false;
    }
    char digest[HASH_TEXT_BYTES];
    const char *own_folder = form->folder;
    if (questionnaire_digest(digest, form, &(struct error){""})) /* which parsed: it can be written */
        form->printed_from = arena_strdup(form->arena, digest);
    form->folder = workshop; /* everything is made there first */
    bool fine = make_files(form, layout, err);
    form->folder = own_folder;
    fine = fine && may_replace(&out->changed, form, workshop, folder, force, err) &&
           move_files(workshop, folder, err);
    remove_folder(workshop);
    free(workshop);
    out->pages = form->page_count;
    out->font = layout->font;
    for (size_t p = 0; p < form->page_count; p++) {
        out->boxes += form->pages[p].box_count;
        out->fields += form->pages[p].field_count;
    }
    return fine;
}
