/// A call as the screen shows it: its state, and what a participant can do.
import 'dart:async';

import 'package:connectivity_plus/connectivity_plus.dart';
import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/foundation.dart';

import '../kept/kept.dart';
import '../net/pinned.dart';
import 'background.dart';
import 'media.dart';
import 'microphone.dart';
import 'voices.dart';

class LiveCall extends ChangeNotifier {
  LiveCall._(this.api, this.kept, this.place, this.microphone, Net net) {
    signaling = Signaling(
      wsUrl: place.wsUrl,
      sessionId: place.sessionId,
      token: place.token,
      language: place.language,
      open: net.open,
      openStream: net.openStream,
      onMessage: _onMessage,
      onLost: notifyListeners,
      onWaiting: () => _set(() => waiting = true),
      onClosed: _onClosed,
    );
    media = Media(
      api: api,
      signaling: signaling,
      microphone: microphone.stream,
      read: _read,
      changed: _mediaChanged,
      lastSeq: place.lastSeq,
    );
  }

  final Api api;
  final Kept kept;
  final Place place;
  final Microphone microphone;
  late final Signaling signaling;
  late final Media media;
  final Subtitles subtitles = Subtitles();
  final TypedTexts typed = TypedTexts();
  late final TypingIndicator typing =
      TypingIndicator(send: media.tell, changed: notifyListeners);
  final Voices _voices = Voices();
  Balance balance = Balance('');
  Participant? partner;

  /// Who asks to be let in, or null.
  JoinRequest? knock;
  bool waiting = false;
  String level = Level.ok;
  final Set<String> reasons = {};

  /// From the end of my partner's voice to the interpreter's, ms, or null.
  double? latencyMs;
  String? problem;

  /// Why it is over, or null.
  String? ended;
  bool _wasUp = false;
  int _texts = 0;
  StreamSubscription<List<ConnectivityResult>>? _network;

  /// Return null where the microphone is not allowed.
  static Future<LiveCall?> start(
      Api api, Kept kept, Net net, Place place) async {
    final microphone = await Microphone.open();
    if (microphone == null) return null;
    await stayInBackground();
    final call = LiveCall._(api, kept, place, microphone, net);
    for (final text in await kept.texts()) {
      call.typed.add(text);
    }
    call._network = Connectivity().onConnectivityChanged.listen((_) {
      call.signaling.wake();
      call.media.offer();
    });
    call.signaling.start();
    return call;
  }

  /// The app is in front again.
  void wake() {
    signaling.wake();
    if (!media.isUp) media.offer();
  }

  /// Push-to-talk: pressing opens the microphone, releasing ends the utterance
  /// at once.
  Future<void> talk(bool pressed) async {
    final isSo = await microphone.hold(pressed);
    if (isSo && !pressed) media.tell(EndUtterance());
  }

  /// Drop what I am saying, or have just said and nobody has heard yet. Return
  /// false where no channel is open.
  bool startOver() => media.tell(StartOver());

  void mute(bool on) => _set(() => microphone.muted = on);

  /// Without a connection the text waits. Return false where too many wait.
  bool say(String text) {
    final now = DateTime.now().millisecondsSinceEpoch;
    _texts += 1;
    final isTaken = typed.add(TypedText('$now-$_texts', text, now));
    if (isTaken) typing.sent();
    _sendTexts();
    return isTaken;
  }

  void setBalance(double original) {
    balance.original = original;
    _level();
    notifyListeners();
  }

  void setLanguage(String tag) => signaling.setLanguage(tag);

  void admit(bool accept) {
    final asking = knock;
    if (asking == null) return;
    signaling.send(Admit(participantId: asking.participantId, accept: accept));
    _set(() => knock = null);
  }

  void hangUp() {
    if (!signaling.send(LeaveSession())) signaling.close();
    Timer(const Duration(milliseconds: 1500), signaling.close);
  }

