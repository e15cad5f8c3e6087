/* Stores of earlier programs, brought to today's schema. */
#include "store/database.h"

/* migrations[v - 1] makes version v + 1 of version v. What schema.sql says of these tables holds
 * here too; a test compares the two. */
static const char *const migrations[] = {
    /* 1 -> 2: scan health */
    "CREATE TABLE scan_health ("
    " image INTEGER PRIMARY KEY REFERENCES image (id),"
    " width_mm REAL, height_mm REAL, paper REAL, print REAL, specks_cm2 REAL,"
    " border_left_mm REAL, border_top_mm REAL, border_right_mm REAL, border_bottom_mm REAL,"
    " print_found REAL, stray_share REAL, scale_x REAL, scale_y REAL, shift_x_mm REAL,"
    " shift_y_mm REAL, cut_left_mm REAL, cut_top_mm REAL, cut_right_mm REAL, cut_bottom_mm REAL"
    ") STRICT;"
    "CREATE TABLE streak ("
    " image INTEGER NOT NULL REFERENCES image (id), number INTEGER NOT NULL,"
    " at_px REAL NOT NULL, at_mm REAL NOT NULL, width_px REAL NOT NULL, share REAL NOT NULL,"
    " lying INTEGER NOT NULL CHECK (lying IN (0, 1)), PRIMARY KEY (image, number)"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 2",
    /* 2 -> 3: pieces of new ink; crops of boxes that the blank lacks */
    "CREATE TABLE IF NOT EXISTS box_crop (image INTEGER NOT NULL REFERENCES image (id),"
    " box INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, dx INTEGER NOT NULL,"
    " dy INTEGER NOT NULL, found REAL, cells BLOB NOT NULL, PRIMARY KEY (image, box)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE page_ink (image INTEGER PRIMARY KEY REFERENCES image (id),"
    " pieces INTEGER NOT NULL, data BLOB NOT NULL) STRICT;"
    "PRAGMA user_version = 3",
};

_Static_assert(sizeof migrations / sizeof *migrations == STORE_VERSION - 1, "one a version");

bool database_migrate(struct store *store, long long version, struct error *err)
{
    if (!database_run(store, "BEGIN IMMEDIATE", err))
        return false;
    bool fine = true;
    size_t first = version > 1 ? (size_t)version - 1 : 0;
    for (size_t k = first; k < sizeof migrations / sizeof *migrations && fine; k++)
        fine = database_run(store, migrations[k], err);
    if (fine && database_run(store, "COMMIT", err))
        return true;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
