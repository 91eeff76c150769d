/** Shapes of what lies below /v1/admin, as /docs of the server describes them. */

export interface Operator {
  id: number;
  name: string;
  permissions: string[];
  run_as: string | null;
  source: "local" | "environment";
  disabled: boolean;
  has_first_passphrase: boolean;
  created: string;
  passphrase?: string;
}

export interface OperatorList {
  operators: Operator[];
  permissions: string[];
}

export interface SignIn {
  id: number;
  kind: string;
  created: string;
  last_seen: string;
  expires: string;
  current: boolean;
}

export interface Token {
  id: number;
  name: string;
  permissions: string[];
  created: string;
  expires: string | null;
  last_used: string | null;
  revoked: string | null;
  token?: string;
}

export interface TokenList {
  tokens: Token[];
  permissions: string[];
}

export type DecisionWord = "allow" | "ask" | "deny";

export interface PolicyRule {
  id: string;
  decision: DecisionWord;
  source: "built-in" | "file" | "database";
  reason: string;
  hint: string | null;
  programs: string[];
  matches: string[];
  must_not_match: string[];
  body?: Record<string, unknown>;
  created_by?: string;
  created?: string;
}

export interface PolicyRules {
  version: string;
  default: DecisionWord;
  api: string;
  rules: PolicyRule[];
  not_in_force: string[];
}

export interface PolicyVerdict {
  verdict: DecisionWord;
  scope: string;
  findings: { command: string; decision: DecisionWord; rule: string; reason: string; hint: string | null }[];
}

export interface PolicyComparison {
  judged: number;
  changed: number;
  changes: { command: string; origin: string; before: DecisionWord; after: DecisionWord }[];
}

export interface Proposal {
  approval: number;
  rule: string;
  command: string;
  proposed_by: string;
  created: string;
}

export interface SavedRule {
  id: string;
  in_force: boolean;
}

export interface Finding {
  name: string;
  verdict: "ok" | "warning" | "error";
  text: string;
  hint: string | null;
}

export interface ServerState {
  version: string;
  uptime: number;
  load: number[];
  processors: number;
  memory: number | null;
  memory_available: number | null;
  disk: number | null;
  disk_free: number | null;
  findings: Finding[];
}

export interface ServerSettings {
  file: string;
  sections: string[];
  warnings: string[];
  options: { key: string; group: string; value: string; source: string; default: boolean; summary: string }[];
}
