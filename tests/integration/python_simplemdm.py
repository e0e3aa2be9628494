"""SimpleMDMpy (PyPI, 3.0.7), the client that SimpleMDM's users have, against the contract of SimpleMDM.

Its URL is fixed, so the one function that makes URLs is replaced; the requests and what is made of the replies are its own."""

import sys
import tempfile

import SimpleMDMpy
from SimpleMDMpy.SimpleMDM import Connection

base, key = sys.argv[1:]
Connection._url = lambda self, path: base + "/api/v1" + path
profiles = SimpleMDMpy.CustomConfigurationProfiles(key)

before = profiles.get_profiles()
assert len(before) == 250, len(before)

with tempfile.NamedTemporaryFile(suffix=".mobileconfig") as file:
    file.write(b"<plist><dict/></plist>")
    file.flush()
    created = profiles.create_profile("By hand", file.name, user_scope=True, attribute_support=True)
    assert created.ok, created.text
    number = str(created.json()["data"]["id"])
    file.seek(0)
    file.write(b"<plist><array/></plist>")
    file.flush()
    assert profiles.assign_to_device_group(number, "42").ok
    assert not profiles.assign_to_device_group(number, "4711").ok
    assert profiles.update_profile(number, name="By hand", mobileconfig=file.name).ok
    assert profiles.update_profile(number, name="By hand too").ok

found = [it for it in profiles.get_profiles() if it["attributes"]["name"] == "By hand too"]
assert len(found) == 1, found
attributes = found[0]["attributes"]
assert attributes["user_scope"] and attributes["attribute_support"], attributes
groups = [it["id"] for it in found[0]["relationships"]["device_groups"]["data"]]
assert groups == [42], groups
assert profiles.download_profile(number).startswith(b"<plist><array/>")
assert profiles.unassign_from_device_group(number, "42").ok
assert profiles.delete_profile(number).ok
assert len(profiles.get_profiles()) == 250
