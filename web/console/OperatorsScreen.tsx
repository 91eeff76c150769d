import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { Icon } from "../chat/Icon";
import { count, moment } from "../shared/format";
import type { Operator, OperatorList, SignIn } from "./admin";
import { Check, Confirmed, OnceShown, PermissionBoxes, Refusal, Search } from "./parts";
import { go, to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { useAction } from "./useAction";
import { Loaded, useLoaded } from "./useLoaded";
import { VirtualList } from "./VirtualList";

const path = "/v1/admin/operators";

/** Who may sign in: all of them, one, or a new one. */
export function OperatorsScreen({ assistant, route: [part, name] }: ScreenProps) {
  const operators = useLoaded(() => assistant.api.get<OperatorList>(path), [assistant]);
  if (part === "new") return <div className="screen"><Back /><NewOperator assistant={assistant} all={operators.value?.permissions ?? []} onMade={operators.reload} /></div>;
  if (part === "one" && name !== undefined) {
    return (
      <div className="screen">
        <Back />
        <States loaded={operators} isEmpty={(list) => !list.operators.some((person) => person.name === name)} empty={<p>There is no operator {name}.</p>}>
          {(list) => <OneOperator key={name} assistant={assistant} person={list.operators.find((person) => person.name === name) as Operator} all={list.permissions} onChange={operators.reload} />}
        </States>
      </div>
    );
  }
  return <List assistant={assistant} operators={operators} />;
}

function Back() {
  return <p className="crumbs"><a href={to("operators")}>Operators</a></p>;
}

function List({ assistant, operators }: { assistant: Assistant; operators: Loaded<OperatorList> }) {
  const [search, setSearch] = useState("");
  const found = (operators.value?.operators ?? []).filter((person) => person.name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <div className="screen full">
      <div className="screen-head"><h1>Operators</h1><a className="button primary" href={to("operators", "new")}><Icon name="plus" /> New operator</a></div>
      <p className="lead">People who sign in to this server, and what each of them may do.</p>
      <Search label="Find an operator" value={search} onChange={setSearch} />
      <States loaded={operators} isEmpty={() => found.length === 0} empty={<p>Nobody has this in their name.</p>}>
        {() => (
          <VirtualList
            count={found.length}
            label={count(found.length, "operator")}
            reset={search}
            row={(index) => {
              const person = found[index] as Operator;
              return (
                <a className="row" href={to("operators", "one", person.name)}>
                  <span className="row-main">{person.name}{person.id === assistant.who.operator.id ? " (you)" : ""}</span>
                  <span className="row-side">
                    {person.disabled && <span className="badge bad">shut out</span>}
                    <span>{person.permissions.includes("admin") ? "administrator" : count(person.permissions.length, "permission")}</span>
                    {person.run_as && <span>runs as {person.run_as}</span>}
                    {person.source === "environment" && <span>of LLM_CHATTER_PASSPHRASE</span>}
                  </span>
                </a>
              );
            }}
          />
        )}
      </States>
    </div>
  );
}

const presets: [string, string[]][] = [
  ["Talk and look", ["chat", "shell.read", "share"]],
  ["Operate", ["chat", "shell.read", "shell.run", "shell.input", "approve", "share"]],
];

function NewOperator({ assistant, all, onMade }: { assistant: Assistant; all: string[]; onMade: () => void }) {
  const [name, setName] = useState("");
  const [permissions, setPermissions] = useState<string[]>(presets[1]?.[1] ?? []);
  const [runAs, setRunAs] = useState("");
  const [isOwn, setOwn] = useState(false);
  const [passphrase, setPassphrase] = useState("");
  const [made, setMade] = useState<Operator | null>(null);
  const action = useAction();
  const create = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      const person = await assistant.api.post<Operator>(path, {
        name: name.trim(), permissions, ...(runAs.trim() === "" ? {} : { run_as: runAs.trim() }), ...(isOwn ? { passphrase } : { generate: true }),
      });
      onMade();
      if (person.passphrase === undefined) go("operators", "one", person.name);
      else setMade(person);
    });
  };
  if (made?.passphrase !== undefined) {
    return (
      <OnceShown title={`${made.name} can sign in`} text={made.passphrase} onDone={() => go("operators", "one", made.name)}>
        This passphrase is shown this once. Hand it over in a safe way; {made.name} can set another one in Settings.
      </OnceShown>
    );
  }
  return (
    <>
      <h1>New operator</h1>
      <form className="form" onSubmit={create}>
        <label className="field"><span>Name</span>
          <input className="input" value={name} required maxLength={64} pattern="[A-Za-z0-9_\-]+" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setName(event.target.value)} />
        </label>
        <div className="choices" role="group" aria-label="Usual sets of permissions">
          {[...presets, ["Everything", all] as [string, string[]]].map(([word, set]) => (
            <button key={word} type="button" className="button compact" aria-pressed={set.length === permissions.length && set.every((one) => permissions.includes(one))} onClick={() => setPermissions(set)}>{word}</button>
          ))}
        </div>
        <PermissionBoxes all={all} chosen={permissions} onChange={setPermissions} />
        <label className="field"><span>Commands run as this system user (empty for the server's setting)</span>
          <input className="input mono" value={runAs} autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setRunAs(event.target.value)} />
        </label>
        <Check checked={isOwn} onChange={setOwn}>Choose the passphrase here (otherwise one is made)</Check>
        {isOwn && (
          <label className="field"><span>Passphrase: 10 characters or more</span>
            <input className="input" type="password" value={passphrase} required minLength={10} maxLength={72} autoComplete="new-password" onChange={(event) => setPassphrase(event.target.value)} />
          </label>
        )}
        <Refusal action={action} />
        <div className="choices"><button type="submit" className="button primary" disabled={action.isBusy}>Make the operator</button></div>
      </form>
    </>
  );
}

