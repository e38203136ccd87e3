// The microphone: opens the one that the user chose, else any that opens, with the browser's echo and noise processing.

import { preferences } from "./preferences.js";

const PROCESSED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
// After one of these, another attempt ends likewise.
const REFUSED = new Set(["NotAllowedError", "SecurityError", "InsecureOrigin", "NoMediaDevices"]);

const device = (deviceId) => (deviceId ? { deviceId: { exact: deviceId } } : {});

/** Open this microphone, or the system's for "". → an audio MediaStream with a live track; throws as getUserMedia. */
export function openMicrophone(deviceId) {
  return firstToOpen([{ ...PROCESSED, ...device(deviceId) }, deviceId ? device(deviceId) : true]);
}

/** Open the preferred microphone, or the system's where that one fails. → as `openMicrophone` */
export function openPreferred() {
  const preferred = preferences.microphone ? [{ ...PROCESSED, ...device(preferences.microphone) }] : [];
  return firstToOpen([...preferred, PROCESSED, true]);
}

/** Open by the first of these constraints that the browser takes. Throws what the last one threw. */
async function firstToOpen(constraints) {
  let failure;
  for (const audio of constraints) {
    try {
      return await open(audio);
    } catch (error) {
      failure = error;
      if (REFUSED.has(error.name)) break;
    }
  }
  throw failure;
}

async function open(audio) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException("", globalThis.isSecureContext ? "NoMediaDevices" : "InsecureOrigin");
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  const [track] = stream.getAudioTracks();
  if (track?.readyState === "live") return stream;
  stream.getTracks().forEach((one) => one.stop());
  throw new DOMException("", track ? "NotReadableError" : "NotFoundError");
}
