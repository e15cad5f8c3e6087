/* What the process does with memory that it no longer needs. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

/* Keeps it for the next image instead of giving it back to the system: buffers of some ten megabytes come
 * and go for every page, and to fetch them anew each time took a twentieth of reading a grey page, a tenth
 * of an import, and half of simulating one. For processes that see many images; call it once, first. */
void memory_keep(void);

#endif
