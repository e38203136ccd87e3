// Written by: python -m server.api_documents --write

abstract class Code {
  static const String badRequest = 'bad_request';
  static const String unknownType = 'unknown_type';
  static const String tooLarge = 'too_large';
  static const String unauthorized = 'unauthorized';
  static const String forbidden = 'forbidden';
  static const String notFound = 'not_found';
  static const String sessionNotFound = 'session_not_found';
  static const String sessionFull = 'session_full';
  static const String sessionEnded = 'session_ended';
  static const String ownSession = 'own_session';
  static const String alreadyTaken = 'already_taken';
  static const String notAdmitted = 'not_admitted';
  static const String unsupportedLanguage = 'unsupported_language';
  static const String unsupportedPair = 'unsupported_pair';
  static const String badSdp = 'bad_sdp';
  static const String noAudio = 'no_audio';
  static const String takenOver = 'taken_over';
  static const String rateLimited = 'rate_limited';
  static const String locked = 'locked';
  static const String atCapacity = 'at_capacity';
  static const String gap = 'gap';
  static const String engineFailed = 'engine_failed';
  static const String internal = 'internal';
  static const List<String> values = [
    badRequest,
    unknownType,
    tooLarge,
    unauthorized,
    forbidden,
    notFound,
    sessionNotFound,
    sessionFull,
    sessionEnded,
    ownSession,
    alreadyTaken,
    notAdmitted,
    unsupportedLanguage,
    unsupportedPair,
    badSdp,
    noAudio,
    takenOver,
    rateLimited,
    locked,
    atCapacity,
    gap,
    engineFailed,
    internal,
  ];
}

abstract class SessionState {
  static const String waiting = 'waiting';
  static const String active = 'active';
  static const String ended = 'ended';
  static const List<String> values = [
    waiting,
    active,
    ended,
  ];
}

abstract class TrackKind {
  static const String interpreter = 'interpreter';
  static const String original = 'original';
  static const List<String> values = [
    interpreter,
    original,
  ];
}

abstract class HistoryOff {
  static const String notOffered = 'not_offered';
  static const String unavailable = 'unavailable';
  static const List<String> values = [
    notOffered,
    unavailable,
  ];
}

abstract class EndReason {
  static const String left = 'left';
  static const String partnerLeft = 'partner_left';
  static const String partnerLost = 'partner_lost';
  static const String deleted = 'deleted';
  static const String expired = 'expired';
  static const String shutdown = 'shutdown';
  static const List<String> values = [
    left,
    partnerLeft,
    partnerLost,
    deleted,
    expired,
    shutdown,
  ];
}

abstract class Level {
  static const String ok = 'ok';
  static const String busy = 'busy';
  static const String degraded = 'degraded';
  static const List<String> values = [
    ok,
    busy,
    degraded,
  ];
}

abstract class StatusReason {
  static const String mediaNotAuthenticated = 'media_not_authenticated';
  static const String audioNotDecoded = 'audio_not_decoded';
  static const String nothingUnderstood = 'nothing_understood';
  static const String noSubtitlesChannel = 'no_subtitles_channel';
  static const String wrongAudioLine = 'wrong_audio_line';
  static const String notInterpreted = 'not_interpreted';
  static const String otherMicrophone = 'other_microphone';
  static const List<String> values = [
    mediaNotAuthenticated,
    audioNotDecoded,
    nothingUnderstood,
    noSubtitlesChannel,
    wrongAudioLine,
    notInterpreted,
    otherMicrophone,
  ];
}

abstract class HeldReason {
  static const String empty = 'empty';
  static const String repeats = 'repeats';
  static const String tooLong = 'too_long';
  static const String untranslated = 'untranslated';
  static const String notATranslation = 'not_a_translation';
  static const List<String> values = [
    empty,
    repeats,
    tooLong,
    untranslated,
    notATranslation,
  ];
}

abstract class Doubt {
  static const String number = 'number';
  static const String negation = 'negation';
  static const String incomplete = 'incomplete';
  static const List<String> values = [
    number,
    negation,
    incomplete,
  ];
}

abstract class PlaybackState {
  static const String start = 'start';
  static const String end = 'end';
  static const String skipped = 'skipped';
  static const List<String> values = [
    start,
    end,
    skipped,
  ];
}

