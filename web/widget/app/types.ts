/** Shapes of answers below /v1/ai, as /docs of the server describes them. */

export interface UserSession {
  token?: string;
  /** Seconds. */
  expires_in: number;
  user: { id: string; name: string | null; role: string | null; permissions: string[]; grants: string[] };
  client: { id: string; name: string | null; state: string; ai: boolean };
  features: Features;
}

/** What there is for a user, so that nothing is asked for in vain. */
export interface Features {
  accounts: boolean;
  wallet: boolean;
  actions: boolean;
  artifacts: boolean;
}

export type ProposalState =
  | "proposed" | "awaiting_confirmation" | "confirmed" | "executing" | "succeeded" | "failed" | "declined" | "expired";

export interface Proposal {
  id: number;
  action: string;
  state: ProposalState;
  arguments: Record<string, unknown>;
  chat: number;
  turn: number;
  /** The call of the model that made it. */
  call_id: string;
  price: number;
  decimals: number;
  preview: Record<string, unknown> | null;
  result: Record<string, unknown> | null;
  reason: string | null;
  created: string;
  expires: string;
}

export interface OfferedAction {
  name: string;
  title: string;
  description: string;
  parameters: { properties?: Record<string, { title?: string }> };
}

export interface Artifact {
  id: number;
  title: string;
  name: string;
  media_type: string;
  size: number;
  chat: number;
  turn: number;
  expires: string;
}

export interface Wallet {
  unit: { name: string; decimals: number };
  balance: number;
  held: number;
  available: number;
}

export interface Account {
  provider: string;
  state: "connected" | "disconnected" | "unknown";
  ways: string[];
  plan: string | null;
  model: string | null;
  problem: { code: string; message: string; hint: string | null } | null;
}

export interface Login {
  id: number;
  provider: string;
  state: "pending" | "connected" | "failed" | "expired" | "cancelled";
  reason: string | null;
  /** Seconds; 0 once it is over. */
  expires_in: number;
}

/** An open login; address and code are known only where it was begun. */
export interface OpenLogin {
  login: Login;
  url: string | null;
  code: string | null;
}

export interface Accounts {
  accounts: Account[];
  default_provider: string | null;
  login: Login | null;
}

export interface AccountModel {
  id: string;
  provider: string;
  name: string;
  title: string | null;
}

export interface Reading {
  source: string;
  read: string;
  missing: string | null;
  left_out: number;
  facts: { id: string; text: string; link: string | null; rule: string }[];
}
