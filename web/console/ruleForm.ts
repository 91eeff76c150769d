import type { DecisionWord, PolicyRule, Proposal } from "./admin";

/** A rule as a person fills it in. */
export interface RuleForm {
  id: string;
  decision: DecisionWord;
  /** Names, separated by spaces or commas. */
  programs: string;
  /** Whether the arguments are given one by one. */
  hasArguments: boolean;
  /** One to a line. */
  args: string;
  reason: string;
  hint: string;
  /** Commands, one to a line. */
  matches: string;
  mustNotMatch: string;
  /** All other members, as JSON5. */
  more: string;
}

const empty: RuleForm = {
  id: "", decision: "ask", programs: "", hasArguments: false, args: "", reason: "", hint: "", matches: "", mustNotMatch: "", more: "",
};

const known = ["decision", "program", "args", "reason", "hint", "matches", "mustNotMatch"];

/** What the form shows of a rule, of a proposal, or of nothing. */
export function formOf(rule: PolicyRule | null, proposal: Proposal | null): RuleForm {
  if (rule !== null) return fromBody(rule.id, rule.body ?? {});
  if (proposal === null) return empty;
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(proposal.rule) as Record<string, unknown>;
  } catch {
    // Then it is filled in by hand.
  }
  return fromBody(`approved-${proposal.approval}`, body);
}

function fromBody(id: string, body: Record<string, unknown>): RuleForm {
  const lines = (name: string): string => list(body[name]).join("\n");
  const more = Object.entries(body).filter(([name]) => !known.includes(name)).map(([name, value]) => `${name}: ${JSON.stringify(value)},`);
  return {
    id,
    decision: body["decision"] === "allow" || body["decision"] === "deny" ? body["decision"] : "ask",
    programs: list(body["program"]).join(" "),
    hasArguments: Array.isArray(body["args"]),
    args: lines("args"),
    reason: typeof body["reason"] === "string" ? body["reason"] : "",
    hint: typeof body["hint"] === "string" ? body["hint"] : "",
    matches: lines("matches"),
    mustNotMatch: lines("mustNotMatch"),
    more: more.join("\n"),
  };
}

function list(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** The rule as JSON5 text, without its id. */
export function textOf(form: RuleForm): string {
  const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const programs = form.programs.split(/[\s,]+/).filter((name) => name !== "");
  const members = [`decision: ${JSON.stringify(form.decision)}`, `reason: ${JSON.stringify(form.reason.trim())}`];
  if (programs.length > 0) members.push(`program: ${JSON.stringify(programs.length === 1 ? programs[0] : programs)}`);
  if (form.hasArguments) members.push(`args: ${JSON.stringify(lines(form.args))}`);
  if (form.hint.trim() !== "") members.push(`hint: ${JSON.stringify(form.hint.trim())}`);
  members.push(`matches: ${JSON.stringify(lines(form.matches))}`);
  if (lines(form.mustNotMatch).length > 0) members.push(`mustNotMatch: ${JSON.stringify(lines(form.mustNotMatch))}`);
  const more = form.more.trim().replace(/,$/, "");
  if (more !== "") members.push(more);
  return `{ ${members.join(", ")} }`;
}
