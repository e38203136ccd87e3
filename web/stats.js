// What `client_stats` tells the server, out of the browser's own WebRTC statistics (W3C webrtc-stats). Pure.

/**
 * `report`: an `RTCStatsReport`; `before`: the `totals` of the call before, or null.
 * → `{stats: {rttMs, jitterMs, packetsLost, concealedMs, playoutDelayMs}, totals}`. Loss and concealment are
 * counted from the start of the connection; the playout delay is the mean since `before`, 0 when nothing played.
 */
export function summarise(report, before = null) {
  const totals = { delayS: 0, emitted: 0 };
  let rttS = 0;
  let jitterS = 0;
  let packetsLost = 0;
  let concealed = 0;
  for (const entry of report.values()) {
    if (entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
      rttS = entry.currentRoundTripTime ?? rttS;
    }
    if (entry.type === "inbound-rtp" && entry.kind === "audio") {
      jitterS = Math.max(jitterS, entry.jitter ?? 0);
      packetsLost += entry.packetsLost ?? 0;
      // Between talkspurts nothing is sent: silence filled in there is no concealment anyone could hear.
      concealed += (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
      totals.delayS += entry.jitterBufferDelay ?? 0;
      totals.emitted += entry.jitterBufferEmittedCount ?? 0;
    }
  }
  const emitted = totals.emitted - (before?.emitted ?? 0);
  const delayS = totals.delayS - (before?.delayS ?? 0);
  const ms = (seconds) => Math.round(seconds * 10000) / 10;
  return {
    stats: {
      rttMs: ms(rttS),
      jitterMs: ms(jitterS),
      packetsLost: Math.max(0, packetsLost),
      concealedMs: ms(concealed / 48000), // Opus in WebRTC always runs on a 48 kHz clock
      playoutDelayMs: emitted > 0 ? ms(delayS / emitted) : 0,
    },
    totals,
  };
}
