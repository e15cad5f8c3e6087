/* The two sides of a sheet: when a reference may be taken from the other side, and when never. */
#include "unit/record_fixture.h"

#include <stdio.h>
#include <string.h>

#include "record/sides.h"

/* A run is written as words parted by spaces, one an image: "A1" page 1 of return A; "?2" page 2
 * whose reference cannot be read; "x" an image that was not read; "|" begins another file. */
struct run {
    struct arena *arena;
    struct form form;
    const struct form *forms[1];
    struct template_page pages[9];
    struct page_result results[40];
    size_t count;
    struct side *sides;
};

static void add(struct run *run, const char *word, const char *source, int image)
{
    struct page_result *r = &run->results[run->count++];
    *r = (struct page_result){.source = source, .hash = "", .image = image, .detail = ""};
    if (word[0] == 'x') {
        r->reason = FLAG_NO_FORM;
        return;
    }
    r->identified = true;
    r->placed.known.page = (size_t)(word[1] - '1');
    r->reading.boxes = ARENA_NEW(run->arena, struct box_reading, 1);
    if (word[0] == '?')
        r->reason = FLAG_REFERENCE_UNREADABLE;
    else {
        r->placed.known.has_reference = true;
        r->placed.known.reference[0] = word[0];
    }
}

/* `format` makes the name of a file from its number; %d in it. */
static void read_run(struct run *run, const char *text, const char *format, int number, bool lone)
{
    memset(run, 0, sizeof *run);
    run->arena = arena_new();
    run->form = (struct form){.pages = run->pages};
    for (size_t p = 0; p < 9; p++)
        run->pages[p].has_code = true;
    run->forms[0] = &run->form;
    char words[200];
    snprintf(words, sizeof words, "%s", text);
    int image = 0;
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        if (word[0] == '|') {
            number++;
            image = 0;
            continue;
        }
        char name[80];
        snprintf(name, sizeof name, format, number);
        add(run, word, arena_strdup(run->arena, name), image);
        if (lone)
            number++;
        else
            image++;
    }
    for (size_t r = 0; r < run->count; r++) /* the form's sheets are those of the run */
        if (run->results[r].identified && run->results[r].placed.known.page >= run->form.page_count)
            run->form.page_count = (run->results[r].placed.known.page | 1) + 1;
    run->sides = sides_compare(run->arena, run->results, run->count, run->forms);
}

/* What each image in doubt was given, in order: "A", or "-" for nothing. */
static void expect_named(const char *text, const char *expected, const char *format, int number,
                         bool lone)
{
    struct run run;
    char got[40] = "";
    size_t n = 0;
    read_run(&run, text, format, number, lone);
    for (size_t r = 0; r < run.count; r++)
        if (run.results[r].reason == FLAG_REFERENCE_UNREADABLE)
            got[n++] = run.sides[r].reference == NULL ? '-' : run.sides[r].reference[0];
    if (strcmp(got, expected) != 0)
        fail_msg("%s: got '%s', expected '%s'", text, got, expected);
    arena_free(run.arena);
}

static void expect(const char *text, const char *expected)
{
    expect_named(text, expected, "in/scan%d.tif", 1, false);
}

static void the_other_side_tells(void **state)
{
    (void)state;
    expect("A1 A2 ?3 A4 A5 A6", "A");
    expect("A1 A2 A3 ?4 A5 A6", "A");
    expect("A1 ?2", "A");
    expect("?2 A1", "A"); /* fed back first */
    expect("A1 A2 B1 ?2 C1 C2", "B");
    expect("A1 A2 ?1 B2 C1 C2", "B");
    expect("?1 A2 ?1 B2 C1 C2 D1 D2", "AB");
    /* one image was lost at the start: sheets begin at odd places */
    expect("A2 B1 B2 C1 ?2 D1 D2", "C");
}

static void the_pages_around_tell(void **state)
{
    (void)state;
    expect("A1 A2 ?3 ?4 A5 A6", "AA");
    expect("A1 A2 ?3 ?4 B5 B6", "--");
    expect("A1 A2 ?3 ?4", "--");
    expect("?1 ?2 A3 A4 A5 A6", "--"); /* the first sheet may be anybody's */
    expect("A1 A2 ?4 ?3 A5 A6", "--"); /* upside down: the order is not what it seems */
    expect("A1 A2 ?5 ?6 A7 A8", "--"); /* a sheet is missing before it */
    expect("A1 A2 ?3 ?4 A5 A6 B1 B2 B5 B6", "--"); /* it may be of the other return that lacks it */
    expect("A1 A2 ?3 ?4 A5 A6 B1 B2 B3 x B5 B6", "AA"); /* no return lacks the sheet but this one */
    expect("A1 A2 ?3 ?4 A5 A6 | B1 B2 B5 B6", "AA"); /* of another file, another stack */
}