abstract class SkipReason {
  static const String behind = 'behind';
  static const String interrupted = 'interrupted';
  static const String noVoice = 'no_voice';
  static const String nothingToSay = 'nothing_to_say';
  static const String held = 'held';
  static const String tts = 'tts';
  static const String startOver = 'start_over';
  static const List<String> values = [
    behind,
    interrupted,
    noVoice,
    nothingToSay,
    held,
    tts,
    startOver,
  ];
}

abstract class Outcome {
  static const String spoken = 'spoken';
  static const String subtitlesOnly = 'subtitles_only';
  static const String notNeeded = 'not_needed';
  static const String nothingSaid = 'nothing_said';
  static const String refused = 'refused';
  static const String failed = 'failed';
  static const List<String> values = [
    spoken,
    subtitlesOnly,
    notNeeded,
    nothingSaid,
    refused,
    failed,
  ];
}

abstract class ChannelCode {
  static const String badRequest = 'bad_request';
  static const String unknownType = 'unknown_type';
  static const String tooLarge = 'too_large';
  static const String badSdp = 'bad_sdp';
  static const String noAudio = 'no_audio';
  static const String rateLimited = 'rate_limited';
  static const String atCapacity = 'at_capacity';
  static const String gap = 'gap';
  static const String engineFailed = 'engine_failed';
  static const String internal = 'internal';
  static const String unsupportedLanguage = 'unsupported_language';
  static const List<String> values = [
    badRequest,
    unknownType,
    tooLarge,
    badSdp,
    noAudio,
    rateLimited,
    atCapacity,
    gap,
    engineFailed,
    internal,
    unsupportedLanguage,
  ];
}

abstract class Degraded {
  static const String accountsDatabase = 'accounts_database';
  static const String workers = 'workers';
  static const String directory = 'directory';
  static const List<String> values = [
    accountsDatabase,
    workers,
    directory,
  ];
}

/// Types. From a client, on the WebSocket.
abstract class SocketRequestType {
  static const String joinSession = 'join_session';
  static const String offer = 'offer';
  static const String candidate = 'candidate';
  static const String setLanguage = 'set_language';
  static const String setVoice = 'set_voice';
  static const String setHistory = 'set_history';
  static const String admit = 'admit';
  static const String leaveSession = 'leave_session';
  static const String sessionInfo = 'session_info';
  static const String heartbeat = 'heartbeat';
  static const List<String> values = [
    joinSession,
    offer,
    candidate,
    setLanguage,
    setVoice,
    setHistory,
    admit,
    leaveSession,
    sessionInfo,
    heartbeat,
  ];
}

/// Types. To a client, on the WebSocket.
abstract class SocketMessageType {
  static const String sessionJoined = 'session_joined';
  static const String joinRequest = 'join_request';
  static const String answer = 'answer';
  static const String tracks = 'tracks';
  static const String sessionPaired = 'session_paired';
  static const String partnerConnected = 'partner_connected';
  static const String partnerDisconnected = 'partner_disconnected';
  static const String partnerLanguage = 'partner_language';
  static const String languageDetected = 'language_detected';
  static const String history = 'history';
  static const String viewers = 'viewers';
  static const String sessionInfo = 'session_info';
  static const String sessionEnded = 'session_ended';
  static const String moved = 'moved';
  static const String status = 'status';
  static const String error = 'error';
  static const String heartbeat = 'heartbeat';
  static const List<String> values = [
    sessionJoined,
    joinRequest,
    answer,
    tracks,
    sessionPaired,
    partnerConnected,
    partnerDisconnected,
    partnerLanguage,
    languageDetected,
    history,
    viewers,
    sessionInfo,
    sessionEnded,
    moved,
    status,
    error,
    heartbeat,
  ];
}

/// Types. From a client, on the `subtitles` channel.
abstract class ChannelRequestType {
  static const String resume = 'resume';
  static const String endUtterance = 'end_utterance';
  static const String startOver = 'start_over';
  static const String typing = 'typing';
  static const String say = 'say';
  static const String setLanguage = 'set_language';
  static const String clientStats = 'client_stats';
  static const List<String> values = [
    resume,
    endUtterance,
    startOver,
    typing,
    say,
    setLanguage,
    clientStats,
  ];
}

