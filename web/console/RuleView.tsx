import type { PolicyRule } from "./admin";
import { Decision } from "./PolicyScreen";

/** A rule that is not changed here. */
export function RuleView({ rule }: { rule: PolicyRule }) {
  return (
    <>
      <div className="screen-head"><h1 className="mono-title">{rule.id}</h1><Decision word={rule.decision} /></div>
      <p className="lead">{rule.reason}</p>
      {rule.hint && <p>{rule.hint}</p>}
      <dl className="facts">
        <dt>From</dt>
        <dd>{rule.source === "file" ? "the configuration file; it is changed there, and read again with a button of the list" : "the program; “disable” in the section “policy” of the configuration file leaves it out"}</dd>
        <dt>Programs</dt><dd className="mono">{rule.programs.length === 0 ? "any" : rule.programs.join(", ")}</dd>
      </dl>
      <Examples title="Fits" commands={rule.matches} />
      {rule.must_not_match.length > 0 && <Examples title="Does not fit" commands={rule.must_not_match} />}
    </>
  );
}

function Examples({ title, commands }: { title: string; commands: string[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul className="rows">{commands.map((command) => <li key={command} className="row"><code className="row-main">{command}</code></li>)}</ul>
    </section>
  );
}
