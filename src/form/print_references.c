/* The references that copies carry: numbered, or from a CSV column. */
#include "form/print.h"

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define NUMBER_MAX 99999999L /* eight digits */

/* Appends with the check character; refuses what cannot stand in a code and what was there. */
struct collector {
    struct reference_list list;
    size_t capacity;
    GHashTable *seen; /* keys: the references */
};

static void collector_init(struct collector *collector)
{
    *collector = (struct collector){
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
}

static bool collect(struct collector *collector, const char *plain, const char *where,
                    struct error *err)
{
    char reference[REFERENCE_BYTES];
    size_t length = strlen(plain);
    if (length == 0)
        return error_set(err, "%s: a reference is empty: give one of digits and letters", where);
    if (length > REFERENCE_BYTES - 2)
        return error_set(err, "%s: the reference '%s' has %zu characters: at most %d are allowed",
                         where, plain, length, REFERENCE_BYTES - 2);
    for (size_t i = 0; i < length; i++)
        reference[i] = g_ascii_toupper(plain[i]);
    reference[length] = '\0';
    char check = reference_check_character(reference);
    if (check == '\0')
        return error_set(err, "%s: the reference '%s' has a character that is neither a digit nor "
                              "a letter A to Z: use digits and letters only",
                         where, plain);
    reference[length] = check;
    reference[length + 1] = '\0';
    if (!g_hash_table_add(collector->seen, g_strdup(reference)))
        return error_set(err, "%s: the reference '%s' is there twice: two people would get the "
                              "same booklet number",
                         where, plain);
    if (collector->list.count == collector->capacity) {
        collector->capacity = collector->capacity == 0 ? 256 : collector->capacity * 2;
        void *more = realloc(collector->list.at, collector->capacity * REFERENCE_BYTES);
        if (more == NULL)
            error_die("out of memory: %zu references", collector->capacity);
        collector->list.at = more;
    }
    memcpy(collector->list.at[collector->list.count++], reference, REFERENCE_BYTES);
    return true;
}

static bool collector_give(struct reference_list *out, struct collector *collector, bool fine)
{
    g_hash_table_destroy(collector->seen);
    *out = collector->list;
    if (!fine)
        references_release(out);
    return fine;
}

void references_release(struct reference_list *list)
{
    free(list->at);
    *list = (struct reference_list){0};
}

bool references_number(struct reference_list *out, long first, long count, struct error *err)
{
    *out = (struct reference_list){0};
    if (first < 1 || count < 1 || first > NUMBER_MAX || count > NUMBER_MAX - first + 1)
        return error_set(err, "the references from %ld on, %ld of them, do not lie between 1 and "
                              "%ld", first, count, NUMBER_MAX);
    struct collector collector;
    collector_init(&collector);
    bool fine = true;
    for (long i = 0; i < count && fine; i++) {
        char plain[REFERENCE_BYTES];
        snprintf(plain, sizeof plain, "%0*ld", REFERENCE_DIGITS, first + i);
        fine = collect(&collector, plain, "numbering", err);
    }
    return collector_give(out, &collector, fine);
}

/* The next value of a CSV record (RFC 4180): into `value`, blanks around it cut. Returns what ended
 * it: ',', '\n' or '\0'. */
static char next_value(struct text *value, const char **at)
{
    const char *c = *at;
    text_clear(value);
    bool quoted = false;
    for (;; c++) {
        if (*c == '\0')
            break;
        if (quoted && c[0] == '"' && c[1] == '"')
            text_add_bytes(value, c++, 1);
        else if (*c == '"')
            quoted = !quoted;
        else if (!quoted && (*c == ',' || *c == '\n'))
            break;
        else
            text_add_bytes(value, c, 1);
    }
    char end = *c;
    *at = end == '\0' ? c : c + 1;
    g_strstrip(value->data);
    value->length = strlen(value->data);
    return end;
}

enum record { RECORD_FOUND, RECORD_BLANK, RECORD_SHORT };

/* Reads one record, the value of its column into `wanted`. */
static enum record next_record(struct text *wanted, size_t column, const char **at)
{
    struct text value;
    text_init(&value);
    size_t count = 0;
    bool blank = true;
    char end;
    do {
        end = next_value(&value, at);
        blank = blank && value.length == 0;
        if (count++ == column) {
            text_clear(wanted);
            text_add(wanted, value.data);
        }
    } while (end == ',');
    text_release(&value);
    return blank && count == 1 ? RECORD_BLANK : count > column ? RECORD_FOUND : RECORD_SHORT;
}

/* The column headed "reference", or SIZE_MAX. */
static size_t find_column(size_t *columns, const char *text)
{
    struct text value;
    text_init(&value);
    size_t column = SIZE_MAX;
    *columns = 0;
    char end;
    do {
        end = next_value(&value, &text);
        if (column == SIZE_MAX && strcasecmp(value.data, "reference") == 0)
            column = *columns;
        ++*columns;
    } while (end == ',');
    text_release(&value);
    return column;
}

/* Letters alone, before references with figures in them: a heading of another name. A copy printed for it
 * would shift all others against a list of addresses. */
static bool begins_with_a_heading(const struct reference_list *list)
{
    static const char digits[] = "0123456789";
    char first[REFERENCE_BYTES];
    if (list->count < 2)
        return false;
    memcpy(first, list->at[0], REFERENCE_BYTES);
    first[strlen(first) - 1] = '\0'; /* the check character */
    return strpbrk(first, digits) == NULL && strcspn(list->at[1], digits) < strlen(list->at[1]) - 1;
}

bool references_read_csv(struct reference_list *out, const char *text, const char *name,
                         struct error *err)
{
    *out = (struct reference_list){0};
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) /* as spreadsheets write it */
        text += 3;
    size_t columns, column = find_column(&columns, text);
    bool headed = column != SIZE_MAX;
    if (!headed && columns > 1)
        return error_set(err, "%s:1: none of the %zu columns is headed 'reference': name the column "
                              "that holds the references", name, columns);
    struct collector collector;
    collector_init(&collector);
    struct text value;
    text_init(&value);
    bool fine = true;
    for (size_t record = 1; fine && *text != '\0'; record++) {
        enum record kind = next_record(&value, headed ? column : 0, &text);
        if ((headed && record == 1) || kind == RECORD_BLANK)
            continue;
        char where[512];
        snprintf(where, sizeof where, "%.480s: record %zu", name, record);
        fine = kind == RECORD_FOUND
                   ? collect(&collector, value.data, where, err)
                   : error_set(err, "%s: the column 'reference' is missing here", where);
    }
    text_release(&value);
    if (fine && collector.list.count == 0)
        fine = error_set(err, "%s: there is no reference in it", name);
    if (fine && !headed && begins_with_a_heading(&collector.list))
        fine = error_set(err, "%s:1: is this a heading? The column that holds the references must be headed "
                              "'reference', or have no heading at all", name);
    return collector_give(out, &collector, fine);
}