function OneOperator({ assistant, person, all, onChange }: { assistant: Assistant; person: Operator; all: string[]; onChange: () => void }) {
  const one = `${path}/${encodeURIComponent(person.name)}`;
  const isOneself = person.id === assistant.who.operator.id;
  const isLocal = person.source === "local";
  const [permissions, setPermissions] = useState(person.permissions);
  const [runAs, setRunAs] = useState(person.run_as ?? "");
  const [made, setMade] = useState<string | null>(null);
  const action = useAction();
  const [notice, setNotice] = useState<string | null>(null);
  const signIns = useLoaded(() => assistant.api.get<{ sign_ins: SignIn[] }>(`${one}/signins`), [assistant, one, person.disabled]);
  const change = (body: Record<string, unknown>, words: string) => void action.run(async () => {
    setNotice(null);
    await assistant.api.send("PATCH", one, { body });
    setNotice(words);
    onChange();
  });
  const isChanged = permissions.length !== person.permissions.length || permissions.some((name) => !person.permissions.includes(name)) || runAs.trim() !== (person.run_as ?? "");
  return (
    <>
      <div className="screen-head">
        <h1>{person.name}</h1>
        {person.disabled && <span className="badge bad">shut out</span>}
      </div>
      <p className="hint">Made {moment(person.created)}{isLocal ? "" : "; passphrase and state are set by LLM_CHATTER_PASSPHRASE"}{isOneself ? "; this is you" : ""}</p>
      <Refusal action={action} />
      {notice && <p className="note good" role="status">{notice}</p>}
      {made !== null && <OnceShown title="The new passphrase" text={made} onDone={() => setMade(null)}>It is shown this once. All sign-ins of {person.name} are over.</OnceShown>}
      <form className="form" onSubmit={(event) => { event.preventDefault(); change({ permissions, run_as: runAs.trim() }, "Saved. It holds from the next request on."); }}>
        <PermissionBoxes all={all} chosen={permissions} onChange={setPermissions} />
        <label className="field"><span>Commands run as this system user (empty for the server's setting)</span>
          <input className="input mono" value={runAs} autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setRunAs(event.target.value)} />
        </label>
        <div className="choices"><button type="submit" className="button primary" disabled={action.isBusy || !isChanged}>Save</button></div>
      </form>
      {isLocal && (
        <section>
          <h2>Access</h2>
          <div className="choices">
            {isOneself
              ? <a className="button" href={to("settings")}>Set another passphrase in Settings</a>
              : <Confirmed label="New passphrase" question={`End all sign-ins of ${person.name}, and make a new passphrase?`} yes="Make one" isBusy={action.isBusy} onYes={() => void action.run(async () => {
                  const changed = await assistant.api.send<Operator>("PUT", `${one}/passphrase`, { body: { generate: true } });
                  setMade(changed.passphrase ?? null);
                  signIns.reload();
                })} />}
            {!isOneself && !person.disabled && <Confirmed label="Shut out" question={`Shut ${person.name} out at once?`} yes="Shut out" isBusy={action.isBusy} onYes={() => change({ disabled: true }, `${person.name} is shut out.`)} />}
            {person.disabled && <button type="button" className="button" disabled={action.isBusy} onClick={() => change({ disabled: false }, `${person.name} may sign in.`)}>Let in again</button>}
          </div>
        </section>
      )}
      <section>
        <h2>Signed in</h2>
        <States loaded={signIns} isEmpty={(page) => page.sign_ins.length === 0} empty={<p>Nowhere at present.</p>}>
          {(page) => (
            <>
              <SignInRows signIns={page.sign_ins} isBusy={action.isBusy} onEnd={(signIn) => void action.run(async () => { await assistant.api.send("DELETE", `${one}/signins/${signIn.id}`); signIns.reload(); })} />
              {!isOneself && page.sign_ins.length > 1 && (
                <div className="choices"><Confirmed label="End all" question="End all of these?" yes="End all" isBusy={action.isBusy} onYes={() => void action.run(async () => { await assistant.api.send("DELETE", `${one}/signins`); signIns.reload(); })} /></div>
              )}
            </>
          )}
        </States>
      </section>
    </>
  );
}

/** Where somebody is signed in. */
export function SignInRows({ signIns, isBusy, onEnd }: { signIns: SignIn[]; isBusy: boolean; onEnd: (signIn: SignIn) => void }) {
  return (
    <ul className="rows">
      {signIns.map((signIn) => (
        <li key={signIn.id} className="row">
          <span className="row-main">{signIn.kind === "browser" ? "A browser" : "A program"}{signIn.current ? " (this one)" : ""}</span>
          <span className="row-side">
            <span>since {moment(signIn.created)}</span><span>last used {moment(signIn.last_seen)}</span>
            {!signIn.current && <button type="button" className="button danger compact" disabled={isBusy} onClick={() => onEnd(signIn)}>End it</button>}
          </span>
        </li>
      ))}
    </ul>
  );
}
