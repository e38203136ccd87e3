import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  final told = <bool>[];
  final shown = <bool>[];
  bool isOpen = true;
  late TypingIndicator typing;

  setUp(() {
    told.clear();
    shown.clear();
    isOpen = true;
    typing = TypingIndicator(
      send: (message) {
        if (isOpen && message is Typing) told.add(message.on);
        return isOpen;
      },
      changed: () => shown.add(typing.partnerTypes),
      tellAgain: const Duration(milliseconds: 30),
      shown: const Duration(milliseconds: 30),
    );
  });

  tearDown(() => typing.close());

  Future<void> pass() => Future<void>.delayed(const Duration(milliseconds: 60));

  PartnerTyping theirs(bool on) =>
      PartnerTyping(seq: 1, sourceUserId: 'them', on: on);

  test('it is told at once, and again only after a pause', () async {
    typing..mine(true)..mine(true);
    expect(told, [true]);
    await pass();
    expect(told, [true]);
    typing.mine(true);
    expect(told, [true, true]);
  });

  test('a text that is deleted is told once', () {
    typing..mine(true)..mine(false)..mine(false);
    expect(told, [true, false]);
  });

  test('a text that was sent tells by itself that it is over', () {
    typing
      ..mine(true)
      ..sent()
      ..mine(false);
    expect(told, [true]);
    typing.mine(true);
    expect(told, [true, true]);
  });

  test('without a channel it is told with the next letter', () {
    isOpen = false;
    typing.mine(true);
    isOpen = true;
    typing.mine(true);
    expect(told, [true]);
  });

  test('a partner is shown to type until they stop, or say no more', () async {
    typing..read(theirs(true))..read(theirs(true));
    expect(shown, [true]);
    typing.read(theirs(false));
    expect(shown, [true, false]);
    typing.read(theirs(true));
    await pass();
    expect(shown, [true, false, true, false]);
  });

  test('nothing is shown once the channel or the partner is lost', () {
    typing
      ..read(theirs(true))
      ..lost()
      ..read(theirs(true))
      ..partnerLost();
    expect(shown, [true, false, true, false]);
  });
}
