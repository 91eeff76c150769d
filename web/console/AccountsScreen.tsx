import "./common";
import { FormEvent, useEffect, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { ApiError } from "../shared/api";
import { count, moment } from "../shared/format";
import { when } from "./when";
import { LoginBox } from "./LoginBox";
import type { Account, AccountModel, Accounts, BegunLogin, LimitWindow, OverseenAccount, OverseenAccountList } from "./oversight";
import { PagedList } from "./PagedList";
import { Outcome, Sure } from "./parts";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { Action, useAction } from "./useAction";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";

/** One's own accounts at providers of models, and for administrators the states of everybody's. */
export function AccountsScreen({ assistant }: ScreenProps) {
  const [begun, setBegun] = useState<BegunLogin | null>(null);
  const loaded = useLoaded(() => accountsOf(assistant), [assistant]);
  const models = useLoaded(() => assistant.api.get<{ models: AccountModel[] }>("/v1/ai/models"), [assistant]);
  const action = useAction();
  const open = begun?.login ?? (loaded.value?.login?.state === "pending" ? loaded.value.login : null);
  const over = () => {
    setBegun(null);
    loaded.reload();
    models.reload();
  };
  const begin = (path: string, provider: string) => void action.run(async () => {
    setBegun(await assistant.api.post<BegunLogin>(path, { provider }));
    return null;
  });
  return (
    <div className="screen">
      <h1>Accounts</h1>
      <p className="lead">Your own accounts at providers of models. What you ask is answered with them, and paid by them. Keys and logins stay on this server and are never shown again.</p>
      <Outcome action={action} />
      {open && <LoginBox key={open.id} assistant={assistant} login={open} url={begun?.url ?? null} code={begun?.code ?? null} onOver={over} />}
      <States loaded={loaded} isEmpty={(all) => all.accounts.length === 0} empty={<><h2>No provider takes accounts of people</h2><p>Whoever runs the server adds one with <code>providers</code> in <code>deckhand.json5</code>: the kind <code>codex</code>, or any other with <code>credentials: ["user"]</code>.</p></>}>
        {(all) => (
          <div className="two">
            {all.accounts.map((account) => (
              <AccountCard key={account.provider} assistant={assistant} account={account} action={action} isStandard={account.provider === all.default_provider} canBegin={open === null}
                models={(models.value?.models ?? []).filter((model) => model.provider === account.provider)}
                onConnect={() => begin("/v1/ai/account/login", account.provider)} onSwitch={() => begin("/v1/ai/account/switch", account.provider)} onChanged={over} />
            ))}
          </div>
        )}
      </States>
      {assistant.may("admin") && <Everybody assistant={assistant} />}
    </div>
  );
}

/** One's accounts; none from a server whose providers take no accounts of people, and which has no such route then. */
async function accountsOf(assistant: Assistant): Promise<Accounts> {
  try {
    return await assistant.api.get<Accounts>("/v1/ai/account");
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { accounts: [], default_provider: null, login: null };
    throw error;
  }
}

const words: Record<string, [string, string]> = { connected: ["connected", "good"], disconnected: ["not connected", ""], unknown: ["cannot be asked", "busy"] };

function AccountState({ state }: { state: string }) {
  const [word, tone] = words[state] ?? [state, ""];
  return <span className={`badge ${tone}`}><span className="dot" aria-hidden="true" />{word}</span>;
}

function AccountCard({ assistant, account, models, action, isStandard, canBegin, onConnect, onSwitch, onChanged }: {
  assistant: Assistant;
  account: Account;
  models: AccountModel[];
  action: Action;
  isStandard: boolean;
  canBegin: boolean;
  onConnect: () => void;
  onSwitch: () => void;
  onChanged: () => void;
}) {
  const { provider } = account;
  const isConnected = account.state === "connected";
  const logout = () => void action.run(async () => {
    await assistant.api.post("/v1/ai/account/logout", { provider });
    onChanged();
    return `Your account at ${provider} is disconnected, and what was kept of it is removed.`;
  });
  return (
    <section className="panel" aria-label={provider}>
      <div className="panel-head">
        <h2>{provider}</h2>
        {isStandard && <span className="badge good">answers you</span>}
        <AccountState state={account.state} />
      </div>
      {account.plan && <p className="hint">Plan: {account.plan}</p>}
      {account.problem && account.problem.code !== "account_not_connected" && <p className="note busy">{account.problem.message} {account.problem.hint}</p>}
      {account.limits?.primary && <Meter name="Short window" window={account.limits.primary} />}
      {account.limits?.secondary && <Meter name="Long window" window={account.limits.secondary} />}
      {isConnected && <ModelChoice assistant={assistant} account={account} models={models} action={action} onChanged={onChanged} />}
      {!isConnected && account.ways.includes("key") && <KeyForm assistant={assistant} provider={provider} action={action} onChanged={onChanged} />}
      <div className="form-row">
        {account.ways.includes("login") && (isConnected
          ? <Sure label="Use another account" question="Use another account?" confirm="Disconnect and go on" tone="plain" isDisabled={!canBegin || action.isBusy} onYes={onSwitch}><p>The account that is connected now is disconnected first; then you log in with the other one.</p></Sure>
          : <button type="button" className="button primary" disabled={!canBegin || action.isBusy} onClick={onConnect}>Connect</button>)}
        {isConnected && <Sure label="Disconnect" question={`Disconnect ${provider}?`} confirm="Disconnect" isDisabled={action.isBusy} onYes={logout}><p>Its login or key is removed from this server. Chats stay; they go on with another model.</p></Sure>}
      </div>
    </section>
  );
}

function Meter({ name, window }: { name: string; window: LimitWindow }) {
  return (
    <div className={`meter${window.used_percent >= 100 ? " full" : ""}`}>
      <span>{name}: {window.used_percent} % used{window.resets ? `, begins anew ${when(window.resets)}` : ""}</span>
      <div className="meter-track" aria-hidden="true"><span style={{ width: `${Math.min(100, window.used_percent)}%` }} /></div>
    </div>
  );
}

function ModelChoice({ assistant, account, models, action, onChanged }: { assistant: Assistant; account: Account; models: AccountModel[]; action: Action; onChanged: () => void }) {
  const choose = (model: string) => void action.run(async () => {
    await assistant.api.send("PUT", "/v1/ai/account/model", { body: { provider: account.provider, model } });
    onChanged();
    return `${model} answers you when you choose no other model.`;
  });
  return (
    <label className="field">
      <span>Model</span>
      <select className="select" value={account.model ?? ""} disabled={models.length === 0 || action.isBusy} onChange={(event) => choose(event.target.value)}>
        {(account.model === null || !models.some((model) => model.name === account.model)) && <option value={account.model ?? ""}>{account.model ?? "The provider's own choice"}</option>}
        {models.map((model) => <option key={model.id} value={model.name}>{model.title ?? model.name}</option>)}
      </select>
    </label>
  );
}

function KeyForm({ assistant, provider, action, onChanged }: { assistant: Assistant; provider: string; action: Action; onChanged: () => void }) {
  const [key, setKey] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const isKept = await action.run(async () => {
      await assistant.api.post("/v1/ai/account/login", { provider, key: key.trim() });
      return "The key is kept, encrypted. It is not shown again.";
    });
    setKey("");
    if (isKept) onChanged();
  };
  return (
    <form className="form-row" onSubmit={(event) => void send(event)}>
      <label className="field"><span>A key of your own</span><input className="input mono" type="password" autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} /></label>
      <button type="submit" className="button" disabled={key.trim() === "" || action.isBusy}>Keep it</button>
    </form>
  );
}

