// Written by: python -m server.api_documents --write

export type Code = "bad_request" | "unknown_type" | "too_large" | "unauthorized" | "forbidden" | "not_found" | "session_not_found" | "session_full" | "session_ended" | "own_session" | "already_taken" | "not_admitted" | "unsupported_language" | "unsupported_pair" | "bad_sdp" | "no_audio" | "taken_over" | "rate_limited" | "locked" | "at_capacity" | "gap" | "engine_failed" | "internal";

export interface JoinSession {
  type: "join_session";
  sessionId: string;
  token: string;
  language: string;
  protocol: 1;
  detect?: boolean | null;
}

export interface Offer {
  type: "offer";
  negotiation: number;
  sdp: string;
}

export interface IceCandidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
}

export interface Candidate {
  type: "candidate";
  negotiation: number;
  candidate?: IceCandidate | null;
}

export interface SetLanguage {
  type: "set_language";
  language: string;
  detect?: boolean | null;
}

export interface SetVoice {
  type: "set_voice";
  voice: string;
}

export interface SetHistory {
  type: "set_history";
  on: boolean;
}

export interface Admit {
  type: "admit";
  participantId: string;
  accept: boolean;
}

export interface LeaveSession {
  type: "leave_session";
}

export interface AskSessionInfo {
  type: "session_info";
}

export interface Heartbeat {
  type: "heartbeat";
  id?: string | number | null;
}

