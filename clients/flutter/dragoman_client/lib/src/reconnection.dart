/// Decides what follows a socket's end: another socket, and when, a stream in
/// its place, or none.
import 'constants.dart';

/// A server that is restarted is back in some seconds: twice a second for the
/// first five. The last one repeats.
const List<int> backoffMs = [
  100, 300, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, //
  1000, 1000, 1000, 1000, 2000,
];

/// Of each attempt in turn; the last one repeats.
const List<int> connectTimeoutMs = [2500, 2500, 4000, 8000];

/// Failed WebSockets before a stream is tried, where none has worked in this
/// call. One has failed that ends without a close code before its first message.
const int failuresOfNew = 1;

/// The same in a row where one has worked: networks come and go.
const int failuresOfProven = 3;

/// For a WebSocket, where a stream has been needed in this call.
const int doubtedTimeoutMs = 1000;

/// RFC 6455, 7.1.5: there was no close code.
const int noCloseCode = 1006;

/// Far beyond the grace of the server: the session is over by then.
const int giveUpAfterMs = 120000;

/// Closes and fatal errors after which a new attempt would end the same way.
const Map<int, String> finalCloses = {
  CloseCode.ended: 'ended',
  CloseCode.takenOver: Code.takenOver,
  CloseCode.badFirstMessage: Code.badRequest,
  CloseCode.notAuthorized: Code.unauthorized,
};
const Set<String> finalErrors = {
  Code.badRequest,
  Code.forbidden,
  Code.notAdmitted,
  Code.notFound,
  Code.ownSession,
  Code.sessionEnded,
  Code.sessionFull,
  Code.sessionNotFound,
  Code.takenOver,
  Code.unauthorized,
  Code.unsupportedLanguage,
  Code.unsupportedPair,
};

/// What to do: wait for `afterMs`, or stop because of `ended`.
class Verdict {
  const Verdict.again(this.afterMs) : ended = null;
  const Verdict.over(String this.ended) : afterMs = 0;

  final int afterMs;
  final String? ended;
}

class Reconnection {
  /// `mayStream`: there is something to open a stream with.
  Reconnection({this.mayStream = false});

  final bool mayStream;
  int _attempt = 0;
  int? _downSinceMs;
  bool _wasJoined = false;
  bool _streams = false;
  bool _heard = false;
  int _failures = 0;
  int _failuresAllowed = failuresOfNew;
  bool _doubted = false;

  /// True if a stream is opened next, or is open, in the place of a WebSocket.
  bool get streams => _streams;

  int get connectTimeout => _doubted && !_streams
      ? doubtedTimeoutMs
      : _at(connectTimeoutMs, _attempt);

  /// A message has come by what is open.
  void heard() {
    _heard = true;
    if (_streams) return;
    _failures = 0;
    _failuresAllowed = failuresOfProven;
    _doubted = false;
  }

  void joined() {
    _wasJoined = true;
    _downSinceMs = null;
    _doubted = _doubted || _streams;
  }

  /// The server lives, and whoever began the call has not let us in yet. That
  /// may take long: a loss behind it has its whole time.
  void waits() => _downSinceMs = null;

  /// The server answered: the next attempt may come at once.
  void lived() => _attempt = 0;

  /// A socket has ended, at `nowMs` of any clock that only goes on. `closeCode`
  /// and `fatalError` (a code): where the server told them. `spread`: a random
  /// number from 0 to 1, lest all clients of a server come at once.
  Verdict closed(
    int nowMs, {
    int? closeCode,
    String? fatalError,
    double spread = 0.5,
  }) {
    if (fatalError != null && _isFinal(fatalError)) {
      return Verdict.over(fatalError);
    }
    final reason = fatalError == null ? finalCloses[closeCode] : null;
    if (reason != null) return Verdict.over(reason);
    final failed = _failed(closeCode);
    if (failed) _failures += 1;
    _streams = failed && _failures >= _failuresAllowed;
    _heard = false;
    if (_streams) return const Verdict.again(0);
    final since = _downSinceMs ??= nowMs;
    if (nowMs - since > giveUpAfterMs) return const Verdict.over('unreachable');
    final pauseMs = _at(backoffMs, _attempt);
    _attempt += 1;
    return Verdict.again((pauseMs * (0.8 + 0.4 * spread)).round());
  }

  bool _failed(int? closeCode) =>
      mayStream &&
      !_streams &&
      !_heard &&
      (closeCode == null || closeCode == noCloseCode);

  /// A server that was just restarted may not have its engines yet: a language
  /// that it had before may come back.
  bool _isFinal(String code) =>
      finalErrors.contains(code) &&
      !(_wasJoined && code.startsWith('unsupported_'));

  int _at(List<int> values, int place) =>
      values[place < values.length ? place : values.length - 1];
}
