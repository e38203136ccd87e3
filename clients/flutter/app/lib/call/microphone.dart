/// The microphone and the audio session around it.
import 'dart:async';

import 'package:audio_session/audio_session.dart' as platform;
import 'package:flutter_webrtc/flutter_webrtc.dart';
import 'package:permission_handler/permission_handler.dart';

class Microphone {
  Microphone._(this.stream);

  final MediaStream stream;
  StreamSubscription<platform.AudioInterruptionEvent>? _interruptions;
  bool _muted = false;
  bool _held = true;
  int _presses = 0;
  bool _interrupted = false;

  /// Return null where the person does not allow it.
  static Future<Microphone?> open() async {
    if (WebRTC.platformIsAndroid) {
      await Helper.setAndroidAudioConfiguration(
          AndroidAudioConfiguration.communication);
    }
    if (WebRTC.platformIsIOS) {
      await Helper.setAppleAudioIOMode(AppleAudioIOMode.localAndRemote,
          preferSpeakerOutput: true);
    }
    if (WebRTC.platformIsMobile && !await _allowed(Permission.microphone)) {
      return null; // desktops ask by themselves
    }
    if (WebRTC.platformIsAndroid) await Permission.bluetoothConnect.request();
    final stream = await navigator.mediaDevices.getUserMedia({
      'audio': {
        'echoCancellation': true,
        'noiseSuppression': true,
        'autoGainControl': true,
      },
    });
    if (WebRTC.platformIsMobile) {
      await Helper.setSpeakerphoneOnButPreferBluetooth();
    }
    return Microphone._(stream).._watch();
  }

  MediaStreamTrack get track => stream.getAudioTracks().first;

  bool get muted => _muted;

  set muted(bool value) {
    _muted = value;
    _apply();
  }

  /// Push-to-talk: open while the button is held. Return false where it was
  /// pressed again meanwhile: the utterance goes on.
  Future<bool> hold(bool pressed) async {
    final press = _presses += 1;
    if (!pressed) {
      // The capture is behind the finger.
      await Future<void>.delayed(const Duration(milliseconds: 200));
      if (press != _presses) return false;
    }
    _held = pressed;
    _apply();
    return true;
  }

  /// Names of the outputs: earpiece, loudspeaker, headset, Bluetooth.
  Future<List<MediaDeviceInfo>> outputs() =>
      Helper.enumerateDevices('audiooutput');

  Future<void> useOutput(MediaDeviceInfo device) =>
      Helper.selectAudioOutput(device.deviceId);

  Future<void> close() async {
    await _interruptions?.cancel();
    for (final one in stream.getTracks()) {
      await one.stop();
    }
    await stream.dispose();
    if (WebRTC.platformIsAndroid)
      await Helper.clearAndroidCommunicationDevice();
  }

  /// A phone call takes the microphone, and gives it back.
  Future<void> _watch() async {
    if (!WebRTC.platformIsMobile) return;
    final session = await platform.AudioSession.instance;
    _interruptions = session.interruptionEventStream.listen((event) {
      _interrupted = event.begin;
      _apply();
    });
  }

  /// Muted so, it stays open and sends silence: the next word is heard from its
  /// first syllable.
  void _apply() => track.enabled = !_muted && _held && !_interrupted;
}

Future<bool> _allowed(Permission permission) async =>
    (await permission.request()).isGranted;
