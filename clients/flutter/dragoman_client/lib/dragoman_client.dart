/// The wire protocol of Dragoman: messages, HTTP, the socket, negotiation,
/// subtitles and balance. It knows neither Flutter nor WebRTC.
library dragoman_client;

export 'src/api.dart';
export 'src/balance.dart';
export 'src/constants.dart';
export 'src/invitation.dart';
export 'src/message_stream.dart';
export 'src/messages.dart';
export 'src/negotiation.dart';
export 'src/reconnection.dart';
export 'src/signaling.dart';
export 'src/statistics.dart';
export 'src/subtitles.dart';
export 'src/typed_texts.dart';
export 'src/typing_indicator.dart';
export 'src/wire.dart' show Reader, WireError, WireRecord, readMessage;
