/* Quiet libraries: what they would print about a bad file becomes a flag's detail instead. */
#ifndef SCAN_SILENCE_H
#define SCAN_SILENCE_H

/* Process-wide, so it is for main programs to call, once, first. The decoders themselves take what
 * they need to know from handlers of their own and print nothing; this catches the rest (Leptonica,
 * libtiff's global handlers, Poppler through GLib's log). */
void scan_silence_libraries(void);

#endif
