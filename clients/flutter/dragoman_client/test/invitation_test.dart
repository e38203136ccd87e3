import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  test('a code, as people type it', () {
    expect(Invitation.of(' 427 193 ')!.code, '427193');
    expect(Invitation.of('42-71-93')!.server, isNull);
  });

  test('a link of the page, below a path too', () {
    final found = Invitation.of('https://example.org/call/#427193')!;
    expect(found.code, '427193');
    expect(found.server, 'https://example.org/call');
    expect(Invitation.of(found.link)!.server, found.server);
  });

  test('anything else is no invitation', () {
    for (final text in [
      '',
      '12345',
      '12345678901',
      'https://example.org/',
      'https://example.org/?code=427193',
      'http://example.org/#427193',
      'javascript:alert(1)#427193',
      'https://me:secret@example.org/#427193',
    ]) {
      expect(Invitation.of(text), isNull, reason: text);
    }
  });

  test('a server by its address, and none without HTTPS', () {
    expect(
        serverOf(' https://example.org/call// '), 'https://example.org/call');
    for (final text in ['example.org', 'http://example.org', 'ftp://x', '']) {
      expect(serverOf(text), isNull, reason: text);
    }
  });

  test('plain HTTP on the machine itself', () {
    final found = Invitation.of('http://localhost:8080/#427193')!;
    expect(found.server, 'http://localhost:8080');
  });
}
