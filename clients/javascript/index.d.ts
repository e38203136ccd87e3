// The classes of this package. The types of all messages, requests and answers are generated: messages.d.ts.

import type {
  CallMetrics, ChangedProfile, ChannelMessage, ClientStats, CreatedSession, CreatedViewer, DeletedSession, EndReason,
  Guest, History, HistoryOff, IceServer, IceServers as IceServersAnswer, JoinedSession, JoinRequest, LanguageDetected,
  Languages, Level, Mail, Participant, PastCalls, Profile, ProfileRequest, Providers, RegisterRequest, SessionInfo,
  SessionJoined, SignedIn,
  SocketMessage, SocketRequest, Solo, StatusReason, Track, Verified, Voices,
} from "./messages.js";

export type * from "./messages.js";

/** A code of the protocol, or one of this package where the server gave none. */
export type FailureCode = import("./messages.js").Code | "unreachable" | "ended";

export class ApiError extends Error {
  constructor(code: string, message: string, more?: { status?: number; retryAfterS?: number | null; details?: object });
  code: FailureCode;
  /** HTTP status; 0 where no response came. */
  status: number;
  retryAfterS: number | null;
  details: Record<string, unknown>;
}

export interface RequestOptions {
  token?: string;
  body?: object;
  keepalive?: boolean;
  /** The answer is a file: a Blob. */
  file?: boolean;
  timeoutMs?: number;
}

/** Each method throws ApiError. */
export class Api {
  constructor(options?: { origin?: string; fetch?: typeof fetch });
  readonly base: string;
  fetch: typeof fetch;
  languages(): Promise<Languages>;
  voices(language: string): Promise<Voices>;
  guest(displayName?: string): Promise<Guest>;
  create(token: string, language: string, options?: { admit?: boolean; solo?: Solo | null }): Promise<CreatedSession>;
  join(token: string, sessionCode: string, language: string): Promise<JoinedSession>;
  end(sessionId: string, token: string): Promise<DeletedSession>;
  addViewer(sessionId: string, token: string): Promise<CreatedViewer>;
  /** All my viewers, or the one with that id. */
  removeViewers(sessionId: string, token: string, viewerId?: string): Promise<object>;
  iceServers(token: string): Promise<IceServersAnswer>;
  accounts(): Promise<Providers>;
  request(method: string, path: string, options?: RequestOptions): Promise<any>;
}

export interface Page {
  limit: number;
  offset: number;
}

export class AccountsApi {
  constructor(api: Api);
  register: (person: RegisterRequest) => Promise<SignedIn>;
  login: (email: string, password: string) => Promise<SignedIn>;
  refresh: (refreshToken: string) => Promise<SignedIn>;
  exchange: (code: string) => Promise<SignedIn>;
  logout: (refreshToken: string) => Promise<object>;
  verify: (linkToken: string, by: { token?: string; password?: string }) => Promise<Verified>;
  verifyAgain: (token: string) => Promise<Mail>;
  forgot: (email: string) => Promise<Mail>;
  reset: (linkToken: string, password: string) => Promise<object>;
  providerAddress: (name: string) => string;
  me: (token: string) => Promise<Profile>;
  change: (token: string, change: ProfileRequest) => Promise<ChangedProfile>;
  remove: (token: string, password: string) => Promise<object>;
  everything: (token: string) => Promise<Blob>;
  calls: (token: string, page: Page & { query: string }) => Promise<PastCalls>;
  history: (token: string, sessionId: string, page: Page) => Promise<History>;
  transcript: (token: string, sessionId: string, format: "vtt" | "srt" | "txt" | "json") => Promise<Blob>;
  withdraw: (token: string, sessionId: string) => Promise<object>;
}

