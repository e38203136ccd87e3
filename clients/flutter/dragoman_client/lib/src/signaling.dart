/// One participant's socket: joins, notices a dead connection, and comes back
/// by the resume token. A stream takes its place where WebSockets fail.
import 'dart:async';
import 'dart:convert';
import 'dart:math';

import 'api.dart';
import 'constants.dart';
import 'messages.dart';
import 'reconnection.dart';
import 'wire.dart';

/// An open WebSocket, which the app brings from its platform; or a stream.
abstract class Socket {
  /// Texts that come; it ends with the socket.
  Stream<String> get texts;

  /// Once `texts` has ended: the code of the close, if there was one.
  int? get closeCode;

  void send(String text);

  void close();
}

typedef OpenSocket = Future<Socket> Function(Uri address);

/// Open a stream: `MessageStream.open` with the app's HTTP client. `token` is
/// asked with each request.
typedef OpenStream = Future<Socket> Function(
    Uri address, String Function() token);

const int _heartbeatMs = 2000;
const int _heartbeatTimeoutMs = 2500;
const int _wakingTimeoutMs = 1200;

class Signaling {
  Signaling({
    required this.wsUrl,
    required this.sessionId,
    required this.token,
    required this.language,
    required this.open,
    this.openStream,
    this.onMessage = _ignore,
    this.onLost = _nothing,
    this.onWaiting = _nothing,
    this.onClosed = _ignoreReason,
    Random? random,
  }) : _random = random ?? Random();

  String wsUrl;
  final String sessionId;

  /// The access token at first, then the resume token of `session_joined`.
  String token;
  String language;
  bool detect = false;
  final OpenSocket open;

  /// null: there are only WebSockets.
  final OpenStream? openStream;

  /// Each message of the server, `session_joined` first.
  void Function(WireRecord message) onMessage;

  /// The socket is down, and another is on its way.
  void Function() onLost;

  /// The server lives, and whoever began the call has not let us in yet.
  void Function() onWaiting;

  /// There will be no further attempt: a code, `ended` or `unreachable`.
  void Function(String reason) onClosed;

  final Random _random;
  final Stopwatch _clock = Stopwatch()..start();
  late final Reconnection _reconnection =
      Reconnection(mayStream: openStream != null);
  Socket? _socket;
  Timer? _timer;
  Timer? _heartbeat;
  String? _refusal;
  int _opening = 0;
  int _heardAtMs = -1;
  bool _joined = false;
  bool _waiting = false;
  bool _closed = false;

  bool get joined => _joined;

  void start() => _connect();

  /// Return false where no joined socket is open. Nothing is queued: joining
  /// anew tells the state anew.
  bool send(WireRecord message) {
    final socket = _socket;
    if (!_joined || socket == null) return false;
    socket.send(jsonEncode(message));
    return true;
  }

  bool setLanguage(String tag, {bool detecting = false}) {
    language = tag;
    detect = detecting;
    return send(SetLanguage(language: tag, detect: detecting));
  }

  /// Look at the connection now: the app slept, or the network changed.
  void wake() {
    final socket = _socket;
    if (_closed) return;
    if (socket == null) {
      _connect();
    } else {
      _beat(socket, _wakingTimeoutMs);
    }
  }

  void close() => _finish('ended');

  Future<void> _connect() async {
    if (_closed) return;
    _timer?.cancel();
    final number = ++_opening;
    _refusal = null;
    final opening = _reconnection.streams
        ? openStream!(streamAddress(wsUrl, sessionId), () => token)
        : open(Uri.parse(wsUrl));
    final Socket socket;
    try {
      socket = await opening
          .timeout(Duration(milliseconds: _reconnection.connectTimeout));
    } on Exception catch (error) {
      opening.then((one) => one.close(), onError: (Object _) {}).ignore();
      if (number != _opening) return;
      // A server that is older than streams has nothing at their path.
      if (error is Refused && error.code != Code.notFound) {
        _refusal = error.code;
      }
      return _ended(null);
    }
    if (number != _opening || _closed) return socket.close();
    _socket = socket;
    _waiting = false;
    socket.texts.listen(
      (text) => _receive(socket, text),
      onError: (Object _) => _lost(socket),
      onDone: () => _lost(socket),
    );
    socket.send(jsonEncode(JoinSession(
      sessionId: sessionId,
      token: token,
      language: language,
      detect: detect,
    )));
    _beat(socket, _heartbeatTimeoutMs);
    _heartbeat?.cancel();
    _heartbeat = Timer.periodic(const Duration(milliseconds: _heartbeatMs),
        (_) => _beat(socket, _heartbeatTimeoutMs));
  }

  void _receive(Socket socket, String text) {
    if (socket != _socket) return;
    _heardAtMs = _clock.elapsedMilliseconds;
    _reconnection.heard();
    final WireRecord? message;
    try {
      message = readMessage(text, socketMessages);
    } on WireError {
      return;
    }
    if (message is SessionJoined) {
      token = message.resumeToken;
      _joined = true;
      _reconnection.joined();
    } else if (message is Moved) {
      wsUrl = message.wsUrl;
    } else if (message is HeartbeatAnswer && !_joined && !_waiting) {
      _waiting = true;
      _reconnection.waits();
      onWaiting();
    } else if (message is SocketError && message.fatal) {
      _refusal = message.code;
    }
    if (message != null) onMessage(message);
  }

  /// A dead network closes no socket: an unanswered heartbeat shows it.
  void _beat(Socket socket, int timeoutMs) {
    final sentAtMs = _clock.elapsedMilliseconds;
    socket.send(jsonEncode(Heartbeat()));
    Timer(Duration(milliseconds: timeoutMs), () {
      if (socket != _socket) return;
      if (_heardAtMs >= sentAtMs) {
        _reconnection.lived();
      } else if (_clock.elapsedMilliseconds - sentAtMs > 2 * timeoutMs) {
        _beat(socket, timeoutMs); // the timer slept, too
      } else {
        _lost(socket);
      }
    });
  }

  void _lost(Socket socket) {
    if (socket != _socket) return;
    _socket = null;
    socket.close();
    _ended(socket.closeCode);
  }

  void _ended(int? closeCode) {
    if (_closed) return;
    _heartbeat?.cancel();
    final wasJoined = _joined;
    _joined = false;
    final verdict = _reconnection.closed(
      _clock.elapsedMilliseconds,
      closeCode: closeCode,
      fatalError: _refusal,
      spread: _random.nextDouble(),
    );
    final reason = verdict.ended;
    if (reason != null) return _finish(reason);
    if (wasJoined) onLost();
    _timer = Timer(Duration(milliseconds: verdict.afterMs), _connect);
  }

  void _finish(String reason) {
    if (_closed) return;
    _closed = true;
    _joined = false;
    _timer?.cancel();
    _heartbeat?.cancel();
    final socket = _socket;
    _socket = null;
    socket?.close();
    onClosed(reason);
  }
}

/// Return where the messages of a session go without a WebSocket. `wsUrl`: of
/// the WebSocket in whose place; its path may end in the name of a server.
Uri streamAddress(String wsUrl, String sessionId) {
  final server = wsUrl
      .replaceFirst(RegExp('^ws'), 'http')
      .replaceFirst(RegExp(r'/ws(/[^/]*)?$'), '');
  final path = ApiPath.getSessionsBySessionMessages
      .replaceFirst('{session}', Uri.encodeComponent(sessionId));
  return Uri.parse('$server$path');
}

void _nothing() {}

void _ignore(WireRecord message) {}

void _ignoreReason(String reason) {}
