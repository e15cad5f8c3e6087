/* What a file is, by its content; and for those that are no scan, what they seem to be. */
#include "scan/decode.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>
#include <strings.h>

/* Some programs leave a line or two before a PDF's header; readers look this far. */
#define PDF_HEADER_WITHIN 1024

static bool starts(struct scan_bytes bytes, const char *with, size_t length)
{
    return bytes.length >= length && memcmp(bytes.data, with, length) == 0;
}

static bool holds(struct scan_bytes bytes, size_t within, const char *text)
{
    size_t length = bytes.length < within ? bytes.length : within;
    return memmem(bytes.data, length, text, strlen(text)) != NULL;
}

enum scan_format scan_sniff(const unsigned char *bytes, size_t length)
{
    struct scan_bytes head = {bytes, length};
    if (starts(head, "\x89PNG", 4)) /* the rest of the signature tells libpng what went wrong */
        return SCAN_PNG;
    if (starts(head, "\xff\xd8\xff", 3))
        return SCAN_JPEG;
    if (starts(head, "II*\0", 4) || starts(head, "MM\0*", 4) || starts(head, "II+\0", 4) ||
        starts(head, "MM\0+", 4))
        return SCAN_TIFF;
    if (holds(head, PDF_HEADER_WITHIN, "%PDF-"))
        return SCAN_PDF;
    return SCAN_UNKNOWN;
}

static const char *name_of_zip(struct scan_bytes bytes)
{
    if (holds(bytes, bytes.length, "word/"))
        return "a Word document";
    if (holds(bytes, bytes.length, "xl/"))
        return "an Excel workbook";
    if (holds(bytes, bytes.length, "ppt/"))
        return "a PowerPoint file";
    if (holds(bytes, 200, "opendocument"))
        return "an OpenDocument file";
    return "a ZIP archive";
}

/* UTF-8 without control characters, as far as the first few hundred bytes tell. */
static bool is_text(struct scan_bytes bytes)
{
    size_t length = bytes.length < 512 ? bytes.length : 512;
    const char *end;
    if (!g_utf8_validate((const char *)bytes.data, (gssize)length, &end) &&
        (size_t)(end - (const char *)bytes.data) + 4 <= length) /* a letter cut in two is fine */
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes.data[i] < 0x80 && !isprint(bytes.data[i]) && !isspace(bytes.data[i]))
            return false;
    return true;
}

static const char *name_of_text(struct scan_bytes bytes)
{
    size_t at = 0;
    while (at < bytes.length && (isspace(bytes.data[at]) || bytes.data[at] >= 0x80))
        at++;
    const char *text = (const char *)bytes.data + at;
    size_t left = bytes.length - at;
    if ((left >= 9 && strncasecmp(text, "<!doctype", 9) == 0 && !holds(bytes, 512, "svg")) ||
        (left >= 5 && strncasecmp(text, "<html", 5) == 0))
        return "a web page";
    if (holds(bytes, 512, "<svg"))
        return "an SVG drawing";
    if (left >= 5 && strncmp(text, "<?xml", 5) == 0)
        return "an XML file";
    return "a text file";
}

const char *scan_foreign_name(struct scan_bytes bytes)
{
    static const struct {
        const char *magic;
        size_t length;
        const char *name;
    } kinds[] = {
        {"GIF8", 4, "a GIF image"},
        {"BM", 2, "a BMP image"},
        {"Rar!", 4, "a RAR archive"},
        {"7z\xbc\xaf", 4, "a 7z archive"},
        {"\x1f\x8b", 2, "a gzip archive"},
        {"\xd0\xcf\x11\xe0", 4, "an old Word, Excel or PowerPoint file"},
        {"\0\0\0\x0cjP", 6, "a JPEG 2000 image"},
        {"\xff\x4f\xff\x51", 4, "a JPEG 2000 image"},
        {"\x97JB2", 4, "a JBIG2 image"},
        {"AT&TFORM", 8, "a DjVu file"},
        {"8BPS", 4, "a Photoshop file"},
        {"%!PS", 4, "a PostScript file"},
        {"SQLite format", 13, "an SQLite database"},
        {"\x7f"
         "ELF",
         4, "a program"},
        {"MZ", 2, "a program"},
        {"\0\0\1\0", 4, "an icon"},
    };
    if (starts(bytes, "PK\3\4", 4) || starts(bytes, "PK\5\6", 4))
        return name_of_zip(bytes);
    if (starts(bytes, "RIFF", 4))
        return bytes.length >= 12 && memcmp(bytes.data + 8, "WEBP", 4) == 0 ? "a WebP image"
                                                                            : "a sound or film";
    if (bytes.length >= 12 && memcmp(bytes.data + 4, "ftyp", 4) == 0)
        return memcmp(bytes.data + 8, "hei", 3) == 0 || memcmp(bytes.data + 8, "mif", 3) == 0
                   ? "a HEIC image (of a phone)"
               : memcmp(bytes.data + 8, "avif", 4) == 0 ? "an AVIF image"
                                                        : "a film";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (starts(bytes, kinds[i].magic, kinds[i].length))
            return kinds[i].name;
    return is_text(bytes) ? name_of_text(bytes) : NULL;
}
