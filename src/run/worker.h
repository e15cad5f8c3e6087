/* The worker's side: a process of its own that opens, decodes, places and reads images, so that
 * nothing an image does to it can end the batch. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

/* Serves tasks (see run/message.h) until the pipe of tasks closes or the parent dies. Gives the exit
 * code. */
int worker_serve(int tasks_fd, int replies_fd);

#endif
