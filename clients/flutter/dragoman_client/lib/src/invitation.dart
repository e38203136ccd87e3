/// Decides what a typed code, a link or a QR code invites to.

/// A server and the code of a session there. `server` is null where only the
/// code was given.
class Invitation {
  const Invitation(this.code, [this.server]);

  final String code;
  final String? server;

  /// The link that the page of the server understands, too: the code stands
  /// behind the hash, so that no server's log holds it.
  String get link => '${server ?? ''}/#$code';

  /// Return null for what is no invitation.
  static Invitation? of(String text) {
    final bare = text.replaceAll(RegExp(r'[\s-]'), '');
    if (_code.hasMatch(bare)) return Invitation(bare);
    final code = Uri.tryParse(text.trim())?.fragment ?? '';
    final server = serverOf(text);
    if (server == null || !_code.hasMatch(code)) return null;
    return Invitation(code, server);
  }

  static final RegExp _code = RegExp(r'^[0-9]{6,10}$');
}

/// Return the server of a typed address or a link, or null for what is none.
/// Only HTTPS counts, but on the machine itself: tokens go there.
String? serverOf(String text) {
  final address = Uri.tryParse(text.trim());
  if (address == null || address.host.isEmpty) return null;
  final isLocal = address.host == 'localhost' || address.host == '127.0.0.1';
  if (address.scheme != 'https' && !(isLocal && address.scheme == 'http')) {
    return null;
  }
  if (address.userInfo.isNotEmpty) return null;
  return address.origin + address.path.replaceFirst(RegExp(r'/+$'), '');
}
