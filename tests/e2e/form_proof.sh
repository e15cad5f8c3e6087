#!/bin/bash
# `form proof`, profile `clean`: no error, and no flag but where a person must decide.
exec python3 tests/e2e/form_proof.py
