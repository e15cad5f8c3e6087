/* The store: what goes in comes out, decisions can be made again, and trouble is said plainly. */
#include "unit/record_fixture.h"

#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store.h"

struct batch {
    struct arena *arena;
    struct form *form;
    const struct form *forms[1];
    struct page_result results[6];
    struct calibration calibration;
    struct batch_record record;
    char folder[64], path[96];
};

/* Two returns, one page twice, one file that could not be opened. */
static int set_up(void **state)
{
    struct batch *b = calloc(1, sizeof *b);
    b->arena = arena_new();
    b->calibration = fixture_calibration();
    b->form = fixture_form(b->arena, true);
    b->forms[0] = b->form;
    for (size_t p = 0; p < 3; p++)
        b->results[p] = fixture_page(b->arena, b->form, 0, p, "0001A", "in/a.tif", (int)p);
    b->results[3] = fixture_page(b->arena, b->form, 0, 0, "0002B", "in/b.tif", 0);
    b->results[4] = (struct page_result){.source = "in/notes.doc",
                                         .hash = "",
                                         .image = -1,
                                         .reason = FLAG_FILE_FOREIGN,
                                         .detail = "a Word file"};
    b->results[5] = fixture_page(b->arena, b->form, 0, 0, "0001A", "in/b.tif", 1);
    fixture_mark(&b->results[0], b->form, "Q1", "2", CROSS);
    fixture_mark(&b->results[0], b->form, "Q2", "a", FAINT);
    fixture_mark(&b->results[3], b->form, "Q1", "1", CROSS);
    fixture_write(&b->results[1], "19\xc3\xa9", 0.25f);
    b->results[2].reading.fields[0].misfit_mm = INFINITY;
    b->results[2].placed.landmark_count = 2;
    b->results[2].placed.landmarks = ARENA_NEW(b->arena, struct landmark_residual, 2);
    b->results[2].placed.landmarks[1] =
        (struct landmark_residual){10.5f, 20.25f, -0.125f, 0.5f, true};
    b->results[2].placed.placement.dx_mm[3][2] = 0.375f;
    struct scan_health *health = &b->results[2].placed.health;
    health->width_mm = 210;
    health->specks_cm2 = 0.5f;
    health->cut_bottom_mm = 3.25f;
    health->streak_count = 2;
    memset(health->streaks, 0, sizeof health->streaks); /* padding too */
    health->streaks[0].at_px = 731.5f;
    health->streaks[0].share = 0.75f;
    health->streaks[1].lying = true;
    snprintf(b->folder, sizeof b->folder, "%s/marksense-store-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/store.sqlite", b->folder);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct batch *b = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", b->folder);
    int status = system(command);
    arena_free(b->arena);
    free(b);
    return status;
}

static void write_store(struct batch *b, const char *path)
{
    struct store *store;
    struct error err = {""};
    if (!store_open(&store, path, &err) ||
        !store_begin_batch(store, "2026-01-02T03:04:05Z", b->forms, 1, &err))
        fail_msg("%s", err.text);
    for (size_t r = 0; r < 6; r++)
        if (!store_add_page(store, &b->results[r], &err))
            fail_msg("%s", err.text);
    b->record = record_assemble(b->arena, b->results, 6, b->forms, 1, &b->calibration);
    if (!store_add_record(store, &b->record, b->results, 6, &err) || !store_commit(store, &err))
        fail_msg("%s", err.text);
    store_close(store);
}

static void same_flags(const struct flag_entry *a, size_t a_count, const struct flag_entry *b,
                       size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t f = 0; f < a_count; f++) {
        assert_int_equal(a[f].flag, b[f].flag);
        assert_int_equal(a[f].result, b[f].result);
        assert_int_equal(a[f].item, b[f].item);
        assert_int_equal(a[f].option, b[f].option);
        assert_string_equal(a[f].detail, b[f].detail);
    }
}

static void same_records(const struct batch_record *a, const struct batch_record *b,
                         const struct form *form)
{
    assert_int_equal(a->return_count, b->return_count);
    same_flags(a->flags, a->flag_count, b->flags, b->flag_count);
    for (size_t r = 0; r < a->return_count; r++) {
        const struct return_record *x = &a->returns[r], *y = &b->returns[r];
        assert_string_equal(x->reference, y->reference);
        assert_int_equal(x->outcome, y->outcome);
        assert_memory_equal(x->pages, y->pages, form->page_count * sizeof *x->pages);
        same_flags(x->flags, x->flag_count, y->flags, y->flag_count);
        for (size_t i = 0; i < form->item_count; i++) {
            assert_int_equal(x->answers[i].status, y->answers[i].status);
            assert_string_equal(x->answers[i].raw, y->answers[i].raw);
            assert_string_equal(x->answers[i].coded, y->answers[i].coded);
            assert_int_equal(x->answers[i].routing, y->answers[i].routing);
            assert_true(x->answers[i].confidence == y->answers[i].confidence);
            assert_int_equal(x->answers[i].flagged, y->answers[i].flagged);
            assert_int_equal(x->answers[i].result, y->answers[i].result);
        }
    }
}

