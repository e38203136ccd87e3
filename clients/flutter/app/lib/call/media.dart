/// The media of a call: offers anew whenever the connection is lost. The one
/// before carries the call until its successor is up.
import 'dart:async';
import 'dart:math';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter_webrtc/flutter_webrtc.dart';

import 'peer.dart';

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
  Peer? current;
  Peer? _next;
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
    final Peer peer;
    try {
      peer =
          await Peer.make(servers, microphone, Trickle(number, signaling.send));
    } on Exception {
      return _failed(); // the engine makes none now: later it may
    }
    if (_closed || number != negotiation.number) return peer.close();
    _next = peer;
    _again(_timeoutsMs[min(_failures, _timeoutsMs.length - 1)], peer);
    await peer.offer(
      changed: () => _changed(peer),
      read: (message) => _read(peer, message),
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
    final peer = current;
    if (peer == null || !peer.isUp) return;
    final summary = await peer.statistics(_totals);
    if (peer != current) return;
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

  void _changed(Peer peer) {
    if (peer == _next && peer.isUp) _adopt(peer);
    if (peer == current || peer == _next) _watch(peer);
    changed();
  }

  void _adopt(Peer peer) {
    final before = current;
    current = peer;
    _next = null;
    _failures = 0;
    _totals = const Totals();
    peer.tell(Resume(lastSeq: last.value));
    unawaited(before?.close()); // only now: until here it carried the call
  }

  void _watch(Peer peer) {
    final state = peer.state;
    if (_next != null && peer != _next) return; // its successor comes
    if (state == RTCPeerConnectionState.RTCPeerConnectionStateConnected) {
      if (peer == current) _retry?.cancel();
    } else if (state == RTCPeerConnectionState.RTCPeerConnectionStateFailed) {
      _failed(peer);
    } else if (peer == current &&
        state == RTCPeerConnectionState.RTCPeerConnectionStateDisconnected) {
      _again(_disconnectedMs, peer);
    }
  }

  void _failed([Peer? peer]) => _again(_failedMs << min(_failures, 5), peer);

  void _again(int afterMs, [Peer? peer]) {
    _retry?.cancel();
    _retry = Timer(Duration(milliseconds: afterMs), () {
      if (peer == null || peer == _next) _failures += 1;
      offer();
    });
  }

  void _read(Peer peer, WireRecord message) {
    if (peer != current) return;
    if (last.isNew(message)) read(message);
  }
}
