/// Keeps typed texts until the server has them: a queue for bad connections.
import 'messages.dart';

/// Text that waits for more than this is not sent: the talk went on.
const int staleAfterMs = 120000;
const int mostWaiting = 50;

class TypedText {
  TypedText(this.clientId, this.text, this.typedAtMs);

  final String clientId;
  final String text;

  /// Epoch ms.
  final int typedAtMs;
  bool isSent = false;

  /// Return null for what is no text that was kept.
  static TypedText? of(Object? json) {
    if (json is! Map<String, Object?>) return null;
    final id = json['clientId'], text = json['text'], at = json['typedAtMs'];
    if (id is! String || text is! String || at is! int) return null;
    return TypedText(id, text, at);
  }

  Map<String, Object?> toJson() =>
      {'clientId': clientId, 'text': text, 'typedAtMs': typedAtMs};
}

class TypedTexts {
  final List<TypedText> _waiting = [];

  List<TypedText> get waiting => List.unmodifiable(_waiting);

  /// Return false where too many wait: the person is told, and nothing is lost
  /// without a word.
  bool add(TypedText text) {
    if (_waiting.length >= mostWaiting) return false;
    _waiting.add(text);
    return true;
  }

  /// Return the messages to send now, in their order. Call it whenever a
  /// channel opens, and after each `add`.
  List<Say> due(int nowMs) {
    _waiting.removeWhere((one) => nowMs - one.typedAtMs > staleAfterMs);
    final fresh = _waiting.where((one) => !one.isSent).toList();
    for (final one in fresh) {
      one.isSent = true;
    }
    return [
      for (final one in fresh) Say(text: one.text, clientId: one.clientId)
    ];
  }

  /// The channel is lost: what no transcription confirmed is sent again. The
  /// server may say twice what it had read just before.
  void lost() {
    for (final one in _waiting) {
      one.isSent = false;
    }
  }

  /// A transcription with its clientId: the server has it.
  void read(Transcription message) =>
      _waiting.removeWhere((one) => one.clientId == message.clientId);
}
