/// Decides when the server is told that I type, and for how long my partner is
/// shown to type.
import 'dart:async';

import 'messages.dart';
import 'wire.dart';

/// The server forgets it after 6 s.
const int tellAgainMs = 3000;

/// The server tells again every 3 s, where it still can.
const int shownMs = 10000;

class TypingIndicator {
  /// `send`: return false where no channel is open. `changed`: `partnerTypes`
  /// is another.
  TypingIndicator({
    required bool Function(WireRecord message) send,
    required void Function() changed,
    Duration tellAgain = const Duration(milliseconds: tellAgainMs),
    Duration shown = const Duration(milliseconds: shownMs),
  })  : _send = send,
        _changed = changed,
        _tellAgain = tellAgain,
        _shown = shown;

  final bool Function(WireRecord message) _send;
  final void Function() _changed;
  final Duration _tellAgain;
  final Duration _shown;

  /// True while the server believes that I type.
  bool _told = false;

  /// Runs until the server is to be told again.
  Timer? _pause;
  Timer? _showing;
  bool _partnerTypes = false;

  bool get partnerTypes => _partnerTypes;

  /// My text has changed: `on` while there is one. The text itself is told to
  /// nobody.
  void mine(bool on) {
    if (on ? _pause != null : !_told) return;
    sent();
    _told = _send(Typing(on: on)) && on;
    if (_told) _pause = Timer(_tellAgain, () => _pause = null);
  }

  /// My text was sent, by which the server knows that I type no more.
  void sent() {
    _pause?.cancel();
    _pause = null;
    _told = false;
  }

  /// Take a message of the channel.
  void read(WireRecord message) {
    if (message is PartnerTyping) _show(message.on);
  }

  /// My partner has gone: nobody tells that they type no more.
  void partnerLost() => _show(false);

  /// The channel is lost: the next one is told anew.
  void lost() {
    sent();
    _show(false);
  }

  void close() {
    sent();
    _showing?.cancel();
  }

  void _show(bool on) {
    _showing?.cancel();
    if (on) _showing = Timer(_shown, () => _show(false));
    if (on == _partnerTypes) return;
    _partnerTypes = on;
    _changed();
  }
}
