/// The subtitles of a call as lines: what was said, and its translation.
import 'constants.dart';
import 'messages.dart';
import 'wire.dart';

/// A translated segment of an utterance.
class Segment {
  Segment(this.text, {this.isFinal = false, this.held, this.unsure = const []});

  final String text;
  final bool isFinal;

  /// Why it is no translation, but what was said; else null.
  final String? held;
  final List<String> unsure;
}

/// One utterance.
class Line {
  Line(this.utteranceId, this.speaker);

  final String utteranceId;
  final String speaker;
  String text = '';

  /// UTF-16 code units of `text` that will not change any more.
  int stableLength = 0;
  bool isFinal = false;
  String? clientId;

  /// The utterance whose sentence this one goes on: both are one line.
  String? continues;
  String? outcome;
  final Map<int, Segment> segments = {};

  String get translation {
    final order = segments.keys.toList()..sort();
    return order.map((at) => segments[at]!.text).join(' ');
  }

  /// It may be wrong, or it is no translation: mark it.
  bool get isMarked =>
      segments.values.any((one) => one.held != null || one.unsure.isNotEmpty);
}

class Subtitles {
  final Map<String, Line> _lines = {};

  /// In the order in which they began.
  Iterable<Line> get lines => _lines.values;

  /// Lines that one sentence joins, each with those that go on behind it.
  List<List<Line>> get sentences {
    final found = <String, List<Line>>{};
    for (final line in _lines.values) {
      final before = found[line.continues];
      final sentence = before ?? <Line>[];
      sentence.add(line);
      found[line.utteranceId] = sentence;
    }
    return found.values.toSet().toList();
  }

  /// Take a message of the channel. Return the line that changed, or null.
  Line? read(WireRecord message) {
    if (message is Transcription) return _transcribed(message);
    if (message is TranslationMessage) return _translated(message);
    if (message is UtteranceEnd) return _ended(message);
    return null;
  }

  Line _line(String utteranceId, String speaker) =>
      _lines.putIfAbsent(utteranceId, () => Line(utteranceId, speaker));

  Line _transcribed(Transcription message) {
    final line = _line(message.utteranceId, message.sourceUserId)
      ..text = message.text
      ..stableLength = message.stableLength
      ..isFinal = message.final_
      ..clientId = message.clientId
      ..continues = message.continues;
    // An empty text takes a partial one back: it was not said.
    if (message.final_ && message.text.isEmpty) _lines.remove(line.utteranceId);
    return line;
  }

  Line _translated(TranslationMessage message) {
    final line = _line(message.utteranceId, message.sourceUserId);
    line.segments[message.segment] = Segment(
      message.translatedText,
      isFinal: message.final_,
      held: message.held,
      unsure: message.unsure ?? const [],
    );
    return line;
  }

  Line? _ended(UtteranceEnd message) {
    final line = _lines[message.utteranceId]?..outcome = message.outcome;
    final isEcho =
        message.outcome == Outcome.refused && message.reason == 'echo';
    if (isEcho || message.outcome == Outcome.nothingSaid) {
      _lines.remove(message.utteranceId);
    }
    return line;
  }
}