function Everybody({ assistant }: { assistant: Assistant }) {
  const pages = usePages<OverseenAccount, string>(async (after) => {
    const page = await assistant.api.get<OverseenAccountList>(`/v1/admin/accounts?limit=100${after === null ? "" : `&after=${encodeURIComponent(after)}`}`);
    return { rows: page.accounts, next: page.next };
  }, [assistant]);
  const [round, setRound] = useState(0);
  useEffect(() => { if (round > 0) pages.reload(); }, [round]);
  return (
    <section>
      <div className="panel-head"><h2>Everybody's accounts</h2><button type="button" className="button compact" onClick={() => setRound(round + 1)}>Read again</button></div>
      <p className="hint">States as they were last seen. Keys, codes and addresses are nobody's to see, yours neither.</p>
      <div className={pages.rows.length > 6 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Everybody's accounts" empty={<p>Nobody connected an account yet. People do it here, users of an application in its own page.</p>} row={(account) => (
          <div className="row">
            <span className="row-main">{account.name ?? account.owner} <span className="sub">{account.name ? account.owner : ""}</span></span>
            <span className="row-side">
              <span>{account.provider}{account.model ? ` / ${account.model}` : ""}</span>
              {account.own_key && <span className="badge">own key</span>}
              {account.login_open && <span className="badge busy">logging in</span>}
              <AccountState state={account.state} />
              <span>{moment(account.changed)}</span>
            </span>
          </div>
        )} />
      </div>
      {pages.rows.length > 0 && <p className="hint">{count(pages.rows.length, "account")}{pages.hasMore ? " so far" : ""}.</p>}
    </section>
  );
}
