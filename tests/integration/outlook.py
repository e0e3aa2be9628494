"""Outlook's files as Python's own parsers see them: a line of JSON for each, with its servers."""

import json
import pathlib
import sys
import xml.etree.ElementTree

OUTER = "{http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006}"
INNER = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def answer(path):
    """An Autodiscover answer: every element in its namespace, or an error."""
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == OUTER + "Autodiscover", root.tag
    servers = {}
    for protocol in root.findall(f"{INNER}Response/{INNER}Account/{INNER}Protocol"):
        said = {child.tag.removeprefix(INNER): child.text for child in protocol}
        assert said["SPA"] == "off" and said["SSL"] == "on" and said["DomainRequired"] == "off", said
        servers["outgoing" if said["Type"] == "SMTP" else "incoming"] = {
            "host": said["Server"],
            "port": int(said["Port"]),
            "username": said.get("LoginName"),
        }
    return servers


READERS = {".xml": answer}

for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.suffix in READERS:
        print(json.dumps({"file": str(path), **READERS[path.suffix](path)}))
