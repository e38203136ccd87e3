// Every sentence the page says, in English. What went wrong is told with what to do about it.

const minutes = (ms) => {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

const problems = {
  // the microphone, by the names of getUserMedia's exceptions
  NotAllowedError:
    "The microphone was refused. Allow it for this page (the icon at the left of the address bar), then try again.",
  NotFoundError: "No microphone was found. Plug one in or switch it on, then try again.",
  NotReadableError: "The microphone is in use by another program. Close that program, then try again.",
  OverconstrainedError: "This microphone cannot be used. Choose another one, then try again.",
  InsecureOrigin:
    "Browsers give a microphone to secure pages only. Open this page by https://, or as localhost on this machine.",
  noWebRtc: "This browser cannot make calls (it has no WebRTC). Use a current Firefox, Chrome, Edge or Safari.",
  // the server, by the protocol's codes
  unreachable: "The server does not answer. Check your connection, then try again.",
  badCode: "A code is six digits, such as 123456.",
  session_not_found: "No call has this code. Check the six digits, or ask for a new code: each works for 10 minutes.",
  not_found: "No call has this code. Check the six digits, or ask for a new code: each works for 10 minutes.",
  session_full: "Two people are already in this call. Ask for a new code.",
  session_ended: "This call is already over. Ask for a new code, or start a call yourself.",
  own_session: "This is your own call. Give the code to the other person, or open it on another device.",
  not_admitted: "The other person did not let you in.",
  unsupported_language: "The server cannot do this language now. Choose another one.",
  unsupported_pair: "The server cannot interpret between these two languages. You hear each other's own voices.",
  at_capacity: "The server is full: it takes no more calls than it can interpret well. Try again in a few minutes.",
  rate_limited: "Too many attempts from here.",
  unauthorized: "Your permission for this call has run out. Start again.",
  taken_over: "This call was continued in another window.",
  bad_sdp: "The server could not accept this browser's media. Reload the page; if it stays so, tell your operator.",
  no_audio: "No microphone reached the server. Reload the page and allow the microphone.",
  engine_failed: "The interpreter failed at one sentence. Say it again; the call goes on.",
  gap: "Some subtitles were lost while the connection was down.",
  too_large: "This text is too long. Send it in parts.",
  internal: "The server made a mistake. Try again; if it stays so, tell your operator.",
};

export const words = {
  /** `code`: of the protocol, or the name of a microphone's DOMException; `retryAfterS` where the server told it. */
  problem(code, retryAfterS = null) {
    const text = problems[code] ?? `Something went wrong (${code}). Try again.`;
    if (code !== "rate_limited") return text;
    return `${text} Try again in ${retryAfterS ? minutes(retryAfterS * 1000) : "a minute"}.`;
  },
  loading: "Asking the server what it can interpret…",
  starting: "Starting…",
  languageOption: (name, { hear, speak }) => {
    if (hear && speak) return name;
    return `${name} (${hear ? "heard, and answered in subtitles" : "typed, not spoken"})`;
  },
  me: "You",
  partner: "Partner",
  waiting: "Waiting for the other person to join.",
  partnerHere: (name, language) => `${name} is here (${language}).`,
  partnerConnecting: (name) => `${name} is connecting…`,
  partnerLost: (name) => `${name} lost the connection. Waiting for them to come back…`,
  line: {
    connecting: "Connecting…",
    connected: "Connected.",
    lost: "Connection lost. Reconnecting…",
  },
  level: {
    ok: "",
    busy: "The server is busy: the interpreter runs later than usual.",
    degraded: "The server is overloaded: the interpreter may only write subtitles.",
  },
  uninterpreted: "Nothing is interpreted between these languages: you hear each other's own voice, with subtitles.",
  copied: "Copied.",
  mute: "Mute",
  unmute: "Unmute",
  hold: "Hold to talk",
  talking: "Talking…",
  notSent: "Not sent: the connection is down. Try again in a moment.",
  skipped: "The interpreter skipped a part to catch up",
  firstAudio: (ms) => `heard after ${seconds(Math.max(0, ms))}`,
  outcome: {
    refused: "Not understood, so not spoken",
    failed: "The interpreter failed here",
    subtitles_only: "Subtitles only",
  },
  ended: {
    left: "You left the call.",
    partner_left: "The other person left the call.",
    partner_lost: "The other person's connection was lost and did not come back.",
    deleted: "The call was ended.",
    expired: "The call reached its longest duration.",
    shutdown: "The server was switched off.",
  },
  summary: ({ durationMs, utterances, spoken, failed, firstAudioMs }) => [
    ["Duration", minutes(durationMs ?? 0)],
    ["Utterances", `${utterances ?? 0}`],
    ["Interpreted aloud", `${spoken ?? 0}`],
    ["Failed", `${failed ?? 0}`],
    ["Heard after", firstAudioMs?.p50 == null ? "–" : `${seconds(Math.max(0, firstAudioMs.p50))} (median)`],
  ],
};
