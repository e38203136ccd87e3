/// A socket without a WebSocket, for networks that break those: messages come
/// by an event stream, and each of ours goes by a request.
import 'dart:async';
import 'dart:convert';

import 'package:http/http.dart' as http;

import 'api.dart';
import 'messages.dart';
import 'signaling.dart';

/// A stream that brings nothing for this time is lost: pings come every 10 s.
const Duration _silent = Duration(seconds: 20);

/// For the stream to say why a request was refused.
const Duration _explain = Duration(seconds: 1);

/// For what was sent before `close`.
const Duration _flush = Duration(milliseconds: 1500);

class MessageStream implements Socket {
  MessageStream._(this._client, this._address, this._token);

  final http.Client _client;
  final Uri _address;
  final String Function() _token;
  final StreamController<String> _texts = StreamController();
  final Completer<void> _opened = Completer();
  StreamSubscription<String>? _lines;

  /// By which requests find the stream.
  String _name = '';
  String _event = '';
  String _data = '';

  /// The last request: each waits for the one before, so they come in order.
  Future<void> _sent = Future.value();

  /// Since the last ping.
  bool _spoke = true;
  bool _over = false;

  @override
  int? closeCode;

  @override
  Stream<String> get texts => _texts.stream;

  /// `client` must give an answer before it is whole, as that of `dart:io` does.
  /// Throws Refused.
  static Future<MessageStream> open(
    http.Client client,
    Uri address,
    String Function() token,
  ) async {
    final one = MessageStream._(client, address, token);
    await one._open();
    return one;
  }

  @override
  void send(String text) {
    _spoke = true;
    _sent = _sent.then((_) => _post(text)).catchError((Object _) => _end(null));
  }

  /// Close once everything that was sent is on its way.
  @override
  void close() {
    _sent.timeout(_flush, onTimeout: () {}).whenComplete(() => _end(null));
  }

  Future<void> _open() async {
    final answer = await _client.send(_request('GET', _address));
    if (answer.statusCode != 200) {
      throw Refused.by(await http.Response.fromStream(answer));
    }
    _lines = answer.stream
        .timeout(_silent, onTimeout: (stream) => stream.close())
        .transform(utf8.decoder)
        .transform(const LineSplitter())
        .listen(
          _read,
          onError: (Object _) => _end(null),
          onDone: () => _end(null),
        );
    await _opened.future;
  }

  /// WHATWG HTML, 9.2.6, as far as this server uses it.
  void _read(String line) {
    if (line.isEmpty) {
      _take(_event, _data);
      _event = _data = '';
    } else if (line == ': ping') {
      _answerPing();
    } else if (line.startsWith('event: ')) {
      _event = line.substring(7);
    } else if (line.startsWith('data: ')) {
      _data = line.substring(6);
    }
  }

  void _take(String event, String data) {
    if (data.isEmpty || _over) return;
    if (event.isEmpty) return _texts.add(data);
    final fields = jsonDecode(data);
    if (fields is! Map<String, Object?>) return;
    if (event == 'opened') {
      _name = '${fields['stream']}';
      if (!_opened.isCompleted) _opened.complete();
    } else if (event == 'close') {
      final code = fields['code'];
      _end(code is int ? code : null);
    }
  }

  /// Any message of ours answers a ping.
  void _answerPing() {
    if (!_spoke) send(jsonEncode(Heartbeat()));
    _spoke = false;
  }

  Future<void> _post(String text) async {
    if (_over) return;
    final address = _address.replace(queryParameters: {'stream': _name});
    final request = _request('POST', address)
      ..headers['Content-Type'] = 'application/json'
      ..body = text;
    final answer = await _client.send(request).then(http.Response.fromStream);
    if (answer.statusCode >= 400) Timer(_explain, () => _end(null));
  }

  http.Request _request(String method, Uri address) =>
      http.Request(method, address)
        ..headers['Authorization'] = 'Bearer ${_token()}';

  void _end(int? code) {
    if (_over) return;
    _over = true;
    closeCode = code;
    if (!_opened.isCompleted) {
      _opened.completeError(Refused(0, 'unreachable', 'no stream has opened'));
    }
    _lines?.cancel().ignore();
    _texts.close().ignore();
  }
}
