/* The files of calibration/, built into the program. */
    .section .rodata
    .global calibration_registration_json
    .global calibration_registration_json_end
calibration_registration_json:
    .incbin "calibration/registration.json"
calibration_registration_json_end:
    .byte 0
    .global calibration_marks_json
    .global calibration_marks_json_end
calibration_marks_json:
    .incbin "calibration/marks.json"
calibration_marks_json_end:
    .byte 0
    .global calibration_learned_json
    .global calibration_learned_json_end
calibration_learned_json:
    .incbin "calibration/learned.json"
calibration_learned_json_end:
    .byte 0
    .global calibration_mark_model_json
    .global calibration_mark_model_json_end
calibration_mark_model_json:
    .incbin "calibration/mark_model.json"
calibration_mark_model_json_end:
    .byte 0
    .global calibration_outside_json
    .global calibration_outside_json_end
calibration_outside_json:
    .incbin "calibration/outside.json"
calibration_outside_json_end:
    .byte 0
    .global calibration_health_json
    .global calibration_health_json_end
calibration_health_json:
    .incbin "calibration/health.json"
calibration_health_json_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
