import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

Transcription said(
  String id,
  String text, {
  bool isFinal = false,
  String? continues,
}) =>
    Transcription(
      seq: 1,
      sessionId: 's',
      utteranceId: id,
      sourceUserId: 'p',
      revision: 0,
      final_: isFinal,
      text: text,
      stableLength: 2,
      language: 'en',
      startMs: 0,
      endMs: 100,
      confidence: 0.9,
      continues: continues,
    );

TranslationMessage meant(String id, int segment, String text, {String? held}) =>
    TranslationMessage(
      seq: 1,
      sessionId: 's',
      segment: segment,
      utteranceId: id,
      sourceUserId: 'p',
      revision: 0,
      final_: true,
      targetUserId: 'me',
      originalText: 'x',
      sourceStart: 0,
      sourceEnd: 1,
      translatedText: text,
      sourceLanguage: 'en',
      targetLanguage: 'es',
      timestamp: 1,
      latency: 500,
      held: held,
    );

UtteranceEnd ended(String id, String outcome, {String? reason}) => UtteranceEnd(
      seq: 1,
      utteranceId: id,
      sourceUserId: 'p',
      targetUserId: 'me',
      outcome: outcome,
      latency: Latency(),
      reason: reason,
    );

void main() {
  test('a later text replaces an earlier one', () {
    final subtitles = Subtitles()
      ..read(said('u1', 'I have too'))
      ..read(said('u1', 'I have two bags.', isFinal: true));
    expect(subtitles.lines.single.text, 'I have two bags.');
    expect(subtitles.lines.single.isFinal, isTrue);
  });

  test('segments stand in their order, whenever they came', () {
    final subtitles = Subtitles()
      ..read(meant('u1', 1, 'Tengo dos.'))
      ..read(meant('u1', 0, 'Hola.'));
    expect(subtitles.lines.single.translation, 'Hola. Tengo dos.');
  });

  test('what goes on a sentence is in its line', () {
    final subtitles = Subtitles()
      ..read(said('u1', 'I would like'))
      ..read(said('u2', 'another'))
      ..read(said('u3', 'a room.', continues: 'u1'));
    final sentences = [
      for (final one in subtitles.sentences) one.map((line) => line.text)
    ];
    expect(sentences, [
      ['I would like', 'a room.'],
      ['another']
    ]);
  });

  test('an echo and noise leave nothing', () {
    for (final end in [
      ended('u1', Outcome.refused, reason: 'echo'),
      ended('u1', Outcome.nothingSaid),
      said('u1', '', isFinal: true),
    ]) {
      final subtitles = Subtitles()..read(said('u1', 'Tengo'))..read(end);
      expect(subtitles.lines, isEmpty);
    }
  });

  test('what is held or unsure is marked', () {
    final subtitles = Subtitles()
      ..read(meant('u1', 0, 'Hola.'))
      ..read(meant('u2', 0, 'Hello.', held: HeldReason.untranslated));
    expect([for (final one in subtitles.lines) one.isMarked], [false, true]);
  });
}
