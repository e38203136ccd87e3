// Written by: python -m server.api_documents --write

import 'constants.dart';
import 'wire.dart';

class JoinSession extends WireRecord {
  JoinSession._(Map<String, Object?> values) : super(values);

  factory JoinSession({
    required String sessionId,
    required String token,
    required String language,
    bool? detect,
  }) {
    return JoinSession._({
      'type': 'join_session',
      'sessionId': sessionId,
      'token': token,
      'language': language,
      'protocol': 1,
      'detect': detect,
    });
  }

  static JoinSession of(Object? json) => JoinSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('join_session')),
    Member('sessionId', Text()),
    Member('token', Text()),
    Member('language', Text()),
    Member('protocol', Exactly<int>(1)),
    Member('detect', Nullable<bool>(Truth()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get sessionId => this['sessionId'] as String;

  String get token => this['token'] as String;

  String get language => this['language'] as String;

  int get protocol => this['protocol'] as int;

  bool? get detect => this['detect'] as bool?;
}

class Offer extends WireRecord {
  Offer._(Map<String, Object?> values) : super(values);

  factory Offer({
    required int negotiation,
    required String sdp,
  }) {
    return Offer._({
      'type': 'offer',
      'negotiation': negotiation,
      'sdp': sdp,
    });
  }

  static Offer of(Object? json) => Offer._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('offer')),
    Member('negotiation', Whole()),
    Member('sdp', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get negotiation => this['negotiation'] as int;

  String get sdp => this['sdp'] as String;
}

class IceCandidate extends WireRecord {
  IceCandidate._(Map<String, Object?> values) : super(values);

  factory IceCandidate({
    required String candidate,
    String? sdpMid,
    int? sdpMLineIndex,
  }) {
    return IceCandidate._({
      'candidate': candidate,
      'sdpMid': sdpMid,
      'sdpMLineIndex': sdpMLineIndex,
    });
  }

  static IceCandidate of(Object? json) =>
      IceCandidate._(readRecord(json, table));

  static const List<Member> table = [
    Member('candidate', Text()),
    Member('sdpMid', Nullable<String>(Text()), isRequired: false),
    Member('sdpMLineIndex', Nullable<int>(Whole()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get candidate => this['candidate'] as String;

  String? get sdpMid => this['sdpMid'] as String?;

  int? get sdpMLineIndex => this['sdpMLineIndex'] as int?;
}

class Candidate extends WireRecord {
  Candidate._(Map<String, Object?> values) : super(values);

  factory Candidate({
    required int negotiation,
    IceCandidate? candidate,
  }) {
    return Candidate._({
      'type': 'candidate',
      'negotiation': negotiation,
      'candidate': candidate,
    });
  }

  static Candidate of(Object? json) => Candidate._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('candidate')),
    Member('negotiation', Whole()),
    Member(
      'candidate',
      Nullable<IceCandidate>(RecordOf<IceCandidate>(IceCandidate.of)),
      isRequired: false,
    ),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get negotiation => this['negotiation'] as int;

  IceCandidate? get candidate => this['candidate'] as IceCandidate?;
}

class SetLanguage extends WireRecord {
  SetLanguage._(Map<String, Object?> values) : super(values);

  factory SetLanguage({
    required String language,
    bool? detect,
  }) {
    return SetLanguage._({
      'type': 'set_language',
      'language': language,
      'detect': detect,
    });
  }

  static SetLanguage of(Object? json) => SetLanguage._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('set_language')),
    Member('language', Text()),
    Member('detect', Nullable<bool>(Truth()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get language => this['language'] as String;

  bool? get detect => this['detect'] as bool?;
}

class SetVoice extends WireRecord {
  SetVoice._(Map<String, Object?> values) : super(values);

  factory SetVoice({
    required String voice,
  }) {
    return SetVoice._({
      'type': 'set_voice',
      'voice': voice,
    });
  }

  static SetVoice of(Object? json) => SetVoice._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('set_voice')),
    Member('voice', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get voice => this['voice'] as String;
}

class SetHistory extends WireRecord {
  SetHistory._(Map<String, Object?> values) : super(values);

  factory SetHistory({
    required bool on,
  }) {
    return SetHistory._({
      'type': 'set_history',
      'on': on,
    });
  }

  static SetHistory of(Object? json) => SetHistory._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('set_history')),
    Member('on', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  bool get on => this['on'] as bool;
}

class Admit extends WireRecord {
  Admit._(Map<String, Object?> values) : super(values);

  factory Admit({
    required String participantId,
    required bool accept,
  }) {
    return Admit._({
      'type': 'admit',
      'participantId': participantId,
      'accept': accept,
    });
  }

  static Admit of(Object? json) => Admit._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('admit')),
    Member('participantId', Text()),
    Member('accept', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get participantId => this['participantId'] as String;

  bool get accept => this['accept'] as bool;
}

class LeaveSession extends WireRecord {
  LeaveSession._(Map<String, Object?> values) : super(values);

  factory LeaveSession() {
    return LeaveSession._({
      'type': 'leave_session',
    });
  }

  static LeaveSession of(Object? json) =>
      LeaveSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('leave_session')),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;
}

class AskSessionInfo extends WireRecord {
  AskSessionInfo._(Map<String, Object?> values) : super(values);

  factory AskSessionInfo() {
    return AskSessionInfo._({
      'type': 'session_info',
    });
  }

  static AskSessionInfo of(Object? json) =>
      AskSessionInfo._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('session_info')),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;
}

class Heartbeat extends WireRecord {
  Heartbeat._(Map<String, Object?> values) : super(values);

  factory Heartbeat({
    Object? id,
  }) {
    return Heartbeat._({
      'type': 'heartbeat',
      'id': id,
    });
  }

  static Heartbeat of(Object? json) => Heartbeat._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('heartbeat')),
    Member(
      'id',
      Nullable<Object?>(Either([Text(), Whole()])),
      isRequired: false,
    ),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  Object? get id => this['id'];
}

class Participant extends WireRecord {
  Participant._(Map<String, Object?> values) : super(values);

  factory Participant({
    required String participantId,
    required String displayName,
    required String language,
    required bool connected,
  }) {
    return Participant._({
      'participantId': participantId,
      'displayName': displayName,
      'language': language,
      'connected': connected,
    });
  }

  static Participant of(Object? json) => Participant._(readRecord(json, table));

  static const List<Member> table = [
    Member('participantId', Text()),
    Member('displayName', Text()),
    Member('language', Text()),
    Member('connected', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get participantId => this['participantId'] as String;

  String get displayName => this['displayName'] as String;

  String get language => this['language'] as String;

  bool get connected => this['connected'] as bool;
}

class IceServer extends WireRecord {
  IceServer._(Map<String, Object?> values) : super(values);

  factory IceServer({
    required List<String> urls,
    String? username,
    String? credential,
  }) {
    return IceServer._({
      'urls': urls,
      'username': username,
      'credential': credential,
    });
  }

  static IceServer of(Object? json) => IceServer._(readRecord(json, table));

  static const List<Member> table = [
    Member('urls', ListOf<String>(Text())),
    Member('username', Text(), isRequired: false),
    Member('credential', Text(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  List<String> get urls => this['urls'] as List<String>;

  String? get username => this['username'] as String?;

  String? get credential => this['credential'] as String?;
}

class SessionJoined extends WireRecord {
  SessionJoined._(Map<String, Object?> values) : super(values);

  factory SessionJoined({
    required String sessionId,
    required String participantId,
    required String language,
    Participant? partner,
    required List<IceServer> iceServers,
    required String resumeToken,
    required String status,
    int? startedAt,
  }) {
    return SessionJoined._({
      'type': 'session_joined',
      'sessionId': sessionId,
      'participantId': participantId,
      'language': language,
      'partner': partner,
      'iceServers': iceServers,
      'resumeToken': resumeToken,
      'status': status,
      'startedAt': startedAt,
    });
  }

  static SessionJoined of(Object? json) =>
      SessionJoined._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('session_joined')),
    Member('sessionId', Text()),
    Member('participantId', Text()),
    Member('language', Text()),
    Member(
      'partner',
      Nullable<Participant>(RecordOf<Participant>(Participant.of)),
    ),
    Member('iceServers', ListOf<IceServer>(RecordOf<IceServer>(IceServer.of))),
    Member('resumeToken', Text()),
    Member('status', OneOf(SessionState.values)),
    Member('startedAt', Whole(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get sessionId => this['sessionId'] as String;

  String get participantId => this['participantId'] as String;

  String get language => this['language'] as String;

  Participant? get partner => this['partner'] as Participant?;

  List<IceServer> get iceServers => this['iceServers'] as List<IceServer>;

  String get resumeToken => this['resumeToken'] as String;

  String get status => this['status'] as String;

  int? get startedAt => this['startedAt'] as int?;
}

class JoinRequest extends WireRecord {
  JoinRequest._(Map<String, Object?> values) : super(values);

  factory JoinRequest({
    required String participantId,
    required String displayName,
  }) {
    return JoinRequest._({
      'type': 'join_request',
      'participantId': participantId,
      'displayName': displayName,
    });
  }

  static JoinRequest of(Object? json) => JoinRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('join_request')),
    Member('participantId', Text()),
    Member('displayName', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get participantId => this['participantId'] as String;

  String get displayName => this['displayName'] as String;
}

class Track extends WireRecord {
  Track._(Map<String, Object?> values) : super(values);

  factory Track({
    required String mid,
    required String kind,
    String? participantId,
  }) {
    return Track._({
      'mid': mid,
      'kind': kind,
      'participantId': participantId,
    });
  }

  static Track of(Object? json) => Track._(readRecord(json, table));

  static const List<Member> table = [
    Member('mid', Text()),
    Member('kind', OneOf(TrackKind.values)),
    Member('participantId', Nullable<String>(Text())),
  ];

  @override
  List<Member> get members => table;

  String get mid => this['mid'] as String;

  String get kind => this['kind'] as String;

  String? get participantId => this['participantId'] as String?;
}

class Answer extends WireRecord {
  Answer._(Map<String, Object?> values) : super(values);

  factory Answer({
    required int negotiation,
    required String sdp,
    required List<Track> tracks,
  }) {
    return Answer._({
      'type': 'answer',
      'negotiation': negotiation,
      'sdp': sdp,
      'tracks': tracks,
    });
  }

  static Answer of(Object? json) => Answer._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('answer')),
    Member('negotiation', Whole()),
    Member('sdp', Text()),
    Member('tracks', ListOf<Track>(RecordOf<Track>(Track.of))),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get negotiation => this['negotiation'] as int;

  String get sdp => this['sdp'] as String;

  List<Track> get tracks => this['tracks'] as List<Track>;
}

class Tracks extends WireRecord {
  Tracks._(Map<String, Object?> values) : super(values);

  factory Tracks({
    required List<Track> tracks,
  }) {
    return Tracks._({
      'type': 'tracks',
      'tracks': tracks,
    });
  }

  static Tracks of(Object? json) => Tracks._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('tracks')),
    Member('tracks', ListOf<Track>(RecordOf<Track>(Track.of))),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  List<Track> get tracks => this['tracks'] as List<Track>;
}

class SessionPaired extends WireRecord {
  SessionPaired._(Map<String, Object?> values) : super(values);

  factory SessionPaired({
    required Participant partner,
    required int startedAt,
  }) {
    return SessionPaired._({
      'type': 'session_paired',
      'partner': partner,
      'startedAt': startedAt,
    });
  }

  static SessionPaired of(Object? json) =>
      SessionPaired._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('session_paired')),
    Member('partner', RecordOf<Participant>(Participant.of)),
    Member('startedAt', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  Participant get partner => this['partner'] as Participant;

  int get startedAt => this['startedAt'] as int;
}

class PartnerConnected extends WireRecord {
  PartnerConnected._(Map<String, Object?> values) : super(values);

  factory PartnerConnected({
    required String participantId,
  }) {
    return PartnerConnected._({
      'type': 'partner_connected',
      'participantId': participantId,
    });
  }

  static PartnerConnected of(Object? json) =>
      PartnerConnected._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('partner_connected')),
    Member('participantId', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get participantId => this['participantId'] as String;
}

class PartnerDisconnected extends WireRecord {
  PartnerDisconnected._(Map<String, Object?> values) : super(values);

  factory PartnerDisconnected({
    required String participantId,
    String? reason,
  }) {
    return PartnerDisconnected._({
      'type': 'partner_disconnected',
      'participantId': participantId,
      'reason': reason,
    });
  }

  static PartnerDisconnected of(Object? json) =>
      PartnerDisconnected._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('partner_disconnected')),
    Member('participantId', Text()),
    Member('reason', Text(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get participantId => this['participantId'] as String;

  String? get reason => this['reason'] as String?;
}

class PartnerLanguage extends WireRecord {
  PartnerLanguage._(Map<String, Object?> values) : super(values);

  factory PartnerLanguage({
    required String participantId,
    required String language,
  }) {
    return PartnerLanguage._({
      'type': 'partner_language',
      'participantId': participantId,
      'language': language,
    });
  }

  static PartnerLanguage of(Object? json) =>
      PartnerLanguage._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('partner_language')),
    Member('participantId', Text()),
    Member('language', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get participantId => this['participantId'] as String;

  String get language => this['language'] as String;
}

class LanguageDetected extends WireRecord {
  LanguageDetected._(Map<String, Object?> values) : super(values);

  factory LanguageDetected({
    required String language,
  }) {
    return LanguageDetected._({
      'type': 'language_detected',
      'language': language,
    });
  }

  static LanguageDetected of(Object? json) =>
      LanguageDetected._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('language_detected')),
    Member('language', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get language => this['language'] as String;
}

class HistoryChanged extends WireRecord {
  HistoryChanged._(Map<String, Object?> values) : super(values);

  factory HistoryChanged({
    required bool on,
    required List<String> consents,
    String? reason,
  }) {
    return HistoryChanged._({
      'type': 'history',
      'on': on,
      'consents': consents,
      'reason': reason,
    });
  }

  static HistoryChanged of(Object? json) =>
      HistoryChanged._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('history')),
    Member('on', Truth()),
    Member('consents', ListOf<String>(Text())),
    Member('reason', OneOf(HistoryOff.values), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  bool get on => this['on'] as bool;

  List<String> get consents => this['consents'] as List<String>;

  String? get reason => this['reason'] as String?;
}

class ViewersChanged extends WireRecord {
  ViewersChanged._(Map<String, Object?> values) : super(values);

  factory ViewersChanged({
    required int count,
  }) {
    return ViewersChanged._({
      'type': 'viewers',
      'count': count,
    });
  }

  static ViewersChanged of(Object? json) =>
      ViewersChanged._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('viewers')),
    Member('count', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get count => this['count'] as int;
}

class Voice extends WireRecord {
  Voice._(Map<String, Object?> values) : super(values);

  factory Voice({
    required String id,
    required String language,
    required String name,
    required String licence,
  }) {
    return Voice._({
      'id': id,
      'language': language,
      'name': name,
      'licence': licence,
    });
  }

  static Voice of(Object? json) => Voice._(readRecord(json, table));

  static const List<Member> table = [
    Member('id', Text()),
    Member('language', Text()),
    Member('name', Text()),
    Member('licence', Text()),
  ];

  @override
  List<Member> get members => table;

  String get id => this['id'] as String;

  String get language => this['language'] as String;

  String get name => this['name'] as String;

  String get licence => this['licence'] as String;
}

class Interpretation extends WireRecord {
  Interpretation._(Map<String, Object?> values) : super(values);

  factory Interpretation({
    required String speaker,
    required String listener,
    required String language,
    required bool speech,
    required bool typed,
    required bool spoken,
  }) {
    return Interpretation._({
      'speaker': speaker,
      'listener': listener,
      'language': language,
      'speech': speech,
      'typed': typed,
      'spoken': spoken,
    });
  }

  static Interpretation of(Object? json) =>
      Interpretation._(readRecord(json, table));

  static const List<Member> table = [
    Member('speaker', Text()),
    Member('listener', Text()),
    Member('language', Text()),
    Member('speech', Truth()),
    Member('typed', Truth()),
    Member('spoken', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get speaker => this['speaker'] as String;

  String get listener => this['listener'] as String;

  String get language => this['language'] as String;

  bool get speech => this['speech'] as bool;

  bool get typed => this['typed'] as bool;

  bool get spoken => this['spoken'] as bool;
}

class SessionOptions extends WireRecord {
  SessionOptions._(Map<String, Object?> values) : super(values);

  factory SessionOptions({
    required bool admit,
    String? solo,
  }) {
    return SessionOptions._({
      'admit': admit,
      'solo': solo,
    });
  }

  static SessionOptions of(Object? json) =>
      SessionOptions._(readRecord(json, table));

  static const List<Member> table = [
    Member('admit', Truth()),
    Member('solo', Nullable<String>(Text())),
  ];

  @override
  List<Member> get members => table;

  bool get admit => this['admit'] as bool;

  String? get solo => this['solo'] as String?;
}

class HistoryState extends WireRecord {
  HistoryState._(Map<String, Object?> values) : super(values);

  factory HistoryState({
    required bool on,
    required List<String> consents,
    String? reason,
  }) {
    return HistoryState._({
      'on': on,
      'consents': consents,
      'reason': reason,
    });
  }

  static HistoryState of(Object? json) =>
      HistoryState._(readRecord(json, table));

  static const List<Member> table = [
    Member('on', Truth()),
    Member('consents', ListOf<String>(Text())),
    Member('reason', OneOf(HistoryOff.values), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  bool get on => this['on'] as bool;

  List<String> get consents => this['consents'] as List<String>;

  String? get reason => this['reason'] as String?;
}

class SessionLimits extends WireRecord {
  SessionLimits._(Map<String, Object?> values) : super(values);

  factory SessionLimits({
    required int sessionMs,
    required int graceMs,
    required int messageBytes,
  }) {
    return SessionLimits._({
      'sessionMs': sessionMs,
      'graceMs': graceMs,
      'messageBytes': messageBytes,
    });
  }

  static SessionLimits of(Object? json) =>
      SessionLimits._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionMs', Whole()),
    Member('graceMs', Whole()),
    Member('messageBytes', Whole()),
  ];

  @override
  List<Member> get members => table;

  int get sessionMs => this['sessionMs'] as int;

  int get graceMs => this['graceMs'] as int;

  int get messageBytes => this['messageBytes'] as int;
}

class SessionInfo extends WireRecord {
  SessionInfo._(Map<String, Object?> values) : super(values);

  factory SessionInfo({
    required String sessionId,
    required String participantId,
    required String status,
    required int createdAt,
    required int expiresAt,
    required String language,
    required bool detect,
    required String voice,
    required List<Voice> voices,
    required List<Participant> participants,
    required List<Interpretation> interpretation,
    required SessionOptions options,
    required HistoryState history,
    required int viewers,
    required SessionLimits limits,
    int? startedAt,
  }) {
    return SessionInfo._({
      'type': 'session_info',
      'sessionId': sessionId,
      'participantId': participantId,
      'status': status,
      'createdAt': createdAt,
      'expiresAt': expiresAt,
      'language': language,
      'detect': detect,
      'voice': voice,
      'voices': voices,
      'participants': participants,
      'interpretation': interpretation,
      'options': options,
      'history': history,
      'viewers': viewers,
      'limits': limits,
      'startedAt': startedAt,
    });
  }

  static SessionInfo of(Object? json) => SessionInfo._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('session_info')),
    Member('sessionId', Text()),
    Member('participantId', Text()),
    Member('status', OneOf(SessionState.values)),
    Member('createdAt', Whole()),
    Member('expiresAt', Whole()),
    Member('language', Text()),
    Member('detect', Truth()),
    Member('voice', Text()),
    Member('voices', ListOf<Voice>(RecordOf<Voice>(Voice.of))),
    Member(
      'participants',
      ListOf<Participant>(RecordOf<Participant>(Participant.of)),
    ),
    Member(
      'interpretation',
      ListOf<Interpretation>(RecordOf<Interpretation>(Interpretation.of)),
    ),
    Member('options', RecordOf<SessionOptions>(SessionOptions.of)),
    Member('history', RecordOf<HistoryState>(HistoryState.of)),
    Member('viewers', Whole()),
    Member('limits', RecordOf<SessionLimits>(SessionLimits.of)),
    Member('startedAt', Whole(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get sessionId => this['sessionId'] as String;

  String get participantId => this['participantId'] as String;

  String get status => this['status'] as String;

  int get createdAt => this['createdAt'] as int;

  int get expiresAt => this['expiresAt'] as int;

  String get language => this['language'] as String;

  bool get detect => this['detect'] as bool;

  String get voice => this['voice'] as String;

  List<Voice> get voices => this['voices'] as List<Voice>;

  List<Participant> get participants =>
      this['participants'] as List<Participant>;

  List<Interpretation> get interpretation =>
      this['interpretation'] as List<Interpretation>;

  SessionOptions get options => this['options'] as SessionOptions;

  HistoryState get history => this['history'] as HistoryState;

  int get viewers => this['viewers'] as int;

  SessionLimits get limits => this['limits'] as SessionLimits;

  int? get startedAt => this['startedAt'] as int?;
}

class ConnectionQualitySent extends WireRecord {
  ConnectionQualitySent._(Map<String, Object?> values) : super(values);

  factory ConnectionQualitySent({
    required int packets,
    required int lost,
    required int concealed,
    required int recovered,
    required int dropped,
    required int foreign,
    required double jitterMs,
  }) {
    return ConnectionQualitySent._({
      'packets': packets,
      'lost': lost,
      'concealed': concealed,
      'recovered': recovered,
      'dropped': dropped,
      'foreign': foreign,
      'jitterMs': jitterMs,
    });
  }

  static ConnectionQualitySent of(Object? json) =>
      ConnectionQualitySent._(readRecord(json, table));

  static const List<Member> table = [
    Member('packets', Whole()),
    Member('lost', Whole()),
    Member('concealed', Whole()),
    Member('recovered', Whole()),
    Member('dropped', Whole()),
    Member('foreign', Whole()),
    Member('jitterMs', Real()),
  ];

  @override
  List<Member> get members => table;

  int get packets => this['packets'] as int;

  int get lost => this['lost'] as int;

  int get concealed => this['concealed'] as int;

  int get recovered => this['recovered'] as int;

  int get dropped => this['dropped'] as int;

  int get foreign => this['foreign'] as int;

  double get jitterMs => this['jitterMs'] as double;
}

class ConnectionQualityHeard extends WireRecord {
  ConnectionQualityHeard._(Map<String, Object?> values) : super(values);

  factory ConnectionQualityHeard({
    required int lost,
    required double jitterMs,
    double? concealedMs,
    double? playoutDelayMs,
  }) {
    return ConnectionQualityHeard._({
      'lost': lost,
      'jitterMs': jitterMs,
      'concealedMs': concealedMs,
      'playoutDelayMs': playoutDelayMs,
    });
  }

  static ConnectionQualityHeard of(Object? json) =>
      ConnectionQualityHeard._(readRecord(json, table));

  static const List<Member> table = [
    Member('lost', Whole()),
    Member('jitterMs', Real()),
    Member('concealedMs', Nullable<double>(Real())),
    Member('playoutDelayMs', Nullable<double>(Real())),
  ];

  @override
  List<Member> get members => table;

  int get lost => this['lost'] as int;

  double get jitterMs => this['jitterMs'] as double;

  double? get concealedMs => this['concealedMs'] as double?;

  double? get playoutDelayMs => this['playoutDelayMs'] as double?;
}

class ConnectionQuality extends WireRecord {
  ConnectionQuality._(Map<String, Object?> values) : super(values);

  factory ConnectionQuality({
    required ConnectionQualitySent sent,
    required ConnectionQualityHeard heard,
    double? rttMs,
  }) {
    return ConnectionQuality._({
      'sent': sent,
      'heard': heard,
      'rttMs': rttMs,
    });
  }

  static ConnectionQuality of(Object? json) =>
      ConnectionQuality._(readRecord(json, table));

  static const List<Member> table = [
    Member('sent', RecordOf<ConnectionQualitySent>(ConnectionQualitySent.of)),
    Member(
      'heard',
      RecordOf<ConnectionQualityHeard>(ConnectionQualityHeard.of),
    ),
    Member('rttMs', Nullable<double>(Real())),
  ];

  @override
  List<Member> get members => table;

  ConnectionQualitySent get sent => this['sent'] as ConnectionQualitySent;

  ConnectionQualityHeard get heard => this['heard'] as ConnectionQualityHeard;

  double? get rttMs => this['rttMs'] as double?;
}

class CallMetricsFirstAudioMs extends WireRecord {
  CallMetricsFirstAudioMs._(Map<String, Object?> values) : super(values);

  factory CallMetricsFirstAudioMs({
    double? p50,
    double? p95,
  }) {
    return CallMetricsFirstAudioMs._({
      'p50': p50,
      'p95': p95,
    });
  }

  static CallMetricsFirstAudioMs of(Object? json) =>
      CallMetricsFirstAudioMs._(readRecord(json, table));

  static const List<Member> table = [
    Member('p50', Nullable<double>(Real())),
    Member('p95', Nullable<double>(Real())),
  ];

  @override
  List<Member> get members => table;

  double? get p50 => this['p50'] as double?;

  double? get p95 => this['p95'] as double?;
}

class CallMetrics extends WireRecord {
  CallMetrics._(Map<String, Object?> values) : super(values);

  factory CallMetrics({
    required int durationMs,
    required int utterances,
    required int spoken,
    required int failed,
    required CallMetricsFirstAudioMs firstAudioMs,
    required Map<String, ConnectionQuality> quality,
  }) {
    return CallMetrics._({
      'durationMs': durationMs,
      'utterances': utterances,
      'spoken': spoken,
      'failed': failed,
      'firstAudioMs': firstAudioMs,
      'quality': quality,
    });
  }

  static CallMetrics of(Object? json) => CallMetrics._(readRecord(json, table));

  static const List<Member> table = [
    Member('durationMs', Whole()),
    Member('utterances', Whole()),
    Member('spoken', Whole()),
    Member('failed', Whole()),
    Member(
      'firstAudioMs',
      RecordOf<CallMetricsFirstAudioMs>(CallMetricsFirstAudioMs.of),
    ),
    Member(
      'quality',
      MapOf<ConnectionQuality>(
          RecordOf<ConnectionQuality>(ConnectionQuality.of)),
    ),
  ];

  @override
  List<Member> get members => table;

  int get durationMs => this['durationMs'] as int;

  int get utterances => this['utterances'] as int;

  int get spoken => this['spoken'] as int;

  int get failed => this['failed'] as int;

  CallMetricsFirstAudioMs get firstAudioMs =>
      this['firstAudioMs'] as CallMetricsFirstAudioMs;

  Map<String, ConnectionQuality> get quality =>
      this['quality'] as Map<String, ConnectionQuality>;
}

class SessionEnded extends WireRecord {
  SessionEnded._(Map<String, Object?> values) : super(values);

  factory SessionEnded({
    required String reason,
    required CallMetrics metrics,
  }) {
    return SessionEnded._({
      'type': 'session_ended',
      'reason': reason,
      'metrics': metrics,
    });
  }

  static SessionEnded of(Object? json) =>
      SessionEnded._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('session_ended')),
    Member('reason', OneOf(EndReason.values)),
    Member('metrics', RecordOf<CallMetrics>(CallMetrics.of)),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get reason => this['reason'] as String;

  CallMetrics get metrics => this['metrics'] as CallMetrics;
}

class Moved extends WireRecord {
  Moved._(Map<String, Object?> values) : super(values);

  factory Moved({
    required String wsUrl,
  }) {
    return Moved._({
      'type': 'moved',
      'wsUrl': wsUrl,
      'fatal': false,
    });
  }

  static Moved of(Object? json) => Moved._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('moved')),
    Member('wsUrl', Text()),
    Member('fatal', Exactly<bool>(false)),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get wsUrl => this['wsUrl'] as String;

  bool get fatal => this['fatal'] as bool;
}

class Status extends WireRecord {
  Status._(Map<String, Object?> values) : super(values);

  factory Status({
    required String level,
    required int lagMs,
    required String message,
    required String reason,
  }) {
    return Status._({
      'type': 'status',
      'level': level,
      'lagMs': lagMs,
      'message': message,
      'reason': reason,
    });
  }

  static Status of(Object? json) => Status._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('status')),
    Member('level', OneOf(Level.values)),
    Member('lagMs', Whole()),
    Member('message', Text()),
    Member('reason', OneOf(StatusReason.values)),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get level => this['level'] as String;

  int get lagMs => this['lagMs'] as int;

  String get message => this['message'] as String;

  String get reason => this['reason'] as String;
}

class SocketError extends WireRecord {
  SocketError._(Map<String, Object?> values) : super(values);

  factory SocketError({
    required String code,
    required String message,
    required bool fatal,
  }) {
    return SocketError._({
      'type': 'error',
      'code': code,
      'message': message,
      'fatal': fatal,
    });
  }

  static SocketError of(Object? json) => SocketError._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('error')),
    Member('code', OneOf(Code.values)),
    Member('message', Text()),
    Member('fatal', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get code => this['code'] as String;

  String get message => this['message'] as String;

  bool get fatal => this['fatal'] as bool;
}

class HeartbeatAnswer extends WireRecord {
  HeartbeatAnswer._(Map<String, Object?> values) : super(values);

  factory HeartbeatAnswer({
    Object? id,
  }) {
    return HeartbeatAnswer._({
      'type': 'heartbeat',
      'id': id,
    });
  }

  static HeartbeatAnswer of(Object? json) =>
      HeartbeatAnswer._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('heartbeat')),
    Member('id', Either([Text(), Whole()]), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  Object? get id => this['id'];
}

class Resume extends WireRecord {
  Resume._(Map<String, Object?> values) : super(values);

  factory Resume({
    required int lastSeq,
  }) {
    return Resume._({
      'type': 'resume',
      'lastSeq': lastSeq,
    });
  }

  static Resume of(Object? json) => Resume._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('resume')),
    Member('lastSeq', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get lastSeq => this['lastSeq'] as int;
}

class EndUtterance extends WireRecord {
  EndUtterance._(Map<String, Object?> values) : super(values);

  factory EndUtterance() {
    return EndUtterance._({
      'type': 'end_utterance',
    });
  }

  static EndUtterance of(Object? json) =>
      EndUtterance._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('end_utterance')),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;
}

class StartOver extends WireRecord {
  StartOver._(Map<String, Object?> values) : super(values);

  factory StartOver() {
    return StartOver._({
      'type': 'start_over',
    });
  }

  static StartOver of(Object? json) => StartOver._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('start_over')),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;
}

class Typing extends WireRecord {
  Typing._(Map<String, Object?> values) : super(values);

  factory Typing({
    required bool on,
  }) {
    return Typing._({
      'type': 'typing',
      'on': on,
    });
  }

  static Typing of(Object? json) => Typing._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('typing')),
    Member('on', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  bool get on => this['on'] as bool;
}

class Say extends WireRecord {
  Say._(Map<String, Object?> values) : super(values);

  factory Say({
    required String text,
    String? clientId,
  }) {
    return Say._({
      'type': 'say',
      'text': text,
      'clientId': clientId,
    });
  }

  static Say of(Object? json) => Say._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('say')),
    Member('text', Text()),
    Member('clientId', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get text => this['text'] as String;

  String? get clientId => this['clientId'] as String?;
}

class ChannelSetLanguage extends WireRecord {
  ChannelSetLanguage._(Map<String, Object?> values) : super(values);

  factory ChannelSetLanguage({
    required String language,
    bool? detect,
  }) {
    return ChannelSetLanguage._({
      'type': 'set_language',
      'language': language,
      'detect': detect,
    });
  }

  static ChannelSetLanguage of(Object? json) =>
      ChannelSetLanguage._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('set_language')),
    Member('language', Text()),
    Member('detect', Nullable<bool>(Truth()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  String get language => this['language'] as String;

  bool? get detect => this['detect'] as bool?;
}

class ClientStats extends WireRecord {
  ClientStats._(Map<String, Object?> values) : super(values);

  factory ClientStats({
    double? rttMs,
    double? jitterMs,
    double? packetsLost,
    double? concealedMs,
    double? playoutDelayMs,
    double? heardLatencyMs,
  }) {
    return ClientStats._({
      'type': 'client_stats',
      'rttMs': rttMs,
      'jitterMs': jitterMs,
      'packetsLost': packetsLost,
      'concealedMs': concealedMs,
      'playoutDelayMs': playoutDelayMs,
      'heardLatencyMs': heardLatencyMs,
    });
  }

  static ClientStats of(Object? json) => ClientStats._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('client_stats')),
    Member('rttMs', Nullable<double>(Real()), isRequired: false),
    Member('jitterMs', Nullable<double>(Real()), isRequired: false),
    Member('packetsLost', Nullable<double>(Real()), isRequired: false),
    Member('concealedMs', Nullable<double>(Real()), isRequired: false),
    Member('playoutDelayMs', Nullable<double>(Real()), isRequired: false),
    Member('heardLatencyMs', Nullable<double>(Real()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  double? get rttMs => this['rttMs'] as double?;

  double? get jitterMs => this['jitterMs'] as double?;

  double? get packetsLost => this['packetsLost'] as double?;

  double? get concealedMs => this['concealedMs'] as double?;

  double? get playoutDelayMs => this['playoutDelayMs'] as double?;

  double? get heardLatencyMs => this['heardLatencyMs'] as double?;
}

class Transcription extends WireRecord {
  Transcription._(Map<String, Object?> values) : super(values);

  factory Transcription({
    required int seq,
    required String sessionId,
    required String utteranceId,
    required String sourceUserId,
    required int revision,
    required bool final_,
    required String text,
    required int stableLength,
    required String language,
    required int startMs,
    required int endMs,
    required double confidence,
    String? clientId,
    String? continues,
    bool? shortened,
  }) {
    return Transcription._({
      'type': 'transcription',
      'seq': seq,
      'sessionId': sessionId,
      'utteranceId': utteranceId,
      'sourceUserId': sourceUserId,
      'revision': revision,
      'final': final_,
      'text': text,
      'stableLength': stableLength,
      'language': language,
      'startMs': startMs,
      'endMs': endMs,
      'confidence': confidence,
      'clientId': clientId,
      'continues': continues,
      'shortened': shortened,
    });
  }

  static Transcription of(Object? json) =>
      Transcription._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('transcription')),
    Member('seq', Whole()),
    Member('sessionId', Text()),
    Member('utteranceId', Text()),
    Member('sourceUserId', Text()),
    Member('revision', Whole()),
    Member('final', Truth()),
    Member('text', Text()),
    Member('stableLength', Whole()),
    Member('language', Text()),
    Member('startMs', Whole()),
    Member('endMs', Whole()),
    Member('confidence', Real()),
    Member('clientId', Text(), isRequired: false),
    Member('continues', Text(), isRequired: false),
    Member('shortened', Exactly<bool>(true), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get sessionId => this['sessionId'] as String;

  String get utteranceId => this['utteranceId'] as String;

  String get sourceUserId => this['sourceUserId'] as String;

  int get revision => this['revision'] as int;

  bool get final_ => this['final'] as bool;

  String get text => this['text'] as String;

  int get stableLength => this['stableLength'] as int;

  String get language => this['language'] as String;

  int get startMs => this['startMs'] as int;

  int get endMs => this['endMs'] as int;

  double get confidence => this['confidence'] as double;

  String? get clientId => this['clientId'] as String?;

  String? get continues => this['continues'] as String?;

  bool? get shortened => this['shortened'] as bool?;
}

class TranslationMessage extends WireRecord {
  TranslationMessage._(Map<String, Object?> values) : super(values);

  factory TranslationMessage({
    required int seq,
    required String sessionId,
    required int segment,
    required String utteranceId,
    required String sourceUserId,
    required int revision,
    required bool final_,
    String? targetUserId,
    required String originalText,
    required int sourceStart,
    required int sourceEnd,
    required String translatedText,
    required String sourceLanguage,
    required String targetLanguage,
    required int timestamp,
    required int latency,
    String? held,
    List<String>? unsure,
    String? continues,
    bool? shortened,
  }) {
    return TranslationMessage._({
      'type': 'translation',
      'seq': seq,
      'sessionId': sessionId,
      'segment': segment,
      'utteranceId': utteranceId,
      'sourceUserId': sourceUserId,
      'revision': revision,
      'final': final_,
      'targetUserId': targetUserId,
      'originalText': originalText,
      'sourceStart': sourceStart,
      'sourceEnd': sourceEnd,
      'translatedText': translatedText,
      'sourceLanguage': sourceLanguage,
      'targetLanguage': targetLanguage,
      'timestamp': timestamp,
      'latency': latency,
      'held': held,
      'unsure': unsure,
      'continues': continues,
      'shortened': shortened,
    });
  }

  static TranslationMessage of(Object? json) =>
      TranslationMessage._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('translation')),
    Member('seq', Whole()),
    Member('sessionId', Text()),
    Member('segment', Whole()),
    Member('utteranceId', Text()),
    Member('sourceUserId', Text()),
    Member('revision', Whole()),
    Member('final', Truth()),
    Member('targetUserId', Nullable<String>(Text())),
    Member('originalText', Text()),
    Member('sourceStart', Whole()),
    Member('sourceEnd', Whole()),
    Member('translatedText', Text()),
    Member('sourceLanguage', Text()),
    Member('targetLanguage', Text()),
    Member('timestamp', Whole()),
    Member('latency', Whole()),
    Member('held', OneOf(HeldReason.values), isRequired: false),
    Member('unsure', ListOf<String>(OneOf(Doubt.values)), isRequired: false),
    Member('continues', Text(), isRequired: false),
    Member('shortened', Exactly<bool>(true), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get sessionId => this['sessionId'] as String;

  int get segment => this['segment'] as int;

  String get utteranceId => this['utteranceId'] as String;

  String get sourceUserId => this['sourceUserId'] as String;

  int get revision => this['revision'] as int;

  bool get final_ => this['final'] as bool;

  String? get targetUserId => this['targetUserId'] as String?;

  String get originalText => this['originalText'] as String;

  int get sourceStart => this['sourceStart'] as int;

  int get sourceEnd => this['sourceEnd'] as int;

  String get translatedText => this['translatedText'] as String;

  String get sourceLanguage => this['sourceLanguage'] as String;

  String get targetLanguage => this['targetLanguage'] as String;

  int get timestamp => this['timestamp'] as int;

  int get latency => this['latency'] as int;

  String? get held => this['held'] as String?;

  List<String>? get unsure => this['unsure'] as List<String>?;

  String? get continues => this['continues'] as String?;

  bool? get shortened => this['shortened'] as bool?;
}

class SpeechAudio extends WireRecord {
  SpeechAudio._(Map<String, Object?> values) : super(values);

  factory SpeechAudio({
    required int seq,
    required String utteranceId,
    required String sourceUserId,
    required int segment,
    required String targetUserId,
    required String state,
    String? reason,
  }) {
    return SpeechAudio._({
      'type': 'speech_audio',
      'seq': seq,
      'utteranceId': utteranceId,
      'sourceUserId': sourceUserId,
      'segment': segment,
      'targetUserId': targetUserId,
      'state': state,
      'reason': reason,
    });
  }

  static SpeechAudio of(Object? json) => SpeechAudio._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('speech_audio')),
    Member('seq', Whole()),
    Member('utteranceId', Text()),
    Member('sourceUserId', Text()),
    Member('segment', Whole()),
    Member('targetUserId', Text()),
    Member('state', OneOf(PlaybackState.values)),
    Member('reason', OneOf(SkipReason.values), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get utteranceId => this['utteranceId'] as String;

  String get sourceUserId => this['sourceUserId'] as String;

  int get segment => this['segment'] as int;

  String get targetUserId => this['targetUserId'] as String;

  String get state => this['state'] as String;

  String? get reason => this['reason'] as String?;
}

class ProcessingStart extends WireRecord {
  ProcessingStart._(Map<String, Object?> values) : super(values);

  factory ProcessingStart({
    required int seq,
    required String utteranceId,
  }) {
    return ProcessingStart._({
      'type': 'processing_start',
      'seq': seq,
      'utteranceId': utteranceId,
    });
  }

  static ProcessingStart of(Object? json) =>
      ProcessingStart._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('processing_start')),
    Member('seq', Whole()),
    Member('utteranceId', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get utteranceId => this['utteranceId'] as String;
}

class ProcessingEnd extends WireRecord {
  ProcessingEnd._(Map<String, Object?> values) : super(values);

  factory ProcessingEnd({
    required int seq,
    required String utteranceId,
  }) {
    return ProcessingEnd._({
      'type': 'processing_end',
      'seq': seq,
      'utteranceId': utteranceId,
    });
  }

  static ProcessingEnd of(Object? json) =>
      ProcessingEnd._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('processing_end')),
    Member('seq', Whole()),
    Member('utteranceId', Text()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get utteranceId => this['utteranceId'] as String;
}

class Latency extends WireRecord {
  Latency._(Map<String, Object?> values) : super(values);

  factory Latency({
    double? endpointMs,
    double? sttMs,
    double? translationMs,
    double? ttsMs,
    double? firstAudioMs,
  }) {
    return Latency._({
      'endpointMs': endpointMs,
      'sttMs': sttMs,
      'translationMs': translationMs,
      'ttsMs': ttsMs,
      'firstAudioMs': firstAudioMs,
    });
  }

  static Latency of(Object? json) => Latency._(readRecord(json, table));

  static const List<Member> table = [
    Member('endpointMs', Nullable<double>(Real())),
    Member('sttMs', Nullable<double>(Real())),
    Member('translationMs', Nullable<double>(Real())),
    Member('ttsMs', Nullable<double>(Real())),
    Member('firstAudioMs', Nullable<double>(Real())),
  ];

  @override
  List<Member> get members => table;

  double? get endpointMs => this['endpointMs'] as double?;

  double? get sttMs => this['sttMs'] as double?;

  double? get translationMs => this['translationMs'] as double?;

  double? get ttsMs => this['ttsMs'] as double?;

  double? get firstAudioMs => this['firstAudioMs'] as double?;
}

class UtteranceEnd extends WireRecord {
  UtteranceEnd._(Map<String, Object?> values) : super(values);

  factory UtteranceEnd({
    required int seq,
    required String utteranceId,
    required String sourceUserId,
    String? targetUserId,
    required String outcome,
    required Latency latency,
    String? reason,
  }) {
    return UtteranceEnd._({
      'type': 'utterance_end',
      'seq': seq,
      'utteranceId': utteranceId,
      'sourceUserId': sourceUserId,
      'targetUserId': targetUserId,
      'outcome': outcome,
      'latency': latency,
      'reason': reason,
    });
  }

  static UtteranceEnd of(Object? json) =>
      UtteranceEnd._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('utterance_end')),
    Member('seq', Whole()),
    Member('utteranceId', Text()),
    Member('sourceUserId', Text()),
    Member('targetUserId', Nullable<String>(Text())),
    Member('outcome', OneOf(Outcome.values)),
    Member('latency', RecordOf<Latency>(Latency.of)),
    Member('reason', Text(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get utteranceId => this['utteranceId'] as String;

  String get sourceUserId => this['sourceUserId'] as String;

  String? get targetUserId => this['targetUserId'] as String?;

  String get outcome => this['outcome'] as String;

  Latency get latency => this['latency'] as Latency;

  String? get reason => this['reason'] as String?;
}

class PartnerTyping extends WireRecord {
  PartnerTyping._(Map<String, Object?> values) : super(values);

  factory PartnerTyping({
    required int seq,
    required String sourceUserId,
    required bool on,
  }) {
    return PartnerTyping._({
      'type': 'typing',
      'seq': seq,
      'sourceUserId': sourceUserId,
      'on': on,
    });
  }

  static PartnerTyping of(Object? json) =>
      PartnerTyping._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('typing')),
    Member('seq', Whole()),
    Member('sourceUserId', Text()),
    Member('on', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get sourceUserId => this['sourceUserId'] as String;

  bool get on => this['on'] as bool;
}

class ChannelStatus extends WireRecord {
  ChannelStatus._(Map<String, Object?> values) : super(values);

  factory ChannelStatus({
    required int seq,
    required String level,
    required int lagMs,
    String? message,
    String? reason,
    bool? shortened,
  }) {
    return ChannelStatus._({
      'type': 'status',
      'seq': seq,
      'level': level,
      'lagMs': lagMs,
      'message': message,
      'reason': reason,
      'shortened': shortened,
    });
  }

  static ChannelStatus of(Object? json) =>
      ChannelStatus._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('status')),
    Member('seq', Whole()),
    Member('level', OneOf(Level.values)),
    Member('lagMs', Whole()),
    Member('message', Text(), isRequired: false),
    Member('reason', OneOf(StatusReason.values), isRequired: false),
    Member('shortened', Exactly<bool>(true), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get level => this['level'] as String;

  int get lagMs => this['lagMs'] as int;

  String? get message => this['message'] as String?;

  String? get reason => this['reason'] as String?;

  bool? get shortened => this['shortened'] as bool?;
}

class ChannelError extends WireRecord {
  ChannelError._(Map<String, Object?> values) : super(values);

  factory ChannelError({
    required int seq,
    required String code,
    required String message,
    String? utteranceId,
    bool? shortened,
  }) {
    return ChannelError._({
      'type': 'error',
      'seq': seq,
      'code': code,
      'message': message,
      'utteranceId': utteranceId,
      'shortened': shortened,
    });
  }

  static ChannelError of(Object? json) =>
      ChannelError._(readRecord(json, table));

  static const List<Member> table = [
    Member('type', Exactly<String>('error')),
    Member('seq', Whole()),
    Member('code', OneOf(ChannelCode.values)),
    Member('message', Text()),
    Member('utteranceId', Text(), isRequired: false),
    Member('shortened', Exactly<bool>(true), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get type => this['type'] as String;

  int get seq => this['seq'] as int;

  String get code => this['code'] as String;

  String get message => this['message'] as String;

  String? get utteranceId => this['utteranceId'] as String?;

  bool? get shortened => this['shortened'] as bool?;
}

class GuestRequest extends WireRecord {
  GuestRequest._(Map<String, Object?> values) : super(values);

  factory GuestRequest({
    String? displayName,
  }) {
    return GuestRequest._({
      'displayName': displayName,
    });
  }

  static GuestRequest of(Object? json) =>
      GuestRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('displayName', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String? get displayName => this['displayName'] as String?;
}

class Guest extends WireRecord {
  Guest._(Map<String, Object?> values) : super(values);

  factory Guest({
    required String userId,
    required String token,
    required int expiresIn,
  }) {
    return Guest._({
      'userId': userId,
      'token': token,
      'expiresIn': expiresIn,
    });
  }

  static Guest of(Object? json) => Guest._(readRecord(json, table));

  static const List<Member> table = [
    Member('userId', Text()),
    Member('token', Text()),
    Member('expiresIn', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get userId => this['userId'] as String;

  String get token => this['token'] as String;

  int get expiresIn => this['expiresIn'] as int;
}

class Solo extends WireRecord {
  Solo._(Map<String, Object?> values) : super(values);

  factory Solo({
    required String language,
    String? voice,
  }) {
    return Solo._({
      'language': language,
      'voice': voice,
    });
  }

  static Solo of(Object? json) => Solo._(readRecord(json, table));

  static const List<Member> table = [
    Member('language', Text()),
    Member('voice', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get language => this['language'] as String;

  String? get voice => this['voice'] as String?;
}

class CreateSessionRequestOptions extends WireRecord {
  CreateSessionRequestOptions._(Map<String, Object?> values) : super(values);

  factory CreateSessionRequestOptions({
    bool? admit,
    Solo? solo,
  }) {
    return CreateSessionRequestOptions._({
      'admit': admit,
      'solo': solo,
    });
  }

  static CreateSessionRequestOptions of(Object? json) =>
      CreateSessionRequestOptions._(readRecord(json, table));

  static const List<Member> table = [
    Member('admit', Nullable<bool>(Truth()), isRequired: false),
    Member('solo', Nullable<Solo>(RecordOf<Solo>(Solo.of)), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  bool? get admit => this['admit'] as bool?;

  Solo? get solo => this['solo'] as Solo?;
}

class CreateSessionRequest extends WireRecord {
  CreateSessionRequest._(Map<String, Object?> values) : super(values);

  factory CreateSessionRequest({
    required String language,
    CreateSessionRequestOptions? options,
  }) {
    return CreateSessionRequest._({
      'language': language,
      'options': options,
    });
  }

  static CreateSessionRequest of(Object? json) =>
      CreateSessionRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('language', Text()),
    Member(
      'options',
      Nullable<CreateSessionRequestOptions>(
          RecordOf<CreateSessionRequestOptions>(
              CreateSessionRequestOptions.of)),
      isRequired: false,
    ),
  ];

  @override
  List<Member> get members => table;

  String get language => this['language'] as String;

  CreateSessionRequestOptions? get options =>
      this['options'] as CreateSessionRequestOptions?;
}

class CreatedSession extends WireRecord {
  CreatedSession._(Map<String, Object?> values) : super(values);

  factory CreatedSession({
    required String sessionId,
    required String participantId,
    required String wsUrl,
    String? sessionCode,
    required int expiresAt,
  }) {
    return CreatedSession._({
      'sessionId': sessionId,
      'participantId': participantId,
      'wsUrl': wsUrl,
      'sessionCode': sessionCode,
      'expiresAt': expiresAt,
    });
  }

  static CreatedSession of(Object? json) =>
      CreatedSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionId', Text()),
    Member('participantId', Text()),
    Member('wsUrl', Text()),
    Member('sessionCode', Nullable<String>(Text())),
    Member('expiresAt', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get sessionId => this['sessionId'] as String;

  String get participantId => this['participantId'] as String;

  String get wsUrl => this['wsUrl'] as String;

  String? get sessionCode => this['sessionCode'] as String?;

  int get expiresAt => this['expiresAt'] as int;
}

class JoinSessionRequest extends WireRecord {
  JoinSessionRequest._(Map<String, Object?> values) : super(values);

  factory JoinSessionRequest({
    required String sessionCode,
    required String language,
  }) {
    return JoinSessionRequest._({
      'sessionCode': sessionCode,
      'language': language,
    });
  }

  static JoinSessionRequest of(Object? json) =>
      JoinSessionRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionCode', Text()),
    Member('language', Text()),
  ];

  @override
  List<Member> get members => table;

  String get sessionCode => this['sessionCode'] as String;

  String get language => this['language'] as String;
}

class JoinedSession extends WireRecord {
  JoinedSession._(Map<String, Object?> values) : super(values);

  factory JoinedSession({
    required String sessionId,
    required String participantId,
    required String wsUrl,
    required String partnerId,
  }) {
    return JoinedSession._({
      'sessionId': sessionId,
      'participantId': participantId,
      'wsUrl': wsUrl,
      'partnerId': partnerId,
    });
  }

  static JoinedSession of(Object? json) =>
      JoinedSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionId', Text()),
    Member('participantId', Text()),
    Member('wsUrl', Text()),
    Member('partnerId', Text()),
  ];

  @override
  List<Member> get members => table;

  String get sessionId => this['sessionId'] as String;

  String get participantId => this['participantId'] as String;

  String get wsUrl => this['wsUrl'] as String;

  String get partnerId => this['partnerId'] as String;
}

class SessionSession extends WireRecord {
  SessionSession._(Map<String, Object?> values) : super(values);

  factory SessionSession({
    required String sessionId,
    required String status,
    required int createdAt,
    int? startedAt,
    int? endedAt,
  }) {
    return SessionSession._({
      'sessionId': sessionId,
      'status': status,
      'createdAt': createdAt,
      'startedAt': startedAt,
      'endedAt': endedAt,
    });
  }

  static SessionSession of(Object? json) =>
      SessionSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionId', Text()),
    Member('status', OneOf(SessionState.values)),
    Member('createdAt', Whole()),
    Member('startedAt', Whole(), isRequired: false),
    Member('endedAt', Whole(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get sessionId => this['sessionId'] as String;

  String get status => this['status'] as String;

  int get createdAt => this['createdAt'] as int;

  int? get startedAt => this['startedAt'] as int?;

  int? get endedAt => this['endedAt'] as int?;
}

class Session extends WireRecord {
  Session._(Map<String, Object?> values) : super(values);

  factory Session({
    required SessionSession session,
    required List<Participant> participants,
    required String status,
  }) {
    return Session._({
      'session': session,
      'participants': participants,
      'status': status,
    });
  }

  static Session of(Object? json) => Session._(readRecord(json, table));

  static const List<Member> table = [
    Member('session', RecordOf<SessionSession>(SessionSession.of)),
    Member(
      'participants',
      ListOf<Participant>(RecordOf<Participant>(Participant.of)),
    ),
    Member('status', OneOf(SessionState.values)),
  ];

  @override
  List<Member> get members => table;

  SessionSession get session => this['session'] as SessionSession;

  List<Participant> get participants =>
      this['participants'] as List<Participant>;

  String get status => this['status'] as String;
}

class DeletedSession extends WireRecord {
  DeletedSession._(Map<String, Object?> values) : super(values);

  factory DeletedSession({
    required CallMetrics metrics,
  }) {
    return DeletedSession._({
      'success': true,
      'metrics': metrics,
    });
  }

  static DeletedSession of(Object? json) =>
      DeletedSession._(readRecord(json, table));

  static const List<Member> table = [
    Member('success', Exactly<bool>(true)),
    Member('metrics', RecordOf<CallMetrics>(CallMetrics.of)),
  ];

  @override
  List<Member> get members => table;

  bool get success => this['success'] as bool;

  CallMetrics get metrics => this['metrics'] as CallMetrics;
}

class LanguagesLanguages extends WireRecord {
  LanguagesLanguages._(Map<String, Object?> values) : super(values);

  factory LanguagesLanguages({
    required String tag,
    required String name,
    required bool hear,
    required bool speak,
  }) {
    return LanguagesLanguages._({
      'tag': tag,
      'name': name,
      'hear': hear,
      'speak': speak,
    });
  }

  static LanguagesLanguages of(Object? json) =>
      LanguagesLanguages._(readRecord(json, table));

  static const List<Member> table = [
    Member('tag', Text()),
    Member('name', Text()),
    Member('hear', Truth()),
    Member('speak', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get tag => this['tag'] as String;

  String get name => this['name'] as String;

  bool get hear => this['hear'] as bool;

  bool get speak => this['speak'] as bool;
}

class Languages extends WireRecord {
  Languages._(Map<String, Object?> values) : super(values);

  factory Languages({
    required List<LanguagesLanguages> languages,
    required List<List<String>> pairs,
    List<List<String>>? pivoted,
    List<List<String>>? gist,
  }) {
    return Languages._({
      'languages': languages,
      'pairs': pairs,
      'pivoted': pivoted,
      'gist': gist,
    });
  }

  static Languages of(Object? json) => Languages._(readRecord(json, table));

  static const List<Member> table = [
    Member(
      'languages',
      ListOf<LanguagesLanguages>(
          RecordOf<LanguagesLanguages>(LanguagesLanguages.of)),
    ),
    Member('pairs', ListOf<List<String>>(ListOf<String>(Text()))),
    Member(
      'pivoted',
      ListOf<List<String>>(ListOf<String>(Text())),
      isRequired: false,
    ),
    Member(
      'gist',
      ListOf<List<String>>(ListOf<String>(Text())),
      isRequired: false,
    ),
  ];

  @override
  List<Member> get members => table;

  List<LanguagesLanguages> get languages =>
      this['languages'] as List<LanguagesLanguages>;

  List<List<String>> get pairs => this['pairs'] as List<List<String>>;

  List<List<String>>? get pivoted => this['pivoted'] as List<List<String>>?;

  List<List<String>>? get gist => this['gist'] as List<List<String>>?;
}

class Voices extends WireRecord {
  Voices._(Map<String, Object?> values) : super(values);

  factory Voices({
    required List<Voice> voices,
  }) {
    return Voices._({
      'voices': voices,
    });
  }

  static Voices of(Object? json) => Voices._(readRecord(json, table));

  static const List<Member> table = [
    Member('voices', ListOf<Voice>(RecordOf<Voice>(Voice.of))),
  ];

  @override
  List<Member> get members => table;

  List<Voice> get voices => this['voices'] as List<Voice>;
}

class IceServers extends WireRecord {
  IceServers._(Map<String, Object?> values) : super(values);

  factory IceServers({
    required List<IceServer> iceServers,
    required int expiresIn,
  }) {
    return IceServers._({
      'iceServers': iceServers,
      'expiresIn': expiresIn,
    });
  }

  static IceServers of(Object? json) => IceServers._(readRecord(json, table));

  static const List<Member> table = [
    Member('iceServers', ListOf<IceServer>(RecordOf<IceServer>(IceServer.of))),
    Member('expiresIn', Whole()),
  ];

  @override
  List<Member> get members => table;

  List<IceServer> get iceServers => this['iceServers'] as List<IceServer>;

  int get expiresIn => this['expiresIn'] as int;
}

class CreatedViewer extends WireRecord {
  CreatedViewer._(Map<String, Object?> values) : super(values);

  factory CreatedViewer({
    required String viewerId,
    required String token,
    required int expiresAt,
  }) {
    return CreatedViewer._({
      'viewerId': viewerId,
      'token': token,
      'expiresAt': expiresAt,
    });
  }

  static CreatedViewer of(Object? json) =>
      CreatedViewer._(readRecord(json, table));

  static const List<Member> table = [
    Member('viewerId', Text()),
    Member('token', Text()),
    Member('expiresAt', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get viewerId => this['viewerId'] as String;

  String get token => this['token'] as String;

  int get expiresAt => this['expiresAt'] as int;
}

class HistoryEntry extends WireRecord {
  HistoryEntry._(Map<String, Object?> values) : super(values);

  factory HistoryEntry({
    required String sessionId,
    required String utteranceId,
    required int segment,
    required int revision,
    required String sourceUserId,
    required String targetUserId,
    required String originalText,
    required int sourceStart,
    required int sourceEnd,
    required String translatedText,
    required String sourceLanguage,
    required String targetLanguage,
    required int timestamp,
    required int latency,
    required int startMs,
    required int endMs,
    String? continues,
    String? held,
    List<String>? unsure,
  }) {
    return HistoryEntry._({
      'sessionId': sessionId,
      'utteranceId': utteranceId,
      'segment': segment,
      'revision': revision,
      'final': true,
      'sourceUserId': sourceUserId,
      'targetUserId': targetUserId,
      'originalText': originalText,
      'sourceStart': sourceStart,
      'sourceEnd': sourceEnd,
      'translatedText': translatedText,
      'sourceLanguage': sourceLanguage,
      'targetLanguage': targetLanguage,
      'timestamp': timestamp,
      'latency': latency,
      'startMs': startMs,
      'endMs': endMs,
      'continues': continues,
      'held': held,
      'unsure': unsure,
    });
  }

  static HistoryEntry of(Object? json) =>
      HistoryEntry._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionId', Text()),
    Member('utteranceId', Text()),
    Member('segment', Whole()),
    Member('revision', Whole()),
    Member('final', Exactly<bool>(true)),
    Member('sourceUserId', Text()),
    Member('targetUserId', Text()),
    Member('originalText', Text()),
    Member('sourceStart', Whole()),
    Member('sourceEnd', Whole()),
    Member('translatedText', Text()),
    Member('sourceLanguage', Text()),
    Member('targetLanguage', Text()),
    Member('timestamp', Whole()),
    Member('latency', Whole()),
    Member('startMs', Whole()),
    Member('endMs', Whole()),
    Member('continues', Text(), isRequired: false),
    Member('held', OneOf(HeldReason.values), isRequired: false),
    Member('unsure', ListOf<String>(OneOf(Doubt.values)), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get sessionId => this['sessionId'] as String;

  String get utteranceId => this['utteranceId'] as String;

  int get segment => this['segment'] as int;

  int get revision => this['revision'] as int;

  bool get final_ => this['final'] as bool;

  String get sourceUserId => this['sourceUserId'] as String;

  String get targetUserId => this['targetUserId'] as String;

  String get originalText => this['originalText'] as String;

  int get sourceStart => this['sourceStart'] as int;

  int get sourceEnd => this['sourceEnd'] as int;

  String get translatedText => this['translatedText'] as String;

  String get sourceLanguage => this['sourceLanguage'] as String;

  String get targetLanguage => this['targetLanguage'] as String;

  int get timestamp => this['timestamp'] as int;

  int get latency => this['latency'] as int;

  int get startMs => this['startMs'] as int;

  int get endMs => this['endMs'] as int;

  String? get continues => this['continues'] as String?;

  String? get held => this['held'] as String?;

  List<String>? get unsure => this['unsure'] as List<String>?;
}

class MissingEntries extends WireRecord {
  MissingEntries._(Map<String, Object?> values) : super(values);

  factory MissingEntries({
    required int startMs,
    required int endMs,
    required int entries,
  }) {
    return MissingEntries._({
      'startMs': startMs,
      'endMs': endMs,
      'entries': entries,
    });
  }

  static MissingEntries of(Object? json) =>
      MissingEntries._(readRecord(json, table));

  static const List<Member> table = [
    Member('startMs', Whole()),
    Member('endMs', Whole()),
    Member('entries', Whole()),
  ];

  @override
  List<Member> get members => table;

  int get startMs => this['startMs'] as int;

  int get endMs => this['endMs'] as int;

  int get entries => this['entries'] as int;
}

class History extends WireRecord {
  History._(Map<String, Object?> values) : super(values);

  factory History({
    required List<HistoryEntry> translations,
    required int total,
    List<MissingEntries>? missing,
  }) {
    return History._({
      'translations': translations,
      'total': total,
      'missing': missing,
    });
  }

  static History of(Object? json) => History._(readRecord(json, table));

  static const List<Member> table = [
    Member(
      'translations',
      ListOf<HistoryEntry>(RecordOf<HistoryEntry>(HistoryEntry.of)),
    ),
    Member('total', Whole()),
    Member(
      'missing',
      ListOf<MissingEntries>(RecordOf<MissingEntries>(MissingEntries.of)),
      isRequired: false,
    ),
  ];

  @override
  List<Member> get members => table;

  List<HistoryEntry> get translations =>
      this['translations'] as List<HistoryEntry>;

  int get total => this['total'] as int;

  List<MissingEntries>? get missing => this['missing'] as List<MissingEntries>?;
}

class PastCallParticipants extends WireRecord {
  PastCallParticipants._(Map<String, Object?> values) : super(values);

  factory PastCallParticipants({
    required String participantId,
    required String displayName,
    required String language,
  }) {
    return PastCallParticipants._({
      'participantId': participantId,
      'displayName': displayName,
      'language': language,
    });
  }

  static PastCallParticipants of(Object? json) =>
      PastCallParticipants._(readRecord(json, table));

  static const List<Member> table = [
    Member('participantId', Text()),
    Member('displayName', Text()),
    Member('language', Text()),
  ];

  @override
  List<Member> get members => table;

  String get participantId => this['participantId'] as String;

  String get displayName => this['displayName'] as String;

  String get language => this['language'] as String;
}

class PastCall extends WireRecord {
  PastCall._(Map<String, Object?> values) : super(values);

  factory PastCall({
    required String sessionId,
    required String status,
    required String participantId,
    required int createdAt,
    required int startedAt,
    required List<PastCallParticipants> participants,
    int? endedAt,
    String? reason,
  }) {
    return PastCall._({
      'sessionId': sessionId,
      'status': status,
      'participantId': participantId,
      'createdAt': createdAt,
      'startedAt': startedAt,
      'participants': participants,
      'endedAt': endedAt,
      'reason': reason,
    });
  }

  static PastCall of(Object? json) => PastCall._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessionId', Text()),
    Member('status', OneOf(SessionState.values)),
    Member('participantId', Text()),
    Member('createdAt', Whole()),
    Member('startedAt', Whole()),
    Member(
      'participants',
      ListOf<PastCallParticipants>(
          RecordOf<PastCallParticipants>(PastCallParticipants.of)),
    ),
    Member('endedAt', Whole(), isRequired: false),
    Member('reason', Text(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get sessionId => this['sessionId'] as String;

  String get status => this['status'] as String;

  String get participantId => this['participantId'] as String;

  int get createdAt => this['createdAt'] as int;

  int get startedAt => this['startedAt'] as int;

  List<PastCallParticipants> get participants =>
      this['participants'] as List<PastCallParticipants>;

  int? get endedAt => this['endedAt'] as int?;

  String? get reason => this['reason'] as String?;
}

class PastCalls extends WireRecord {
  PastCalls._(Map<String, Object?> values) : super(values);

  factory PastCalls({
    required List<PastCall> sessions,
    required int total,
  }) {
    return PastCalls._({
      'sessions': sessions,
      'total': total,
    });
  }

  static PastCalls of(Object? json) => PastCalls._(readRecord(json, table));

  static const List<Member> table = [
    Member('sessions', ListOf<PastCall>(RecordOf<PastCall>(PastCall.of))),
    Member('total', Whole()),
  ];

  @override
  List<Member> get members => table;

  List<PastCall> get sessions => this['sessions'] as List<PastCall>;

  int get total => this['total'] as int;
}

class RegisterRequest extends WireRecord {
  RegisterRequest._(Map<String, Object?> values) : super(values);

  factory RegisterRequest({
    required String username,
    required String email,
    required String password,
    required String preferredLanguage,
  }) {
    return RegisterRequest._({
      'username': username,
      'email': email,
      'password': password,
      'preferredLanguage': preferredLanguage,
    });
  }

  static RegisterRequest of(Object? json) =>
      RegisterRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('username', Text()),
    Member('email', Text()),
    Member('password', Text()),
    Member('preferredLanguage', Text()),
  ];

  @override
  List<Member> get members => table;

  String get username => this['username'] as String;

  String get email => this['email'] as String;

  String get password => this['password'] as String;

  String get preferredLanguage => this['preferredLanguage'] as String;
}

class SignedIn extends WireRecord {
  SignedIn._(Map<String, Object?> values) : super(values);

  factory SignedIn({
    required String userId,
    required String token,
    required String refreshToken,
    required int expiresIn,
  }) {
    return SignedIn._({
      'userId': userId,
      'token': token,
      'refreshToken': refreshToken,
      'expiresIn': expiresIn,
    });
  }

  static SignedIn of(Object? json) => SignedIn._(readRecord(json, table));

  static const List<Member> table = [
    Member('userId', Text()),
    Member('token', Text()),
    Member('refreshToken', Text()),
    Member('expiresIn', Whole()),
  ];

  @override
  List<Member> get members => table;

  String get userId => this['userId'] as String;

  String get token => this['token'] as String;

  String get refreshToken => this['refreshToken'] as String;

  int get expiresIn => this['expiresIn'] as int;
}

class LoginRequest extends WireRecord {
  LoginRequest._(Map<String, Object?> values) : super(values);

  factory LoginRequest({
    required String email,
    required String password,
  }) {
    return LoginRequest._({
      'email': email,
      'password': password,
    });
  }

  static LoginRequest of(Object? json) =>
      LoginRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('email', Text()),
    Member('password', Text()),
  ];

  @override
  List<Member> get members => table;

  String get email => this['email'] as String;

  String get password => this['password'] as String;
}

class RefreshRequest extends WireRecord {
  RefreshRequest._(Map<String, Object?> values) : super(values);

  factory RefreshRequest({
    required String refreshToken,
  }) {
    return RefreshRequest._({
      'refreshToken': refreshToken,
    });
  }

  static RefreshRequest of(Object? json) =>
      RefreshRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('refreshToken', Text()),
  ];

  @override
  List<Member> get members => table;

  String get refreshToken => this['refreshToken'] as String;
}

class VerifyRequest extends WireRecord {
  VerifyRequest._(Map<String, Object?> values) : super(values);

  factory VerifyRequest({
    String? token,
    String? password,
  }) {
    return VerifyRequest._({
      'token': token,
      'password': password,
    });
  }

  static VerifyRequest of(Object? json) =>
      VerifyRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('token', Nullable<String>(Text()), isRequired: false),
    Member('password', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String? get token => this['token'] as String?;

  String? get password => this['password'] as String?;
}

class Verified extends WireRecord {
  Verified._(Map<String, Object?> values) : super(values);

  factory Verified({
    required String userId,
    required bool emailVerified,
  }) {
    return Verified._({
      'userId': userId,
      'emailVerified': emailVerified,
    });
  }

  static Verified of(Object? json) => Verified._(readRecord(json, table));

  static const List<Member> table = [
    Member('userId', Text()),
    Member('emailVerified', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get userId => this['userId'] as String;

  bool get emailVerified => this['emailVerified'] as bool;
}

class Mail extends WireRecord {
  Mail._(Map<String, Object?> values) : super(values);

  factory Mail({
    required bool mail,
  }) {
    return Mail._({
      'mail': mail,
    });
  }

  static Mail of(Object? json) => Mail._(readRecord(json, table));

  static const List<Member> table = [
    Member('mail', Truth()),
  ];

  @override
  List<Member> get members => table;

  bool get mail => this['mail'] as bool;
}

class ForgotRequest extends WireRecord {
  ForgotRequest._(Map<String, Object?> values) : super(values);

  factory ForgotRequest({
    required String email,
  }) {
    return ForgotRequest._({
      'email': email,
    });
  }

  static ForgotRequest of(Object? json) =>
      ForgotRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('email', Text()),
  ];

  @override
  List<Member> get members => table;

  String get email => this['email'] as String;
}

class ResetRequest extends WireRecord {
  ResetRequest._(Map<String, Object?> values) : super(values);

  factory ResetRequest({
    required String token,
    required String password,
  }) {
    return ResetRequest._({
      'token': token,
      'password': password,
    });
  }

  static ResetRequest of(Object? json) =>
      ResetRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('token', Text()),
    Member('password', Text()),
  ];

  @override
  List<Member> get members => table;

  String get token => this['token'] as String;

  String get password => this['password'] as String;
}

class Provider extends WireRecord {
  Provider._(Map<String, Object?> values) : super(values);

  factory Provider({
    required String name,
    required String label,
  }) {
    return Provider._({
      'name': name,
      'label': label,
    });
  }

  static Provider of(Object? json) => Provider._(readRecord(json, table));

  static const List<Member> table = [
    Member('name', Text()),
    Member('label', Text()),
  ];

  @override
  List<Member> get members => table;

  String get name => this['name'] as String;

  String get label => this['label'] as String;
}

class Providers extends WireRecord {
  Providers._(Map<String, Object?> values) : super(values);

  factory Providers({
    required bool accounts,
    required List<Provider> providers,
    required bool mail,
    required bool history,
  }) {
    return Providers._({
      'accounts': accounts,
      'providers': providers,
      'mail': mail,
      'history': history,
    });
  }

  static Providers of(Object? json) => Providers._(readRecord(json, table));

  static const List<Member> table = [
    Member('accounts', Truth()),
    Member('providers', ListOf<Provider>(RecordOf<Provider>(Provider.of))),
    Member('mail', Truth()),
    Member('history', Truth()),
  ];

  @override
  List<Member> get members => table;

  bool get accounts => this['accounts'] as bool;

  List<Provider> get providers => this['providers'] as List<Provider>;

  bool get mail => this['mail'] as bool;

  bool get history => this['history'] as bool;
}

class ProfileUsage extends WireRecord {
  ProfileUsage._(Map<String, Object?> values) : super(values);

  factory ProfileUsage({
    required double heardSeconds,
    required double spokenSeconds,
    required int characters,
  }) {
    return ProfileUsage._({
      'heardSeconds': heardSeconds,
      'spokenSeconds': spokenSeconds,
      'characters': characters,
    });
  }

  static ProfileUsage of(Object? json) =>
      ProfileUsage._(readRecord(json, table));

  static const List<Member> table = [
    Member('heardSeconds', Real()),
    Member('spokenSeconds', Real()),
    Member('characters', Whole()),
  ];

  @override
  List<Member> get members => table;

  double get heardSeconds => this['heardSeconds'] as double;

  double get spokenSeconds => this['spokenSeconds'] as double;

  int get characters => this['characters'] as int;
}

class Profile extends WireRecord {
  Profile._(Map<String, Object?> values) : super(values);

  factory Profile({
    required String userId,
    required String username,
    String? email,
    required bool emailVerified,
    required String preferredLanguage,
    required int createdAt,
    required ProfileUsage usage,
    int? retentionDays,
  }) {
    return Profile._({
      'userId': userId,
      'username': username,
      'email': email,
      'emailVerified': emailVerified,
      'preferredLanguage': preferredLanguage,
      'createdAt': createdAt,
      'usage': usage,
      'retentionDays': retentionDays,
    });
  }

  static Profile of(Object? json) => Profile._(readRecord(json, table));

  static const List<Member> table = [
    Member('userId', Text()),
    Member('username', Text()),
    Member('email', Nullable<String>(Text())),
    Member('emailVerified', Truth()),
    Member('preferredLanguage', Text()),
    Member('createdAt', Whole()),
    Member('usage', RecordOf<ProfileUsage>(ProfileUsage.of)),
    Member('retentionDays', Whole(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get userId => this['userId'] as String;

  String get username => this['username'] as String;

  String? get email => this['email'] as String?;

  bool get emailVerified => this['emailVerified'] as bool;

  String get preferredLanguage => this['preferredLanguage'] as String;

  int get createdAt => this['createdAt'] as int;

  ProfileUsage get usage => this['usage'] as ProfileUsage;

  int? get retentionDays => this['retentionDays'] as int?;
}

class ProfileRequestPassword extends WireRecord {
  ProfileRequestPassword._(Map<String, Object?> values) : super(values);

  factory ProfileRequestPassword({
    required String old,
    required String new_,
  }) {
    return ProfileRequestPassword._({
      'old': old,
      'new': new_,
    });
  }

  static ProfileRequestPassword of(Object? json) =>
      ProfileRequestPassword._(readRecord(json, table));

  static const List<Member> table = [
    Member('old', Text()),
    Member('new', Text()),
  ];

  @override
  List<Member> get members => table;

  String get old => this['old'] as String;

  String get new_ => this['new'] as String;
}

class ProfileRequest extends WireRecord {
  ProfileRequest._(Map<String, Object?> values) : super(values);

  factory ProfileRequest({
    String? username,
    String? preferredLanguage,
    ProfileRequestPassword? password,
    int? retentionDays,
  }) {
    return ProfileRequest._({
      'username': username,
      'preferredLanguage': preferredLanguage,
      'password': password,
      'retentionDays': retentionDays,
    });
  }

  static ProfileRequest of(Object? json) =>
      ProfileRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('username', Nullable<String>(Text()), isRequired: false),
    Member('preferredLanguage', Nullable<String>(Text()), isRequired: false),
    Member(
      'password',
      Nullable<ProfileRequestPassword>(
          RecordOf<ProfileRequestPassword>(ProfileRequestPassword.of)),
      isRequired: false,
    ),
    Member('retentionDays', Nullable<int>(Whole()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String? get username => this['username'] as String?;

  String? get preferredLanguage => this['preferredLanguage'] as String?;

  ProfileRequestPassword? get password =>
      this['password'] as ProfileRequestPassword?;

  int? get retentionDays => this['retentionDays'] as int?;
}

class ChangedProfileUsage extends WireRecord {
  ChangedProfileUsage._(Map<String, Object?> values) : super(values);

  factory ChangedProfileUsage({
    required double heardSeconds,
    required double spokenSeconds,
    required int characters,
  }) {
    return ChangedProfileUsage._({
      'heardSeconds': heardSeconds,
      'spokenSeconds': spokenSeconds,
      'characters': characters,
    });
  }

  static ChangedProfileUsage of(Object? json) =>
      ChangedProfileUsage._(readRecord(json, table));

  static const List<Member> table = [
    Member('heardSeconds', Real()),
    Member('spokenSeconds', Real()),
    Member('characters', Whole()),
  ];

  @override
  List<Member> get members => table;

  double get heardSeconds => this['heardSeconds'] as double;

  double get spokenSeconds => this['spokenSeconds'] as double;

  int get characters => this['characters'] as int;
}

class ChangedProfile extends WireRecord {
  ChangedProfile._(Map<String, Object?> values) : super(values);

  factory ChangedProfile({
    required String userId,
    required String username,
    String? email,
    required bool emailVerified,
    required String preferredLanguage,
    required int createdAt,
    required ChangedProfileUsage usage,
    int? retentionDays,
    String? token,
    String? refreshToken,
    int? expiresIn,
  }) {
    return ChangedProfile._({
      'userId': userId,
      'username': username,
      'email': email,
      'emailVerified': emailVerified,
      'preferredLanguage': preferredLanguage,
      'createdAt': createdAt,
      'usage': usage,
      'retentionDays': retentionDays,
      'token': token,
      'refreshToken': refreshToken,
      'expiresIn': expiresIn,
    });
  }

  static ChangedProfile of(Object? json) =>
      ChangedProfile._(readRecord(json, table));

  static const List<Member> table = [
    Member('userId', Text()),
    Member('username', Text()),
    Member('email', Nullable<String>(Text())),
    Member('emailVerified', Truth()),
    Member('preferredLanguage', Text()),
    Member('createdAt', Whole()),
    Member('usage', RecordOf<ChangedProfileUsage>(ChangedProfileUsage.of)),
    Member('retentionDays', Whole(), isRequired: false),
    Member('token', Text(), isRequired: false),
    Member('refreshToken', Text(), isRequired: false),
    Member('expiresIn', Whole(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get userId => this['userId'] as String;

  String get username => this['username'] as String;

  String? get email => this['email'] as String?;

  bool get emailVerified => this['emailVerified'] as bool;

  String get preferredLanguage => this['preferredLanguage'] as String;

  int get createdAt => this['createdAt'] as int;

  ChangedProfileUsage get usage => this['usage'] as ChangedProfileUsage;

  int? get retentionDays => this['retentionDays'] as int?;

  String? get token => this['token'] as String?;

  String? get refreshToken => this['refreshToken'] as String?;

  int? get expiresIn => this['expiresIn'] as int?;
}

class DeleteAccountRequest extends WireRecord {
  DeleteAccountRequest._(Map<String, Object?> values) : super(values);

  factory DeleteAccountRequest({
    String? password,
  }) {
    return DeleteAccountRequest._({
      'password': password,
    });
  }

  static DeleteAccountRequest of(Object? json) =>
      DeleteAccountRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('password', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String? get password => this['password'] as String?;
}

class ExchangeRequest extends WireRecord {
  ExchangeRequest._(Map<String, Object?> values) : super(values);

  factory ExchangeRequest({
    required String code,
  }) {
    return ExchangeRequest._({
      'code': code,
    });
  }

  static ExchangeRequest of(Object? json) =>
      ExchangeRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('code', Text()),
  ];

  @override
  List<Member> get members => table;

  String get code => this['code'] as String;
}

class TranslateRequest extends WireRecord {
  TranslateRequest._(Map<String, Object?> values) : super(values);

  factory TranslateRequest({
    Object? text,
    required String source,
    required String target,
  }) {
    return TranslateRequest._({
      'text': text,
      'source': source,
      'target': target,
    });
  }

  static TranslateRequest of(Object? json) =>
      TranslateRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('text', Either([Text(), ListOf<String>(Text())])),
    Member('source', Text()),
    Member('target', Text()),
  ];

  @override
  List<Member> get members => table;

  Object? get text => this['text'];

  String get source => this['source'] as String;

  String get target => this['target'] as String;
}

class TranslatedText extends WireRecord {
  TranslatedText._(Map<String, Object?> values) : super(values);

  factory TranslatedText({
    required String text,
    String? held,
    List<String>? unsure,
  }) {
    return TranslatedText._({
      'text': text,
      'held': held,
      'unsure': unsure,
    });
  }

  static TranslatedText of(Object? json) =>
      TranslatedText._(readRecord(json, table));

  static const List<Member> table = [
    Member('text', Text()),
    Member('held', OneOf(HeldReason.values), isRequired: false),
    Member('unsure', ListOf<String>(OneOf(Doubt.values)), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  String get text => this['text'] as String;

  String? get held => this['held'] as String?;

  List<String>? get unsure => this['unsure'] as List<String>?;
}

class TranslatedTexts extends WireRecord {
  TranslatedTexts._(Map<String, Object?> values) : super(values);

  factory TranslatedTexts({
    required List<TranslatedText> translations,
  }) {
    return TranslatedTexts._({
      'translations': translations,
    });
  }

  static TranslatedTexts of(Object? json) =>
      TranslatedTexts._(readRecord(json, table));

  static const List<Member> table = [
    Member(
      'translations',
      ListOf<TranslatedText>(RecordOf<TranslatedText>(TranslatedText.of)),
    ),
  ];

  @override
  List<Member> get members => table;

  List<TranslatedText> get translations =>
      this['translations'] as List<TranslatedText>;
}

class SynthesizeRequest extends WireRecord {
  SynthesizeRequest._(Map<String, Object?> values) : super(values);

  factory SynthesizeRequest({
    Object? text,
    required String language,
    String? voice,
  }) {
    return SynthesizeRequest._({
      'text': text,
      'language': language,
      'voice': voice,
    });
  }

  static SynthesizeRequest of(Object? json) =>
      SynthesizeRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('text', Either([Text(), ListOf<String>(Text())])),
    Member('language', Text()),
    Member('voice', Nullable<String>(Text()), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  Object? get text => this['text'];

  String get language => this['language'] as String;

  String? get voice => this['voice'] as String?;
}

class SpokenText extends WireRecord {
  SpokenText._(Map<String, Object?> values) : super(values);

  factory SpokenText({
    required String audio,
    required double durationMs,
  }) {
    return SpokenText._({
      'audio': audio,
      'durationMs': durationMs,
    });
  }

  static SpokenText of(Object? json) => SpokenText._(readRecord(json, table));

  static const List<Member> table = [
    Member('audio', Text()),
    Member('durationMs', Real()),
  ];

  @override
  List<Member> get members => table;

  String get audio => this['audio'] as String;

  double get durationMs => this['durationMs'] as double;
}

class SpokenTexts extends WireRecord {
  SpokenTexts._(Map<String, Object?> values) : super(values);

  factory SpokenTexts({
    required List<SpokenText> speech,
  }) {
    return SpokenTexts._({
      'speech': speech,
    });
  }

  static SpokenTexts of(Object? json) => SpokenTexts._(readRecord(json, table));

  static const List<Member> table = [
    Member('speech', ListOf<SpokenText>(RecordOf<SpokenText>(SpokenText.of))),
  ];

  @override
  List<Member> get members => table;

  List<SpokenText> get speech => this['speech'] as List<SpokenText>;
}

class TranscribeRequest extends WireRecord {
  TranscribeRequest._(Map<String, Object?> values) : super(values);

  factory TranscribeRequest({
    Object? audio,
    required String language,
  }) {
    return TranscribeRequest._({
      'audio': audio,
      'language': language,
    });
  }

  static TranscribeRequest of(Object? json) =>
      TranscribeRequest._(readRecord(json, table));

  static const List<Member> table = [
    Member('audio', Either([Text(), ListOf<String>(Text())])),
    Member('language', Text()),
  ];

  @override
  List<Member> get members => table;

  Object? get audio => this['audio'];

  String get language => this['language'] as String;
}

class TranscribedSound extends WireRecord {
  TranscribedSound._(Map<String, Object?> values) : super(values);

  factory TranscribedSound({
    required String text,
    required String language,
    required double confidence,
    required bool understood,
  }) {
    return TranscribedSound._({
      'text': text,
      'language': language,
      'confidence': confidence,
      'understood': understood,
    });
  }

  static TranscribedSound of(Object? json) =>
      TranscribedSound._(readRecord(json, table));

  static const List<Member> table = [
    Member('text', Text()),
    Member('language', Text()),
    Member('confidence', Real()),
    Member('understood', Truth()),
  ];

  @override
  List<Member> get members => table;

  String get text => this['text'] as String;

  String get language => this['language'] as String;

  double get confidence => this['confidence'] as double;

  bool get understood => this['understood'] as bool;
}

class TranscribedSounds extends WireRecord {
  TranscribedSounds._(Map<String, Object?> values) : super(values);

  factory TranscribedSounds({
    required List<TranscribedSound> transcripts,
  }) {
    return TranscribedSounds._({
      'transcripts': transcripts,
    });
  }

  static TranscribedSounds of(Object? json) =>
      TranscribedSounds._(readRecord(json, table));

  static const List<Member> table = [
    Member(
      'transcripts',
      ListOf<TranscribedSound>(RecordOf<TranscribedSound>(TranscribedSound.of)),
    ),
  ];

  @override
  List<Member> get members => table;

  List<TranscribedSound> get transcripts =>
      this['transcripts'] as List<TranscribedSound>;
}

class Health extends WireRecord {
  Health._(Map<String, Object?> values) : super(values);

  factory Health() {
    return Health._({
      'status': 'ok',
    });
  }

  static Health of(Object? json) => Health._(readRecord(json, table));

  static const List<Member> table = [
    Member('status', Exactly<String>('ok')),
  ];

  @override
  List<Member> get members => table;

  String get status => this['status'] as String;
}

class ReadinessStages extends WireRecord {
  ReadinessStages._(Map<String, Object?> values) : super(values);

  factory ReadinessStages({
    bool? stt,
    bool? mt,
    bool? tts,
  }) {
    return ReadinessStages._({
      'stt': stt,
      'mt': mt,
      'tts': tts,
    });
  }

  static ReadinessStages of(Object? json) =>
      ReadinessStages._(readRecord(json, table));

  static const List<Member> table = [
    Member('stt', Truth(), isRequired: false),
    Member('mt', Truth(), isRequired: false),
    Member('tts', Truth(), isRequired: false),
  ];

  @override
  List<Member> get members => table;

  bool? get stt => this['stt'] as bool?;

  bool? get mt => this['mt'] as bool?;

  bool? get tts => this['tts'] as bool?;
}

class Readiness extends WireRecord {
  Readiness._(Map<String, Object?> values) : super(values);

  factory Readiness({
    required bool ready,
    required bool ending,
    required ReadinessStages stages,
    required List<String> degraded,
  }) {
    return Readiness._({
      'ready': ready,
      'ending': ending,
      'stages': stages,
      'degraded': degraded,
    });
  }

  static Readiness of(Object? json) => Readiness._(readRecord(json, table));

  static const List<Member> table = [
    Member('ready', Truth()),
    Member('ending', Truth()),
    Member('stages', RecordOf<ReadinessStages>(ReadinessStages.of)),
    Member('degraded', ListOf<String>(OneOf(Degraded.values))),
  ];

  @override
  List<Member> get members => table;

  bool get ready => this['ready'] as bool;

  bool get ending => this['ending'] as bool;

  ReadinessStages get stages => this['stages'] as ReadinessStages;

  List<String> get degraded => this['degraded'] as List<String>;
}

/// From a client, on the WebSocket. By their type.
const Map<String, Reader> socketRequests = {
  'join_session': JoinSession.of,
  'offer': Offer.of,
  'candidate': Candidate.of,
  'set_language': SetLanguage.of,
  'set_voice': SetVoice.of,
  'set_history': SetHistory.of,
  'admit': Admit.of,
  'leave_session': LeaveSession.of,
  'session_info': AskSessionInfo.of,
  'heartbeat': Heartbeat.of,
};

/// To a client, on the WebSocket. By their type.
const Map<String, Reader> socketMessages = {
  'session_joined': SessionJoined.of,
  'join_request': JoinRequest.of,
  'answer': Answer.of,
  'tracks': Tracks.of,
  'session_paired': SessionPaired.of,
  'partner_connected': PartnerConnected.of,
  'partner_disconnected': PartnerDisconnected.of,
  'partner_language': PartnerLanguage.of,
  'language_detected': LanguageDetected.of,
  'history': HistoryChanged.of,
  'viewers': ViewersChanged.of,
  'session_info': SessionInfo.of,
  'session_ended': SessionEnded.of,
  'moved': Moved.of,
  'status': Status.of,
  'error': SocketError.of,
  'heartbeat': HeartbeatAnswer.of,
};

/// From a client, on the `subtitles` channel. By their type.
const Map<String, Reader> channelRequests = {
  'resume': Resume.of,
  'end_utterance': EndUtterance.of,
  'start_over': StartOver.of,
  'typing': Typing.of,
  'say': Say.of,
  'set_language': ChannelSetLanguage.of,
  'client_stats': ClientStats.of,
};

/// To a client, on the `subtitles` channel. By their type.
const Map<String, Reader> channelMessages = {
  'transcription': Transcription.of,
  'translation': TranslationMessage.of,
  'speech_audio': SpeechAudio.of,
  'processing_start': ProcessingStart.of,
  'processing_end': ProcessingEnd.of,
  'utterance_end': UtteranceEnd.of,
  'typing': PartnerTyping.of,
  'status': ChannelStatus.of,
  'error': ChannelError.of,
};

/// Every record that has a name in the protocol.
const Map<String, Reader> records = {
  'JoinSession': JoinSession.of,
  'Offer': Offer.of,
  'IceCandidate': IceCandidate.of,
  'Candidate': Candidate.of,
  'SetLanguage': SetLanguage.of,
  'SetVoice': SetVoice.of,
  'SetHistory': SetHistory.of,
  'Admit': Admit.of,
  'LeaveSession': LeaveSession.of,
  'AskSessionInfo': AskSessionInfo.of,
  'Heartbeat': Heartbeat.of,
  'Participant': Participant.of,
  'IceServer': IceServer.of,
  'SessionJoined': SessionJoined.of,
  'JoinRequest': JoinRequest.of,
  'Track': Track.of,
  'Answer': Answer.of,
  'Tracks': Tracks.of,
  'SessionPaired': SessionPaired.of,
  'PartnerConnected': PartnerConnected.of,
  'PartnerDisconnected': PartnerDisconnected.of,
  'PartnerLanguage': PartnerLanguage.of,
  'LanguageDetected': LanguageDetected.of,
  'HistoryChanged': HistoryChanged.of,
  'ViewersChanged': ViewersChanged.of,
  'Voice': Voice.of,
  'Interpretation': Interpretation.of,
  'SessionOptions': SessionOptions.of,
  'HistoryState': HistoryState.of,
  'SessionLimits': SessionLimits.of,
  'SessionInfo': SessionInfo.of,
  'ConnectionQuality': ConnectionQuality.of,
  'CallMetrics': CallMetrics.of,
  'SessionEnded': SessionEnded.of,
  'Moved': Moved.of,
  'Status': Status.of,
  'SocketError': SocketError.of,
  'HeartbeatAnswer': HeartbeatAnswer.of,
  'Resume': Resume.of,
  'EndUtterance': EndUtterance.of,
  'StartOver': StartOver.of,
  'Typing': Typing.of,
  'Say': Say.of,
  'ChannelSetLanguage': ChannelSetLanguage.of,
  'ClientStats': ClientStats.of,
  'Transcription': Transcription.of,
  'TranslationMessage': TranslationMessage.of,
  'SpeechAudio': SpeechAudio.of,
  'ProcessingStart': ProcessingStart.of,
  'ProcessingEnd': ProcessingEnd.of,
  'Latency': Latency.of,
  'UtteranceEnd': UtteranceEnd.of,
  'PartnerTyping': PartnerTyping.of,
  'ChannelStatus': ChannelStatus.of,
  'ChannelError': ChannelError.of,
  'GuestRequest': GuestRequest.of,
  'Guest': Guest.of,
  'Solo': Solo.of,
  'CreateSessionRequest': CreateSessionRequest.of,
  'CreatedSession': CreatedSession.of,
  'JoinSessionRequest': JoinSessionRequest.of,
  'JoinedSession': JoinedSession.of,
  'Session': Session.of,
  'DeletedSession': DeletedSession.of,
  'Languages': Languages.of,
  'Voices': Voices.of,
  'IceServers': IceServers.of,
  'CreatedViewer': CreatedViewer.of,
  'HistoryEntry': HistoryEntry.of,
  'MissingEntries': MissingEntries.of,
  'History': History.of,
  'PastCall': PastCall.of,
  'PastCalls': PastCalls.of,
  'RegisterRequest': RegisterRequest.of,
  'SignedIn': SignedIn.of,
  'LoginRequest': LoginRequest.of,
  'RefreshRequest': RefreshRequest.of,
  'VerifyRequest': VerifyRequest.of,
  'Verified': Verified.of,
  'Mail': Mail.of,
  'ForgotRequest': ForgotRequest.of,
  'ResetRequest': ResetRequest.of,
  'Provider': Provider.of,
  'Providers': Providers.of,
  'Profile': Profile.of,
  'ProfileRequest': ProfileRequest.of,
  'ChangedProfile': ChangedProfile.of,
  'DeleteAccountRequest': DeleteAccountRequest.of,
  'ExchangeRequest': ExchangeRequest.of,
  'TranslateRequest': TranslateRequest.of,
  'TranslatedText': TranslatedText.of,
  'TranslatedTexts': TranslatedTexts.of,
  'SynthesizeRequest': SynthesizeRequest.of,
  'SpokenText': SpokenText.of,
  'SpokenTexts': SpokenTexts.of,
  'TranscribeRequest': TranscribeRequest.of,
  'TranscribedSound': TranscribedSound.of,
  'TranscribedSounds': TranscribedSounds.of,
  'Health': Health.of,
  'Readiness': Readiness.of,
};
