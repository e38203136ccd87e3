/// Sentences for codes of the protocol. A code without a sentence is shown.
import 'package:dragoman_client/dragoman_client.dart';

const Map<String, String> _sentences = {
  Code.unauthorized: 'Address or password is wrong.',
  Code.locked: 'This account is locked. Try again later.',
  Code.rateLimited: 'Too many attempts. Wait a little.',
  Code.sessionNotFound: 'There is no call with this code any more.',
  Code.sessionEnded: 'This call is over.',
  Code.sessionFull: 'Two people are in this call already.',
  Code.ownSession: 'This is your own call: give the code to somebody else.',
  Code.notAdmitted: 'You were not let in.',
  Code.unsupportedLanguage: 'The server does not know this language.',
  Code.unsupportedPair: 'The server does not interpret between these two.',
  Code.atCapacity: 'The server is full. Try again in some minutes.',
  Code.takenOver: 'The call goes on on another device.',
  'unreachable': 'The server does not answer.',
  EndReason.left: 'You have left the call.',
  EndReason.partnerLeft: 'The other person has left the call.',
  EndReason.partnerLost: 'The other person was lost.',
  EndReason.expired: 'The call was too long, or nobody came.',
  EndReason.shutdown: 'The server was shut down.',
};

String sentence(String code) => _sentences[code] ?? 'It did not work ($code).';
