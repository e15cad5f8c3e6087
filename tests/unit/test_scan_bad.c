/* Bad input: every kind of trouble gets its own flag, nothing crashes, and nothing that is only
 * half there is read as if it were whole. */
#include <signal.h>
#include <sys/wait.h>

#include "scan_samples.h"

static enum flag try_bytes(struct error *err, const void *data, size_t length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/bad", sample_folder());
    write_bytes(path, data, length);
    enum flag flag = try_sample(err, path);
    unlink(path);
    return flag;
}

static void test_foreign(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *name;
    } cases[] = {
        {"GIF89a\1\0\1\0", 10, "GIF"},
        {"BM\0\0\0\0\0\0", 8, "BMP"},
        {"PK\3\4....[Content_Types].xml....word/document.xml", 49, "Word"},
        {"PK\3\4....xl/workbook.xml", 24, "Excel"},
        {"PK\3\4....a.txt", 13, "ZIP"},
        {"  <!DOCTYPE html><html>", 23, "web page"},
        {"<?xml version='1.0'?><svg>", 26, "SVG"},
        {"RIFF\0\0\0\0WEBPVP8 ", 16, "WebP"},
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0",
         16, "HEIC"},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12, "JPEG 2000"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "old Word"},
        {"name,answer\nq1,2\n", 17, "text"},
        {"\1\2\3\4\5\6\7\x10", 8, "no known kind"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err;
        assert_int_equal(try_bytes(&err, cases[i].bytes, cases[i].length), FLAG_FILE_FOREIGN);
        if (strstr(err.text, cases[i].name) == NULL)
            fail_msg("'%s' does not name %s", err.text, cases[i].name);
    }
}

static void test_empty_and_unreadable(void **state)
{
    (void)state;
    struct error err;
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file = NULL;
    char path[4096];
    assert_int_equal(try_bytes(&err, "", 0), FLAG_FILE_EMPTY);
    /* What a transfer as text makes of a PNG. */
    assert_int_equal(try_bytes(&err, "\x89PNG\n\x1a\n\0\0\0\rIHDR", 15), FLAG_FILE_TRUNCATED);
    assert_int_equal(try_bytes(&err, "\0\0\0\0\0\0\0\0\0", 9), FLAG_FILE_TRUNCATED);
    assert_non_null(strstr(err.text, "zero"));
    assert_int_equal(try_sample(&err, "/nonexistent/scan.tif"), FLAG_FILE_UNREADABLE);
    assert_int_equal(try_sample(&err, sample_folder()), FLAG_FILE_UNREADABLE);
    assert_non_null(strstr(err.text, "folder"));
    snprintf(path, sizeof path, "%s/pipe", sample_folder());
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_UNREADABLE);
    unlink(path);
    if (geteuid() != 0) { /* root may read all */
        snprintf(path, sizeof path, "%s/secret", sample_folder());
        write_bytes(path, "x", 1);
        chmod(path, 0);
        assert_int_equal(try_sample(&err, path), FLAG_FILE_UNREADABLE);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/large", sample_folder());
    write_bytes(path, "%PDF-1.4 and so on", 18);
    limits.file_bytes = 17;
    assert_int_equal(scan_file_open(&file, path, &limits, &err), FLAG_FILE_TOO_LARGE);
    assert_null(file);
    unlink(path);
}

/* A scanner that is still writing: the file grows while it is read. */
static void test_still_being_written(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/growing", sample_folder());
    write_bytes(path, "II*\0", 4);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        FILE *file = fopen(path, "ab");
        static const char more[4096];
        /* The parent ends this; the bound is for the case that it cannot. */
        for (int i = 0; file != NULL && i < 20000; i++) {
            fwrite(more, 1, sizeof more, file);
            fflush(file);
        }
        _exit(0);
    }
    bool noticed = false;
    while (!noticed) {
        struct error err = {""};
        try_sample(&err, path);
        noticed = strcmp(err.text, "still being written") == 0;
        if (waitpid(writer, NULL, WNOHANG) == writer) {
            writer = 0;
            break;
        }
    }
    if (writer > 0) {
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
    }
    unlink(path);
    assert_true(noticed);
}

/* Headers that promise more pixels than any scan has. */
static void test_bombs(void **state)
{
    (void)state;
    struct error err;
    unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0....";
    uLong crc = crc32(0, png + 12, 17);
    for (int i = 0; i < 4; i++)
        png[29 + i] = (unsigned char)(crc >> (24 - 8 * i));
    unsigned char data[512] = {0};
    memcpy(data, png, 33);
    memcpy(data + 33, "\0\0\0\x08IDAT", 8); /* libpng reads on to the first IDAT */
    assert_int_equal(try_bytes(&err, data, sizeof data), FLAG_FILE_TOO_LARGE);

    char path[4096];
    snprintf(path, sizeof path, "%s/bomb", sample_folder());
    sample_jpeg(path, &(struct jpeg_sample){"", JCS_GRAYSCALE, JCS_GRAYSCALE, 0, 1});
    size_t length;
    unsigned char *jpeg = read_bytes(&length, path);
    unsigned char *frame = memmem(jpeg, length, "\xff\xc0", 2);
    memcpy(frame + 5, "\xff\x00\xff\x00", 4);
    assert_int_equal(try_bytes(&err, jpeg, length), FLAG_FILE_TOO_LARGE);
    free(jpeg);

    TIFF *tiff = TIFFOpen(path, "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 60000);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 60000);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 60000);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
    TIFFWriteRawStrip(tiff, 0, data, 10);
    TIFFClose(tiff);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TOO_LARGE);
    unlink(path);
}

