import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import type { PolicyVerdict } from "./admin";
import { Refusal } from "./parts";
import { Decision } from "./PolicyScreen";
import { useAction } from "./useAction";

const doors: [string, string][] = [
  ["assistant", "the assistant"], ["get", "the GET face"], ["api", "a program with a token"], ["console", "a person here"],
];

/** Says what the rules decide about a command, with a rule that is not saved yet if there is one; nothing is run. */
export function TryCommand({ assistant, change }: { assistant: Assistant; change: { id: string; rule: string } | null }) {
  const [command, setCommand] = useState("");
  const [origin, setOrigin] = useState("assistant");
  const [verdict, setVerdict] = useState<PolicyVerdict | null>(null);
  const action = useAction();
  const ask = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      setVerdict(null);
      setVerdict(await assistant.api.post<PolicyVerdict>("/v1/admin/policy/try", { command, origin, ...(change ?? {}) }));
    });
  };
  return (
    <section aria-label="Try a command">
      <p className="hint">What would be decided{change ? " with this rule" : ""}? Nothing is run.</p>
      <form className="command-line" onSubmit={ask}>
        <label className="hidden" htmlFor="try-command">Command to try</label>
        <input id="try-command" className="input mono" value={command} placeholder="systemctl restart nginx" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setCommand(event.target.value)} />
        <label className="hidden" htmlFor="try-door">Who runs it</label>
        <select id="try-door" className="select door" value={origin} onChange={(event) => setOrigin(event.target.value)}>
          {doors.map(([word, name]) => <option key={word} value={word}>{name}</option>)}
        </select>
        <button type="submit" className="button" disabled={action.isBusy || command.trim() === ""}>Try it</button>
      </form>
      <Refusal action={action} />
      {verdict && (
        <div role="status" className="verdict">
          <p>
            <Decision word={verdict.verdict} />{" "}
            {verdict.verdict === "allow" ? "It runs at once." : verdict.verdict === "ask" ? "A person is asked first." : "It is refused."}
            {verdict.scope === "deny-only" && " Only deny rules apply to this door."}
          </p>
          <ul className="rows">
            {verdict.findings.map((finding, place) => (
              <li key={place} className="row">
                <span className="row-main two"><code className="mono">{finding.command || "(all of it)"}</code><small>{finding.reason}{finding.hint ? ` ${finding.hint}` : ""}</small></span>
                <span className="row-side"><Decision word={finding.decision} /><code>{finding.rule}</code></span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
