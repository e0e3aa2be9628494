"""Outlook's files as Python's own parsers see them: a line of JSON for each, with its servers."""

import configparser
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


def profile(path):
    """A profile file: code page 1252, its lines ended by CR and LF."""
    octets = path.read_bytes()
    assert octets.count(b"\r\n") == octets.count(b"\n") > 20
    ini = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes=";")
    ini.read_string(octets.decode("cp1252"))
    account, mapping = ini["Account1"], ini[ini["Internet Account List"]["Account1"]]
    said = {int(mapping[key].split(",")[1], 16): value for key, value in account.items() if key in mapping}
    return {
        "incoming": {"host": said[0x0100], "port": int(said[0x0104]), "username": said[0x0101]},
        "outgoing": {"host": said[0x0200], "port": int(said[0x0201]), "username": said[0x0101]},
    }


READERS = {".prf": profile, ".xml": answer}

for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.suffix in READERS:
        print(json.dumps({"file": str(path), **READERS[path.suffix](path)}))