/* Cut anywhere, a PNG or JPEG must say so: half a page is no page. */
static void test_cut_images(void **state)
{
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        char path[4096];
        struct error err;
        snprintf(path, sizeof path, "%s/cut", sample_folder());
        if (kind < 2)
            sample_png(path, &(struct png_sample){"", PNG_COLOR_TYPE_GRAY, kind ? 8 : 1, 0});
        else
            sample_jpeg(path,
                        &(struct jpeg_sample){"", kind == 2 ? JCS_GRAYSCALE : JCS_RGB,
                                              kind == 2 ? JCS_GRAYSCALE : JCS_YCbCr, kind == 4, 1});
        size_t length;
        unsigned char *data = read_bytes(&length, path);
        assert_int_equal(try_sample(&err, path), FLAG_NONE);
        unlink(path);
        for (size_t cut = 12; cut < length; cut += cut + 30 < length ? 11 : 1)
            if (try_bytes(&err, data, cut) != FLAG_FILE_TRUNCATED)
                fail_msg("kind %d cut to %zu of %zu bytes: %s", kind, cut, length, err.text);
        free(data);
    }
}

/* A TIFF whose directory comes first, as streaming scanners write it: `has` of the strip's bytes
 * are there, `says` are promised. */
static enum flag try_strip(struct error *err, int compression, const unsigned char *strip,
                           size_t has, size_t says)
{
    unsigned char file[32768] = "II*\0\10\0\0\0\12\0";
    const unsigned tags[10][2] = {{256, SAMPLE_WIDTH},
                                  {257, SAMPLE_HEIGHT},
                                  {258, 1},
                                  {259, (unsigned)compression},
                                  {262, 0},
                                  {273, 134},
                                  {277, 1},
                                  {278, SAMPLE_HEIGHT},
                                  {279, (unsigned)says},
                                  {296, 1}};
    for (int i = 0; i < 10; i++) {
        unsigned char *entry = file + 10 + 12 * i;
        uint16_t tag = (uint16_t)tags[i][0], type = 4;
        uint32_t count = 1, value = tags[i][1];
        memcpy(entry, &tag, 2);
        memcpy(entry + 2, &type, 2);
        memcpy(entry + 4, &count, 4);
        memcpy(entry + 8, &value, 4);
    }
    memcpy(file + 134, strip, has);
    return try_bytes(err, file, 134 + has);
}

static void test_cut_tiff(void **state)
{
    (void)state;
    static const int compressions[] = {COMPRESSION_NONE,      COMPRESSION_CCITTFAX3,
                                       COMPRESSION_CCITTFAX4, COMPRESSION_LZW,
                                       COMPRESSION_PACKBITS,  COMPRESSION_ADOBE_DEFLATE};
    for (size_t i = 0; i < sizeof compressions / sizeof compressions[0]; i++) {
        char path[4096];
        struct error err;
        snprintf(path, sizeof path, "%s/strip", sample_folder());
        struct tiff_sample s = {
            "", 1, 1, PHOTOMETRIC_MINISWHITE, compressions[i], .rows = SAMPLE_HEIGHT};
        sample_tiff(path, &s, 1);
        TIFF *tiff = TIFFOpen(path, "r");
        unsigned char strip[16384];
        size_t length = (size_t)TIFFReadRawStrip(tiff, 0, strip, sizeof strip);
        TIFFClose(tiff);
        unlink(path);
        assert_int_equal(try_strip(&err, compressions[i], strip, length, length), FLAG_NONE);
        for (size_t cut = 0; cut + 12 < length; cut += 13) {
            enum flag flag = try_strip(&err, compressions[i], strip, cut, length);
            if (flag != FLAG_FILE_TRUNCATED)
                fail_msg("compression %d, %zu of %zu bytes: %s", compressions[i], cut, length,
                         flag_code(flag));
            flag = try_strip(&err, compressions[i], strip, cut, cut);
            if (flag != FLAG_FILE_TRUNCATED)
                fail_msg("compression %d, cut to %zu of %zu bytes: %s", compressions[i], cut,
                         length, flag_code(flag));
        }
    }
}

/* The offsets of the directories of a little-endian TIFF. */
static int directories(size_t offsets[8], const unsigned char *data)
{
    int count = 0;
    uint32_t at;
    memcpy(&at, data + 4, 4);
    while (at != 0 && count < 8) {
        offsets[count++] = at;
        uint16_t entries;
        memcpy(&entries, data + at, 2);
        memcpy(&at, data + at + 2 + 12 * entries, 4);
    }
    return count;
}

