/// Decides which offer an answer belongs to, when a candidate may go out, and
/// which message of the subtitles channel is new.
import 'messages.dart';
import 'wire.dart';

/// Numbers of offers. They rise; a process that began anew knows no earlier
/// one, and the clock keeps its first one higher.
class Negotiation {
  Negotiation(int epochMs) : _number = epochMs ~/ 1000;

  int _number;

  int get number => _number;

  int next() => _number += 1;

  /// An answer to an older offer is ignored.
  bool isCurrent(Answer answer) => answer.negotiation == _number;
}

/// Candidates of one offer. Those that come before the offer is sent wait, or
/// the server would ignore them.
class Trickle {
  Trickle(this.negotiation, this.send);

  final int negotiation;
  final void Function(WireRecord message) send;
  final List<WireRecord> _early = [];
  bool _sent = false;

  /// null: there are no more.
  void add(IceCandidate? candidate) {
    final message = Candidate(negotiation: negotiation, candidate: candidate);
    if (_sent) {
      send(message);
    } else {
      _early.add(message);
    }
  }

  void offer(String sdp) {
    send(Offer(negotiation: negotiation, sdp: sdp));
    _sent = true;
    _early.forEach(send);
    _early.clear();
  }
}

/// The last number that was read. During a change of connections both channels
/// may bring the same message.
class LastSeq {
  LastSeq([this.value = 0]);

  int value;

  bool isNew(WireRecord message) {
    final seq = message['seq'];
    if (seq is! int) return true;
    if (seq <= value) return false;
    value = seq;
    return true;
  }
}
