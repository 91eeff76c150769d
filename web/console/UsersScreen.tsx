import "./common";
import { FormEvent, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { count, moment } from "../shared/format";
import { ForHost } from "./HostChoice";
import { called, Host, HostUser, OverseenUser, RoleList, UserList, UserSession } from "./oversight";
import { PagedList } from "./PagedList";
import { Facts, Outcome, Sure, Tabs } from "./parts";
import { to } from "./route";
import type { ScreenProps } from "./screens";
import { States } from "./States";
import { useAction } from "./useAction";
import { path } from "./useHosts";
import { useLoaded } from "./useLoaded";
import { usePages } from "./usePages";
import { when } from "./when";

/** Users of business applications: what they are granted, where they are at work, and what roles give. */
export function UsersScreen({ assistant, route: [first, user] }: ScreenProps) {
  if (first !== undefined && user !== undefined) return <UserView key={`${first} ${user}`} assistant={assistant} issuer={first} id={user} />;
  const isRoles = first === "roles";
  return (
    <div className="screen">
      <h1>Users</h1>
      <p className="lead">People of your business application. What they may do comes from their role there, and from what is granted to them by name here. Nobody of them can ever reach the shell.</p>
      <Tabs label="Users and roles" tabs={[{ name: "Users", href: to("users"), isCurrent: !isRoles }, { name: "Roles", href: to("users", "roles"), isCurrent: isRoles }]} />
      {isRoles ? <Roles assistant={assistant} /> : <ForHost assistant={assistant} screen="users" issuer={first}>{(host) => <Users key={host.issuer} assistant={assistant} host={host} />}</ForHost>}
    </div>
  );
}

function Users({ assistant, host }: { assistant: Assistant; host: Host }) {
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useState("");
  const pages = usePages<OverseenUser, number>(async (after) => {
    const page = await assistant.api.get<UserList>(path("/v1/admin/users", { issuer: host.issuer, query, limit: 100, after }));
    return { rows: page.users, next: page.next };
  }, [assistant, host.issuer, query]);
  const find = (event: FormEvent) => {
    event.preventDefault();
    setQuery(typed.trim());
  };
  return (
    <>
      <form className="form-row" role="search" onSubmit={find}>
        <label className="field"><span>Find by id or name</span><input className="input" type="search" value={typed} onChange={(event) => setTyped(event.target.value)} /></label>
        <button type="submit" className="button">Find</button>
      </form>
      <div className={pages.rows.length > 8 ? "fixed-list" : "fit-list"}>
        <PagedList pages={pages} label="Users" reset={query} empty={query === "" ? <><h2>No user yet</h2><p>Users appear with their first session, which the application begins for them.</p></> : <p>Nobody has this in their id or name.</p>} row={(user) => (
          <a className="row" href={to("users", host.issuer, user.id)}>
            <span className="row-main">{called(user)} {user.name && <span className="sub">{user.id}</span>}</span>
            <span className="row-side">
              {user.latest && <span>{[user.latest.role ?? "no role", user.latest.client].join(" at ")}</span>}
              {user.permissions.length + user.grants.length > 0 && <span className="badge">{count(user.permissions.length + user.grants.length, "grant")}</span>}
              <span className={`badge ${user.live_sessions > 0 ? "good" : ""}`}>{user.live_sessions > 0 ? count(user.live_sessions, "session") : "away"}</span>
            </span>
          </a>
        )} />
      </div>
    </>
  );
}

function Roles({ assistant }: { assistant: Assistant }) {
  const loaded = useLoaded(() => assistant.api.get<RoleList>("/v1/admin/roles"), [assistant]);
  return (
    <section>
      <p className="hint">Roles are the application's own. What they give here is set with <code>roles</code> in <code>deckhand.json5</code>; a role that is not listed gives nothing.</p>
      <States loaded={loaded} isEmpty={(page) => page.roles.length === 0} empty={<p>No role gives anything. Name them with <code>roles</code> in <code>deckhand.json5</code>.</p>}>
        {(page) => (
          <div className="table-frame" tabIndex={0} role="region" aria-label="What roles give">
            <table className="table">
              <thead><tr><th scope="col">Role</th><th scope="col">May here</th><th scope="col">May in the application</th></tr></thead>
              <tbody>
                {page.roles.map((role) => (
                  <tr key={role.role}>
                    <th scope="row">{role.role}</th>
                    <td><Words of={role.permissions} none="what is granted by name" /></td>
                    <td><Words of={role.grants} none="–" /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </States>
    </section>
  );
}

function Words({ of, none }: { of: string[]; none: string }) {
  return of.length === 0 ? <span className="hint">{none}</span> : <span className="words">{of.map((word) => <code key={word} className="badge">{word}</code>)}</span>;
}

/** What each permission means for people. */
const meanings: Record<string, string> = {
  chat: "ask the assistant", "ai.account": "connect an account of their own", "ai.action": "see and confirm actions", "ai.artifact": "see files that were made", "ai.openai": "use the OpenAI-compatible API", "ai.wallet": "see balance and usage", share: "share links to their own chats",
};

function UserView({ assistant, issuer, id }: { assistant: Assistant; issuer: string; id: string }) {
  const base = `/v1/ai/users/${encodeURIComponent(id)}`;
  const user = useLoaded(() => assistant.api.get<HostUser>(path(`${base}/grants`, { issuer })), [assistant, base]);
  const found = useLoaded(async () => (await assistant.api.get<UserList>(path("/v1/admin/users", { issuer, query: id, limit: 200 }))).users.find((one) => one.id === id) ?? null, [assistant, base]);
  const sessions = useLoaded(() => assistant.api.get<{ sessions: UserSession[] }>(path(`/v1/admin/users/${encodeURIComponent(id)}/sessions`, { issuer })), [assistant, base]);
  const roles = useLoaded(() => assistant.api.get<RoleList>("/v1/admin/roles"), [assistant]);
  const action = useAction();
  const end = () => void action.run(async () => {
    const { ended } = await assistant.api.send<{ ended: number }>("DELETE", path(`${base}/sessions`, { issuer }));
    sessions.reload();
    return `${count(ended, "session")} ended, with their streams and turns.`;
  });
  const live = (sessions.value?.sessions ?? []).filter((session) => session.live).length;
  return (
    <div className="screen">
      <p className="crumbs"><a href={to("users", issuer)}>Users</a> / {id}</p>
      <States loaded={user} isEmpty={() => false} empty={null}>
        {(it) => (
          <>
            <h1>{called(it)}</h1>
            <Facts of={[
              ["Id in the application", it.id], ["Application", issuer], ["First seen", found.value ? moment(found.value.created) : "–"],
              ["In the audit log", found.value ? <a href={to("audit", "of", found.value.principal)}>{found.value.principal}</a> : "–"],
            ]} />
            <Grants assistant={assistant} base={path(`${base}/grants`, { issuer })} user={it} permissions={roles.value?.permissions ?? it.permissions} onSaved={user.reload} />
          </>
        )}
      </States>
      <section>
        <div className="panel-head">
          <h2>Sessions</h2>
          {live > 0 && <Sure label="End all sessions" question={`End ${count(live, "session")}?`} confirm="End them" isDisabled={action.isBusy} onYes={end}><p>Their pages stop within a second, and so do turns that run for them. The application can begin new sessions for them at once.</p></Sure>}
        </div>
        <Outcome action={action} />
        <States loaded={sessions} isEmpty={(page) => page.sessions.length === 0} empty={<p>No session was begun in the last week.</p>}>
          {(page) => (
            <ul className="rows">
              {page.sessions.map((session) => (
                <li key={session.id} className="row">
                  <span className="row-main">{session.role ?? "no role"} <span className="sub">{session.client} / {session.brands.join(", ") || "no brand"}{session.locations ? ` / ${session.locations.join(", ")}` : ""}</span></span>
                  <span className="row-side">
                    <span>since {moment(session.created)}</span>
                    <span className={`badge ${session.live ? "good" : ""}`}>{session.live ? `until ${when(session.expires)}` : session.ended ? "ended" : "expired"}</span>
                  </span>
                </li>
              ))}
            </ul>
          )}
        </States>
      </section>
    </div>
  );
}

function Grants({ assistant, base, user, permissions, onSaved }: { assistant: Assistant; base: string; user: HostUser; permissions: string[]; onSaved: () => void }) {
  const [chosen, setChosen] = useState(new Set(user.permissions));
  const [words, setWords] = useState(user.grants.join(" "));
  const action = useAction();
  const given = words.split(/[\s,]+/).filter((word) => word !== "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    void action.run(async () => {
      await assistant.api.send("PUT", base, { body: { permissions: [...chosen], grants: given } });
      onSaved();
      return "Saved; it holds from their next request.";
    });
  };
  return (
    <form className="panel" onSubmit={save}>
      <h2>Granted by name, beside their role</h2>
      <Outcome action={action} />
      <div role="group" aria-label="Permissions">
        {permissions.map((permission) => (
          <label key={permission} className="choice">
            <input type="checkbox" checked={chosen.has(permission)} onChange={(event) => {
              const next = new Set(chosen);
              if (event.target.checked) next.add(permission);
              else next.delete(permission);
              setChosen(next);
            }} />
            <span><code>{permission}</code> {meanings[permission] ?? ""}</span>
          </label>
        ))}
      </div>
      <label className="field"><span>Permissions of the application, such as jobs.create</span><input className="input" value={words} onChange={(event) => setWords(event.target.value)} /></label>
      <div className="form-row end"><button type="submit" className="button primary" disabled={action.isBusy}>Save</button></div>
    </form>
  );
}