static void same_landmark(const struct landmark_residual *a, const struct landmark_residual *b)
{
    assert_true(a->x_mm == b->x_mm && a->y_mm == b->y_mm && a->dx_mm == b->dx_mm &&
                a->dy_mm == b->dy_mm && a->found == b->found);
}

static void decisions_can_be_made_again_from_the_store(void **state)
{
    struct batch *b = *state;
    write_store(b, b->path);
    struct store *store;
    struct error err = {""};
    long long latest;
    struct page_result *loaded;
    size_t count;
    assert_true(store_open(&store, b->path, &err));
    assert_true(store_latest_batch(&latest, store, &err));
    assert_int_equal(latest, 1);
    if (!store_load_results(&loaded, &count, b->arena, store, latest, b->forms, 1, &err))
        fail_msg("%s", err.text);
    assert_int_equal(count, 6);
    assert_int_equal(loaded[5].reason, FLAG_NONE); /* 'twice' is decided anew */
    assert_int_equal(loaded[4].image, -1);
    assert_string_equal(loaded[4].detail, "a Word file");
    assert_string_equal(loaded[1].reading.fields[0].text, "19\xc3\xa9");
    assert_null(loaded[2].reading.fields[0].text);
    assert_true(isinf(loaded[2].reading.fields[0].misfit_mm));
    for (size_t r = 0; r < 4; r++) {
        const struct page_reading *x = &b->results[r].reading, *y = &loaded[r].reading;
        assert_int_equal(x->box_count, y->box_count);
        for (size_t k = 0; k < x->box_count; k++) {
            assert_memory_equal(&x->boxes[k].evidence, &y->boxes[k].evidence,
                                sizeof x->boxes[k].evidence);
            assert_memory_equal(&x->boxes[k].rect_px, &y->boxes[k].rect_px,
                                sizeof x->boxes[k].rect_px);
        }
        assert_memory_equal(&b->results[r].placed.placement, &loaded[r].placed.placement,
                            sizeof loaded[r].placed.placement);
    }
    const struct scan_health *health = &loaded[2].placed.health;
    assert_true(health->specks_cm2 == 0.5f && health->cut_bottom_mm == 3.25f);
    assert_int_equal(health->streak_count, 2);
    assert_memory_equal(&health->streaks[0], &b->results[2].placed.health.streaks[0],
                        sizeof health->streaks[0]);
    assert_true(health->streaks[1].lying && loaded[1].placed.health.streak_count == 0);
    assert_int_equal(loaded[2].placed.landmark_count, 2);
    for (size_t k = 0; k < 2; k++)
        same_landmark(&loaded[2].placed.landmarks[k], &b->results[2].placed.landmarks[k]);
    struct batch_record again =
        record_assemble(b->arena, loaded, count, b->forms, 1, &b->calibration);
    same_records(&b->record, &again, b->form);
    /* Decided and written again, twice over: the rows are replaced. */
    assert_true(store_add_record(store, &again, loaded, count, &err));
    assert_true(store_add_record(store, &again, loaded, count, &err));
    assert_true(store_commit(store, &err));
    store_close(store);
}

/* Limits may change: what was set aside by its evidence comes back as it was measured. */
static void pages_set_aside_are_decided_anew(void **state)
{
    struct batch *b = *state;
    const enum flag reasons[] = {FLAG_PEN_LOST, FLAG_PAGE_SPECKLED};
    for (size_t k = 0; k < 2; k++) {
        b->results[0].reason = reasons[k];
        b->results[0].detail = "as it was decided";
        char path[160];
        snprintf(path, sizeof path, "%s/aside-%zu.sqlite", b->folder, k);
        write_store(b, path);
        struct store *store;
        struct error err = {""};
        struct page_result *loaded;
        size_t count;
        assert_true(store_open(&store, path, &err));
        assert_true(store_load_results(&loaded, &count, b->arena, store, 1, b->forms, 1, &err));
        assert_int_equal(loaded[0].reason, FLAG_NONE);
        assert_string_equal(loaded[0].detail, "");
        assert_memory_equal(&loaded[0].reading.boxes[0].evidence, &b->results[0].reading.boxes[0].evidence,
                            sizeof loaded[0].reading.boxes[0].evidence);
        store_close(store);
        unlink(path);
    }
}

static long long number(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    long long value = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return value;
}

