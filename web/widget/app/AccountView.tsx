import { useEffect, useRef, useState } from "react";
import { Icon } from "../../chat/Icon";
import { money } from "../../shared/money";
import { useStore } from "../../shared/store";
import type { UserDesk } from "./desk";
import { LoginCard } from "./LoginCard";
import { advice, remedyOf } from "./remedies";
import type { Account, Login, OpenLogin } from "./types";

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
      {desk.hasAccounts && <OwnAccounts desk={desk} />}
    </div>
  );
}

function Balance({ desk }: { desk: UserDesk }) {
  const wallet = useStore(desk.wallet);
  const payer = desk.session.client.name ?? desk.session.client.id;
  useEffect(() => void desk.loadWallet(), [desk]);
  return (
    <section aria-label="Balance">
      <h3>Balance of {payer}</h3>
      {wallet ? (
        <>
          <p className={`balance${wallet.available <= 0 ? " low" : ""}`}>{money(wallet.balance, wallet.unit)}</p>
          {wallet.held > 0 && <p className="quiet">{money(wallet.held, wallet.unit)} of it are set aside for what is being answered.</p>}
          {wallet.available <= 0 && <p className="note bad">Nothing is left. Whoever pays for {payer} can add credits.</p>}
        </>
      ) : <p className="quiet">Nobody has added credits for {payer} yet.</p>}
    </section>
  );
}

function OwnAccounts({ desk }: { desk: UserDesk }) {
  const accounts = useStore(desk.accounts)?.filter((account) => account.ways.includes("login"));
  const [open, setOpen] = useState<OpenLogin | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const load = async () => {
    const login = await desk.loadAccounts();
    if (login) setOpen((known) => known ?? { login, url: null, code: null });
    void desk.loadModels();
  };
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(advice(problem));
    } finally {
      setBusy(false);
    }
  };
  // What is known already can be used meanwhile.
  useEffect(() => void load().catch((problem) => setError(advice(problem))), [desk]);
  const begin = (provider: string, route: "login" | "switch") => attempt(async () => {
    setOpen(null);
    try {
      setOpen(await desk.api.post<OpenLogin>(`/v1/ai/account/${route}`, { provider }));
    } finally {
      // What was connected before is not any more; and where a login is open already, that one is shown.
      await load();
    }
  });
  const over = () => void attempt(async () => {
    setOpen(null);
    await load();
  });
  const ended = (login: Login) => {
    setOpen((known) => known && { ...known, login });
    void load().catch(() => {});
  };
  const disconnect = (provider: string) => attempt(async () => {
    await desk.api.post("/v1/ai/account/logout", { provider });
    setOpen(null);
    await load();
  });
  return (
    <section aria-label="Accounts">
      <h3>Your own account</h3>
      <p className="quiet">With an account of your own at a provider, the assistant answers through it.</p>
      {error && (
        <p className="note bad" role="alert">{error}{!accounts && <> <button type="button" className="button compact" onClick={() => void attempt(load)}>Try again</button></>}</p>
      )}
      {!accounts && !error && <p role="status"><span className="spinner" aria-hidden="true" /></p>}
      {accounts?.map((account) => (
        <div key={account.provider} className="card own" role="group" aria-label={nameOf(account.provider)}>
          <p className="own-head">
            <strong>{nameOf(account.provider)}</strong>
            <State account={account} isWaiting={open?.login.provider === account.provider && open.login.state === "pending"} />
            {account.plan && <span className="badge">{account.plan}</span>}
          </p>
          {open?.login.provider === account.provider ? (
            <LoginCard key={open.login.id} api={desk.api} open={open} onAgain={() => void begin(account.provider, "login")} onEnd={ended} onOver={over} />
          ) : (
            <>
              {account.problem && <p className="note bad">{remedyOf(account.problem.code) ?? account.problem.message}</p>}
              {account.state === "connected" && <ModelChoice desk={desk} account={account} onError={setError} />}
              <AccountButtons account={account} isBusy={isBusy || open !== null} onBegin={(route) => void begin(account.provider, route)} onDisconnect={() => void disconnect(account.provider)} />
            </>
          )}
        </div>
      ))}
    </section>
  );
}

function State({ account, isWaiting }: { account: Account; isWaiting: boolean }) {
  const [words, tone] = account.state === "connected" ? ["Connected", "good"]
    : isWaiting ? ["Being connected", "busy"]
    : account.problem ? ["Does not work", "bad"]
    : account.state === "disconnected" ? ["Not connected", ""] : ["Cannot be looked up", "bad"];
  return <span className={`badge ${tone}`}><span className="dot" aria-hidden="true" />{words}</span>;
}

/** What can be done about an account; what takes it away is asked about first. */
function AccountButtons({ account, isBusy, onBegin, onDisconnect }: {
  account: Account;
  isBusy: boolean;
  onBegin: (route: "login" | "switch") => void;
  onDisconnect: () => void;
}) {
  const [asks, setAsks] = useState<"switch" | "disconnect" | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const before = useRef(asks);
  const name = nameOf(account.provider);
  useEffect(() => {
    if (asks === null && before.current !== null) frame.current?.querySelector<HTMLElement>(`[data-for="${before.current}"]`)?.focus();
    before.current = asks;
  }, [asks]);
  if (account.state !== "connected") {
    const isAgain = account.problem?.code === "account_login_expired";
    return (
      <div className="own-buttons">
        <button type="button" className="button primary" disabled={isBusy} onClick={() => onBegin("login")}><Icon name="plug" /> {isAgain ? `Connect ${name} again` : `Connect ${name}`}</button>
      </div>
    );
  }
  if (asks !== null) {
    const isSwitch = asks === "switch";
    return (
      <div
        className="own-asks"
        role="group"
        aria-label={isSwitch ? `Use another account at ${name}?` : `Disconnect ${name}?`}
        onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); setAsks(null); } }}
      >
        <p>
          {isSwitch ? "This account is disconnected first, and then you get a code for the other one." : "The assistant answers through it no longer."} Your chats stay.
        </p>
        <div className="own-buttons">
          <button type="button" className={`button ${isSwitch ? "primary" : "danger"}`} disabled={isBusy} onClick={() => { setAsks(null); if (isSwitch) onBegin("switch"); else onDisconnect(); }}>
            {isSwitch ? "Use another account" : "Disconnect"}
          </button>
          <button type="button" className="button" autoFocus onClick={() => setAsks(null)}>Keep it</button>
        </div>
      </div>
    );
  }
  return (
    <div className="own-buttons" ref={frame}>
      <button type="button" data-for="switch" className="button" disabled={isBusy} onClick={() => setAsks("switch")}><Icon name="plug" /> Use another account{"\u2026"}</button>
      <button type="button" data-for="disconnect" className="button danger" disabled={isBusy} onClick={() => setAsks("disconnect")}>Disconnect{"\u2026"}</button>
    </div>
  );
}

/** The model that answers when a message names none. */
function ModelChoice({ desk, account, onError }: { desk: UserDesk; account: Account; onError: (text: string | null) => void }) {
  const models = useStore(desk.models).filter((model) => model.owned_by === account.provider);
  const [model, setModel] = useState(account.model ?? "");
  useEffect(() => setModel(account.model ?? ""), [account.model]);
  if (models.length === 0) return null;
  const choose = async (next: string) => {
    const before = model;
    setModel(next);
    try {
      await desk.api.send("PUT", "/v1/ai/account/model", { body: { provider: account.provider, model: next } });
      onError(null);
      await desk.loadModels();
    } catch (problem) {
      setModel(before);
      onError(advice(problem));
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
