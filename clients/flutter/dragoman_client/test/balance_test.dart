import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

SpeechAudio spoken(String state, {int segment = 0, String to = 'me'}) =>
    SpeechAudio(
      seq: 1,
      utteranceId: 'u1',
      sourceUserId: 'p',
      segment: segment,
      targetUserId: to,
      state: state,
    );

void main() {
  test('the original steps back while the interpreter speaks', () {
    final balance = Balance('me')..read(spoken(PlaybackState.start));
    expect(balance.gains.original, 0.5 * duckedTo);
    expect(balance.gains.interpreter, 1);
    balance.read(spoken(PlaybackState.end));
    expect(balance.gains.original, 0.5);
  });

  test('what the partner hears changes nothing here', () {
    final balance = Balance('me')..read(spoken(PlaybackState.start, to: 'p'));
    expect(balance.gains.original, 0.5);
  });

  test('the end of the utterance ends its segments', () {
    final balance = Balance('me')
      ..read(spoken(PlaybackState.start, segment: 0))
      ..read(spoken(PlaybackState.start, segment: 1))
      ..read(UtteranceEnd(
        seq: 2,
        utteranceId: 'u1',
        sourceUserId: 'p',
        targetUserId: 'me',
        outcome: Outcome.spoken,
        latency: Latency(),
      ));
    expect(balance.gains.original, 0.5);
  });

  test('a lost connection ends all that was spoken', () {
    final balance = Balance('me')
      ..read(spoken(PlaybackState.start))
      ..lost();
    expect(balance.gains.original, 0.5);
  });

  test('in one language the original is the call', () {
    final balance = Balance('me')
      ..interpreted = false
      ..original = 0;
    expect(balance.gains.original, 1);
  });

  test('down is quicker than up, and both arrive', () {
    expect(fade(1, 0).length, 3);
    expect(fade(0, 1).length, 15);
    expect(fade(0.2, 0.8).last, closeTo(0.8, 1e-9));
  });
}
