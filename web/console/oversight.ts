import type { Page } from "../shared/types";

/** Shapes of answers that only administrators get, as /docs of the server describes them. */

export interface Unit {
  name: string;
  decimals: number;
}

export interface Host {
  issuer: string;
  name: string;
  audience: string;
  keys: { id: string; algorithm: string }[];
  session_seconds: number;
  new_clients_have_ai: boolean;
  is_called_back: boolean;
}

export interface RoleList {
  roles: { role: string; permissions: string[]; grants: string[] }[];
  permissions: string[];
}

export type TenantState = "active" | "suspended";

export interface Client {
  id: string;
  name: string | null;
  state: TenantState;
  ai: boolean;
  plan: string | null;
}

export interface ClientList extends Page<number> {
  clients: Client[];
}

export interface Brand {
  id: string;
  name: string | null;
  state: TenantState;
  ai: boolean;
  inherits_ai: boolean;
}

export interface UserSession {
  id: number;
  role: string | null;
  client: string;
  brands: string[];
  locations: string[] | null;
  teams: string[];
  modules: string[];
  created: string;
  expires: string;
  ended: string | null;
  live: boolean;
}

export interface HostUser {
  id: string;
  name: string | null;
  permissions: string[];
  grants: string[];
}

export interface OverseenUser extends HostUser {
  principal: string;
  created: string;
  live_sessions: number;
  latest: UserSession | null;
}

export interface UserList extends Page<number> {
  users: OverseenUser[];
}

export interface Account {
  provider: string;
  state: "connected" | "disconnected" | "unknown";
  ways: string[];
  plan: string | null;
  model: string | null;
  limits: Limits | null;
  problem: { code: string; message: string; hint: string | null } | null;
}

export interface Limits {
  plan: string | null;
  reached: boolean;
  primary: LimitWindow | null;
  secondary: LimitWindow | null;
}

export interface LimitWindow {
  used_percent: number;
  window_seconds: number | null;
  resets: string | null;
}

export interface Login {
  id: number;
  provider: string;
  state: "pending" | "connected" | "failed" | "expired" | "cancelled";
  reason: string | null;
  created: string;
  expires: string;
  ended: string | null;
}

export interface Accounts {
  accounts: Account[];
  default_provider: string | null;
  login: Login | null;
}

export interface BegunLogin {
  login: Login;
  url: string | null;
  code: string | null;
}

export interface AccountModel {
  id: string;
  provider: string;
  name: string;
  title: string | null;
}

export interface OverseenAccount {
  owner: string;
  name: string | null;
  provider: string;
  state: string;
  model: string | null;
  default: boolean;
  own_key: boolean;
  login_open: boolean;
  changed: string;
}

export interface OverseenAccountList extends Page<string> {
  accounts: OverseenAccount[];
}

export interface Wallet {
  id: number;
  /** The application whose ids these are. */
  issuer: string | null;
  client: string;
  brand: string | null;
  unit: Unit;
  balance: number;
  held: number;
  line: number;
  available: number;
  created: string;
}

export interface WalletList extends Page<number> {
  wallets: Wallet[];
}

export interface Statement extends Wallet {
  lots: { kind: string; amount: number; remaining: number; priority: number; expires: string | null }[];
  holds: { id: number; amount: number; item: string; brand: string | null; created: string; expires: string }[];
  thresholds: number[];
  caps: { of: string; name?: string | null; period: "day" | "month"; amount: number }[];
}

export interface Transfer {
  id: number;
  kind: string;
  amount: number;
  held: number;
  balance: number;
  written_off: number;
  note: string | null;
  key: string | null;
  by: string;
  created: string;
}

export interface TransferList extends Page<number> {
  unit: Unit;
  transfers: Transfer[];
}

export interface UsageSum {
  day?: string | null;
  model?: string | null;
  user?: string | null;
  issuer?: string | null;
  calls: number;
  input_tokens: number;
  output_tokens: number;
  cost: number;
}

export interface UsageSums {
  unit: Unit;
  sums: UsageSum[];
  cut: boolean;
}

export type ActionState = "proposed" | "awaiting_confirmation" | "confirmed" | "executing" | "succeeded" | "failed" | "declined" | "expired";

export interface ActionRecord {
  id: number;
  action: string;
  issuer: string;
  state: ActionState;
  owner: string;
  name: string | null;
  client: string | null;
  brand: string | null;
  location: string | null;
  turn: number;
  price: number;
  reason: string | null;
  created: string;
  expires: string;
  decided: string | null;
  executed: string | null;
  finished: string | null;
  unit?: Unit;
  arguments?: unknown;
  preview?: unknown;
  result?: unknown;
}

export interface DeclaredAction {
  issuer: string;
  name: string;
  title: string;
  description: string;
  confirmation: string;
  price: number;
}

export interface ActionRecordList extends Page<number> {
  unit: Unit;
  catalogue: DeclaredAction[];
  actions: ActionRecord[];
}

interface Whose {
  turn: number;
  owner: string;
  name: string | null;
  client: string | null;
  brand: string | null;
  location: string | null;
  time: string;
}

export interface ReceiptSummary extends Whose {
  sources: number;
  missing: number;
  left_out: number;
}

export interface ReceiptList extends Page<number> {
  turns: ReceiptSummary[];
}

export interface Receipt extends Whose {
  sources: {
    source: string;
    read: string;
    missing: string | null;
    left_out: number;
    facts: { id: string; text: string; link: string | null; rule: string }[];
  }[];
}

export interface AuditEntry {
  id: number;
  time: string;
  principal: string;
  action: string;
  subject: string;
  detail: string;
  hash: string;
}

export interface AuditEntryList extends Page<number> {
  entries: AuditEntry[];
}

export interface AuditVerdict {
  intact: boolean;
  rows: number;
  first: number;
  last: number;
  checkpoints: number;
  cut: number | null;
  fault: { row: number | null; reason: string } | null;
}

/** What people call something, or its id where it has no name. */
export function called(thing: { id: string; name: string | null }): string {
  return thing.name ?? thing.id;
}

/** Where something is: client, brand and location. */
export function placed(thing: { client: string | null; brand: string | null; location?: string | null }): string {
  return [thing.client, thing.brand, thing.location].filter((part) => part !== null && part !== undefined).join(" / ");
}
