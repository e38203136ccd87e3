import 'dart:async';
import 'dart:convert';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:http/http.dart' as http;
import 'package:http/testing.dart';
import 'package:test/test.dart';

void main() {
  late StreamController<List<int>> told;
  late List<http.BaseRequest> asked;
  late List<String> posted;
  late Map<String, int> statuses;

  final address = Uri.parse('https://x/api/v1/sessions/s/messages');

  void tells(String text) => told.add(utf8.encode(text));

  Future<MessageStream> opened() {
    final client = MockClient.streaming((request, body) async {
      asked.add(request);
      if (request.method == 'POST') posted.add(await body.bytesToString());
      final status = statuses[request.method] ?? 0;
      final isStream = request.method == 'GET' && status == 200;
      const refusal = '{"error": {"code": "forbidden", "message": ""}}';
      return http.StreamedResponse(
          isStream ? told.stream : Stream.value(utf8.encode(refusal)), status);
    });
    return MessageStream.open(client, address, () => 'token');
  }

  Future<void> soon() => Future<void>.delayed(const Duration(milliseconds: 5));

  setUp(() {
    told = StreamController();
    asked = [];
    posted = [];
    statuses = {'GET': 200, 'POST': 202};
    tells(': open\n\nevent: opened\ndata: {"stream": "m_1"}\n\n');
  });

  test('messages come, and go in their order to the stream by its name',
      () async {
    final stream = await opened();
    final texts = <String>[];
    stream.texts.listen(texts.add);
    tells('data: {"type": "heart');
    tells('beat"}\n\n');
    stream..send('one')..send('two');
    await soon();
    expect(texts, ['{"type": "heartbeat"}']);
    expect(posted, ['one', 'two']);
    expect(asked.last.url.query, 'stream=m_1');
    expect(asked.map((one) => one.headers['Authorization']).toSet(),
        {'Bearer token'});
  });

  test('the last event tells the code of the close', () async {
    final stream = await opened();
    tells('event: close\ndata: {"code": 4001}\n\n');
    await stream.texts.drain<void>();
    expect(stream.closeCode, 4001);
  });

  test('a stream that only ends has no code', () async {
    final stream = await opened();
    unawaited(told.close());
    await stream.texts.drain<void>();
    expect(stream.closeCode, isNull);
  });

  test('a ping is answered by who has said nothing', () async {
    await opened();
    tells(': ping\n\n: ping\n\n');
    await soon();
    expect(posted, ['{"type":"heartbeat"}']);
  });

  test('a refusal is thrown', () {
    statuses['GET'] = 403;
    expect(opened(),
        throwsA(isA<Refused>().having((one) => one.code, 'code', 'forbidden')));
  });

  test('a refused message loses the stream', () async {
    statuses['POST'] = 404;
    final stream = await opened();
    stream.send('one');
    await stream.texts.drain<void>();
    expect(stream.closeCode, isNull);
  });
}
