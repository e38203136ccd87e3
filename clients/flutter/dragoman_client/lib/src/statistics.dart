/// Sums up the engine's statistics (W3C webrtc-stats) for `client_stats`.
import 'dart:math';

import 'messages.dart';

/// Totals of a connection, from which the next summary is counted.
class Totals {
  const Totals([this.delayS = 0, this.emitted = 0]);

  final double delayS;
  final double emitted;
}

class Summary {
  const Summary(this.stats, this.totals);

  final ClientStats stats;
  final Totals totals;
}

/// `entries`: the values of each report, with `type` among them.
Summary summarise(
  Iterable<Map<Object?, Object?>> entries, {
  Totals before = const Totals(),
  double? heardLatencyMs,
}) {
  double rttS = 0,
      jitterS = 0,
      lost = 0,
      concealed = 0,
      delayS = 0,
      emitted = 0;
  for (final one in entries) {
    double of(String name) {
      final value = one[name];
      return value is num ? value.toDouble() : 0;
    }

    if (one['type'] == 'candidate-pair' && one['nominated'] == true) {
      rttS = of('currentRoundTripTime');
    }
    if (one['type'] != 'inbound-rtp') continue;
    jitterS = max(jitterS, of('jitter'));
    lost += of('packetsLost');
    // Nothing is sent between talkspurts: silence filled in there is not heard.
    concealed += of('concealedSamples') - of('silentConcealedSamples');
    delayS += of('jitterBufferDelay');
    emitted += of('jitterBufferEmittedCount');
  }
  final played = emitted - before.emitted;
  final stats = ClientStats(
    rttMs: 1000 * rttS,
    jitterMs: 1000 * jitterS,
    packetsLost: max(0.0, lost),
    concealedMs: max(0.0, concealed / 48),
    playoutDelayMs: played > 0 ? 1000 * (delayS - before.delayS) / played : 0,
    heardLatencyMs: heardLatencyMs,
  );
  return Summary(stats, Totals(delayS, emitted));
}
