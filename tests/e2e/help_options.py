#!/usr/bin/env python3
"""help_options.py HELP PAGE COMMAND...: do --help and the manual page name the same options?

HELP is what --help printed, PAGE the manual page as plain text. A line of HELP that begins with an
option lists all names of one option; the SYNOPSIS must hold one of them, and no option that HELP
does not know; the page must hold all of them.
"""
import re
import sys

NAME = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z]+)(?![\w-])")


def names(text):
    """The options in a text; -hqv is -h, -q and -v."""
    found = set()
    for name in NAME.findall(text):
        found |= {name} if name.startswith("--") else {"-" + letter for letter in name[1:]}
    return found


def synopsis_of(page, command):
    """The lines of the SYNOPSIS that show this command."""
    section = re.search(r"^SYNOPSIS\n(.*?)^[A-Z]", page, re.M | re.S).group(1)
    calls = re.split(r"^ {5}(?=\S)", section, flags=re.M)
    if command == "marksense":
        return " ".join(call for call in calls if not re.match(r"marksense (form|read)\b", call))
    return " ".join(call for call in calls if re.match(re.escape(command) + r"\b", call))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    with open(sys.argv[2], encoding="utf-8") as file:
        page = file.read()
    command = " ".join(sys.argv[3:])
    usage = text.split("\n\n")[0]
    listed = [names(re.match(r" +(.*?)(  |$)", line).group(1))
              for line in text.splitlines() if re.match(r" {2,}-", line)]
    known = set().union(*listed)
    shown = names(synopsis_of(page, command))
    wrong = [f"{name} is in the manual's SYNOPSIS, not in --help" for name in shown - known]
    wrong += [f"{name} is in the usage line, not in the list" for name in names(usage) - known]
    wrong += [f"{' '.join(sorted(option))} is not in the manual's SYNOPSIS"
              for option in listed if not option & shown]
    wrong += [f"{name} is not in the manual" for name in known - names(page)]
    if not listed:
        wrong.append("--help lists no options")
    for line in wrong:
        print(f"{command}: {line}")
    return 1 if wrong else 0


sys.exit(main())
