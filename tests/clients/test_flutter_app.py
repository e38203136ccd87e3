"""The app's manifests ask for what the app needs and for nothing else, and its imports lead somewhere."""

from __future__ import annotations

import plistlib
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

APP = Path(__file__).parents[2] / "clients" / "flutter" / "app"
CLIENT = APP.parent / "dragoman_client"
ANDROID = "{http://schemas.android.com/apk/res/android}"
OF_THE_SDK = {"flutter", "flutter_test", "test"}


def test_android_asks_for_what_a_call_needs() -> None:
    manifest = ElementTree.parse(APP / "android/app/src/main/AndroidManifest.xml").getroot()
    asked = {one.attrib[f"{ANDROID}name"].rpartition(".")[2] for one in manifest.findall("uses-permission")}
    assert asked == {
        "ACCESS_NETWORK_STATE", "BLUETOOTH", "BLUETOOTH_CONNECT", "CAMERA", "FOREGROUND_SERVICE",
        "FOREGROUND_SERVICE_MICROPHONE", "INTERNET", "MODIFY_AUDIO_SETTINGS", "POST_NOTIFICATIONS", "RECORD_AUDIO",
        "WAKE_LOCK",
    }  # fmt: skip
    (application,) = manifest.findall("application")
    assert (
        application.attrib[f"{ANDROID}allowBackup"] == application.attrib[f"{ANDROID}usesCleartextTraffic"] == "false"
    )
    (service,) = application.findall("service")
    assert service.attrib[f"{ANDROID}foregroundServiceType"] == "microphone"
    assert service.attrib[f"{ANDROID}exported"] == "false"


def test_apples_platforms_say_why_and_hear_in_the_background() -> None:
    for platform in ("ios", "macos"):
        told = plistlib.loads((APP / platform / "Runner/Info.plist").read_bytes())
        assert told["NSMicrophoneUsageDescription"] and told["NSCameraUsageDescription"]
        assert "NSAppTransportSecurity" not in told, "no plain HTTP"
    assert plistlib.loads((APP / "ios/Runner/Info.plist").read_bytes())["UIBackgroundModes"] == ["audio"]
    for name in ("Release", "DebugProfile"):
        rights = plistlib.loads((APP / f"macos/Runner/{name}.entitlements").read_bytes())
        assert rights["com.apple.security.device.audio-input"] and rights["com.apple.security.network.client"]


def test_every_import_is_a_file_or_a_dependency() -> None:
    for package in (APP, CLIENT):
        pubspec = yaml.safe_load((package / "pubspec.yaml").read_text("utf-8"))
        named = {pubspec["name"], *pubspec["dependencies"], *pubspec["dev_dependencies"]}
        used = set()
        for path in package.rglob("*.dart"):
            for target in re.findall(r"^(?:import|export) '([^']+)'", path.read_text("utf-8"), re.MULTILINE):
                if target.startswith("package:"):
                    used.add(target.removeprefix("package:").partition("/")[0])
                elif not target.startswith("dart:"):
                    assert (path.parent / target).is_file(), f"{path} imports {target}"
        assert used <= named, package
        assert named - used <= OF_THE_SDK | {pubspec["name"]}, package


def test_the_library_knows_neither_flutter_nor_a_platform() -> None:
    for path in (CLIENT / "lib").rglob("*.dart"):
        assert not re.search(r"'(package:flutter|dart:(io|html|ui))", path.read_text("utf-8")), path
