/// Every record of the protocol on the fixtures that all clients share.
import 'dart:convert';
import 'dart:io';

import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  final text = File('../../fixtures/messages.json').readAsStringSync();
  final fixtures = jsonDecode(text) as Map<String, Object?>;

  List<Object?> examples(String record, String kind) =>
      (fixtures[record] as Map<String, Object?>)[kind] as List<Object?>;

  test('what is read is written as it was', () {
    for (final name in fixtures.keys) {
      final reader = records[name]!;
      for (final json in examples(name, 'right')) {
        expect(jsonDecode(jsonEncode(reader(json))), json, reason: name);
      }
    }
  });

  test('what is not of the protocol is refused', () {
    for (final name in fixtures.keys) {
      final reader = records[name]!;
      for (final json in examples(name, 'wrong')) {
        expect(() => reader(json), throwsA(isA<WireError>()), reason: name);
      }
    }
  });

  test('a message is known by its type, and an unknown one is no error', () {
    for (final json in examples('SessionPaired', 'right')) {
      expect(
          readMessage(jsonEncode(json), socketMessages), isA<SessionPaired>());
    }
    expect(readMessage('{"type": "of_tomorrow"}', socketMessages), isNull);
    for (final wrong in ['', '[]', '{"type": "answer"}']) {
      expect(
          () => readMessage(wrong, socketMessages), throwsA(isA<WireError>()));
    }
  });

  test('unknown members are left out', () {
    final json = {'type': 'leave_session', 'colour': 'red'};
    expect(LeaveSession.of(json).toJson(), {'type': 'leave_session'});
  });
}
