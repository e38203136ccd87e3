"""Faults of browsers, one at a time: scripts that run before the page does."""

from collections.abc import Mapping

HANDS = """
    const refuse = (name, message = "refused by the test") => { throw new DOMException(message, name); };
    const reject = async (name) => refuse(name);
    const never = () => new Promise(() => {});
    const put = (owner, name, value) => {
        Object.defineProperty(owner, name, { configurable: true, writable: true, value });
    };
    const hide = (owner, name, get) => Object.defineProperty(owner, name, { configurable: true, get });
    const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
"""

HEADSET = """
    const local = new Set();
    devices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        stream.getTracks().forEach((track) => local.add(track));
        return stream;
    };
    const make = AudioContext.prototype.createMediaStreamSource;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
        if (stream.getTracks().some((track) => local.has(track))) refuse("NotSupportedError",
            "Connecting AudioNodes from AudioContexts with different sample-rate is currently not supported.");
        return make.call(this, stream);
    };
"""
"""Firefox with a headset that has another rate than the loudspeaker (its bugs 1674892 and 1725336)."""


def kept(text: str) -> str:
    """Return a script that leaves `text` as the preferences of an earlier visit."""
    return f"localStorage.setItem('dragoman.preferences', {text!r});"


AUDIO: Mapping[str, str] = {
    "a headset of another rate": HEADSET,
    "no source of any stream": "AudioContext.prototype.createMediaStreamSource = () => refuse('NotSupportedError');",
    "no AudioContext": "put(window, 'AudioContext', undefined); put(window, 'webkitAudioContext', undefined);",
    "an AudioContext too many": "put(window, 'AudioContext', class { constructor() { refuse('NotSupportedError'); }});",
    "no analyser": "BaseAudioContext.prototype.createAnalyser = () => refuse('NotSupportedError');",
    "an analyser that cannot be read": "AnalyserNode.prototype.getFloatTimeDomainData = undefined;",
    "no gains": "BaseAudioContext.prototype.createGain = () => refuse('NotSupportedError');",
    "gains that do not move": "AudioParam.prototype.setTargetAtTime = () => refuse('InvalidStateError');",
    "sources that connect to nothing": "AudioNode.prototype.connect = () => refuse('InvalidAccessError');",
    "resume rejects": "AudioContext.prototype.resume = () => reject('NotAllowedError');",
    "resume throws": "AudioContext.prototype.resume = () => refuse('InvalidStateError');",
    "resume never ends": "AudioContext.prototype.resume = never;",
    "close rejects": "AudioContext.prototype.close = () => reject('InvalidStateError');",
    "close throws": "AudioContext.prototype.close = () => refuse('InvalidStateError');",
    "play rejects": "HTMLMediaElement.prototype.play = () => reject('NotAllowedError');",
    "play throws": "HTMLMediaElement.prototype.play = () => refuse('NotAllowedError');",
    "play returns nothing": "HTMLMediaElement.prototype.play = () => undefined;",
    "no recorder": "put(window, 'MediaRecorder', undefined);",
    "a recorder that refuses": "put(window, 'MediaRecorder', class { constructor() { refuse('NotSupportedError'); }});",
}

STORAGE: Mapping[str, str] = {
    "localStorage is forbidden": "hide(window, 'localStorage', () => refuse('SecurityError'));",
    "localStorage is null": "hide(window, 'localStorage', () => null);",
    "localStorage is full": "Storage.prototype.setItem = () => refuse('QuotaExceededError');",
    "sessionStorage is forbidden": "hide(window, 'sessionStorage', () => refuse('SecurityError'));",
    "sessionStorage is null": "hide(window, 'sessionStorage', () => null);",
    "nothing is kept at all": (
        "hide(window, 'localStorage', () => null); hide(window, 'sessionStorage', () => refuse('SecurityError'));"
    ),
    "storage cannot be read": "Storage.prototype.getItem = () => refuse('UnknownError');",
    "kept: no JSON": kept("{"),
    "kept: null": kept("null"),
    "kept: a list": kept("[1]"),
    "kept: a text": kept('"en"'),
    "kept: another language of the page": kept('{"locale": "klingon"}'),
    "kept: a name of every object": kept('{"locale": "constructor", "language": "toString"}'),
    "kept: other types": kept(
        '{"locale": 7, "language": 5, "microphone": {}, "balance": "loud", "voices": null, "size": [], "name": 7}'
    ),
    "kept: a microphone that is gone": kept('{"microphone": "of-another-year"}'),
    "kept: a call that is none": "sessionStorage.setItem('dragoman.call', '{\"wsUrl\": 1}');",
    "kept: a call that is no JSON": "sessionStorage.setItem('dragoman.call', '{');",
    "kept: a number of reloads that is none": "sessionStorage.setItem('dragoman.loads', 'many');",
}

