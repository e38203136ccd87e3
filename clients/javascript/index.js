// All that the package exports. The modules in protocol/ are those that the call page loads.

export { AccountsApi } from "./protocol/accounts-api.js";
export { Api, ApiError } from "./protocol/api.js";
export { Call } from "./protocol/call.js";
export { HeardLatency } from "./protocol/heard-latency.js";
export { IceServers } from "./protocol/ice-servers.js";
export { MediaConnection } from "./protocol/media-connection.js";
export { Peer } from "./protocol/peer.js";
export { Reports } from "./protocol/reports.js";
export { Signaling } from "./protocol/signaling.js";
export { summarise } from "./protocol/stats.js";
export { Viewer } from "./protocol/viewer.js";
