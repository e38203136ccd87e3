/// Decides how loud each voice is: the original steps back while the
/// interpreter speaks.
import 'constants.dart';
import 'messages.dart';
import 'wire.dart';

/// How loud both voices are, 0 to 1.
class Gains {
  const Gains(this.interpreter, this.original);

  final double interpreter;
  final double original;
}

const double duckedTo = 0.2;

class Balance {
  Balance(this.me);

  /// My participantId: what my partner hears is not my affair.
  final String me;

  /// The original's share beside the interpreter, 0 to 1, as the person set it.
  double original = 0.5;

  /// False where both speak the same language: the original is the call.
  bool interpreted = true;
  final Set<String> _speaking = {};

  Gains get gains => interpreted
      ? Gains(1, _speaking.isEmpty ? original : original * duckedTo)
      : const Gains(1, 1);

  /// Take a message of the channel.
  void read(WireRecord message) {
    if (message is SpeechAudio && message.targetUserId == me) {
      final key = '${message.utteranceId}/${message.segment}';
      if (message.state == PlaybackState.start) {
        _speaking.add(key);
      } else {
        _speaking.remove(key);
      }
    } else if (message is UtteranceEnd && message.targetUserId == me) {
      _speaking.removeWhere((key) => key.startsWith('${message.utteranceId}/'));
    }
  }

  /// The connection is lost: the ends of what is spoken will not come.
  void lost() => _speaking.clear();
}

/// Return the steps of a fade, 20 ms apart: down within 60 ms, up within 300.
List<double> fade(double from, double to) {
  final count = to < from ? 3 : 15;
  return [
    for (var step = 1; step <= count; step += 1)
      from + (to - from) * step / count
  ];
}
