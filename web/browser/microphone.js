// The microphone: opens the one that the user chose, with the browser's echo and noise processing.

import { preferences } from "./preferences.js";

/** → an audio MediaStream. Throws the DOMException of getUserMedia, or one named `InsecureOrigin`. */
export async function openMicrophone(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "InsecureOrigin");
  return navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: 1,
      ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    },
  });
}

/** Open the preferred microphone, or the system's where the preferred one is gone. → MediaStream */
export async function openPreferred() {
  try {
    return await openMicrophone(preferences.microphone);
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    return openMicrophone();
  }
}
