/* Runs a fuzz target over every file of a folder, so that the corpus is tested without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    size_t capacity = 1 << 16, length = 0, got;
    uint8_t *data = malloc(capacity);
    while (data != NULL && (got = fread(data + length, 1, capacity - length, file)) > 0) {
        length += got;
        if (length == capacity) {
            capacity *= 2;
            data = realloc(data, capacity);
        }
    }
    fclose(file);
    if (data == NULL)
        return 0;
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, length);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    struct dirent **names;
    int count = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1;
    if (count < 0) {
        printf("skipped: no folder %s\n", argc == 2 ? argv[1] : "given");
        return 77;
    }
    int ran = 0, wanted = 0;
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            wanted++;
            ran += run_file(argv[1], names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    printf("%d files\n", ran);
    return ran == wanted ? 0 : 1;
}
