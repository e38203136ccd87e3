/// Connections by HTTPS and WSS: by the device's authorities, or by pinned
/// certificates alone.
import 'dart:async';
import 'dart:convert';
import 'dart:io' hide Socket;

import 'package:dragoman_client/dragoman_client.dart';
import 'package:flutter/foundation.dart';
import 'package:flutter/services.dart';
import 'package:http/http.dart' as http;
import 'package:http/io_client.dart';

class Net {
  Net(this._client);

  final HttpClient _client;

  /// With `assets/pinned.pem` no other certificate is trusted, and none of the
  /// device's authorities.
  static Future<Net> load() async {
    final String pinned;
    try {
      pinned = await rootBundle.loadString('assets/pinned.pem');
    } on Exception {
      return Net(HttpClient());
    } on FlutterError {
      return Net(HttpClient()); // the app was built without one
    }
    final context = SecurityContext(withTrustedRoots: false);
    context.setTrustedCertificatesBytes(utf8.encode(pinned));
    return Net(HttpClient(context: context));
  }

  http.Client get client => IOClient(_client);

  Future<Socket> openStream(Uri address, String Function() token) =>
      MessageStream.open(client, address, token);

  Future<Socket> open(Uri address) async =>
      _IoSocket(await WebSocket.connect('$address', customClient: _client));
}

class _IoSocket implements Socket {
  _IoSocket(this._socket);

  final WebSocket _socket;

  @override
  Stream<String> get texts =>
      _socket.where((data) => data is String).cast<String>();

  @override
  int? get closeCode => _socket.closeCode;

  @override
  void send(String text) => _socket.add(text);

  @override
  void close() => unawaited(_socket.close());
}
