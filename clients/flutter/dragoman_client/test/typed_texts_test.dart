import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

Transcription heard(String clientId) => Transcription(
      seq: 1,
      sessionId: 's',
      utteranceId: 'u',
      sourceUserId: 'me',
      revision: 0,
      final_: true,
      text: 'Hello',
      stableLength: 5,
      language: 'en',
      startMs: 0,
      endMs: 0,
      confidence: 1,
      clientId: clientId,
    );

void main() {
  List<String> ids(List<Say> found) =>
      [for (final one in found) '${one.clientId}'];

  test('each text is sent once, in its order', () {
    final texts = TypedTexts()
      ..add(TypedText('a', 'Hello', 0))
      ..add(TypedText('b', 'again', 1));
    expect(ids(texts.due(10)), ['a', 'b']);
    expect(texts.due(20), isEmpty);
  });

  test('what no transcription confirmed is sent again after a loss', () {
    final texts = TypedTexts()
      ..add(TypedText('a', 'Hello', 0))
      ..add(TypedText('b', 'again', 1))
      ..due(10)
      ..read(heard('a'))
      ..lost();
    expect(ids(texts.due(20)), ['b']);
  });

  test('old text is not said into another talk', () {
    final texts = TypedTexts()..add(TypedText('a', 'Hello', 0));
    expect(texts.due(staleAfterMs + 1), isEmpty);
    expect(texts.waiting, isEmpty);
  });

  test('a text outlives the process, and what is no text is left out', () {
    final kept = TypedText('a', 'Hello', 5).toJson();
    expect(TypedText.of(kept)!.toJson(), kept);
    expect(TypedText.of({'clientId': 'a'}), isNull);
    expect(TypedText.of('a'), isNull);
  });

  test('a full queue says so', () {
    final texts = TypedTexts();
    for (var at = 0; at < mostWaiting; at += 1) {
      expect(texts.add(TypedText('$at', 'x', at)), isTrue);
    }
    expect(texts.add(TypedText('more', 'x', 99)), isFalse);
  });
}