static void set_next(unsigned char *data, size_t directory, uint32_t next)
{
    uint16_t entries;
    memcpy(&entries, data + directory, 2);
    memcpy(data + directory + 2 + 12 * entries, &next, 4);
}

/* Reads every page of a file; the flags of the first `count` pages. */
static int try_pages(enum flag flags[8], const unsigned char *data, size_t length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pages", sample_folder());
    write_bytes(path, data, length);
    struct scan_file *file = open_sample(path);
    int count = scan_file_page_count(file);
    for (int i = 0; i < count && i < 8; i++) {
        struct raw_page page;
        flags[i] = scan_file_read(&page, file, i, NULL);
        raw_page_release(&page);
    }
    scan_file_close(file);
    unlink(path);
    return count;
}

/* One broken page leaves the others readable; a chain that breaks off says so once, at its end. */
static void test_broken_chain(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/chain", sample_folder());
    struct tiff_sample s = {
        "", 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4, .rows = SAMPLE_HEIGHT};
    sample_tiff(path, &s, 4);
    size_t length, at[8];
    unsigned char *data = read_bytes(&length, path);
    unlink(path);
    assert_int_equal(directories(at, data), 4);
    enum flag flags[8];

    unsigned char *copy = malloc(length);
    memcpy(copy, data, length);
    copy[at[1] + 2] = 0xf0; /* page 2 loses its width tag */
    assert_int_equal(try_pages(flags, copy, length), 4);
    assert_true(flags[0] == FLAG_NONE && flags[1] == FLAG_FILE_TRUNCATED);
    assert_true(flags[2] == FLAG_NONE && flags[3] == FLAG_NONE);

    memcpy(copy, data, length);
    set_next(copy, at[2], (uint32_t)at[0]); /* a circle */
    assert_int_equal(try_pages(flags, copy, length), 4);
    assert_true(flags[2] == FLAG_NONE && flags[3] == FLAG_FILE_TRUNCATED);

    memcpy(copy, data, length);
    set_next(copy, at[1], 0x7fffffff); /* out of the file */
    assert_int_equal(try_pages(flags, copy, length), 3);
    assert_true(flags[1] == FLAG_NONE && flags[2] == FLAG_FILE_TRUNCATED);
    free(copy);

    /* The file cut inside its last page. */
    int count = try_pages(flags, data, at[3] + 5);
    assert_int_equal(count, 4);
    assert_true(flags[2] == FLAG_NONE && flags[3] == FLAG_FILE_TRUNCATED);
    free(data);
}

/* Random cuts and flipped bits: any flag will do, a crash will not. (Run it with sanitizers.) */
static void test_mutations(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int kind = 0; kind < 10; kind++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/mutant", sample_folder());
        static const struct tiff_sample tiffs[] = {
            {"", 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4, .rows = 20},
            {"", 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX3, .tile = 32},
            {"", 8, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, .rows = 16},
            {"", 8, 4, PHOTOMETRIC_SEPARATED, COMPRESSION_LZW, .rows = 16},
            {"", 4, 1, PHOTOMETRIC_PALETTE, COMPRESSION_PACKBITS, .mode = "w8"}};
        static const char fill[] = "q 83 0 0 61 0 0 cm /Im0 Do Q";
        if (kind < 5)
            sample_tiff(path, &tiffs[kind], 2);
        else if (kind < 7)
            sample_png(path, &(struct png_sample){"", kind == 5 ? PNG_COLOR_TYPE_GRAY : 6,
                                                  kind == 5 ? 1 : 8, kind == 6});
        else if (kind < 9)
            sample_jpeg(path, &(struct jpeg_sample){"", JCS_RGB, JCS_YCbCr, kind == 8, 1});
        else
            sample_pdf(path, "", fill,
                       "/Subtype /Image /Width 83 /Height 61 /BitsPerComponent 8 /ColorSpace "
                       "/DeviceGray",
                       fill, sizeof fill);
        size_t length;
        unsigned char *data = read_bytes(&length, path), *copy = malloc(length);
        for (int round = 0; round < 300; round++) {
            memcpy(copy, data, length);
            size_t used = length;
            seed = seed * 1664525 + 1013904223;
            if (round % 4 == 0)
                used = seed % length;
            for (unsigned i = 0; i < 1 + (seed >> 28); i++) {
                seed = seed * 1664525 + 1013904223;
                copy[(seed >> 3) % length] ^= (unsigned char)(1u << (seed & 7));
            }
            struct error err;
            try_bytes(&err, copy, used);
        }
        free(copy);
        free(data);
        unlink(path);
    }
}

int main(void)
{
    scan_silence_libraries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign),    cmocka_unit_test(test_empty_and_unreadable),
        cmocka_unit_test(test_bombs),      cmocka_unit_test(test_still_being_written),
        cmocka_unit_test(test_cut_images), cmocka_unit_test(test_cut_tiff),
        cmocka_unit_test(test_mutations),  cmocka_unit_test(test_broken_chain),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