  void _onMessage(WireRecord message) {
    if (message is SessionJoined) {
      _joined(message);
    } else if (message is Answer) {
      media.accept(message);
    } else if (message is Tracks) {
      media.assign(message.tracks);
    } else if (message is SessionPaired) {
      _setPartner(message.partner);
    } else if (message is JoinRequest) {
      knock = message;
    } else if (message is PartnerLanguage) {
      _changePartner(language: message.language);
    } else if (message is PartnerConnected) {
      _changePartner(connected: true);
    } else if (message is PartnerDisconnected) {
      typing.partnerLost();
      _changePartner(connected: false);
    } else if (message is LanguageDetected) {
      signaling.language = message.language;
    } else if (message is Status) {
      _status(message.level, message.reason);
    } else if (message is SocketError) {
      problem = message.code;
    } else if (message is SessionEnded) {
      _onClosed(message.reason);
    }
    notifyListeners();
  }

  void _joined(SessionJoined message) {
    waiting = false;
    level = Level.ok; // a server that was started anew takes nothing back
    reasons.clear();
    typing.partnerLost(); // it tells anew what still holds
    balance = Balance(message.participantId)..original = balance.original;
    _setPartner(message.partner);
    _keep();
    media.offer(); // anew: the server behind the socket may be another
  }

  void _read(WireRecord message) {
    subtitles.read(message);
    balance.read(message);
    typing.read(message);
    if (message is Transcription) {
      typed.read(message);
      kept.keepTexts(typed.waiting);
    } else if (message is UtteranceEnd && message.targetUserId == balance.me) {
      latencyMs = message.latency.firstAudioMs ?? latencyMs;
    } else if (message is ChannelStatus) {
      _status(message.level, message.reason);
    } else if (message is ChannelError) {
      problem = message.code;
    }
    _level();
    notifyListeners();
  }

  void _mediaChanged() {
    if (_wasUp && !media.isUp) {
      balance.lost();
      typed.lost();
      typing.lost();
    }
    if (!_wasUp && media.isUp) {
      _keep();
      _sendTexts();
    }
    _wasUp = media.isUp;
    _level();
    notifyListeners();
  }

  void _sendTexts() {
    if (media.isUp) {
      final now = DateTime.now().millisecondsSinceEpoch;
      typed.due(now).forEach(media.tell);
    }
    kept.keepTexts(typed.waiting);
  }

  void _status(String now, String? reason) {
    if (reason == null) {
      level = now;
    } else if (now == Level.ok) {
      reasons.remove(reason);
    } else {
      reasons.add(reason);
    }
  }

  void _setPartner(Participant? now) {
    partner = now;
    final mine = signaling.language.split('-').first.toLowerCase();
    final theirs = now?.language.split('-').first.toLowerCase();
    balance.interpreted = mine != theirs;
  }

  void _changePartner({String? language, bool? connected}) {
    final now = partner;
    if (now == null) return;
    _setPartner(Participant(
      participantId: now.participantId,
      displayName: now.displayName,
      language: language ?? now.language,
      connected: connected ?? now.connected,
    ));
  }

  void _level() => unawaited(_voices.set(
        balance.gains,
        interpreter: media.current?.interpreter,
        original: media.current?.original,
      ));

  void _keep() => kept.keepPlace(Place(
        server: place.server,
        wsUrl: place.wsUrl,
        sessionId: place.sessionId,
        token: signaling.token,
        language: signaling.language,
        code: place.code,
        lastSeq: media.last.value,
      ));

  Future<void> _onClosed(String reason) async {
    if (ended != null) return;
    _set(() => ended = reason);
    signaling.close();
    _voices.stop();
    typing.close();
    await _network?.cancel();
    await media.close();
    await microphone.close();
    await leaveBackground();
    await kept.keepPlace(null);
    await kept.keepTexts([]);
  }

  void _set(void Function() change) {
    change();
    notifyListeners();
  }
}