DEVICES: Mapping[str, str] = {
    "no list of devices": "devices.enumerateDevices = undefined;",
    "the list of devices rejects": "devices.enumerateDevices = () => reject('NotAllowedError');",
    "the list of devices throws": "devices.enumerateDevices = () => refuse('InvalidStateError');",
    "devices tell of nothing": "devices.addEventListener = undefined;",
    "the chosen microphone is busy": (
        kept('{"microphone": "busy"}')
        + "devices.getUserMedia = (wanted) =>"
        + "wanted.audio.deviceId?.exact === 'busy' ? reject('NotReadableError') : open(wanted);"
    ),
    "the chosen microphone aborts": (
        kept('{"microphone": "broken"}')
        + "devices.getUserMedia = (wanted) =>"
        + "wanted.audio.deviceId?.exact === 'broken' ? reject('AbortError') : open(wanted);"
    ),
    "no processing of the microphone": (
        "devices.getUserMedia = (wanted) =>wanted.audio.channelCount ? reject('OverconstrainedError') : open(wanted);"
    ),
    "a microphone that is dead at once": (
        "let first = true; devices.getUserMedia = async (wanted) => { const stream = await open(wanted);"
        "if (first) stream.getTracks().forEach((track) => track.stop()); first = false; return stream; };"
    ),
}

REST: Mapping[str, str] = {
    "no wake lock": "hide(navigator, 'wakeLock', () => undefined);",
    "a wake lock rejects": "hide(navigator, 'wakeLock', () => ({ request: () => reject('NotAllowedError') }));",
    "a wake lock throws": "hide(navigator, 'wakeLock', () => ({ request: () => refuse('SecurityError') }));",
    "a wake lock is not released": (
        "hide(navigator, 'wakeLock', () => ({ request: async () => ({ release: () => reject('UnknownError') }) }));"
    ),
    "no service worker": "hide(navigator, 'serviceWorker', () => undefined);",
    "service workers are forbidden": "hide(navigator, 'serviceWorker', () => refuse('SecurityError'));",
    "a service worker rejects": "hide(navigator, 'serviceWorker', () => ({ register: () => reject('TypeError') }));",
    "a service worker throws": "hide(navigator, 'serviceWorker', () => ({ register: () => refuse('SecurityError') }));",
    "no clipboard": "hide(navigator, 'clipboard', () => undefined);",
    "the clipboard rejects": "hide(navigator, 'clipboard', () => ({ writeText: () => reject('NotAllowedError') }));",
    "nothing can be copied": (
        "hide(navigator, 'clipboard', () => undefined); Document.prototype.execCommand = () => refuse('SecurityError');"
    ),
    "sharing rejects": "put(navigator, 'share', () => reject('NotAllowedError'));",
    "sharing throws": "put(navigator, 'share', () => refuse('InvalidStateError'));",
    "no names of languages": "put(Intl, 'DisplayNames', undefined);",
    "names of languages throw": "put(Intl, 'DisplayNames', class { constructor() { throw new RangeError('no'); } });",
    "no numbers": "put(Intl, 'NumberFormat', class { constructor() { throw new RangeError('no'); } });",
    "no random identifiers": "put(crypto, 'randomUUID', undefined);",
    "no time limits": "put(AbortSignal, 'timeout', undefined);",
    "no modal dialogs": "HTMLDialogElement.prototype.showModal = undefined;",
    "a modal dialog throws": "HTMLDialogElement.prototype.showModal = () => refuse('InvalidStateError');",
    "the history is full": "History.prototype.replaceState = () => refuse('SecurityError');",
    "no statistics": "RTCPeerConnection.prototype.getStats = () => reject('InvalidStateError');",
    "the pointer is not captured": "Element.prototype.setPointerCapture = () => refuse('NotFoundError');",
    "nothing scrolls": "Element.prototype.scrollIntoView = () => refuse('NotSupportedError');",
    "no address of a file": "URL.createObjectURL = () => refuse('NotSupportedError');",
    "the network tells of nothing": "hide(navigator, 'connection', () => refuse('SecurityError'));",
    "no languages of the browser": "hide(navigator, 'languages', () => undefined);",
    "odd languages of the browser": "hide(navigator, 'languages', () => ['en-US@posix', 'C', '']);",
    "a relay's address is refused": (
        "const Peer = RTCPeerConnection; put(window, 'RTCPeerConnection', class extends Peer {"
        "constructor(options) { if (options.iceServers.length) refuse('SyntaxError'); super(options); } });"
    ),
    "no notifications, no full screen, no media queries": (
        "put(window, 'Notification', undefined); put(window, 'matchMedia', undefined);"
        "Element.prototype.requestFullscreen = undefined;"
    ),
}


def script(body: str) -> str:
    """Return a fault as a script of its own scope."""
    return f"(() => {{{HANDS}{body}}})();"
