-- The store of marksense: one SQLite file, all batches of a study.
--
-- Two kinds of tables. SOURCE DATA is what the paper showed: files, images, measurements. It is
-- written once and never changed. REBUILDABLE DATA is what was decided from it by calibration and
-- policy; it can be thrown away and made again without the scans.
--
-- Indices of pages, boxes, fields, items and options count from 0, as in the form's template; page
-- and image numbers meant for people count from 1. Text is UTF-8. Nothing depends on the clock
-- except batch.started_at, which the caller gives.

PRAGMA application_id = 0x4D415253; -- 'MARS'
PRAGMA user_version = 3;            -- of this schema; migrate.c brings older ones here

---------------------------------------------------------------------------------- SOURCE DATA

-- One run of 'marksense read'.
CREATE TABLE batch (
    id         INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL           -- ISO 8601, or '' where the caller gave none
) STRICT;

-- A form as it was when the batch was read. Items and options name what the indices elsewhere mean.
CREATE TABLE form (
    id       INTEGER PRIMARY KEY,
    batch    INTEGER NOT NULL REFERENCES batch (id),
    position INTEGER NOT NULL,         -- index among the forms of the batch
    name     TEXT NOT NULL,            -- the form's id, e.g. 'cancer-experience'
    version  TEXT NOT NULL,
    title    TEXT NOT NULL,
    pages    INTEGER NOT NULL,
    layout   TEXT NOT NULL,            -- hash of which item and option each box and field is:
                                       -- evidence is only given back to the same layout
    UNIQUE (batch, position)
) STRICT;

