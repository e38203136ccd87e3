import 'dart:async';
import 'dart:convert';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

class PlayedSocket implements Socket {
  final StreamController<String> incoming = StreamController(sync: true);
  final List<Map<String, Object?>> sent = [];

  @override
  int? closeCode;

  @override
  Stream<String> get texts => incoming.stream;

  @override
  void send(String text) => sent.add(jsonDecode(text) as Map<String, Object?>);

  @override
  void close() {}

  void ends(int code) {
    closeCode = code;
    incoming.close();
  }
}

void main() {
  final sockets = <PlayedSocket>[];
  final told = <String>[];
  late Signaling signaling;

  Future<void> until(bool Function() isSo) async {
    for (var step = 0; step < 3000 && !isSo(); step += 1) {
      await Future<void>.delayed(const Duration(milliseconds: 10));
    }
    expect(isSo(), isTrue);
  }

  void joins(PlayedSocket socket) => socket.incoming.add(jsonEncode({
        'type': 'session_joined',
        'sessionId': 's',
        'participantId': 'me',
        'language': 'en',
        'partner': null,
        'iceServers': <Object?>[],
        'resumeToken': 'resume',
        'status': 'waiting',
      }));

  setUp(() async {
    sockets.clear();
    told.clear();
    signaling = Signaling(
      wsUrl: 'wss://x/ws',
      sessionId: 's',
      token: 'access',
      language: 'en',
      open: (address) async {
        sockets.add(PlayedSocket());
        return sockets.last;
      },
      onMessage: (message) => told.add('${message['type']}'),
      onLost: () => told.add('lost'),
      onClosed: told.add,
    )..start();
    await until(() => sockets.length == 1 && sockets[0].sent.isNotEmpty);
  });

  tearDown(() => signaling.close());

  test('join_session is the first message, and nothing goes before joining',
      () {
    expect(sockets[0].sent.first['type'], 'join_session');
    expect(sockets[0].sent.first['token'], 'access');
    expect(signaling.send(LeaveSession()), isFalse);
    joins(sockets[0]);
    expect(signaling.send(LeaveSession()), isTrue);
  });

  test('a lost socket is followed by another, by the resume token', () async {
    joins(sockets[0]);
    sockets[0].ends(1006);
    await until(() => sockets.length == 2 && sockets[1].sent.isNotEmpty);
    expect(sockets[1].sent.first['token'], 'resume');
    expect(told, ['session_joined', 'lost']);
  });

  test('a fatal error explains the close behind it', () async {
    sockets[0].incoming.add(jsonEncode({
          'type': 'error',
          'code': 'session_full',
          'message': '',
          'fatal': true,
        }));
    sockets[0].ends(4400);
    await until(() => told.contains('session_full'));
    expect(told, ['error', 'session_full']);
  });

  test('the address of a stream is below that of the WebSocket', () {
    for (final path in ['/ws', '/ws/two']) {
      expect('${streamAddress('wss://call.example/below$path', 's_1')}',
          'https://call.example/below/api/v1/sessions/s_1/messages');
    }
  });

  test('where no WebSocket opens, a stream joins', () async {
    final stream = PlayedSocket();
    final asked = <String>[];
    final other = Signaling(
      wsUrl: 'wss://x/ws',
      sessionId: 's',
      token: 'access',
      language: 'en',
      open: (address) async => throw Exception('no upgrade'),
      openStream: (address, token) async {
        asked.add('$address ${token()}');
        return stream;
      },
    )..start();
    await until(() => stream.sent.isNotEmpty);
    expect(asked, ['https://x/api/v1/sessions/s/messages access']);
    expect(stream.sent.first['type'], 'join_session');
    joins(stream);
    expect(other.joined, isTrue);
    other.close();
  });

  test('what a taken-over socket says later is not heard', () async {
    joins(sockets[0]);
    sockets[0].ends(4001);
    await until(() => told.contains('taken_over'));
    expect(sockets.length, 1);
  });
}