export interface Participant {
  participantId: string;
  displayName: string;
  language: string;
  connected: boolean;
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export type SessionState = "waiting" | "active" | "ended";

export interface SessionJoined {
  type: "session_joined";
  sessionId: string;
  participantId: string;
  language: string;
  partner: Participant | null;
  iceServers: IceServer[];
  resumeToken: string;
  status: SessionState;
  startedAt?: number;
}

export interface JoinRequest {
  type: "join_request";
  participantId: string;
  displayName: string;
}

export type TrackKind = "interpreter" | "original";

export interface Track {
  mid: string;
  kind: TrackKind;
  participantId: string | null;
}

export interface Answer {
  type: "answer";
  negotiation: number;
  sdp: string;
  tracks: Track[];
}

export interface Tracks {
  type: "tracks";
  tracks: Track[];
}

export interface SessionPaired {
  type: "session_paired";
  partner: Participant;
  startedAt: number;
}

export interface PartnerConnected {
  type: "partner_connected";
  participantId: string;
}

export interface PartnerDisconnected {
  type: "partner_disconnected";
  participantId: string;
  reason?: string;
}

export interface PartnerLanguage {
  type: "partner_language";
  participantId: string;
  language: string;
}

export interface LanguageDetected {
  type: "language_detected";
  language: string;
}

export type HistoryOff = "not_offered" | "unavailable";

export interface HistoryChanged {
  type: "history";
  on: boolean;
  consents: string[];
  reason?: HistoryOff;
}

export interface ViewersChanged {
  type: "viewers";
  count: number;
}

export interface Voice {
  id: string;
  language: string;
  name: string;
  licence: string;
}

export interface Interpretation {
  speaker: string;
  listener: string;
  language: string;
  speech: boolean;
  typed: boolean;
  spoken: boolean;
}

export interface SessionOptions {
  admit: boolean;
  solo: string | null;
}

export interface HistoryState {
  on: boolean;
  consents: string[];
  reason?: HistoryOff;
}

export interface SessionLimits {
  sessionMs: number;
  graceMs: number;
  messageBytes: number;
}

export interface SessionInfo {
  type: "session_info";
  sessionId: string;
  participantId: string;
  status: SessionState;
  createdAt: number;
  expiresAt: number;
  language: string;
  detect: boolean;
  voice: string;
  voices: Voice[];
  participants: Participant[];
  interpretation: Interpretation[];
  options: SessionOptions;
  history: HistoryState;
  viewers: number;
  limits: SessionLimits;
  startedAt?: number;
}

export type EndReason = "left" | "partner_left" | "partner_lost" | "deleted" | "expired" | "shutdown";

export interface ConnectionQuality {
  sent: {
    packets: number;
    lost: number;
    concealed: number;
    recovered: number;
    dropped: number;
    foreign: number;
    jitterMs: number;
  };
  heard: {
    lost: number;
    jitterMs: number;
    concealedMs: number | null;
    playoutDelayMs: number | null;
  };
  rttMs: number | null;
}

export interface CallMetrics {
  durationMs: number;
  utterances: number;
  spoken: number;
  failed: number;
  firstAudioMs: {
    p50: number | null;
    p95: number | null;
  };
  quality: Record<string, ConnectionQuality>;
}

export interface SessionEnded {
  type: "session_ended";
  reason: EndReason;
  metrics: CallMetrics;
}

export interface Moved {
  type: "moved";
  wsUrl: string;
  fatal: false;
}

export type Level = "ok" | "busy" | "degraded";

export type StatusReason = "media_not_authenticated" | "audio_not_decoded" | "nothing_understood" | "no_subtitles_channel" | "wrong_audio_line" | "not_interpreted" | "other_microphone";

export interface Status {
  type: "status";
  level: Level;
  lagMs: number;
  message: string;
  reason: StatusReason;
}

export interface SocketError {
  type: "error";
  code: Code;
  message: string;
  fatal: boolean;
}

export interface HeartbeatAnswer {
  type: "heartbeat";
  id?: string | number;
}

export interface Resume {
  type: "resume";
  lastSeq: number;
}

export interface EndUtterance {
  type: "end_utterance";
}

export interface StartOver {
  type: "start_over";
}

export interface Typing {
  type: "typing";
  on: boolean;
}

export interface Say {
  type: "say";
  text: string;
  clientId?: string | null;
}

export interface ChannelSetLanguage {
  type: "set_language";
  language: string;
  detect?: boolean | null;
}

export interface ClientStats {
  type: "client_stats";
  rttMs?: number | null;
  jitterMs?: number | null;
  packetsLost?: number | null;
  concealedMs?: number | null;
  playoutDelayMs?: number | null;
  heardLatencyMs?: number | null;
}

export interface Transcription {
  type: "transcription";
  seq: number;
  sessionId: string;
  utteranceId: string;
  sourceUserId: string;
  revision: number;
  final: boolean;
  text: string;
  stableLength: number;
  language: string;
  startMs: number;
  endMs: number;
  confidence: number;
  clientId?: string;
  continues?: string;
  shortened?: true;
}

export type HeldReason = "empty" | "repeats" | "too_long" | "untranslated" | "not_a_translation";

export type Doubt = "number" | "negation" | "incomplete";

export interface TranslationMessage {
  type: "translation";
  seq: number;
  sessionId: string;
  segment: number;
  utteranceId: string;
  sourceUserId: string;
  revision: number;
  final: boolean;
  targetUserId: string | null;
  originalText: string;
  sourceStart: number;
  sourceEnd: number;
  translatedText: string;
  sourceLanguage: string;
  targetLanguage: string;
  timestamp: number;
  latency: number;
  held?: HeldReason;
  unsure?: Doubt[];
  continues?: string;
  shortened?: true;
}

export type PlaybackState = "start" | "end" | "skipped";

export type SkipReason = "behind" | "interrupted" | "no_voice" | "nothing_to_say" | "held" | "tts" | "start_over";

export interface SpeechAudio {
  type: "speech_audio";
  seq: number;
  utteranceId: string;
  sourceUserId: string;
  segment: number;
  targetUserId: string;
  state: PlaybackState;
  reason?: SkipReason;
}

export interface ProcessingStart {
  type: "processing_start";
  seq: number;
  utteranceId: string;
}

export interface ProcessingEnd {
  type: "processing_end";
  seq: number;
  utteranceId: string;
}

export type Outcome = "spoken" | "subtitles_only" | "not_needed" | "nothing_said" | "refused" | "failed";

export interface Latency {
  endpointMs: number | null;
  sttMs: number | null;
  translationMs: number | null;
  ttsMs: number | null;
  firstAudioMs: number | null;
}

export interface UtteranceEnd {
  type: "utterance_end";
  seq: number;
  utteranceId: string;
  sourceUserId: string;
  targetUserId: string | null;
  outcome: Outcome;
  latency: Latency;
  reason?: string;
}

export interface PartnerTyping {
  type: "typing";
  seq: number;
  sourceUserId: string;
  on: boolean;
}

export interface ChannelStatus {
  type: "status";
  seq: number;
  level: Level;
  lagMs: number;
  message?: string;
  reason?: StatusReason;
  shortened?: true;
}

export type ChannelCode = "bad_request" | "unknown_type" | "too_large" | "bad_sdp" | "no_audio" | "rate_limited" | "at_capacity" | "gap" | "engine_failed" | "internal" | "unsupported_language";

export interface ChannelError {
  type: "error";
  seq: number;
  code: ChannelCode;
  message: string;
  utteranceId?: string;
  shortened?: true;
}

export interface GuestRequest {
  displayName?: string | null;
}

export interface Guest {
  userId: string;
  token: string;
  expiresIn: number;
}

export interface Solo {
  language: string;
  voice?: string | null;
}

export interface CreateSessionRequest {
  language: string;
  options?: {
    admit?: boolean | null;
    solo?: Solo | null;
  } | null;
}

export interface CreatedSession {
  sessionId: string;
  participantId: string;
  wsUrl: string;
  sessionCode: string | null;
  expiresAt: number;
}

export interface JoinSessionRequest {
  sessionCode: string;
  language: string;
}

export interface JoinedSession {
  sessionId: string;
  participantId: string;
  wsUrl: string;
  partnerId: string;
}

export interface Session {
  session: {
    sessionId: string;
    status: SessionState;
    createdAt: number;
    startedAt?: number;
    endedAt?: number;
  };
  participants: Participant[];
  status: SessionState;
}

export interface DeletedSession {
  success: true;
  metrics: CallMetrics;
}

export interface Languages {
  languages: {
    tag: string;
    name: string;
    hear: boolean;
    speak: boolean;
  }[];
  pairs: ([string, string])[];
  pivoted?: ([string, string])[];
  gist?: ([string, string])[];
}

export interface Voices {
  voices: Voice[];
}

export interface IceServers {
  iceServers: IceServer[];
  expiresIn: number;
}

export type PostedMessage = JoinSession | Offer | Candidate | SetLanguage | SetVoice | SetHistory | Admit | LeaveSession | AskSessionInfo | Heartbeat;

export interface CreatedViewer {
  viewerId: string;
  token: string;
  expiresAt: number;
}

export interface HistoryEntry {
  sessionId: string;
  utteranceId: string;
  segment: number;
  revision: number;
  final: true;
  sourceUserId: string;
  targetUserId: string;
  originalText: string;
  sourceStart: number;
  sourceEnd: number;
  translatedText: string;
  sourceLanguage: string;
  targetLanguage: string;
  timestamp: number;
  latency: number;
  startMs: number;
  endMs: number;
  continues?: string;
  held?: HeldReason;
  unsure?: Doubt[];
}

export interface MissingEntries {
  startMs: number;
  endMs: number;
  entries: number;
}

export interface History {
  translations: HistoryEntry[];
  total: number;
  missing?: MissingEntries[];
}

export interface PastCall {
  sessionId: string;
  status: SessionState;
  participantId: string;
  createdAt: number;
  startedAt: number;
  participants: {
    participantId: string;
    displayName: string;
    language: string;
  }[];
  endedAt?: number;
  reason?: string;
}

export interface PastCalls {
  sessions: PastCall[];
  total: number;
}

export interface RegisterRequest {
  username: string;
  email: string;
  password: string;
  preferredLanguage: string;
}

export interface SignedIn {
  userId: string;
  token: string;
  refreshToken: string;
  expiresIn: number;
}

export interface LoginRequest {
  email: string;
  password: string;
}

export interface RefreshRequest {
  refreshToken: string;
}

export interface VerifyRequest {
  token?: string | null;
  password?: string | null;
}

export interface Verified {
  userId: string;
  emailVerified: boolean;
}

export interface Mail {
  mail: boolean;
}

export interface ForgotRequest {
  email: string;
}

export interface ResetRequest {
  token: string;
  password: string;
}

export interface Provider {
  name: string;
  label: string;
}

export interface Providers {
  accounts: boolean;
  providers: Provider[];
  mail: boolean;
  history: boolean;
}

export interface Profile {
  userId: string;
  username: string;
  email: string | null;
  emailVerified: boolean;
  preferredLanguage: string;
  createdAt: number;
  usage: {
    heardSeconds: number;
    spokenSeconds: number;
    characters: number;
  };
  retentionDays?: number;
}

export interface ProfileRequest {
  username?: string | null;
  preferredLanguage?: string | null;
  password?: {
    old: string;
    new: string;
  } | null;
  retentionDays?: number | null;
}

export interface ChangedProfile {
  userId: string;
  username: string;
  email: string | null;
  emailVerified: boolean;
  preferredLanguage: string;
  createdAt: number;
  usage: {
    heardSeconds: number;
    spokenSeconds: number;
    characters: number;
  };
  retentionDays?: number;
  token?: string;
  refreshToken?: string;
  expiresIn?: number;
}

export interface DeleteAccountRequest {
  password?: string | null;
}

export interface ExchangeRequest {
  code: string;
}

export interface TranslateRequest {
  text: string | string[];
  source: string;
  target: string;
}

export interface TranslatedText {
  text: string;
  held?: HeldReason;
  unsure?: Doubt[];
}

export interface TranslatedTexts {
  translations: TranslatedText[];
}

export interface SynthesizeRequest {
  text: string | string[];
  language: string;
  voice?: string | null;
}

export interface SpokenText {
  audio: string;
  durationMs: number;
}

export interface SpokenTexts {
  speech: SpokenText[];
}

export interface TranscribeRequest {
  audio: string | string[];
  language: string;
}

export interface TranscribedSound {
  text: string;
  language: string;
  confidence: number;
  understood: boolean;
}

export interface TranscribedSounds {
  transcripts: TranscribedSound[];
}

export interface Health {
  status: "ok";
}

export type Degraded = "accounts_database" | "workers" | "directory";

export interface Readiness {
  ready: boolean;
  ending: boolean;
  stages: {
    stt?: boolean;
    mt?: boolean;
    tts?: boolean;
  };
  degraded: Degraded[];
}

/** From a client, on the WebSocket. */
export type SocketRequest = JoinSession | Offer | Candidate | SetLanguage | SetVoice | SetHistory | Admit | LeaveSession | AskSessionInfo | Heartbeat;

/** To a client, on the WebSocket. */
export type SocketMessage = SessionJoined | JoinRequest | Answer | Tracks | SessionPaired | PartnerConnected | PartnerDisconnected | PartnerLanguage | LanguageDetected | HistoryChanged | ViewersChanged | SessionInfo | SessionEnded | Moved | Status | SocketError | HeartbeatAnswer;

/** From a client, on the `subtitles` channel. */
export type ChannelRequest = Resume | EndUtterance | StartOver | Typing | Say | ChannelSetLanguage | ClientStats;

/** To a client, on the `subtitles` channel. */
export type ChannelMessage = Transcription | TranslationMessage | SpeechAudio | ProcessingStart | ProcessingEnd | UtteranceEnd | PartnerTyping | ChannelStatus | ChannelError;