/// Types. To a client, on the `subtitles` channel.
abstract class ChannelMessageType {
  static const String transcription = 'transcription';
  static const String translation = 'translation';
  static const String speechAudio = 'speech_audio';
  static const String processingStart = 'processing_start';
  static const String processingEnd = 'processing_end';
  static const String utteranceEnd = 'utterance_end';
  static const String typing = 'typing';
  static const String status = 'status';
  static const String error = 'error';
  static const List<String> values = [
    transcription,
    translation,
    speechAudio,
    processingStart,
    processingEnd,
    utteranceEnd,
    typing,
    status,
    error,
  ];
}

abstract class CloseCode {
  static const int ended = 1000;
  static const int shutdown = 1001;
  static const int tooLarge = 1009;
  static const int restart = 1012;
  static const int takenOver = 4001;
  static const int badFirstMessage = 4400;
  static const int notAuthorized = 4401;
  static const int noFirstMessage = 4408;
  static const int flood = 4429;
}

/// Paths by method and place. A part in braces is to be filled in.
abstract class ApiPath {
  static const String postAuthGuest = '/api/v1/auth/guest';
  static const String postSessionsCreate = '/api/v1/sessions/create';
  static const String postSessionsJoin = '/api/v1/sessions/join';
  static const String getSessionsBySession = '/api/v1/sessions/{session}';
  static const String deleteSessionsBySession = '/api/v1/sessions/{session}';
  static const String getLanguages = '/api/v1/languages';
  static const String getVoices = '/api/v1/voices';
  static const String getIceServers = '/api/v1/ice-servers';
  static const String getSessionsBySessionMessages =
      '/api/v1/sessions/{session}/messages';
  static const String postSessionsBySessionMessages =
      '/api/v1/sessions/{session}/messages';
  static const String postSessionsBySessionViewers =
      '/api/v1/sessions/{session}/viewers';
  static const String deleteSessionsBySessionViewersByViewer =
      '/api/v1/sessions/{session}/viewers/{viewer}';
  static const String deleteSessionsBySessionViewers =
      '/api/v1/sessions/{session}/viewers';
  static const String getSessionsBySessionSubtitles =
      '/api/v1/sessions/{session}/subtitles';
  static const String optionsSessionsBySessionWhip =
      '/api/v1/sessions/{session}/whip';
  static const String postSessionsBySessionWhip =
      '/api/v1/sessions/{session}/whip';
  static const String deleteSessionsBySessionWhipByPublication =
      '/api/v1/sessions/{session}/whip/{publication}';
  static const String getSessionsBySessionHistory =
      '/api/v1/sessions/{session}/history';
  static const String deleteSessionsBySessionHistory =
      '/api/v1/sessions/{session}/history';
  static const String getSessionsBySessionTranscript =
      '/api/v1/sessions/{session}/transcript';
  static const String getUsersMeSessions = '/api/v1/users/me/sessions';
  static const String getUsersMeExport = '/api/v1/users/me/export';
  static const String postAuthRegister = '/api/v1/auth/register';
  static const String postAuthLogin = '/api/v1/auth/login';
  static const String postAuthRefresh = '/api/v1/auth/refresh';
  static const String postAuthLogout = '/api/v1/auth/logout';
  static const String postAuthVerify = '/api/v1/auth/verify';
  static const String postAuthForgot = '/api/v1/auth/forgot';
  static const String postAuthReset = '/api/v1/auth/reset';
  static const String getAuthProviders = '/api/v1/auth/providers';
  static const String getUsersMe = '/api/v1/users/me';
  static const String patchUsersMe = '/api/v1/users/me';
  static const String deleteUsersMe = '/api/v1/users/me';
  static const String getAuthOidcByProvider = '/api/v1/auth/oidc/{provider}';
  static const String getAuthOidcByProviderCallback =
      '/api/v1/auth/oidc/{provider}/callback';
  static const String postAuthOidcExchange = '/api/v1/auth/oidc/exchange';
  static const String postTranslate = '/api/v1/translate';
  static const String postSynthesize = '/api/v1/synthesize';
  static const String postTranscribe = '/api/v1/transcribe';
  static const String getHealth = '/health';
  static const String getReady = '/ready';
  static const String getMetrics = '/metrics';
  static const String getOpenapiJson = '/openapi.json';
  static const String getWs = '/ws';
  static const String getWsByNode = '/ws/{node}';
}
