import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  final line = {
    'type': 'inbound-rtp',
    'jitter': 0.002,
    'packetsLost': 3,
    'concealedSamples': 960,
    'silentConcealedSamples': 480,
    'jitterBufferDelay': 4.0,
    'jitterBufferEmittedCount': 100,
  };
  final pair = {
    'type': 'candidate-pair',
    'nominated': true,
    'currentRoundTripTime': 0.05,
  };

  test('a report is in milliseconds, without what nobody heard', () {
    final stats = summarise([line, pair]).stats;
    expect(stats.rttMs, 50);
    expect(stats.jitterMs, 2);
    expect(stats.packetsLost, 3);
    expect(stats.concealedMs, 10);
    expect(stats.playoutDelayMs, 40);
  });

  test('the delay is that of the time since the report before', () {
    final before = summarise([line]).totals;
    final later = {
      ...line,
      'jitterBufferDelay': 5.0,
      'jitterBufferEmittedCount': 150,
    };
    expect(summarise([later], before: before).stats.playoutDelayMs, 20);
    expect(summarise([line], before: before).stats.playoutDelayMs, 0);
  });

  test('nothing that is missing is an error', () {
    expect(summarise([]).stats.packetsLost, 0);
  });
}
