import { useEffect, useState } from "react";
import { Icon } from "../../chat/Icon";
import { sentence } from "../../shared/api";
import { money } from "../../shared/money";
import { useStore } from "../../shared/store";
import type { UserDesk } from "./desk";
import { LoginCard } from "./LoginCard";
import type { Account, Accounts, OpenLogin } from "./types";

const names: Record<string, string> = { codex: "Codex", openai: "OpenAI" };

export function nameOf(provider: string): string {
  return names[provider] ?? provider;
}

/** Who the user is here: the balance, and accounts of their own at providers. */
export function AccountView({ desk }: { desk: UserDesk }) {
  const { user, client } = desk.session;
  return (
    <div className="account">
      <section aria-label="You">
        <h3>{user.name ?? user.id}</h3>
        <p className="quiet">{client.name ?? client.id}</p>
      </section>
      {desk.may("ai.wallet") && <Balance desk={desk} />}
      {desk.may("ai.account") && <OwnAccounts desk={desk} />}
    </div>
  );
}

function Balance({ desk }: { desk: UserDesk }) {
  const wallet = useStore(desk.wallet);
  useEffect(() => void desk.loadWallet(), [desk]);
  return (
    <section aria-label="Balance">
      <h3>Balance</h3>
      {wallet ? (
        <>
          <p className={`balance${wallet.available <= 0 ? " low" : ""}`}>{money(wallet.balance, wallet.unit)}</p>
          {wallet.held > 0 && <p className="quiet">{money(wallet.held, wallet.unit)} of it are set aside for what is being answered.</p>}
          {wallet.available <= 0 && <p className="note bad">Nothing is left. Whoever pays for {desk.session.client.name ?? desk.session.client.id} can add credits.</p>}
        </>
      ) : <p className="quiet">There is no wallet yet.</p>}
    </section>
  );
}

function OwnAccounts({ desk }: { desk: UserDesk }) {
  const [accounts, setAccounts] = useState<Account[] | null>(null);
  const [open, setOpen] = useState<OpenLogin | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const load = async () => {
    const answer = await desk.api.get<Accounts>("/v1/ai/account");
    setAccounts(answer.accounts.filter((account) => account.ways.includes("login")));
    if (answer.login?.state === "pending") setOpen((known) => known ?? { login: answer.login!, url: null, code: null });
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => void attempt(load), [desk]);
  const begin = (account: Account) => attempt(async () => {
    // With an account that is connected, the other one takes its place once its login is done.
    const route = account.state === "connected" ? "switch" : "login";
    setOpen(await desk.api.post<OpenLogin>(`/v1/ai/account/${route}`, { provider: account.provider }));
  });
  const over = () => void attempt(async () => {
    setOpen(null);
    await load();
    await desk.loadModels();
  });
  return (
    <section aria-label="Accounts">
      <h3>Your own account</h3>
      <p className="quiet">With an account of your own at a provider, the assistant answers through it.</p>
      {error && <p className="note bad" role="alert">{error}</p>}
      {open && <LoginCard key={open.login.id} api={desk.api} open={open} onOver={over} />}
      {!accounts && !error && <p role="status"><span className="spinner" aria-hidden="true" /></p>}
      {accounts?.length === 0 && <p className="quiet">This server has no provider for accounts of one's own.</p>}
      {accounts?.map((account) => (
        <div key={account.provider} className="card own" role="group" aria-label={nameOf(account.provider)}>
          <p className="own-head">
            <strong>{nameOf(account.provider)}</strong>
            <span className={`badge ${account.state === "connected" ? "good" : ""}`}><span className="dot" aria-hidden="true" />{account.state === "connected" ? "Connected" : account.state === "disconnected" ? "Not connected" : "Not known"}</span>
            {account.plan && <span className="badge">{account.plan}</span>}
          </p>
          {account.problem && <p className="note bad">{account.problem.message} {account.problem.hint}</p>}
          {account.state === "connected" && <ModelChoice desk={desk} account={account} onError={setError} />}
          <div className="own-buttons">
            {open === null && (
              <button type="button" className={`button${account.state === "connected" ? "" : " primary"}`} disabled={isBusy} onClick={() => void begin(account)}>
                <Icon name="plug" /> {account.state === "connected" ? "Switch to another" : `Connect ${nameOf(account.provider)}`}
              </button>
            )}
            {account.state === "connected" && (
              <button type="button" className="button danger" disabled={isBusy} onClick={() => void attempt(async () => {
                await desk.api.post("/v1/ai/account/logout", { provider: account.provider });
                setOpen(null);
                await load();
                await desk.loadModels();
              })}>Disconnect</button>
            )}
          </div>
        </div>
      ))}
    </section>
  );
}

/** The model that answers when a message names none. */
function ModelChoice({ desk, account, onError }: { desk: UserDesk; account: Account; onError: (text: string | null) => void }) {
  const models = useStore(desk.models).filter((model) => model.owned_by === account.provider);
  const [model, setModel] = useState(account.model ?? "");
  if (models.length === 0) return null;
  const choose = async (next: string) => {
    const before = model;
    setModel(next);
    try {
      await desk.api.send("PUT", "/v1/ai/account/model", { body: { provider: account.provider, model: next } });
      onError(null);
    } catch (problem) {
      setModel(before);
      onError(sentence(problem));
    }
  };
  const short = (id: string) => id.slice(account.provider.length + 1);
  return (
    <label className="field">
      <span>Usual model</span>
      <select className="select" value={model} onChange={(event) => void choose(event.target.value)}>
        {!models.some((one) => short(one.id) === model) && <option value={model}>{model === "" ? "As the server chooses" : model}</option>}
        {models.map((one) => <option key={one.id} value={short(one.id)}>{one.title ?? one.id}</option>)}
      </select>
    </label>
  );
}
