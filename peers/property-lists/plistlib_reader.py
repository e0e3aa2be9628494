"""Prints, a line of JSON for each file named, what Python's plistlib makes of it: the value, or null where it refuses the file.

The lines are those of corefoundation.c."""

import datetime
import json
import plistlib
import sys


def shown(value):
    match value:
        case bool() | str():
            return value
        case int():
            return {"integer": str(value)}
        case float():
            return {"real": repr(value)}
        case datetime.datetime():
            return {"date": repr((value - datetime.datetime(2001, 1, 1)).total_seconds())}
        case bytes():
            return {"data": value.hex()}
        case list():
            return {"array": [shown(item) for item in value]}
        case dict():
            return {"dict": [[key, shown(value[key])] for key in sorted(value)]}
        case _:
            return {"other": type(value).__name__}


for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            print(json.dumps(shown(plistlib.load(file))))
    # Refusals come as expat's errors, ValueError, TypeError, IndexError and others.
    except Exception:
        print("null")
