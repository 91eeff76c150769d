import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { count, moment } from "../shared/format";
import type { DecisionWord, PolicyComparison, PolicyRule, Proposal, SavedRule } from "./admin";
import { Check, Confirmed, Refusal } from "./parts";
import { Decision } from "./PolicyScreen";
import { formOf, RuleForm, textOf } from "./ruleForm";
import { TryCommand } from "./TryCommand";
import { useAction } from "./useAction";
import { VirtualList } from "./VirtualList";

/** A rule of the database: filled in, tried, compared with what was run, and only then saved. */
export function RuleEditor({ assistant, rule, proposal, onSaved }: {
  assistant: Assistant;
  /** The rule that is changed; null for a new one. */
  rule: PolicyRule | null;
  /** What somebody proposed, to begin with; it is off the list once a rule of it is saved. */
  proposal: Proposal | null;
  onSaved: (rule: SavedRule | null) => void;
}) {
  const [form, setForm] = useState<RuleForm>(() => formOf(rule, proposal));
  const [comparison, setComparison] = useState<PolicyComparison | null>(null);
  const comparing = useAction();
  const saving = useAction();
  const isBusy = comparing.isBusy || saving.isBusy;
  const set = (change: Partial<RuleForm>) => {
    setForm({ ...form, ...change });
    // What was compared was another rule.
    setComparison(null);
    comparing.clear();
    saving.clear();
  };
  const id = form.id.trim();
  const compare = (event: FormEvent) => {
    event.preventDefault();
    void comparing.run(async () => setComparison(await assistant.api.post<PolicyComparison>("/v1/admin/policy/replay", { id, rule: textOf(form) })));
  };
  const save = () => void saving.run(async () => {
    const saved = await assistant.api.send<SavedRule>("PUT", `/v1/admin/policy/rules/${encodeURIComponent(id)}`, { body: { rule: textOf(form) } });
    // The rule counts already: a proposal that somebody else reviewed meanwhile is no trouble.
    if (proposal) await assistant.api.send("DELETE", `/v1/admin/policy/proposals/${proposal.approval}`).catch(() => {});
    onSaved(saved);
  });
  const remove = () => void saving.run(async () => {
    await assistant.api.send("DELETE", `/v1/admin/policy/rules/${encodeURIComponent(id)}`);
    onSaved(null);
  });
  return (
    <>
      <div className="screen-head">
        <h1>{rule ? rule.id : proposal ? "Change the proposal" : "New rule"}</h1>
        {rule && <Confirmed label="Remove" question="Remove this rule?" yes="Remove" isBusy={isBusy} onYes={remove} />}
      </div>
      {rule?.created && <p className="hint">Saved by {rule.created_by}, {moment(rule.created)}</p>}
      <form className="form" onSubmit={compare}>
        {rule === null && (
          <label className="field"><span>Name: small letters, digits, dots, dashes</span>
            <input className="input mono" value={form.id} required pattern="[a-z0-9._\-]+" placeholder="restart-web" autoCapitalize="none" spellCheck={false} onChange={(event) => set({ id: event.target.value })} />
          </label>
        )}
        <fieldset className="boxes">
          <legend>Decision</legend>
          <div className="choices">
            {([["allow", "Allow"], ["ask", "Ask a person"], ["deny", "Deny"]] as [DecisionWord, string][]).map(([word, name]) => (
              <label key={word} className="choice"><input type="radio" name="decision" checked={form.decision === word} onChange={() => set({ decision: word })} /> <span>{name}</span></label>
            ))}
          </div>
        </fieldset>
        <label className="field"><span>Programs, without directories</span>
          <input className="input mono" value={form.programs} placeholder="systemctl" autoCapitalize="none" spellCheck={false} onChange={(event) => set({ programs: event.target.value })} />
        </label>
        <Check checked={form.hasArguments} onChange={(isOn) => set({ hasArguments: isOn })}>With exactly these arguments{form.decision === "allow" ? " (an allow rule needs them, or a grammar below)" : ""}</Check>
        {form.hasArguments && (
          <label className="field"><span>Arguments, one to a line; none at all when empty{form.decision === "allow" ? "" : "; a last ** for any more"}</span>
            <textarea className="input mono" rows={3} value={form.args} placeholder={"restart\nnginx"} spellCheck={false} onChange={(event) => set({ args: event.target.value })} />
          </label>
        )}
        <label className="field"><span>Why: one sentence for the person who is asked, and for the model</span>
          <input className="input" value={form.reason} required placeholder="Restarting the web server is routine here." onChange={(event) => set({ reason: event.target.value })} />
        </label>
        <label className="field"><span>What may be done instead (if you like)</span>
          <input className="input" value={form.hint} onChange={(event) => set({ hint: event.target.value })} />
        </label>
        <label className="field"><span>Commands that it must fit, one to a line: without one that fits it is not saved</span>
          <textarea className="input mono" rows={3} required value={form.matches} placeholder="systemctl restart nginx" spellCheck={false} onChange={(event) => set({ matches: event.target.value })} />
        </label>
        <label className="field"><span>Commands that it must not fit</span>
          <textarea className="input mono" rows={2} value={form.mustNotMatch} placeholder="systemctl restart sshd" spellCheck={false} onChange={(event) => set({ mustNotMatch: event.target.value })} />
        </label>
        <details className="field" open={form.more !== ""}>
          <summary>More: words, options, grammar</summary>
          <label className="field"><span>Members of the rule as in the configuration file (JSON5)</span>
            <textarea className="input mono" rows={4} value={form.more} placeholder={'words: ["restart"], flags: ["-f --force"]'} spellCheck={false} onChange={(event) => set({ more: event.target.value })} />
          </label>
        </details>
        <div className="choices">
          <button type="submit" className={`button${comparison ? "" : " primary"}`} disabled={isBusy}>{comparing.isBusy && <span className="spinner" aria-hidden="true" />} Compare with what was run</button>
          {comparison && <button type="button" className="button primary" disabled={isBusy} onClick={save}>Save and put into force</button>}
        </div>
      </form>
      <Refusal action={comparing} />
      <Refusal action={saving} />
      {comparison && <Comparison comparison={comparison} />}
      <section>
        <h2>Try a command with this rule</h2>
        <TryCommand assistant={assistant} change={id === "" ? null : { id, rule: textOf(form) }} />
      </section>
    </>
  );
}

function Comparison({ comparison }: { comparison: PolicyComparison }) {
  const { judged, changed, changes } = comparison;
  return (
    <section aria-label="Comparison" aria-live="polite">
      <p className={`note ${changed === 0 ? "" : "busy"}`}>
        {judged === 0 ? "No command was recorded yet, so nothing changes for one."
          : changed === 0 ? `Of ${count(judged, "recorded command")} none would be decided otherwise.`
          : `${count(changed, "command")} of ${judged.toLocaleString()} recorded ones would be decided otherwise${changes.length < changed ? `; the first ${changes.length} of them` : ""}:`}
      </p>
      {changes.length > 0 && (
        <div className="bounded">
          <VirtualList
            count={changes.length}
            label={count(changes.length, "changed decision")}
            row={(index) => {
              const change = changes[index];
              return change ? (
                <span className="row">
                  <code className="row-main">{change.command}</code>
                  <span className="row-side"><Decision word={change.before} /> becomes <Decision word={change.after} /><span>{change.origin}</span></span>
                </span>
              ) : null;
            }}
          />
        </div>
      )}
    </section>
  );
}