static void the_tables_say_what_happened(void **state)
{
    struct batch *b = *state;
    write_store(b, b->path);
    assert_int_equal(number(b->path, "SELECT count(*) FROM return_record"), 2);
    assert_int_equal(number(b->path, "SELECT count(*) FROM return_page"), 4);
    assert_int_equal(number(b->path, "SELECT count(*) FROM answer"), 14);
    assert_int_equal(number(b->path, "SELECT count(*) FROM box_state"), 20);
    assert_int_equal(number(b->path, "SELECT count(*) FROM scan_file"), 4);
    assert_int_equal(number(b->path, "SELECT count(*) FROM flag WHERE code = 'page_twice' AND "
                                     "\"return\" IS NULL AND image = 6"),
                     1);
    assert_int_equal(number(b->path, "SELECT count(*) FROM answer_by_name WHERE form = 'fixture' "
                                     "AND reference = '0001A' AND question = 'Q1' AND coded = '2' "
                                     "AND source = 'in/a.tif' AND image = 1"),
                     1);
    assert_int_equal(number(b->path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(number(b->path, "PRAGMA user_version"), 3);
}

static void the_same_batch_gives_the_same_bytes(void **state)
{
    struct batch *b = *state;
    char second[128], one[HASH_TEXT_BYTES], two[HASH_TEXT_BYTES];
    snprintf(second, sizeof second, "%s/second.sqlite", b->folder);
    write_store(b, b->path);
    write_store(b, second); /* the page twice has its reason by now */
    struct error err;
    assert_true(hash_file(one, b->path, &err) && hash_file(two, second, &err));
    assert_string_equal(one, two);
    write_store(b, second); /* a second batch in the same store */
    assert_int_equal(number(second, "SELECT count(*) FROM batch"), 2);
    assert_int_equal(number(second, "SELECT count(*) FROM return_record"), 4);
}

static void without_commit_nothing_stays(void **state)
{
    struct batch *b = *state;
    struct store *store;
    struct error err = {""};
    assert_true(store_open(&store, b->path, &err));
    assert_true(store_begin_batch(store, "", b->forms, 1, &err));
    assert_true(store_add_page(store, &b->results[0], &err));
    store_close(store);
    assert_int_equal(number(b->path, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(number(b->path, "SELECT count(*) FROM image"), 0);
}

static void a_foreign_file_is_refused(void **state)
{
    struct batch *b = *state;
    struct store *store;
    struct error err = {""};
    FILE *file = fopen(b->path, "wb");
    for (int i = 0; i < 2000; i++)
        fputs("no database ", file);
    fclose(file);
    assert_false(store_open(&store, b->path, &err));
    assert_null(store);
    assert_non_null(strstr(err.text, "not a store of marksense"));
    remove(b->path);
    sqlite3 *db; /* a database, but somebody else's */
    sqlite3_open(b->path, &db);
    sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_false(store_open(&store, b->path, &err));
    assert_non_null(strstr(err.text, "not a store of marksense"));
    remove(b->path);
    assert_true(store_open(&store, b->path, &err)); /* one from the future */
    store_close(store);
    sqlite3_open(b->path, &db);
    sqlite3_exec(db, "PRAGMA user_version = 9", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_false(store_open(&store, b->path, &err));
    assert_non_null(strstr(err.text, "schema version 9"));
    assert_false(store_open(&store, "/nowhere/at/all/store.sqlite", &err));
    assert_non_null(strstr(err.text, "No such file"));
}

static void a_store_in_use_is_said(void **state)
{
    struct batch *b = *state;
    struct store *store;
    struct error err = {""};
    assert_true(store_open(&store, b->path, &err));
    sqlite3 *db;
    sqlite3_open(b->path, &db);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_false(store_begin_batch(store, "", b->forms, 1, &err));
    assert_non_null(strstr(err.text, "another program is using it"));
    sqlite3_close(db);
    store_close(store);
}

static void a_file_that_cannot_grow_is_said(void **state)
{
    struct batch *b = *state;
    struct store *store;
    struct error err = {""};
    assert_true(store_open(&store, b->path, &err));
    assert_true(store_begin_batch(store, "", b->forms, 1, &err));
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 150000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    bool fine = true;
    for (int i = 0; i < 20000 && fine; i++)
        fine = store_add_page(store, &b->results[1], &err);
    if (fine)
        fine = store_commit(store, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(fine);
    assert_non_null(strstr(err.text, "File too large"));
    store_close(store);
    assert_int_equal(number(b->path, "SELECT count(*) FROM image"), 0);
}

static void evidence_is_only_given_to_its_own_form(void **state)
{
    struct batch *b = *state;
    write_store(b, b->path);
    struct store *store;
    struct error err = {""};
    struct page_result *loaded;
    size_t count;
    assert_true(store_open(&store, b->path, &err));
    b->form->version = "2";
    assert_false(store_load_results(&loaded, &count, b->arena, store, 1, b->forms, 1, &err));
    assert_non_null(strstr(err.text, "needs form fixture, version 1"));
    b->form->version = "1";
    struct template_box swap = b->form->pages[0].boxes[0];
    b->form->pages[0].boxes[0] = b->form->pages[0].boxes[1];
    b->form->pages[0].boxes[1] = swap;
    assert_false(store_load_results(&loaded, &count, b->arena, store, 1, b->forms, 1, &err));
    assert_non_null(strstr(err.text, "other boxes"));
    assert_false(store_load_results(&loaded, &count, b->arena, store, 7, b->forms, 1, &err));
    assert_non_null(strstr(err.text, "no batch 7"));
    store_close(store);
}

static void damage_is_found(void **state)
{
    struct batch *b = *state;
    const char *harm[] = {
        "UPDATE page_reading SET evidence = x'00' WHERE image = 1",
        "UPDATE page_reading SET rects = NULL WHERE image = 1",
        "UPDATE page_reading SET rects = evidence WHERE image = 1",
        "UPDATE page_reading SET boxes = 6 WHERE image = 1",
        "UPDATE page_reading SET landmark_count = 100000 WHERE image = 1",
        "DELETE FROM page_reading WHERE image = 2",
        "DELETE FROM field_reading WHERE image = 2",
        "UPDATE image SET page = 77 WHERE id = 1",
        "UPDATE image SET page = 1 WHERE id = 1",
        "UPDATE image SET reason = 'unheard_of' WHERE id = 5",
        "UPDATE image SET reference = printf('%0100d', 1) WHERE id = 1",
        "UPDATE evidence_column SET name = 'x' WHERE position = 1",
    };
    for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
        remove(b->path);
        write_store(b, b->path);
        sqlite3 *db;
        sqlite3_open(b->path, &db);
        bool refused = sqlite3_exec(db, harm[i], NULL, NULL, NULL) != SQLITE_OK;
        sqlite3_close(db);
        struct store *store;
        struct error err = {""};
        struct page_result *loaded;
        size_t count;
        assert_true(store_open(&store, b->path, &err));
        bool fine = store_load_results(&loaded, &count, b->arena, store, 1, b->forms, 1, &err);
        store_close(store);
        if (fine && !refused)
            fail_msg("not found: %s", harm[i]);
        assert_true(refused || err.text[0] != '\0');
    }
}

/* A store of schema version 1 is brought to today's, and what it holds can be used. */
static void an_older_store_is_brought_up(void **state)
{
    struct batch *b = *state;
    struct error err;
    struct store *store;
    struct page_result *loaded;
    size_t count;
    char fresh[128];
    snprintf(fresh, sizeof fresh, "%s/fresh.sqlite", b->folder);
    write_store(b, fresh);
    write_store(b, b->path);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE streak; DROP TABLE scan_health; DROP TABLE page_ink; "
                                      "PRAGMA user_version = 1", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_true(store_open(&store, b->path, &err));
    assert_true(store_load_results(&loaded, &count, b->arena, store, 1, b->forms, 1, &err));
    assert_int_equal(count, 6);
    assert_true(loaded[2].placed.health.streak_count == 0);
    store_close(store);
    write_store(b, b->path); /* a second batch has it all */
    assert_int_equal(number(b->path, "SELECT count(*) FROM streak"), 2);
    assert_int_equal(number(b->path, "PRAGMA user_version"), 3);
    /* the same columns as in a new store */
    static const char sql[] =
        "SELECT count(*) FROM (SELECT s.name AS s, c.cid, c.name, c.type, c.\"notnull\", c.pk "
        "FROM sqlite_schema s, pragma_table_info(s.name) c), (SELECT 1)";
    assert_int_equal(number(b->path, sql), number(fresh, sql));
    char both[512];
    snprintf(both, sizeof both, "ATTACH '%s' AS fresh", fresh);
    assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, both, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_stmt *query;
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT count(*) FROM fresh.sqlite_schema f, "
                           "pragma_table_info(f.name, 'fresh') c WHERE NOT EXISTS (SELECT 1 FROM "
                           "pragma_table_info(f.name, 'main') m WHERE m.cid = c.cid AND m.name = "
                           "c.name AND m.type = c.type AND m.\"notnull\" = c.\"notnull\" AND "
                           "m.pk = c.pk)",
                           -1, &query, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(query, 0), 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(decisions_can_be_made_again_from_the_store),
        T(pages_set_aside_are_decided_anew),
        T(the_tables_say_what_happened),
        T(the_same_batch_gives_the_same_bytes),
        T(without_commit_nothing_stays),
        T(a_foreign_file_is_refused),
        T(a_store_in_use_is_said),
        T(a_file_that_cannot_grow_is_said),
        T(evidence_is_only_given_to_its_own_form),
        T(damage_is_found),
        T(an_older_store_is_brought_up),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
