// Generated from activities/contracts by `make contracts`. Do not edit.
export const WORKFLOWS_QUEUE = 'workflows';
export const WORKFLOWS_ADMIN_PORT = 9606;
export const DEFAULT_ORG = 'default';
export const GET_PROGRESS = 'getProgress';
export const SIGNAL_CHANGED = 'changed';
export const MAX_IMPORT_FILES = 2000;
export const DEFAULT_IMPORT_PARALLEL = 2;
export const CONTRACTS_HASH = 'd3e0af1fc544';
export const SearchAttributes = {
  system: 'GantrySystem',
  repo: 'GantryRepo',
  route: 'GantryRoute',
  bytes: 'GantryBytes',
} as const;
export const RETRYABLE = {
  InvalidInput: false,
  NotFound: false,
  PermissionDenied: false,
  PathEscape: false,
  LimitExceeded: false,
  ParseError: false,
  SectionNotFound: false,
  Unsupported: false,
  AuthRejected: false,
  StoreRejected: false,
  DiskFull: false,
  Conflict: false,
  IndexDamaged: true,
  IndexerFailed: true,
  MemoryPressure: true,
  StoreUnavailable: true,
  NetworkUnavailable: true,
  RateLimited: true,
  RemoteRejected: false,
  WorkerDraining: true,
  Internal: true,
} as const;
