/* One line, one object. */
#include "proof/lines.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lines_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool lines_each(const char *path, bool (*each)(json_t *line, void *state, struct error *err),
                void *state, struct error *err)
{
    FILE *file = fopen(path, "rb");
    char *line = NULL;
    size_t room = 0, number = 0;
    bool fine = true;
    if (file == NULL)
        return error_set(err, "%s: %s", path, strerror(errno));
    while (fine && getline(&line, &room, file) >= 0) {
        json_error_t trouble;
        number++;
        json_t *object = json_loads(line, 0, &trouble);
        if (object == NULL)
            fine = error_set(err, "%s:%zu:%d: %s", path, number, trouble.column, trouble.text);
        else if (!each(object, state, err))
            fine = error_prefix(err, "%s:%zu", path, number);
        json_decref(object);
    }
    free(line);
    fclose(file);
    return fine;
}

char *image_key_of(const char *source, int image)
{
    return g_strdup_printf("%s#%d", base_name(source), image);
}

char *lines_image_key(const json_t *line)
{
    return image_key_of(lines_text(line, "source"),
                        (int)json_integer_value(json_object_get(line, "image")));
}
