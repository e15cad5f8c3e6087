/* Runs a fuzz target over a kept corpus: every file of the folder given as the first argument. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SKIPPED 77
#define FILE_BYTES_MAX (64L << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
        return 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    /* Exactly as many bytes as there are: an address sanitizer sees a read past the end. */
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    size_t got = bytes == NULL ? 0 : fread(bytes, 1, size, file);
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    if (bytes != NULL)
        LLVMFuzzerTestOneInput(bytes, got);
    free(bytes);
    return 1;
}

int main(int argc, char **argv)
{
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        printf("skipped: no corpus at %s\n", argc > 1 ? argv[1] : "(nothing given)");
        return SKIPPED;
    }
    int files = 0, failed = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) >= (int)sizeof path)
            continue;
        int outcome = run_file(path);
        files += outcome > 0 ? 1 : 0;
        failed += outcome < 0 ? 1 : 0;
    }
    closedir(folder);
    printf("%d files\n", files);
    return failed > 0 || files == 0;
}
