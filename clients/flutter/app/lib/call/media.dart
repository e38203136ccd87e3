/// The media of a call: offers anew whenever the connection is lost. The one
/// before carries the call until its successor is up.
import 'dart:async';
import 'dart:math';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter_webrtc/flutter_webrtc.dart';

import 'connection.dart';

const int _disconnectedMs = 1000;
const int _failedMs = 300;
const List<int> _timeoutsMs = [4000, 6000, 10000];
const int _reportEveryMs = 5000;

class Media {
  Media({
    required this.api,
    required this.signaling,
    required this.microphone,
    required this.read,
    required this.changed,
    int lastSeq = 0,
  }) : last = LastSeq(lastSeq) {
    _reports = Timer.periodic(
        const Duration(milliseconds: _reportEveryMs), (_) => report());
  }

  final Api api;
  final Signaling signaling;
  final MediaStream microphone;

  /// Each message of the channel, once.
  final void Function(WireRecord message) read;

  /// The voices, or the state of the connection, are others.
  final void Function() changed;
  final LastSeq last;
  final Negotiation negotiation =
      Negotiation(DateTime.now().millisecondsSinceEpoch);
  Connection? current;
  Connection? _next;
  ClientStats? stats;
  Totals _totals = const Totals();
  Timer? _retry;
  late final Timer _reports;
  int _failures = 0;
  bool _closed = false;

  bool get isUp => current?.isUp ?? false;

  /// Offer after each joining, when the network changes, and when a connection
  /// fails. Never renegotiate: each offer is a new connection.
  Future<void> offer() async {
    _retry?.cancel();
    if (_closed || !signaling.joined) return; // joining offers
    final number = negotiation.next();
    // Anew for each offer: a relay's credentials expire.
    final servers = await _iceServers();
    if (_closed || number != negotiation.number) return;
    await _next?.close();
    final Connection connection;
    try {
      connection = await Connection.make(
          servers, microphone, Trickle(number, signaling.send));
    } on Exception {
      return _failed(); // the engine makes none now: later it may
    }
    if (_closed || number != negotiation.number) return connection.close();
    _next = connection;
    _again(_timeoutsMs[min(_failures, _timeoutsMs.length - 1)], connection);
    await connection.offer(
      changed: () => _changed(connection),
      read: (message) => _read(connection, message),
    );
  }

  Future<void> accept(Answer answer) async {
    final next = _next;
    if (next == null || !negotiation.isCurrent(answer)) return;
    await next.accept(answer);
  }

  Future<void> assign(List<Track> tracks) async {
    await (_next ?? current)?.assign(tracks);
    changed();
  }

  bool tell(WireRecord message) => current?.tell(message) ?? false;

  Future<void> report() async {
    final connection = current;
    if (connection == null || !connection.isUp) return;
    final summary = await connection.statistics(_totals);
    if (connection != current) return;
    _totals = summary.totals;
    stats = summary.stats;
    tell(summary.stats);
    changed();
  }

  Future<void> close() async {
    _closed = true;
    _retry?.cancel();
    _reports.cancel();
    await _next?.close();
    await current?.close();
  }

  Future<List<IceServer>> _iceServers() async {
    try {
      return await api.iceServers(signaling.token);
    } on Exception {
      return []; // without a relay a connection is worth a try
    }
  }

  void _changed(Connection connection) {
    if (connection == _next && connection.isUp) _adopt(connection);
    if (connection == current || connection == _next) _watch(connection);
    changed();
  }

  void _adopt(Connection connection) {
    final before = current;
    current = connection;
    _next = null;
    _failures = 0;
    _totals = const Totals();
    connection.tell(Resume(lastSeq: last.value));
    unawaited(before?.close()); // only now: until here it carried the call
  }

  void _watch(Connection connection) {
    final state = connection.state;
    if (_next != null && connection != _next) return; // its successor comes
    if (state == RTCPeerConnectionState.RTCPeerConnectionStateConnected) {
      if (connection == current) _retry?.cancel();
    } else if (state == RTCPeerConnectionState.RTCPeerConnectionStateFailed) {
      _failed(connection);
    } else if (connection == current &&
        state == RTCPeerConnectionState.RTCPeerConnectionStateDisconnected) {
      _again(_disconnectedMs, connection);
    }
  }

  void _failed([Connection? connection]) =>
      _again(_failedMs << min(_failures, 5), connection);

  void _again(int afterMs, [Connection? connection]) {
    _retry?.cancel();
    _retry = Timer(Duration(milliseconds: afterMs), () {
      if (connection == null || connection == _next) _failures += 1;
      offer();
    });
  }

  void _read(Connection connection, WireRecord message) {
    if (connection != current) return;
    if (last.isNew(message)) read(message);
  }
}
