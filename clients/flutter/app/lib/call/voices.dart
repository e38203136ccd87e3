/// How loud both voices are played: fades between the gains of the balance.
import 'dart:async';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter_webrtc/flutter_webrtc.dart';

class Voices {
  double _original = 1;
  Timer? _fading;

  /// On phones remote audio plays by itself; only its volume is to be set.
  Future<void> set(
    Gains gains, {
    MediaStreamTrack? interpreter,
    MediaStreamTrack? original,
  }) async {
    if (interpreter != null) {
      await Helper.setVolume(gains.interpreter, interpreter);
    }
    if (original != null) _fade(gains.original, original);
  }

  void stop() => _fading?.cancel();

  void _fade(double to, MediaStreamTrack track) {
    _fading?.cancel();
    final steps = fade(_original, to);
    var at = 0;
    _fading = Timer.periodic(const Duration(milliseconds: 20), (timer) {
      _original = steps[at];
      at += 1;
      unawaited(Helper.setVolume(_original, track));
      if (at == steps.length) timer.cancel();
    });
  }
}
