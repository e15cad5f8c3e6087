/* The import without given boxes: the finder's result takes their place. */
#include <stdlib.h>
#include <string.h>

#include "form/file.h"
#include "form/find_alike.h"
#include "form/import_internal.h"
#include "form/plate.h"

#define YAML_BYTES_MAX (64u << 20)

/* Words of pages that have none, by the caller's reader, and the right way up. Failing is no reason
 * to stop: the form is then without texts. */
static void read_words(struct importer *im, struct find_page *pages)
{
    const struct import_options *o = im->options;
    struct error trouble = {""};
    size_t unread = 0;
    for (size_t p = 0; p < im->blank.count; p++) {
        struct find_page *page = &pages[p];
        bool fine = page->word_count > 0 ||
                    (trouble.text[0] == '\0' && o->read_words != NULL &&
                     o->read_words(o->words_context, &page->words, &page->word_count, im->arena,
                                   page->plate, &trouble));
        if (fine)
            import_turn_page(im, page, p, &trouble);
        else
            unread++;
    }
    if (unread > 0)
        text_addf(&im->report->notes, "the text of %zu page%s was not read%s%s; questions and "
                  "labels there are for you to write\n", unread, unread == 1 ? "" : "s",
                  trouble.text[0] == '\0' ? "" : ": ", trouble.text);
}

void import_note_alike(struct importer *im)
{
    size_t count = im->blank.count;
    PIX **small = g_new0(PIX *, count + 1);
    for (size_t p = 0; p < count; p++)
        if ((small[p] = alike_reduce(im->blank.pages[p].plate)) == NULL)
            error_die("out of memory while comparing pages");
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++) {
            double score = alike_score(small[a], small[b]);
            if (score < ALIKE_MIN)
                continue;
            struct rect r = alike_difference(small[a], small[b]);
            text_addf(&im->report->notes, "pages %zu and %zu look alike (%.0f %%)", a + 1, b + 1,
                      100 * score);
            if (r.w > 0)
                text_addf(&im->report->notes, "; what tells them apart most is printed around %.0f "
                          "mm from the left and %.0f mm from the top\n", r.x + r.w / 2,
                          r.y + r.h / 2);
            else
                text_add(&im->report->notes, "; nothing tells them apart: give each a code or "
                                             "number of its own\n");
        }
    for (size_t p = 0; p < count; p++)
        pixDestroy(&small[p]);
    g_free(small);
}

bool import_find(struct importer *im)
{
    const char *blank = im->options->blank;
    struct find_page *pages = ARENA_NEW(im->arena, struct find_page, im->blank.count);
    for (size_t p = 0; p < im->blank.count; p++) {
        pages[p].plate = im->blank.pages[p].plate;
        pages[p].tint = im->blank.pages[p].tint;
        pages[p].is_clean = im->blank.is_pdf;
    }
    if (im->blank.is_pdf && !find_pdf_words(pages, im->blank.count, im->arena, blank, im->err))
        return false;
    for (size_t p = 0; p < im->blank.count; p++)
        if (pages[p].word_count == 0)
            pages[p].is_clean = false; /* a PDF that is a scan */
    read_words(im, pages);
    find_fields(&im->find, im->arena, pages, im->blank.count);
    im->given = im->find.given;
    im->form->policy.correction = im->given.correction;
    im->mm_per_px = MM_PER_INCH / PLATE_DPI;
    if (im->given.page_count == 0)
        return error_set(im->err, "%s: no box and no area to write in was found; give them with "
                         "--boxes BOXES.json", blank);
    return true;
}

/* Does the line begin the question of this name? (As the writer of form.yaml writes it.) */
static bool begins_question(const char *line, size_t length, const char *name)
{
    size_t blanks = strspn(line, " ");
    char *wanted = g_strdup_printf("- name: \"%s\"", name);
    bool fine = blanks + strlen(wanted) == length &&
                strncmp(line + blanks, wanted, strlen(wanted)) == 0;
    g_free(wanted);
    return fine;
}

/* Has no row of the grid before this one the same doubt? */
static bool is_first_of_grid(const struct find_result *find, size_t index)
{
    const struct find_doubt *doubt = &find->doubts[index];
    for (size_t i = 0; i < index; i++)
        if (find->doubts[i].grid != NULL && strcmp(find->doubts[i].grid, doubt->grid) == 0 &&
            strcmp(find->doubts[i].why, doubt->why) == 0)
            return false;
    return true;
}

static void add_doubts(struct text *out, const struct find_result *find, const char *line,
                       size_t length)
{
    if (memmem(line, length, "- name: ", 8) == NULL)
        return;
    for (size_t i = 0; i < find->doubt_count; i++)
        if (begins_question(line, length, find->doubts[i].question) ||
            (find->doubts[i].grid != NULL && is_first_of_grid(find, i) &&
             begins_question(line, length, find->doubts[i].grid)))
            text_addf(out, "%*s# doubtful: %s\n", (int)strspn(line, " "), "",
                      find->doubts[i].why);
}

bool import_mark_doubts(struct importer *im, const char *folder)
{
    char *bytes, *path = file_join(folder, "form.yaml");
    size_t length;
    struct text text;
    if (!file_read_whole(&bytes, &length, path, YAML_BYTES_MAX, im->err)) {
        free(path);
        return false;
    }
    text_init(&text);
    text_add(&text, "# Found by marksense form import: look at review/, then complete and correct "
                    "this file.\n# Delete each \"doubtful\" line once you have settled it.\n");
    text_addf(&text, "# doubtful: correction (under policy) is a guess: %s\n",
              im->find.correction_why);
    for (const char *line = bytes; *line != '\0';) {
        size_t here = strcspn(line, "\n");
        add_doubts(&text, &im->find, line, here);
        text_add_bytes(&text, line, here);
        text_add(&text, "\n");
        line += here + (line[here] == '\n' ? 1 : 0);
    }
    bool fine = file_write_whole(path, text.data, text.length, im->err);
    text_release(&text);
    free(bytes);
    free(path);
    return fine;
}
