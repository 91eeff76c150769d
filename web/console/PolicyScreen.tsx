import "./common";
import { useMemo, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { Icon } from "../chat/Icon";
import { count, moment } from "../shared/format";
import type { DecisionWord, PolicyRule, PolicyRules, Proposal, SavedRule } from "./admin";
import { Refusal, Search, Tabs } from "./parts";
import { go, to } from "./route";
import { RuleEditor } from "./RuleEditor";
import { RuleView } from "./RuleView";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { TryCommand } from "./TryCommand";
import { useAction } from "./useAction";
import { Loaded, useLoaded } from "./useLoaded";
import { VirtualList } from "./VirtualList";

/** Rules for commands: all of them, one, a new one, and what people proposed. */
export function PolicyScreen({ assistant, route: [part, id] }: ScreenProps) {
  const rules = useLoaded(() => assistant.api.get<PolicyRules>("/v1/admin/policy"), [assistant]);
  const proposals = useLoaded(() => assistant.api.get<{ proposals: Proposal[] }>("/v1/admin/policy/proposals"), [assistant]);
  const waiting = proposals.value?.proposals ?? [];
  const saved = (rule: SavedRule | null) => {
    rules.reload();
    proposals.reload();
    if (rule === null) go("policy");
    else go("policy", "rule", rule.id);
  };
  if (part === "new") {
    const proposal = waiting.find((candidate) => String(candidate.approval) === id);
    if (id !== undefined && proposal === undefined) {
      return <div className="screen"><Back /><States loaded={proposals} isEmpty={() => true} empty={<p>This proposal is reviewed already.</p>}>{() => null}</States></div>;
    }
    return <div className="screen"><Back /><RuleEditor key={id ?? "new"} assistant={assistant} rule={null} proposal={proposal ?? null} onSaved={saved} /></div>;
  }
  if (part === "rule" && id !== undefined) {
    return (
      <div className="screen">
        <Back />
        <States loaded={rules} isEmpty={(all) => !all.rules.some((rule) => rule.id === id)} empty={<p>There is no rule {id}. It was removed, or is not in force yet.</p>}>
          {(all) => {
            const rule = all.rules.find((candidate) => candidate.id === id) as PolicyRule;
            return rule.source === "database"
              ? <RuleEditor key={`${id} ${rule.created}`} assistant={assistant} rule={rule} proposal={null} onSaved={saved} />
              : <RuleView rule={rule} />;
          }}
        </States>
      </div>
    );
  }
  return (
    <div className={`screen${part === "proposals" || part === "try" ? "" : " full"}`}>
      <div className="screen-head">
        <h1>Rules for commands</h1>
        <a className="button primary" href={to("policy", "new")}><Icon name="plus" /> New rule</a>
      </div>
      <Tabs
        label="Rules for commands"
        tabs={[
          { name: "Rules", href: to("policy"), isCurrent: part === undefined },
          { name: "Try a command", href: to("policy", "try"), isCurrent: part === "try" },
          { name: "Proposals", href: to("policy", "proposals"), isCurrent: part === "proposals", count: waiting.length },
        ]}
      />
      {part === undefined && <Rules assistant={assistant} rules={rules} />}
      {part === "try" && <TryCommand assistant={assistant} change={null} />}
      {part === "proposals" && <Proposals assistant={assistant} proposals={proposals} onReviewed={saved} />}
    </div>
  );
}

function Back() {
  return <p className="crumbs"><a href={to("policy")}>Rules for commands</a></p>;
}

/** A decision in a word and a colour. */
export function Decision({ word }: { word: DecisionWord }) {
  return <span className={`badge ${word === "allow" ? "good" : word === "deny" ? "bad" : "busy"}`}>{word}</span>;
}

function Rules({ assistant, rules }: { assistant: Assistant; rules: Loaded<PolicyRules> }) {
  const [search, setSearch] = useState("");
  const [decision, setDecision] = useState<DecisionWord | null>(null);
  const [isOwn, setOwn] = useState(false);
  const action = useAction();
  const [notice, setNotice] = useState<string | null>(null);
  const words = search.trim().toLowerCase();
  const found = useMemo(() => (rules.value?.rules ?? []).filter((rule) =>
    (decision === null || rule.decision === decision) && (!isOwn || rule.source !== "built-in")
    && (words === "" || [rule.id, rule.reason, ...rule.programs, ...rule.matches].some((text) => text.toLowerCase().includes(words)))).reverse(), [rules.value, decision, isOwn, words]);
  const reload = () => void action.run(async () => {
    const answer = await assistant.api.post<{ rules: number }>("/v1/admin/policy/reload");
    setNotice(`The file was read again; ${count(answer.rules, "rule")} are in force.`);
    rules.reload();
  });
  return (
    <States loaded={rules} isEmpty={() => false} empty={null}>
      {(all) => (
        <>
          <p className="lead">
            The strictest rule that fits decides: allow runs at once, ask waits for a person, deny refuses. What no rule knows is {all.default === "deny" ? "refused" : "asked for"}.
          </p>
          {all.not_in_force.length > 0 && (
            <p className="note bad" role="alert">Stored, but not in force, because it contradicts another rule: {all.not_in_force.join(", ")}. The server's log says why.</p>
          )}
          <div className="filters">
            <Search label="Find a rule" value={search} onChange={setSearch} />
            <div className="choices" role="group" aria-label="Decision">
              {(["allow", "ask", "deny"] as DecisionWord[]).map((word) => (
                <button key={word} type="button" className="button compact" aria-pressed={decision === word} onClick={() => setDecision(decision === word ? null : word)}>{word}</button>
              ))}
              <button type="button" className="button compact" aria-pressed={isOwn} onClick={() => setOwn(!isOwn)}>Own rules</button>
              <button type="button" className="button plain compact" disabled={action.isBusy} title="Reads the section policy of the configuration file again" onClick={reload}><Icon name="retry" /> Read the file again</button>
            </div>
          </div>
          <Refusal action={action} />
          {notice && <p className="note good" role="status">{notice}</p>}
          {found.length === 0
            ? <div className="empty"><p>{isOwn && words === "" ? "There are no rules of your own yet. The built-in ones apply." : "No rule has this."}</p><a className="button" href={to("policy", "new")}>New rule</a></div>
            : (
              <VirtualList
                count={found.length}
                label={count(found.length, "rule")}
                height={64}
                narrowHeight={92}
                reset={`${words} ${decision} ${isOwn}`}
                row={(index) => {
                  const rule = found[index] as PolicyRule;
                  return (
                    <a className="row" href={to("policy", "rule", rule.id)}>
                      <span className="row-main two"><code className="mono">{rule.id}</code><small>{rule.reason}</small></span>
                      <span className="row-side"><Decision word={rule.decision} /><span>{rule.source}</span></span>
                    </a>
                  );
                }}
              />
            )}
        </>
      )}
    </States>
  );
}

function Proposals({ assistant, proposals, onReviewed }: { assistant: Assistant; proposals: Loaded<{ proposals: Proposal[] }>; onReviewed: (rule: SavedRule | null) => void }) {
  const action = useAction();
  const path = (proposal: Proposal) => `/v1/admin/policy/proposals/${proposal.approval}`;
  return (
    <>
      <Refusal action={action} />
      <States loaded={proposals} isEmpty={(all) => all.proposals.length === 0} empty={<><h2>Nothing was proposed</h2><p>Whoever approves a command can propose to allow exactly it for good. That is reviewed here before it decides anything.</p></>}>
        {(all) => (
          <ul className="cards">
            {all.proposals.map((proposal) => (
              <li key={proposal.approval} className="card padded">
                <p>Allow this for good:</p>
                <pre className="mono sunken">{proposal.command}</pre>
                <details><summary>The rule</summary><pre className="mono sunken">{pretty(proposal.rule)}</pre></details>
                <p className="hint">Proposed by {proposal.proposed_by}, {moment(proposal.created)}, while deciding <a href={to("approvals")}>approval {proposal.approval}</a></p>
                <div className="choices">
                  <button type="button" className="button primary" disabled={action.isBusy} onClick={() => void action.run(async () => onReviewed(await assistant.api.post<SavedRule>(`${path(proposal)}/accept`)))}>Put into force</button>
                  <a className="button" href={to("policy", "new", proposal.approval)}>Change first</a>
                  <button type="button" className="button danger" disabled={action.isBusy} onClick={() => void action.run(async () => { await assistant.api.send("DELETE", path(proposal)); proposals.reload(); })}>Dismiss</button>
                </div>
              </li>
            ))}
          </ul>
        )}
      </States>
    </>
  );
}

/** JSON as people read it. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
