/** Shapes of answers, as /docs of the server describes them. */

export type TurnState = "working" | "completed" | "cancelled" | "failed" | "stopped";

export interface SignedIn {
  operator: { id: number; name: string; permissions: string[] };
  sign_in: { id: number; kind: string; created: string; last_seen: string; expires: string };
  csrf_token?: string;
  token?: string;
  features: { commands: boolean; applications: boolean };
  /** Questions that the configuration names. */
  prompts?: { name: string; text: string }[];
}

export interface Chat {
  id: number;
  title: string | null;
  model: string | null;
  created: string;
  updated: string;
  last_event: number;
  working_turn: number | null;
}

export interface Page<Cursor> {
  next: Cursor | null;
}

export interface ChatList extends Page<string> {
  chats: Chat[];
}

export interface Failure {
  code: string;
  message: string;
  hint?: string;
}

export interface TextPart {
  type: "text";
  text: string;
}

export interface ImagePart {
  type: "image";
  media_type: string;
  bytes: number;
}

export type Part = TextPart | ImagePart;

export interface NewImagePart {
  type: "image";
  media_type: string;
  data: string;
}

/** What a message is made of when it is sent. */
export type NewPart = TextPart | NewImagePart;

export type ModelItem =
  | { type: "assistant" | "refusal" | "reasoning" | "system"; text: string }
  | { type: "user"; parts: Part[] }
  | { type: "tool_call"; id: string; name: string; arguments?: string; commands?: string[] }
  | { type: "tool_result"; id: string; name: string };

export interface Usage {
  input: number;
  cached_input: number;
  output: number;
  reasoning: number;
}

/** A fact of a chat, as `/v1/events` and `/v1/chats/{chat}/events?format=json` hand it out. */
export interface ChatEvent {
  number: number;
  event: string;
  data: Record<string, unknown> & { turn: number; time: string };
}

export interface Ticket {
  session: string;
  ticket: number;
  command: string;
  origin: string;
  submitted_by: string;
  state: string;
  exit_code: number | null;
  signal: number | null;
  reason?: string;
  limit?: string;
  created: string;
  started: string | null;
  finished: string | null;
  duration: number | null;
  interactive?: boolean;
  terminal?: boolean;
  /** The terminal's present size. */
  columns?: number;
  rows?: number;
  notes?: string[];
  output_bytes: number;
  approval?: { id: number; link: string; expires: string };
}

export interface TicketList extends Page<number> {
  tickets: Ticket[];
}

/** What goes on over all sessions. */
export interface LatestTickets {
  open: Ticket[];
  open_count: number;
  ended: Ticket[];
}

export interface Session {
  id: number;
  name: string;
  mode: string;
  created_by: string;
  created: string;
  last_ticket: number;
}

export interface SessionList extends Page<number> {
  sessions: Session[];
}

export interface Decision {
  decision: "approve" | "deny";
  digest: string;
  note?: string;
  always?: boolean;
}

export interface Approval {
  id: number;
  state: string;
  subject: string;
  session: string;
  ticket: number;
  ticket_state: string;
  requested_by: string;
  origin: string;
  created: string;
  expires: string;
  reason: string;
  rule: string;
  user: string;
  host: string;
  cwd: string | null;
  command: string;
  command_shown?: string;
  digest?: string;
  env?: Record<string, string>;
  scripts?: unknown[];
  typed?: { text?: string };
  proposed_rule?: string | null;
  decision: { decision?: string; by?: string; time?: string; note?: string } | null;
}

export interface ApprovalList extends Page<string> {
  approvals: Approval[];
}

export interface Model {
  id: string;
  owned_by: string;
  title?: string | null;
}

export interface Share {
  id: number;
  chat: number;
  title: string | null;
  following: boolean;
  includes_output: boolean;
  live: boolean;
  created: string;
  expires: string;
  revoked: string | null;
  last_used: string | null;
  token?: string;
  url?: string;
}

const over = new Set(["denied", "expired", "exited", "killed", "timed_out", "cancelled", "lost", "failed"]);

/** Says whether a ticket's state can still change. */
export function isOver(state: string): boolean {
  return over.has(state);
}
