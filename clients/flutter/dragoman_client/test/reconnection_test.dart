import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  for (final code in finalCloses.keys) {
    test('after a close by $code it is over', () {
      final reconnection = Reconnection();
      expect(reconnection.closed(0, closeCode: code).ended, finalCloses[code]);
    });
  }

  test('after any other close there is another attempt', () {
    for (final code in [null, 1001, 1006, 1009, 1012, 4429]) {
      expect(Reconnection().closed(0, closeCode: code).ended, isNull);
    }
  });

  test('pauses grow, and an answer makes the next one short', () {
    final reconnection = Reconnection();
    expect(reconnection.closed(0).afterMs, 100);
    expect(reconnection.closed(100).afterMs, 300);
    expect(reconnection.closed(400).afterMs, 500);
    reconnection.lived();
    expect(reconnection.closed(900).afterMs, 100);
  });

  test('two minutes after the loss it is over', () {
    final reconnection = Reconnection()..joined();
    expect(reconnection.closed(5000).ended, isNull);
    expect(reconnection.closed(125000).ended, isNull);
    expect(reconnection.closed(125001).ended, 'unreachable');
    reconnection.joined();
    expect(reconnection.closed(300000).ended, isNull);
  });

  test('a loss after a long wait to be let in has its whole time', () {
    final reconnection = Reconnection()..closed(0);
    reconnection.waits();
    expect(reconnection.closed(600000).ended, isNull);
    expect(reconnection.closed(720000).ended, isNull);
    expect(reconnection.closed(720001).ended, 'unreachable');
  });

  test('a language that is missing at first is final, and later is not', () {
    Verdict closed(Reconnection of) =>
        of.closed(0, closeCode: 4400, fatalError: Code.unsupportedLanguage);
    expect(closed(Reconnection()).ended, Code.unsupportedLanguage);
    expect(closed(Reconnection()..joined()).ended, isNull);
  });

  group('where a stream may be opened', () {
    late Reconnection reconnection;

    setUp(() => reconnection = Reconnection(mayStream: true));

    void fails([int? code]) => reconnection.closed(0, closeCode: code);

    test('the first failed WebSocket is followed by one at once', () {
      expect(reconnection.closed(0, closeCode: 1006).afterMs, 0);
      expect(reconnection.streams, isTrue);
    });

    test('a server that closes by a code has been reached', () {
      fails(1012);
      expect(reconnection.streams, isFalse);
    });

    test('the third in a row, where a WebSocket has worked', () {
      reconnection.heard();
      final found = <bool>[];
      for (var loss = 0; loss < 4; loss += 1) {
        fails();
        found.add(reconnection.streams);
      }
      expect(found, [false, false, false, true]);
    });

    test('a lost stream is followed by a WebSocket, which has a second', () {
      fails();
      reconnection
        ..heard()
        ..joined();
      fails();
      expect(reconnection.streams, isFalse);
      expect(reconnection.connectTimeout, doubtedTimeoutMs);
      reconnection.heard();
      expect(reconnection.connectTimeout, connectTimeoutMs.first);
    });
  });

  test('attempts are spread', () {
    expect(Reconnection().closed(0, spread: 0).afterMs, 80);
    expect(Reconnection().closed(0, spread: 1).afterMs, 120);
  });
}
