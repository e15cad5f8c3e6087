/* The profiles of calibration/scanners/, built into the program. */
    .macro profile name
    .global profile_\name\()_yaml
    .global profile_\name\()_yaml_end
profile_\name\()_yaml:
    .incbin "calibration/scanners/\name\().yaml"
profile_\name\()_yaml_end:
    .byte 0
    .endm
    .section .rodata
    profile clean
    profile office
    profile fax
    profile grey
    profile awful
    .section .note.GNU-stack,"",%progbits