static void nothing_is_guessed(void **state)
{
    (void)state;
    expect("?1 x A2", "-");             /* a gap */
    expect("A1 x ?2", "-");             /* another gap */
    expect("A1 A2 B1 | ?2", "-");       /* in another file of several images */
    expect("A1 A2 ?2", "-");            /* the return has the page */
    expect("A2 ?1 B2", "-");            /* two could be */
    expect("?1 A2 ?1 B2", "A-");        /* the second could be of either */
    expect("A1 A2 ?4 A5", "-");         /* not the same sheet */
    expect("A1 B2 C1 A2 ?1 D2 E1", "-"); /* a stack that somebody dropped */
    expect("?1 A2 ?1", "--");           /* both would be page 1 of A */
}

/* A double feed may show the front of one sheet and the back of another. */
static void a_sheet_of_several_needs_its_neighbours(void **state)
{
    (void)state;
    expect("A1 A2 A3 ?4 B1 B2 B3 B4", "A");
    expect("A1 A2 B1 ?2 B3 B4 A3 A4", "B");
    expect("B3 B4 B1 ?2 A1 A2", "B"); /* fed from the end */
    expect("A1 A2 B3 ?4 C1 C2", "-");
    expect("A1 A2 B3 ?4 C5 C6 C3 C4", "-");
    expect("A1 A2 B1 ?2 B5 B6", "-"); /* of the return, but not the next */
    expect("A3 ?4", "A"); /* a file of one sheet */
    struct run run;
    read_run(&run, "A1 A2 B1 ?2 C3 C4", "in/a%d.tif", 1, false);
    assert_null(run.sides[3].reference);
    run.pages[1].has_code = false; /* there each back has to be taken so */
    assert_non_null(sides_compare(run.arena, run.results, run.count, run.forms)[3].reference);
    arena_free(run.arena);
}

static void files_of_one_image_go_by_number(void **state)
{
    (void)state;
    expect_named("A1 A2 ?1 B2 C1 C2", "B", "in/scan%04d.tif", 8, true); /* 8, 9, 10, ... */
    expect_named("A1 A2 ?1 B2 C1 C2", "B", "in/scan%d.tif", 8, true);
    expect_named("A1 A2 | ?1 B2 C1 C2", "B", "in/scan%d.tif", 1, true); /* a number is missing */
    expect_named("A1 A2 B1 | ?2 C1 C2", "-", "in/scan%d.tif", 1, true);
    expect_named("A1 ?2", "-", "in/%d/scan.tif", 1, true);
    expect_named("A1 ?2", "-", "in/scan.tif", 1, true); /* no number at all */
}

static void sides_that_disagree_are_doubtful(void **state)
{
    (void)state;
    struct run run;
    read_run(&run, "A1 A2 B1 C2 D1 D2 E1 E2 F1 F2 G1 G2 H1 H2 I1 I2 J1 J2 K1 K2 L1 L2", "in/a%d.tif", 1, false);
    for (size_t r = 0; r < run.count; r++)
        assert_int_equal(run.sides[r].doubt != NULL, r == 2 || r == 3);
    assert_non_null(strstr(run.sides[2].doubt, "return C"));
    arena_free(run.arena);
    read_run(&run, "A1 B2", "in/a%d.tif", 1, false);
    assert_non_null(run.sides[1].doubt);
    arena_free(run.arena);
    /* a stack in order of pages: neighbours are no sides */
    read_run(&run, "A1 B1 C1 A2 B2 C2", "in/a%d.tif", 1, false);
    for (size_t r = 0; r < run.count; r++)
        assert_null(run.sides[r].doubt);
    arena_free(run.arena);
}

/* Through assembly: the page joins its return and is flagged. */
static void a_page_joins_its_return(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct calibration calibration = fixture_calibration();
    struct form *form = fixture_form(arena, true);
    const struct form *forms[] = {form};
    struct page_result results[3];
    for (size_t p = 0; p < 3; p++) {
        form->pages[p].has_code = true;
        results[p] = fixture_page(arena, form, 0, p, p == 1 ? NULL : "0001A", "in/a.tif", (int)p);
    }
    results[1].reason = FLAG_REFERENCE_UNREADABLE;
    struct batch_record record = record_assemble(arena, results, 3, forms, 1, &calibration);
    assert_int_equal(record.return_count, 1);
    assert_int_equal(record.flag_count, 0);
    assert_int_equal(record.returns[0].pages[1], 1);
    size_t inferred = 0;
    for (size_t f = 0; f < record.returns[0].flag_count; f++)
        inferred += record.returns[0].flags[f].flag == FLAG_REFERENCE_INFERRED &&
                    record.returns[0].flags[f].result == 1;
    assert_int_equal(inferred, 1);
    /* where its page does not fit it stays aside, measured or not */
    results[1] = fixture_page(arena, form, 0, 1, NULL, "in/b.tif", 0);
    results[1].reason = FLAG_REFERENCE_UNREADABLE;
    record = record_assemble(arena, results, 3, forms, 1, &calibration);
    assert_int_equal(record.returns[0].pages[1], SIZE_MAX);
    assert_int_equal(record.flag_count, 1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_other_side_tells),
        cmocka_unit_test(the_pages_around_tell),
        cmocka_unit_test(nothing_is_guessed),
        cmocka_unit_test(a_sheet_of_several_needs_its_neighbours),
        cmocka_unit_test(files_of_one_image_go_by_number),
        cmocka_unit_test(sides_that_disagree_are_doubtful),
        cmocka_unit_test(a_page_joins_its_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
