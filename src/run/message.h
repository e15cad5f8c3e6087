/* What the batch and its workers say to each other. A frame on the pipe is the length of its body
 * (u32) and the body; a body is one message. */
#ifndef RUN_MESSAGE_H
#define RUN_MESSAGE_H

#include "run/wire.h"

#define FRAME_HEAD_BYTES sizeof(uint32_t)
#define FRAME_LARGEST_BYTES (32u << 20) /* of a body; a page of 100,000 boxes has room */

#define WORKER_TASKS_FD 3   /* where a worker reads */
#define WORKER_REPLIES_FD 4 /* where a worker writes */

/* The first message to a worker. */
struct setup {
    const char *const *forms; /* form folders */
    size_t form_count;
    bool check_ocr;      /* start the text reader at once, to learn whether it can start at all */
    bool may_write;      /* a worker that draws; all others can write no file */
    int cpu_limit_s;     /* per task */
    int memory_limit_mb; /* address space */
};

enum task_kind { TASK_PROBE, TASK_READ, TASK_DRAW };

struct task {
    enum task_kind kind;
    const char *source; /* as the user named it */
    const char *path;   /* where its bytes lie */
    int image;
    bool ocr;
    int attempt; /* 0, then 1 for the retry */
    /* TASK_DRAW */
    const char *overlay; /* path of the PNG */
    struct page_result result;
    const struct box_decision *boxes;
    size_t box_count;
};

/* Stages of the work on one image, for the table of times. */
enum stage {
    STAGE_OPEN,
    STAGE_DECODE,
    STAGE_PLACE,
    STAGE_PREPARE, /* once a page of the form and worker: what its plate says of its boxes */
    STAGE_MARKS,
    STAGE_TEXT,
    STAGE_DRAW,
    STAGE_COUNT
};

enum reply_kind {
    REPLY_READY,  /* set up */
    REPLY_FAILED, /* cannot go on, nor can any other worker: message */
    REPLY_TEXT,   /* no answer yet: from here on the text reader is at work */
    REPLY_PROBED,
    REPLY_READ,
    REPLY_DRAWN,
};

struct reply {
    enum reply_kind kind;
    const char *message;
    /* REPLY_PROBED */
    enum flag reason; /* FLAG_NONE: the file can be read; message: the detail */
    int images;
    const char *hash;
    /* REPLY_READ: reason and detail within */
    struct page_result result;
    double cpu_s[STAGE_COUNT]; /* of REPLY_PROBED, _READ, _DRAWN */
};

/* Appends a whole frame. */
void setup_put(struct text *out, const struct setup *setup);
void task_put(struct text *out, const struct task *task);
void reply_put(struct text *out, const struct reply *reply);

/* From the body of a frame; what is pointed to belongs to the arena. */
bool setup_get(struct setup *out, struct arena *arena, const void *bytes, size_t length);
bool task_get(struct task *out, struct arena *arena, const void *bytes, size_t length);
bool reply_get(struct reply *out, struct arena *arena, const void *bytes, size_t length);

#endif
