import { ApiError } from "../../shared/api";

/** What is wrong with an account and what a user can do about it, by the server's codes; its own hints are for those who call its routes. */
const remedies: Record<string, string> = {
  account_not_connected: "Connect an account first.",
  account_connected: "An account is connected already. Load this page again to see it.",
  account_login_expired: "The provider does not know its login any more. Connect it again.",
  account_limit_reached: "What its plan allows is used up for now. Wait, or use another account.",
  account_busy: "It is in use elsewhere. Try again in a moment.",
  device_code_disabled: "Its workspace does not allow logins by code. Whoever looks after the workspace can allow them in its security settings; or use another account.",
  login_denied: "The login was not confirmed. Begin again, and say yes on the provider\u2019s page.",
  login_interrupted: "The connection to the provider broke off. Begin again.",
  login_pending: "A login is open already.",
  login_unavailable: "The provider cannot be reached just now. Try again in a few minutes.",
  provider_unreachable: "The provider cannot be reached just now. Try again in a few minutes.",
  provider_rate_limited: "The provider begins no more logins for now. Try again in a few minutes.",
  codex_busy: "Too many people use it just now. Try again in a few minutes.",
  codex_missing: "The server is not ready for it. Tell whoever looks after the application.",
  codex_too_old: "The server is not ready for it. Tell whoever looks after the application.",
  codex_incompatible: "The server is not ready for it. Tell whoever looks after the application.",
  stopping: "The server is being started again. Try again in a moment.",
};

/** What is wrong, and what can be done about it; null where the code says nothing of that. */
export function remedyOf(code: string | null): string | null {
  return code === null ? null : remedies[code] ?? null;
}

/** The same of anything that was thrown. */
export function advice(error: unknown): string {
  if (error instanceof ApiError) return remedyOf(error.code) ?? (error.status === 0 ? error.sentence : error.message);
  return error instanceof Error ? error.message : String(error);
}
