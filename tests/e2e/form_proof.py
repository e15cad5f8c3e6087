#!/usr/bin/env python3
"""The proof agrees with itself: what neat people wrote and a perfect scanner saw is read without an
error, and without a flag but where the truth says that a person must decide. PROFILE: another one,
to see the test fail."""
import json
import os
import subprocess
import sys
import tempfile

MARKSENSE = os.environ.get("MARKSENSE", os.path.join(os.environ.get("BUILD", "build"), "marksense"))

with tempfile.TemporaryDirectory() as work:
    subprocess.run([MARKSENSE, "form", "proof", "forms/cancer-experience", "-n", "2", "--profile",
                    os.environ.get("PROFILE", "clean"), "--seed", "21", "-o", work], check=True,
                   stdout=subprocess.DEVNULL)
    with open(os.path.join(work, "report.json"), encoding="utf-8") as file:
        summary = json.load(file)["summary"]
    with open(os.path.join(work, "truth.jsonl"), encoding="utf-8") as file:
        doubtful = sum(box["conclusion"] == "person_must_decide"
                       for line in file for box in json.loads(line).get("boxes", ()))

trouble = [f"{name}: {summary[name]['count']} of {summary[name]['of']}"
           for name in ("accepted_errors", "lost_by_scanner", "pages_rejected", "pages_misplaced",
                        "pages_off_070", "others_read", "fields_wrong") if summary[name]["count"]]
if summary["accepted_errors"]["of"] < 700:
    trouble.append(f"only {summary['accepted_errors']['of']} boxes were read")
if summary["boxes_flagged"]["count"] > doubtful:
    trouble.append(f"{summary['boxes_flagged']['count']} boxes flagged, {doubtful} doubtful")
if summary["images_missing"]:
    trouble.append(f"{summary['images_missing']} images are in no reading")
print("\n".join(trouble))
sys.exit(1 if trouble else 0)
