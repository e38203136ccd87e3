/// Things that outlive the process: the server, the account, the place in a
/// call, and texts that wait.
import 'dart:convert';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter_secure_storage/flutter_secure_storage.dart';

/// The place of a participant, to come back to within the server's grace.
class Place {
  Place({
    required this.server,
    required this.wsUrl,
    required this.sessionId,
    required this.token,
    required this.language,
    this.code = '',
    this.lastSeq = 0,
  });

  final String server;
  final String wsUrl;
  final String sessionId;

  /// The access token at first, then the resume token.
  final String token;
  final String language;

  /// Of a call that I began; empty otherwise.
  final String code;
  final int lastSeq;

  Map<String, Object?> toJson() => {
        'server': server,
        'wsUrl': wsUrl,
        'sessionId': sessionId,
        'token': token,
        'language': language,
        'code': code,
        'lastSeq': lastSeq,
      };

  /// Return null for what an older version may have kept.
  static Place? of(Object? json) {
    if (json is! Map<String, Object?>) return null;
    final texts = [
      for (final name in ['server', 'wsUrl', 'sessionId', 'token', 'language'])
        json[name]
    ].whereType<String>().toList();
    final seq = json['lastSeq'];
    if (texts.length < 5 || seq is! int) return null;
    return Place(
      server: texts[0],
      wsUrl: texts[1],
      sessionId: texts[2],
      token: texts[3],
      language: texts[4],
      code: '${json['code'] ?? ''}',
      lastSeq: seq,
    );
  }
}

/// All of it is in the platform's keychain: tokens open calls, and texts are
/// what somebody says.
class Kept {
  static const FlutterSecureStorage _storage = FlutterSecureStorage();

  Future<String> server() async => await _storage.read(key: 'server') ?? '';

  Future<void> keepServer(String server) =>
      _storage.write(key: 'server', value: server);

  /// A token is of one server: no other is ever sent it.
  Future<String?> refreshToken(String server) =>
      _storage.read(key: 'refresh $server');

  Future<void> keepRefreshToken(String server, String? token) =>
      _storage.write(key: 'refresh $server', value: token);

  Future<Place?> place() async => Place.of(await _json('place'));

  Future<void> keepPlace(Place? place) => _storage.write(
      key: 'place', value: place == null ? null : jsonEncode(place));

  Future<List<TypedText>> texts() async {
    final found = await _json('texts');
    if (found is! List) return [];
    return found.map(TypedText.of).whereType<TypedText>().toList();
  }

  Future<void> keepTexts(List<TypedText> texts) => _storage.write(
      key: 'texts', value: texts.isEmpty ? null : jsonEncode(texts));

  Future<Object?> _json(String key) async {
    try {
      return jsonDecode(await _storage.read(key: key) ?? 'null');
    } on FormatException {
      return null;
    }
  }
}
