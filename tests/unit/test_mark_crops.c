/* The sheet of crops: each box from its own place on its own image, in the block of what it was read
 * as, the least sure first. With MARKSENSE_KEEP=FOLDER the sheet stays there to be looked at. */
#include "unit/record_fixture.h"

#include <allheaders.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proof/mark_report.h"

#define SIDE 60     /* of a box, px; its crop shows it scaled to 40 px in the middle */
#define CROP 88     /* as the sheet is laid out: crops, a line of text under each, headings */
#define ROW (CROP + 14)
#define HEADING 26
#define COLUMN (CROP + 2)
#define BOXES 6

/* Where the boxes lie, and how long their black square is: no two look alike. */
static const struct spot {
    int file, image, x, y, square;
} spots[BOXES] = {{0, 1, 100, 100, 6},  {0, 2, 400, 700, 12}, {1, 1, 900, 200, 18},
                  {1, 1, 100, 900, 24}, {0, 1, 800, 800, 30}, {0, 2, 100, 100, 36}};

struct world {
    char folder[128], files[2][160];
    struct stored_box stored[BOXES];
    struct labelled_box labelled[BOXES];
    struct mark_judged judged[BOXES];
    size_t unopened;
    bool keep;
};

static PIX *page_of(int file, int image)
{
    PIX *page = pixCreate(1240, 1240, 1);
    pixSetResolution(page, 300, 300);
    for (int i = 0; i < BOXES; i++) {
        const struct spot *s = &spots[i];
        BOX *outline = boxCreate(s->x, s->y, SIDE, SIDE);
        if (s->file == file && s->image == image) {
            pixRenderBox(page, outline, 3, L_SET_PIXELS);
            pixRasterop(page, s->x + (SIDE - s->square) / 2, s->y + (SIDE - s->square) / 2, s->square,
                        s->square, PIX_SET, NULL, 0, 0);
        }
        boxDestroy(&outline);
    }
    return page;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->keep = getenv("MARKSENSE_KEEP") != NULL;
    snprintf(w->folder, sizeof w->folder, "%s/marksense-crops-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    if (w->keep)
        snprintf(w->folder, sizeof w->folder, "%s", getenv("MARKSENSE_KEEP"));
    else
        assert_non_null(mkdtemp(w->folder));
    for (int f = 0; f < 2; f++) {
        snprintf(w->files[f], sizeof w->files[f], "%s/scan-%d.tif", w->folder, f);
        for (int image = 1; image <= 2; image++) {
            PIX *page = page_of(f, image);
            assert_int_equal(pixWriteTiff(w->files[f], page, IFF_TIFF_G4, image == 1 ? "w" : "a"), 0);
            pixDestroy(&page);
        }
    }
    for (int i = 0; i < BOXES; i++) {
        const struct spot *s = &spots[i];
        w->stored[i] = (struct stored_box){.source = w->files[s->file], .image = s->image,
                                           .rect_px = {s->x, s->y, SIDE, SIDE},
                                           .state = BOX_MARKED,
                                           .confidence = 1 - 1e-9 * (i + 1)};
        w->labelled[i] = (struct labelled_box){.box = &w->stored[i], .label = MARK_MARKED};
        w->judged[i] = (struct mark_judged){.box = &w->labelled[i], .best = MARK_MARKED,
                                            .error = 1e-9 * (i + 1), .in_range = true};
    }
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    for (int f = 0; f < 2; f++)
        remove(w->files[f]);
    if (!w->keep)
        rmdir(w->folder);
    free(w);
    return 0;
}

static PIX *sheet_of(struct world *w)
{
    char path[160];
    struct error err = {""};
    snprintf(path, sizeof path, "%s/crops.png", w->folder);
    if (!mark_report_crops(&w->unopened, path, w->judged, BOXES, 4, &err))
        fail_msg("%s", err.text);
    PIX *sheet = pixRead(path);
    assert_non_null(sheet);
    PIX *grey = pixConvertTo8(sheet, 0);
    pixDestroy(&sheet);
    if (!w->keep)
        remove(path);
    return grey;
}

/* Side of the black square in the middle of a crop, in px of the scan; the outline must lie round it. */
static int square_at(PIX *sheet, int column, int top)
{
    int left = column * COLUMN, dark = 0;
    l_uint32 level = 0;
    for (int y = 0; y < 34; y++)
        for (int x = 0; x < 34; x++) {
            pixGetPixel(sheet, left + CROP / 2 - 17 + x, top + CROP / 2 - 17 + y, &level);
            dark += level < 128;
        }
    for (int side = -1; side <= 1; side += 2) {
        l_uint32 darkest = 255;
        for (int off = 17; off <= 22; off++) {
            pixGetPixel(sheet, left + CROP / 2 + side * off, top + CROP / 2, &level);
            darkest = level < darkest ? level : darkest;
        }
        assert_true(darkest < 128);
    }
    return (int)lround(sqrt(dark) * SIDE * 2.2 / CROP);
}

static void crops_show_their_own_boxes_the_least_sure_first(void **state)
{
    struct world *w = *state;
    PIX *sheet = sheet_of(w);
    int top = 3 * HEADING; /* read as empty, accepted and not: none; then marked, accepted */
    assert_int_equal(pixGetHeight(sheet), 6 * HEADING + ROW + 8);
    for (int i = 0; i < 4; i++)
        assert_in_range(square_at(sheet, i, top), spots[BOXES - 1 - i].square - 1,
                        spots[BOXES - 1 - i].square + 1);
    pixDestroy(&sheet);
}

/* Whatever the box itself looks like, a person was asked about the ink beside it. */
static void what_was_flagged_is_not_shown_as_accepted(void **state)
{
    struct world *w = *state;
    w->stored[2].flagged = true;
    PIX *sheet = sheet_of(w);
    assert_int_equal(pixGetHeight(sheet), 6 * HEADING + 2 * ROW + 8);
    assert_in_range(square_at(sheet, 2, 3 * HEADING), spots[3].square - 1, spots[3].square + 1);
    assert_in_range(square_at(sheet, 0, 4 * HEADING + ROW), spots[2].square - 1, spots[2].square + 1);
    pixDestroy(&sheet);
}

/* A filled box that was accepted as the answer of somebody who fills boxes looks withdrawn, and is shown as marked. */
static void a_box_is_shown_as_it_was_decided(void **state)
{
    struct world *w = *state;
    w->judged[2].best = MARK_WITHDRAWN;
    w->judged[2].error = 0.9;
    PIX *sheet = sheet_of(w);
    assert_int_equal(pixGetHeight(sheet), 6 * HEADING + ROW + 8); /* one block */
    assert_in_range(square_at(sheet, 3, 3 * HEADING), spots[2].square - 1, spots[2].square + 1);
    pixDestroy(&sheet);
    w->stored[2].state = BOX_UNCERTAIN; /* to a person, as what it looks like */
    sheet = sheet_of(w);
    assert_int_equal(pixGetHeight(sheet), 6 * HEADING + 2 * ROW + 8);
    assert_in_range(square_at(sheet, 0, 6 * HEADING + ROW), spots[2].square - 1, spots[2].square + 1);
    pixDestroy(&sheet);
}

static void an_image_that_is_gone_leaves_white_crops(void **state)
{
    struct world *w = *state;
    remove(w->files[0]);
    PIX *sheet = sheet_of(w);
    assert_int_equal(w->unopened, 2); /* of the 4 shown */
    l_uint32 level = 0;
    for (int x = 0; x < 2 * COLUMN; x++) {
        pixGetPixel(sheet, x, 3 * HEADING + CROP / 2, &level);
        assert_int_equal(level, 255);
    }
    assert_in_range(square_at(sheet, 2, 3 * HEADING), spots[3].square - 1, spots[3].square + 1);
    pixDestroy(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(crops_show_their_own_boxes_the_least_sure_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_flagged_is_not_shown_as_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_box_is_shown_as_it_was_decided, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_image_that_is_gone_leaves_white_crops, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
