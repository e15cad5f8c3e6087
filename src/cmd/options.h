/* getopt_long() beside the form model: both have a `struct option`; getopt's is called
 * `struct long_option` here. Include this instead of <getopt.h>. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#ifdef _GETOPT_EXT_H
#error "include cmd/options.h before anything that includes <getopt.h>"
#endif

#define option long_option
#include <getopt.h>
#undef option

#endif