/** An EventTarget whose events are CustomEvents: name → detail. */
declare class Told<Events> {
  addEventListener<Name extends keyof Events & string>(
    type: Name, listener: (event: CustomEvent<Events[Name]>) => void, options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof Events & string>(
    type: Name, listener: (event: CustomEvent<Events[Name]>) => void, options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}

export {};

export interface SignalingEvents {
  message: SocketMessage;
  waiting: null;
  joined: SessionJoined;
  lost: null;
  closed: { code: FailureCode; message: string };
}

export interface Place {
  wsUrl: string;
  sessionId: string;
  /** An access token, or the resume token of an earlier `session_joined`. */
  token: string;
}

export class Signaling extends Told<SignalingEvents> {
  constructor(options: {
    language: string; detect?: boolean; WebSocket?: typeof WebSocket; fetch?: typeof fetch;
  });
  language: string;
  detect: boolean;
  readonly joined: boolean;
  readonly token: string;
  use(place: Place): void;
  open(): void;
  send(message: SocketRequest): boolean;
  setLanguage(language: string, detect?: boolean): boolean;
  check(): void;
  close(): void;
}

export interface VoiceTracks {
  interpreter: MediaStreamTrack | null;
  original: MediaStreamTrack | null;
}

export interface Statistics extends Required<Omit<ClientStats, "type" | "heardLatencyMs">> {
  heardLatencyMs?: number;
  lossPercent: number;
  path: "direct" | "relay" | null;
}

export interface Problem {
  code: FailureCode;
  message: string;
}

export interface CallState {
  readonly socket: "connecting" | "waiting" | "joined" | "lost";
  readonly media: "connecting" | "connected" | "lost";
  readonly me: string | null;
  readonly language: string;
  readonly partner: Participant | null;
  /** Epoch ms. */
  readonly startedAt: number | null;
  readonly level: Level;
  readonly lagMs: number;
  readonly reasons: StatusReason[];
  readonly history: { on: boolean; consents: string[]; reason: HistoryOff | null };
  /** How many read the subtitles without taking part. */
  readonly viewers: number;
  /** True while the partner types a text. */
  readonly typing: boolean;
  /** The newest `session_info`, null before `askInfo`. */
  readonly info: SessionInfo | null;
  readonly ended: null | { reason: EndReason | FailureCode; message?: string; metrics?: CallMetrics };
}

export interface CallEvents {
  state: CallState;
  tracks: VoiceTracks;
  subtitle: ChannelMessage;
  problem: Problem;
  detected: LanguageDetected;
  knock: JoinRequest;
  stats: Statistics;
}

export interface CallOptions {
  signaling: Signaling;
  microphone: MediaStreamTrack;
  fetchIceServers?: ((resumeToken: string) => Promise<IceServer[]>) | null;
  /** The engine's, where the runtime has none: on Node that of @roamhq/wrtc. */
  RTCPeerConnection?: typeof RTCPeerConnection;
}

export class Call extends Told<CallEvents> {
  constructor(options: CallOptions);
  readonly state: CallState;
  start(): void;
  say(text: string): boolean;
  typing(on: boolean): void;
  endUtterance(): boolean;
  startOver(): boolean;
  setLanguage(language: string): boolean;
  setDetection(on: boolean): boolean;
  setVoice: (voice: string) => boolean;
  admit: (participantId: string, accept: boolean) => boolean;
  setHistory: (on: boolean) => boolean;
  askInfo: () => boolean;
  wake(): void;
  reportHeardLatency(latencyMs: number): void;
  setMicrophone(track: MediaStreamTrack): Promise<void>;
  hangUp(): void;
}

export interface MediaEvents {
  state: "connected" | "lost";
  tracks: VoiceTracks;
  message: ChannelMessage;
  problem: Problem;
  stats: Statistics;
}

export class MediaConnection extends Told<MediaEvents> {
  constructor(options: CallOptions);
  restart(iceServers: IceServer[]): void;
  check(): void;
  accept(answer: import("./messages.js").Answer): void;
  assign(tracks: Track[]): void;
  send(message: import("./messages.js").ChannelRequest): boolean;
  reportHeardLatency(latencyMs: number): void;
  setMicrophone(track: MediaStreamTrack): Promise<void>;
  close(): void;
}

export interface PeerEvents {
  state: RTCPeerConnectionState;
  tracks: VoiceTracks;
  open: null;
  message: ChannelMessage;
}

export class Peer extends Told<PeerEvents> {
  constructor(options: Omit<CallOptions, "signaling" | "fetchIceServers"> & { negotiation: number; iceServers: IceServer[] });
  readonly negotiation: number;
  readonly pc: RTCPeerConnection;
  offer(send: (message: SocketRequest) => void): Promise<void>;
  accept(answer: { sdp: string; tracks?: Track[] }): Promise<void>;
  assign(tracks?: Track[]): void;
  send(message: import("./messages.js").ChannelRequest): boolean;
  replaceMicrophone(track: MediaStreamTrack): Promise<void>;
  stats(): Promise<RTCStatsReport>;
  close(): void;
}

export class IceServers {
  constructor(fetch: ((resumeToken: string) => Promise<IceServer[]>) | null);
  set(servers?: IceServer[]): void;
  fresh(resumeToken: string): Promise<IceServer[]>;
}

export interface ReportsEvents {
  stats: Statistics;
}

export class Reports extends Told<ReportsEvents> {
  constructor(send: (message: ClientStats) => void);
  send: (message: ClientStats) => void;
  heardLatencyMs: number | null;
  follow(peer: Peer): void;
  stop(): void;
}

export interface Totals {
  delayS: number;
  emitted: number;
  received: number;
  lost: number;
}

export function summarise(report: ReadonlyMap<string, any>, before?: Totals | null): {
  stats: Required<Omit<ClientStats, "type" | "heardLatencyMs">>;
  more: { lossPercent: number; path: "direct" | "relay" | null };
  totals: Totals;
};

export class HeardLatency {
  feed(nowMs: number, originalDb: number, interpreterDb: number): number | null;
}

/** "lost": it comes again by itself. The others but "reading" are its end. */
export type ViewerState = "reading" | "lost" | "session_ended" | "revoked" | FailureCode;

export interface ViewerEvents {
  subtitle: ChannelMessage;
  state: ViewerState;
}

/** Reads a session's subtitles by the token of `POST /sessions/{id}/viewers`. */
export class Viewer extends Told<ViewerEvents> {
  constructor(options: { api: Api; sessionId: string; token: string; pausesMs?: number[] });
  readonly state: ViewerState;
  start(): Promise<void>;
  close(): void;
}
