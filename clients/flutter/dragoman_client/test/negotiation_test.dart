import 'package:dragoman_client/dragoman_client.dart';
import 'package:test/test.dart';

void main() {
  Answer answer(int number) =>
      Answer(negotiation: number, sdp: '', tracks: const []);

  test('numbers rise, also after a restart of the app', () {
    final negotiation = Negotiation(1790000000000);
    final first = negotiation.next();
    expect(negotiation.next(), first + 1);
    expect(Negotiation(1790000060000).next(), greaterThan(first + 1));
  });

  test('only the answer to the last offer counts', () {
    final negotiation = Negotiation(0)..next();
    final old = answer(negotiation.number);
    negotiation.next();
    expect(negotiation.isCurrent(old), isFalse);
    expect(negotiation.isCurrent(answer(negotiation.number)), isTrue);
  });

  test('candidates wait for the offer', () {
    final sent = <Object?>[];
    final trickle = Trickle(7, (message) => sent.add(message['type']));
    trickle.add(IceCandidate(candidate: 'candidate:1', sdpMid: '0'));
    expect(sent, isEmpty);
    trickle.offer('sdp');
    trickle.add(null);
    expect(sent, ['offer', 'candidate', 'candidate']);
  });

  test('null ends the candidates', () {
    final sent = <WireRecord>[];
    Trickle(7, sent.add)
      ..offer('sdp')
      ..add(null);
    expect(sent.last, isA<Candidate>());
    expect((sent.last as Candidate).candidate, isNull);
  });

  test('a message that comes on both channels is read once', () {
    final last = LastSeq(4);
    ProcessingStart message(int seq) =>
        ProcessingStart(seq: seq, utteranceId: 'u');
    expect(last.isNew(message(5)), isTrue);
    expect(last.isNew(message(5)), isFalse);
    expect(last.isNew(message(9)), isTrue);
    expect(last.value, 9);
  });
}