CREATE TABLE form_item (
    form     INTEGER NOT NULL REFERENCES form (id),
    item     INTEGER NOT NULL,         -- index
    name     TEXT NOT NULL,            -- variable name
    question TEXT NOT NULL,            -- name of its question; differs for rows of a grid
    critical INTEGER NOT NULL CHECK (critical IN (0, 1)),
    PRIMARY KEY (form, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE form_option (
    form  INTEGER NOT NULL REFERENCES form (id),
    item  INTEGER NOT NULL,
    "option" INTEGER NOT NULL,         -- index
    code  TEXT NOT NULL,               -- what stands in the data
    label TEXT NOT NULL,               -- what is printed
    PRIMARY KEY (form, item, "option")
) STRICT, WITHOUT ROWID;

-- What the packed evidence of a box holds, in order. One set of names per batch, so that old
-- batches stay readable when a measurement is added.
CREATE TABLE evidence_column (
    batch    INTEGER NOT NULL REFERENCES batch (id),
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (batch, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan_file (
    id     INTEGER PRIMARY KEY,
    batch  INTEGER NOT NULL REFERENCES batch (id),
    source TEXT NOT NULL,              -- as the user named it
    hash   TEXT NOT NULL               -- SHA-256 of the content; '' where it could not be read
) STRICT;
CREATE INDEX scan_file_hash ON scan_file (hash);

-- One image of a file; or a file that was rejected as a whole.
CREATE TABLE image (
    id        INTEGER PRIMARY KEY,
    batch     INTEGER NOT NULL REFERENCES batch (id),
    position  INTEGER NOT NULL,        -- in input order, from 0
    scan_file INTEGER NOT NULL REFERENCES scan_file (id),
    number    INTEGER,                 -- in the file, from 1; NULL: the file as a whole
    reason    TEXT NOT NULL,           -- 'none': it was read; else the flag that says why not
    detail    TEXT NOT NULL,           -- of the reason
    form      INTEGER REFERENCES form (id), -- NULL: not identified
    page      INTEGER,                 -- index
    by_code   INTEGER CHECK (by_code IN (0, 1)), -- identified by its code; 0: by content
    reference TEXT,                    -- as read from the page; NULL: none
    -- scan health, measured on every page as far as it got (a REAL that is NULL: not a number)
    x_dpi     REAL,
    y_dpi     REAL,
    skew_deg  REAL,                    -- clockwise; 180: upside down
    ink_share REAL,
    UNIQUE (batch, position)
) STRICT;

-- What the scan itself was like; no row where the image could not be decoded. Columns from print_found
-- on are 0 where no form lies safely on the image (x_dpi is 0). Millimetres and shares 0 to 1.
CREATE TABLE scan_health (
    image            INTEGER PRIMARY KEY REFERENCES image (id),
    width_mm         REAL,             -- of the image
    height_mm        REAL,
    paper            REAL,             -- grey levels
    print            REAL,
    specks_cm2       REAL,             -- lone dark spots per cm2
    border_left_mm   REAL,             -- dark border of the image
    border_top_mm    REAL,
    border_right_mm  REAL,
    border_bottom_mm REAL,
    print_found      REAL,             -- share of the form's print that is dark on the scan
    stray_share      REAL,             -- share of what the form leaves white that is dark
    scale_x          REAL,             -- size of the print, scan / form; 0: the file has no dpi
    scale_y          REAL,
    shift_x_mm       REAL,             -- the form's middle from the image's, form upright
    shift_y_mm       REAL,
    cut_left_mm      REAL,             -- of the form's page outside the image, form upright
    cut_top_mm       REAL,
    cut_right_mm     REAL,
    cut_bottom_mm    REAL
) STRICT;

-- Thin dark lines along the image that the form does not print.
CREATE TABLE streak (
    image    INTEGER NOT NULL REFERENCES image (id),
    number   INTEGER NOT NULL,         -- from 0, most lasting first
    at_px    REAL NOT NULL,            -- column of the image; row where it lies
    at_mm    REAL NOT NULL,
    width_px REAL NOT NULL,
    share    REAL NOT NULL,            -- of the image's length
    lying    INTEGER NOT NULL CHECK (lying IN (0, 1)),
    PRIMARY KEY (image, number)
) STRICT, WITHOUT ROWID;

-- Measurements of an image that was read. Blobs are zlib streams of little-endian numbers.
CREATE TABLE page_reading (
    image              INTEGER PRIMARY KEY REFERENCES image (id),
    residual_median_mm REAL,
    residual_worst_mm  REAL,
    found_share        REAL,           -- landmarks found
    coverage           REAL,           -- regions of the page with a found landmark
    paper              REAL,           -- grey levels
    print              REAL,
    ink_outside_mm2    REAL,
    boxes              INTEGER NOT NULL, -- how many
    evidence           BLOB NOT NULL,  -- float32 [boxes][evidence columns]
    rects              BLOB NOT NULL,  -- float64 [boxes][x, y, w, h] in pixels of the image
    placement          BLOB NOT NULL,  -- float64: coarse transform [8], transform [8], width and
                                       -- height in mm, then corrections dx, dy of the grid in mm
    landmark_count     INTEGER NOT NULL,
    landmarks          BLOB NOT NULL   -- float32 [landmarks][x, y, dx, dy in mm, found 0 or 1]
) STRICT;

-- New ink on an image that was read, marks and all, in connected pieces.
CREATE TABLE page_ink (
    image  INTEGER PRIMARY KEY REFERENCES image (id),
    pieces INTEGER NOT NULL,           -- how many
    data   BLOB NOT NULL               -- float64 [pieces][x, y, w, h in mm of the form; the same in
                                       -- pixels of the image; the numbers of src/read/piece.h in
                                       -- their order; how many boxes it touches; of 6 boxes: index,
                                       -- ink inside and in the row in mm2]
) STRICT;

CREATE TABLE field_reading (
    image      INTEGER NOT NULL REFERENCES image (id),
    field      INTEGER NOT NULL,       -- index
    has_ink    INTEGER NOT NULL CHECK (has_ink IN (0, 1)),
    ink_mm2    REAL,
    misfit_mm  REAL,
    draft      TEXT,                   -- by OCR; NULL: none was made
    confidence REAL,                   -- of the draft
    x_px REAL, y_px REAL, w_px REAL, h_px REAL,
    PRIMARY KEY (image, field)
) STRICT, WITHOUT ROWID;

-- How a box looks that the blank lacks: what its print is learned from. Other boxes have no row.
CREATE TABLE box_crop (
    image  INTEGER NOT NULL REFERENCES image (id),
    box    INTEGER NOT NULL,           -- index on the page
    width  INTEGER NOT NULL,           -- cells of 0.125 mm
    height INTEGER NOT NULL,
    dx     INTEGER NOT NULL,           -- cells: where the outline was found, against its place
    dy     INTEGER NOT NULL,
    found  REAL,                       -- share of the outline that is dark
    cells  BLOB NOT NULL,              -- zlib stream: two cells a byte, low four bits first, row by
                                       -- row; 0 paper to 15 print
    PRIMARY KEY (image, box)
) STRICT, WITHOUT ROWID;

-- (What people decide at the review desk will stand here, append-only.)

----------------------------------------------------------------------------- REBUILDABLE DATA

-- 'return' is a word of many languages; in here a return is a row of return_record.
CREATE TABLE return_record (
    id        INTEGER PRIMARY KEY,
    batch     INTEGER NOT NULL REFERENCES batch (id),
    form      INTEGER NOT NULL REFERENCES form (id),
    reference TEXT NOT NULL,           -- printed, with its check character; or 'source#n'
    outcome   TEXT NOT NULL            -- complete, partial, blank
) STRICT;
CREATE INDEX return_by_reference ON return_record (batch, form, reference);

CREATE TABLE return_page (
    "return" INTEGER NOT NULL REFERENCES return_record (id),
    page     INTEGER NOT NULL,         -- index; a missing page has no row
    image    INTEGER NOT NULL REFERENCES image (id),
    PRIMARY KEY ("return", page)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (
    "return"   INTEGER NOT NULL REFERENCES return_record (id),
    item       INTEGER NOT NULL,
    status     TEXT NOT NULL,          -- answered, blank, multiple, corrected, withdrawn_only,
                                       -- uncertain, unreadable, page_missing
    raw        TEXT NOT NULL,          -- codes of the marked boxes, or the draft; never changed
    coded      TEXT NOT NULL,          -- after policy and routing; '': a person has to decide
    routing    TEXT NOT NULL,          -- expected, skipped, violated, unknown
    confidence REAL,
    flagged    INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    image      INTEGER REFERENCES image (id), -- NULL: page missing
    PRIMARY KEY ("return", item)
) STRICT, WITHOUT ROWID;

CREATE TABLE box_state (
    image      INTEGER NOT NULL REFERENCES image (id),
    box        INTEGER NOT NULL,       -- index on the page
    item       INTEGER NOT NULL,
    "option"   INTEGER NOT NULL,
    state      TEXT NOT NULL,          -- empty, marked, withdrawn, uncertain
    confidence REAL,
    flag       TEXT NOT NULL,          -- 'none', or why a person must look
    PRIMARY KEY (image, box)
) STRICT, WITHOUT ROWID;

CREATE TABLE flag (
    id       INTEGER PRIMARY KEY,
    batch    INTEGER NOT NULL REFERENCES batch (id),
    "return" INTEGER REFERENCES return_record (id), -- NULL: of a file or image in no return
    image    INTEGER REFERENCES image (id),         -- NULL: of the return as a whole
    item     INTEGER,
    "option" INTEGER,
    code     TEXT NOT NULL,            -- e.g. 'mark_uncertain'
    detail   TEXT NOT NULL
) STRICT;
CREATE INDEX flag_by_return ON flag (batch, "return");

-- The answers by name, for people with an SQL prompt.
CREATE VIEW answer_by_name AS
SELECT r.batch, f.name AS form, f.version, r.reference, i.name AS question, a.status, a.raw,
       a.coded, a.routing, a.confidence, a.flagged, s.source, m.number AS image
FROM answer a
JOIN return_record r ON r.id = a."return"
JOIN form f ON f.id = r.form
JOIN form_item i ON i.form = r.form AND i.item = a.item
LEFT JOIN image m ON m.id = a.image
LEFT JOIN scan_file s ON s.id = m.scan_file;
