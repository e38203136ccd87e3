// A summary of the browser's WebRTC statistics (W3C webrtc-stats), as `client_stats` sends it. Pure.

/**
 * Summarise an `RTCStatsReport`. `before`: the `totals` of the previous summary, or null.
 * → `{stats: {rttMs, jitterMs, packetsLost, concealedMs, playoutDelayMs}, more: {lossPercent, path}, totals}`.
 * `packetsLost` and `concealedMs` are counted from the start of the connection. `playoutDelayMs` and `lossPercent` are
 * of the time since `before`, 0 when nothing arrived. `path`: "direct" | "relay" | null.
 */
export function summarise(report, before = null) {
  const totals = { delayS: 0, emitted: 0, received: 0, lost: 0 };
  let rttS = 0;
  let jitterS = 0;
  let packetsLost = 0;
  let concealed = 0;
  let path = null;
  for (const entry of report.values()) {
    if (entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
      rttS = entry.currentRoundTripTime ?? rttS;
      path = report.get(entry.localCandidateId)?.candidateType === "relay" ? "relay" : "direct";
    }
    if (entry.type === "inbound-rtp" && entry.kind === "audio") {
      jitterS = Math.max(jitterS, entry.jitter ?? 0);
      packetsLost += entry.packetsLost ?? 0;
      // Between talkspurts nothing is sent: nobody can hear a concealment that fills in silence.
      concealed += (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
      totals.received += entry.packetsReceived ?? 0;
      totals.delayS += entry.jitterBufferDelay ?? 0;
      totals.emitted += entry.jitterBufferEmittedCount ?? 0;
    }
  }
  totals.lost = Math.max(0, packetsLost);
  const lost = totals.lost - (before?.lost ?? 0);
  const expected = totals.received - (before?.received ?? 0) + lost;
  const emitted = totals.emitted - (before?.emitted ?? 0);
  const delayS = totals.delayS - (before?.delayS ?? 0);
  const ms = (seconds) => Math.round(seconds * 10000) / 10;
  return {
    stats: {
      rttMs: ms(rttS),
      jitterMs: ms(jitterS),
      packetsLost: totals.lost,
      concealedMs: ms(concealed / 48000), // Opus in WebRTC always runs on a 48 kHz clock
      playoutDelayMs: emitted > 0 ? ms(delayS / emitted) : 0,
    },
    more: { lossPercent: expected > 0 ? Math.max(0, Math.round((1000 * lost) / expected) / 10) : 0, path },
    totals,
  };
}
