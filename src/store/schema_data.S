/* schema.sql, built into the program. */
    .section .rodata
    .global store_schema_sql
store_schema_sql:
    .incbin "src/store/schema.sql"
    .byte 0
    .section .note.GNU-stack,"",%progbits
