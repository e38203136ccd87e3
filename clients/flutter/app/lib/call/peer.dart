/// One offer's RTCPeerConnection: microphone up, two voices down, and the
/// subtitles channel.
import 'dart:convert';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter_webrtc/flutter_webrtc.dart';

class Peer {
  Peer._(this.pc, this.subtitles, this._trickle);

  final RTCPeerConnection pc;
  final RTCDataChannel subtitles;
  final Trickle _trickle;
  MediaStreamTrack? interpreter;
  MediaStreamTrack? original;
  RTCPeerConnectionState? state;
  bool _open = false;

  int get negotiation => _trickle.negotiation;

  bool get isUp =>
      _open && state == RTCPeerConnectionState.RTCPeerConnectionStateConnected;

  static Future<Peer> make(
    List<IceServer> servers,
    MediaStream microphone,
    Trickle trickle,
  ) async {
    final pc = await createPeerConnection({
      'iceServers': [for (final one in servers) one.toJson()],
      'bundlePolicy': 'max-bundle',
      'sdpSemantics': 'unified-plan',
    });
    // The order of the lines is the protocol: first the microphone and the
    // interpreter, then the original.
    await pc.addTransceiver(
      track: microphone.getAudioTracks().first,
      kind: RTCRtpMediaType.RTCRtpMediaTypeAudio,
      init: RTCRtpTransceiverInit(
        direction: TransceiverDirection.SendRecv,
        streams: [microphone],
      ),
    );
    await pc.addTransceiver(
      kind: RTCRtpMediaType.RTCRtpMediaTypeAudio,
      init: RTCRtpTransceiverInit(direction: TransceiverDirection.RecvOnly),
    );
    final subtitles = await pc.createDataChannel(
        'subtitles', RTCDataChannelInit()..ordered = true);
    return Peer._(pc, subtitles, trickle);
  }

  /// Send the offer. `changed`: the state is another. `read`: a message of the
  /// channel.
  Future<void> offer({
    required void Function() changed,
    required void Function(WireRecord message) read,
  }) async {
    pc.onIceCandidate = (one) => _trickle.add(IceCandidate(
          candidate: one.candidate ?? '',
          sdpMid: one.sdpMid,
          sdpMLineIndex: one.sdpMLineIndex,
        ));
    pc.onIceGatheringState = (gathering) {
      if (gathering == RTCIceGatheringState.RTCIceGatheringStateComplete) {
        _trickle.add(null);
      }
    };
    pc.onConnectionState = (now) {
      state = now;
      changed();
    };
    subtitles.onDataChannelState = (now) {
      _open = now == RTCDataChannelState.RTCDataChannelOpen;
      changed();
    };
    subtitles.onMessage = (message) {
      try {
        final found = readMessage(message.text, channelMessages);
        if (found != null) read(found);
      } on WireError {
        return;
      }
    };
    await pc.setLocalDescription(await pc.createOffer());
    final description = await pc.getLocalDescription();
    _trickle.offer(description?.sdp ?? '');
  }

  Future<void> accept(Answer answer) async {
    await pc.setRemoteDescription(RTCSessionDescription(answer.sdp, 'answer'));
    await assign(answer.tracks);
  }

  Future<void> assign(List<Track> tracks) async {
    final lines = await pc.getTransceivers();
    for (final told in tracks) {
      for (final line in lines.where((one) => one.mid == told.mid)) {
        final track = line.receiver.track;
        if (told.kind == TrackKind.interpreter) interpreter = track;
        if (told.kind == TrackKind.original) original = track;
      }
    }
  }

  bool tell(WireRecord message) {
    if (!_open) return false;
    subtitles.send(RTCDataChannelMessage(jsonEncode(message)));
    return true;
  }

  Future<Summary> statistics(Totals before) async {
    final reports = await pc.getStats();
    return summarise(
      [
        for (final one in reports) {...one.values, 'type': one.type}
      ],
      before: before,
    );
  }

  Future<void> close() async {
    pc.onConnectionState = null;
    subtitles.onMessage = null;
    await pc.close();
  }
}
