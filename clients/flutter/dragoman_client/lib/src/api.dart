/// The HTTP half of the protocol: requests under /api/v1, and their refusals.
import 'dart:async';
import 'dart:convert';

import 'package:http/http.dart' as http;

import 'constants.dart';
import 'messages.dart';

/// A refusal. `code`: of the protocol's closed set, or `unreachable` where no
/// answer of the server came.
class Refused implements Exception {
  Refused(this.status, this.code, this.message, {this.retryAfter});

  final int status;
  final String code;
  final String message;
  final Duration? retryAfter;

  /// Read the answer of a request that was refused.
  factory Refused.by(http.Response answer) {
    final content = contentOf(answer);
    final told = content is Map<String, Object?> ? content['error'] : null;
    final error = told is Map<String, Object?> ? told : <String, Object?>{};
    final seconds = int.tryParse(answer.headers['retry-after'] ?? '');
    return Refused(
      answer.statusCode,
      '${error['code'] ?? Code.internal}',
      '${error['message'] ?? ''}',
      retryAfter: seconds == null ? null : Duration(seconds: seconds),
    );
  }

  @override
  String toString() => 'Refused: $code';
}

class Api {
  /// `server`: its address without a slash at the end. `client`: one that pins
  /// certificates, perhaps.
  Api(this.server, {http.Client? client}) : _client = client ?? http.Client();

  final String server;
  final http.Client _client;

  /// The access token of the guest or the account; empty before.
  String token = '';

  Future<Guest> guest(String name) async {
    final body = GuestRequest(displayName: name.isEmpty ? null : name);
    final given =
        Guest.of(await call('POST', ApiPath.postAuthGuest, body: body));
    token = given.token;
    return given;
  }

  Future<SignedIn> signIn(String email, String password) {
    final body = LoginRequest(email: email, password: password);
    return _signed(ApiPath.postAuthLogin, body);
  }

  /// A refresh token is good once: keep the new one before anything else.
  Future<SignedIn> refresh(String refreshToken) {
    final body = RefreshRequest(refreshToken: refreshToken);
    return _signed(ApiPath.postAuthRefresh, body);
  }

  Future<void> signOut(String refreshToken) async {
    final body = RefreshRequest(refreshToken: refreshToken);
    await call('POST', ApiPath.postAuthLogout, body: body);
    token = '';
  }

  Future<CreatedSession> create(
    String language, {
    bool admit = false,
    Solo? solo,
  }) async {
    final options = CreateSessionRequestOptions(admit: admit, solo: solo);
    final body = CreateSessionRequest(language: language, options: options);
    return CreatedSession.of(
        await call('POST', ApiPath.postSessionsCreate, body: body));
  }

  Future<JoinedSession> join(String code, String language) async {
    final body = JoinSessionRequest(sessionCode: code, language: language);
    return JoinedSession.of(
        await call('POST', ApiPath.postSessionsJoin, body: body));
  }

  Future<Languages> languages() async =>
      Languages.of(await call('GET', ApiPath.getLanguages));

  Future<Providers> accounts() async =>
      Providers.of(await call('GET', ApiPath.getAuthProviders));

  /// `resumeToken`: good to the end of the call, as the access token is not.
  Future<List<IceServer>> iceServers(String resumeToken) async => IceServers.of(
          await call('GET', ApiPath.getIceServers, bearer: resumeToken))
      .iceServers;

  Future<PastCalls> calls(
          {int limit = 50, int offset = 0, String query = ''}) =>
      call('GET', ApiPath.getUsersMeSessions, parameters: {
        'limit': '$limit',
        'offset': '$offset',
        if (query.isNotEmpty) 'query': query,
      }).then(PastCalls.of);

  Future<History> history(String session, {int limit = 100, int offset = 0}) =>
      call('GET', ApiPath.getSessionsBySessionHistory,
          id: session,
          parameters: {
            'limit': '$limit',
            'offset': '$offset',
          }).then(History.of);

  /// Send one request. `path`: of ApiPath; `id` fills its braces.
  Future<Object?> call(
    String method,
    String path, {
    Object? body,
    String? bearer,
    String id = '',
    Map<String, String>? parameters,
  }) async {
    final filled =
        path.replaceFirst(RegExp(r'\{\w+\}'), Uri.encodeComponent(id));
    final address =
        Uri.parse('$server$filled').replace(queryParameters: parameters);
    final request = http.Request(method, address);
    final used = bearer ?? token;
    if (used.isNotEmpty) request.headers['Authorization'] = 'Bearer $used';
    if (body != null) {
      request.headers['Content-Type'] = 'application/json';
      request.body = jsonEncode(body);
    }
    final http.Response answer;
    try {
      answer = await _client
          .send(request)
          .then(http.Response.fromStream)
          .timeout(const Duration(seconds: 15));
    } on Exception catch (error) {
      throw Refused(0, 'unreachable', '$error');
    }
    if (answer.statusCode >= 400) throw Refused.by(answer);
    return contentOf(answer);
  }

  Future<SignedIn> _signed(String path, Object body) async {
    final given = SignedIn.of(await call('POST', path, body: body));
    token = given.token;
    return given;
  }
}

/// Return the JSON of an answer, or null where it is none.
Object? contentOf(http.Response answer) {
  if (answer.bodyBytes.isEmpty) return null;
  try {
    return jsonDecode(utf8.decode(answer.bodyBytes));
  } on FormatException {
    return null;
  }
}
